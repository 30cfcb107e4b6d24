"""The addresses of this stage: the administrators', then the public's."""

from django.urls import path

from applications.publication import views

PUBLICATION = "manage/publications/<slug:slug>/<str:kind>/"

urlpatterns = [
    path("manage/publications/", views.listing, name="publication-list"),
    path(PUBLICATION, views.detail, name="publication-detail"),
    path(f"{PUBLICATION}prepare/", views.prepare, name="publication-prepare"),
    path(f"{PUBLICATION}sign/", views.sign, name="publication-sign"),
    path(f"{PUBLICATION}release/", views.release, name="publication-release"),
    path(f"{PUBLICATION}recall/", views.recall, name="publication-recall"),
    path(f"{PUBLICATION}letters/<str:reference>/", views.letter, name="publication-letter"),
    path("decisions/", views.decisions, name="publication-decisions"),
    path("decisions/<slug:slug>/", views.decisions_of_call, name="publication-call"),
]
