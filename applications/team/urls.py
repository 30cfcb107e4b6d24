"""The addresses of the team, its invitations, and the places of the material."""

from django.urls import path

from applications.addresses import MINE
from applications.team import place_views, views

urlpatterns = [
    path("join/<uuid:uid>/", views.join, name="team-join"),
    path("join/<uuid:uid>/decline/", views.decline, name="team-decline"),
    path(f"{MINE}team/", views.list_, name="team-list"),
    path(f"{MINE}team/handover/", views.handover, name="team-handover"),
    path(f"{MINE}team/handover/end/", views.end_handover, name="team-handover-end"),
    path(f"{MINE}team/<uuid:uid>/", views.change, name="team-change"),
    path(f"{MINE}team/<uuid:uid>/resend/", views.resend, name="team-resend"),
    path(f"{MINE}team/<uuid:uid>/remove/", views.remove, name="team-remove"),
    path(f"{MINE}team/<uuid:uid>/handover/", views.offer_handover, name="team-handover-offer"),
    path(f"{MINE}interests/", views.interests, name="team-interests"),
    path(f"{MINE}places/", place_views.places, name="team-places"),
    path(f"{MINE}places/<uuid:uid>/", place_views.place, name="team-place"),
    path(f"{MINE}places/<uuid:uid>/remove/", place_views.remove, name="team-place-remove"),
]
