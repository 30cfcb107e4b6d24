"""The addresses of declarations."""

from django.urls import path

from applications.addresses import MINE
from applications.declarations import views

urlpatterns = [
    path(f"{MINE}declarations/", views.declare, name="declarations-declare"),
    path(f"{MINE}authorisations/", views.authorisations, name="declarations-authorisations"),
    path(f"{MINE}authorisations/<slug:mission>/<uuid:key>/", views.authorisation, name="declarations-authorisation"),
]
