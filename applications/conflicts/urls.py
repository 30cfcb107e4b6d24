"""The addresses of conflicts: what a panel may know before it declares, and what whoever settles them does."""

from django.urls import path

from applications.conflicts import views

ONE = "panel/<slug:call>/conflicts/<str:reference>/"

urlpatterns = [
    # Members of the panel
    path("review/<slug:call>/conflicts/", views.conflicts, name="conflicts-list"),
    path("review/<slug:call>/<str:reference>/conflict/", views.conflict, name="conflicts-declare"),
    path("review/<slug:call>/<str:reference>/speak/", views.speak, name="conflicts-speak"),
    # Administrators and curators
    path("manage/applications/<str:reference>/interest/", views.interest, name="conflicts-interest"),
    path("manage/calls/<slug:slug>/conflicts/", views.office, name="conflicts-office"),
    # Whoever settles
    path("panel/<slug:call>/conflicts/", views.chair, name="conflicts-chair"),
    path(f"{ONE}expert/", views.expert, name="conflicts-expert"),
    path(f"{ONE}<uuid:person>/waive/", views.waive, name="conflicts-waive"),
    path(f"{ONE}<uuid:person>/reinstate/", views.reinstate, name="conflicts-reinstate"),
    path(f"{ONE}<uuid:person>/<slug:hint>/", views.rule, name="conflicts-rule"),
]
