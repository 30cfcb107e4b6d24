"""The addresses of sample requests in a draft."""

from django.urls import path

from applications.addresses import MINE
from applications.requests import views

urlpatterns = [
    path(f"{MINE}samples/", views.list_, name="requests-list"),
    path(f"{MINE}samples/<path:number>/", views.edit, name="requests-edit"),
    path(f"{MINE}requests/<uuid:uid>/remove/", views.drop, name="requests-drop"),
]
