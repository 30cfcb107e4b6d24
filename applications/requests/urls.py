"""The addresses of sample requests in a draft."""

from django.urls import path

from applications.addresses import MINE
from applications.requests import views

urlpatterns = [
    path(f"{MINE}samples/", views.list_, name="requests-list"),
    path(f"{MINE}samples/<path:number>/", views.edit, name="requests-edit"),
    path(f"{MINE}requests/<uuid:uid>/remove/", views.drop, name="requests-drop"),
    # Groups
    path(f"{MINE}groups/new/", views.group_new, name="requests-group-new"),
    path(f"{MINE}groups/pair/", views.pair, name="requests-pair"),
    path(f"{MINE}groups/<uuid:uid>/", views.group_edit, name="requests-group-edit"),
    path(f"{MINE}groups/<uuid:uid>/move/", views.group_move, name="requests-group-move"),
    path(f"{MINE}groups/<uuid:uid>/remove/", views.group_drop, name="requests-group-drop"),
    # From the catalogue
    path("my/add/<path:number>/", views.add, name="requests-add"),
]
