"""The addresses of declarations and authorisations: the team's, and the office's beside them."""

from django.urls import path

from applications.addresses import MINE
from applications.declarations import office, views

PAIR = "<slug:mission>/<uuid:key>/"
OFFICE = "manage/applications/<reference:reference>/authorisations/"

urlpatterns = [
    path(f"{MINE}declarations/", views.declare, name="declarations-declare"),
    path(f"{MINE}authorisations/", views.authorisations, name="declarations-authorisations"),
    path(f"{MINE}authorisations/again/", views.again, name="declarations-again"),
    path(f"{MINE}authorisations/again/{PAIR}evidence/", views.evidence_again, name="declarations-again-evidence"),
    path(f"{MINE}authorisations/{PAIR}evidence/", views.evidence, name="declarations-evidence"),
    path(f"{MINE}authorisations/{PAIR}evidence/remove/", views.evidence_remove, name="declarations-evidence-remove"),
    path(OFFICE, office.both_sides, name="declarations-office"),
    path(f"{OFFICE}{PAIR}", office.state, name="declarations-office-state"),
    path(f"{OFFICE}{PAIR}evidence/", office.evidence, name="declarations-office-evidence"),
]
