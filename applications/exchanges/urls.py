"""The addresses of questions, changes, standing and schedule on the office's and the chair's side."""

from django.urls import path

from applications.exchanges import views

urlpatterns = [
    # Administrators
    path("manage/applications/<str:reference>/ask/", views.ask, name="exchanges-ask"),
    path("manage/changes/", views.changes, name="exchanges-changes"),
    path("manage/changes/<uuid:uid>/", views.change, name="exchanges-change"),
    path("manage/calls/<slug:slug>/schedule/", views.schedule, name="exchanges-schedule"),
    path("manage/calls/<slug:slug>/standing/", views.standing, name="exchanges-standing"),
    # The chair
    path("panel/<slug:call>/ask/<str:reference>/", views.ask_for_panel, name="exchanges-ask-panel"),
    path("panel/<slug:slug>/standing/", views.standing_for_panel, name="exchanges-standing-panel"),
]
