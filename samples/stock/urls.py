"""The addresses of the stock. A number stands last, since it may hold slashes."""

from django.urls import path

from samples.stock import views
from samples.stock.entries import DATA, HISTORY

ENTRIES = "manage/stock/entries/"

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
    path("manage/stock/history/<path:number>/", views.add_entry, {"sort": HISTORY}, name="stock-add-history"),
    path("manage/stock/data/<path:number>/", views.add_entry, {"sort": DATA}, name="stock-add-data"),
    # /manage/stock/entries/
    path(f"{ENTRIES}history/<uuid:uid>/", views.change_entry, {"sort": HISTORY}, name="stock-change-history"),
    path(f"{ENTRIES}history/<uuid:uid>/remove/", views.remove_entry, {"sort": HISTORY}, name="stock-remove-history"),
    path(f"{ENTRIES}data/<uuid:uid>/", views.change_entry, {"sort": DATA}, name="stock-change-data"),
    path(f"{ENTRIES}data/<uuid:uid>/remove/", views.remove_entry, {"sort": DATA}, name="stock-remove-data"),
]
