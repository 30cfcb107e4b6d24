"""The addresses of offline packs, booklets and uploads."""

from django.urls import path

from applications.offline import views
from applications.offline.queries import BOOKLET, REVIEWS

PACK = "review/<slug:call>/offline/"
BOUND = "review/<slug:call>/booklet/"

urlpatterns = [
    path(PACK, views.offline, name="offline-pack"),
    path(f"{PACK}ask/", views.ask, {"kind": REVIEWS}, name="offline-ask"),
    path(f"{PACK}upload/", views.look, name="offline-preview"),
    path(f"{PACK}upload/drop/", views.drop, name="offline-drop"),
    path(f"{PACK}<uuid:uid>/", views.fetch, name="offline-fetch"),
    path(BOUND, views.booklet, name="offline-booklet"),
    path(f"{BOUND}ask/", views.ask, {"kind": BOOKLET}, name="offline-ask-booklet"),
]
