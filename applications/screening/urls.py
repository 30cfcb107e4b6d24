"""The addresses of screening and advice."""

from django.urls import path

from applications.screening import views

urlpatterns = [
    # Administrators
    path("manage/applications/", views.listing, name="screening-list"),
    path("manage/applications/<str:reference>/", views.detail, name="screening-detail"),
    path("manage/applications/<str:reference>/pass/", views.pass_on, name="screening-pass"),
    path("manage/applications/<str:reference>/return/", views.send_back, name="screening-return"),
    path("manage/applications/<str:reference>/reject/", views.reject, name="screening-reject"),
    path("manage/applications/<str:reference>/names/", views.names, name="screening-names"),
    path("manage/applications/<str:reference>/waive/<uuid:uid>/", views.waive, name="screening-waive"),
    # Curators
    path("manage/advice/", views.advice_list, name="screening-advice-list"),
    path("manage/advice/<str:reference>/", views.advise, name="screening-advise"),
    path("manage/advice/<str:reference>/<uuid:uid>/", views.advise_on, name="screening-advise-on"),
]
