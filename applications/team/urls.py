"""The addresses of the team and its invitations."""

from django.urls import path

from applications.addresses import MINE
from applications.team import views

urlpatterns = [
    path("join/<uuid:uid>/", views.join, name="team-join"),
    path("join/<uuid:uid>/decline/", views.decline, name="team-decline"),
    path(f"{MINE}team/", views.list_, name="team-list"),
    path(f"{MINE}team/<uuid:uid>/resend/", views.resend, name="team-resend"),
    path(f"{MINE}team/<uuid:uid>/remove/", views.remove, name="team-remove"),
    path(f"{MINE}places/", views.places, name="team-places"),
    path(f"{MINE}places/<uuid:uid>/remove/", views.place_remove, name="team-place-remove"),
]
