"""The addresses of the catalogue. Numbers are opaque: they may hold spaces, commas and slashes."""

from django.urls import path

from samples.catalogue import views

urlpatterns = [
    # /samples/ /compare/
    path("compare/", views.compare, name="catalogue-compare"),
    path("samples/", views.catalogue, name="catalogue-list"),
    path("samples/<path:number>/", views.sample, name="catalogue-detail"),
]
