"""The addresses of the chair before interviews."""

from django.urls import path

from applications.panel import views

urlpatterns = [
    path("panel/<slug:call>/", views.overview, name="panel-overview"),
    path("panel/<slug:call>/reminders/", views.reminders, name="panel-reminders"),
    path("panel/<slug:call>/conclude/", views.conclude_ready, name="panel-conclude-ready"),
    # One application
    path(
        "panel/<slug:call>/applications/<str:reference>/reviews/<uuid:uid>/reopen/", views.reopen, name="panel-reopen"
    ),
    path("panel/<slug:call>/applications/<str:reference>/", views.read, name="panel-read"),
    path("panel/<slug:call>/applications/<str:reference>/conclude/", views.conclude, name="panel-conclude"),
    path("panel/<slug:call>/assign/<str:reference>/", views.assign, name="panel-assign"),
    path("panel/<slug:call>/assign/<str:reference>/<uuid:reviewer>/end/", views.unassign, name="panel-unassign"),
    path("panel/<slug:call>/shortlist/<str:reference>/", views.shortlist, name="panel-shortlist"),
]
