"""The addresses of the stock. A number stands last, since it may hold slashes."""

from django.urls import path

from samples.stock import views

urlpatterns = [
    # /manage/stock/
    path("manage/stock/", views.stock, name="stock-list"),
    path("manage/stock/new/", views.accession, name="stock-accession"),
    path("manage/stock/samples/<path:number>/", views.detail, name="stock-detail"),
    path("manage/stock/edit/<path:number>/", views.edit, name="stock-edit"),
    path("manage/stock/split/<path:number>/", views.split, name="stock-split"),
    path("manage/stock/lose/<path:number>/", views.lose, name="stock-lose"),
    path("manage/stock/correct/<int:position>/<path:number>/", views.correct, name="stock-correct"),
    path("manage/stock/publish/<path:number>/", views.publish, name="stock-publish"),
    path("manage/stock/withdraw/<path:number>/", views.withdraw, name="stock-withdraw"),
]
