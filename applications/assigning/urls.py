"""The addresses of assigning: the chair's round, the administrator's, and what members say to being asked."""

from django.urls import path

from applications.assigning import views

urlpatterns = [
    # Asked by a signed link, without a sign-in
    path("review/invitation/<str:token>/", views.invitation, name="assigning-invitation"),
    # Members
    path("review/<slug:call>/expertise/", views.expertise, name="assigning-expertise"),
    path("review/<slug:call>/wishes/", views.wishes, name="assigning-wishes"),
    path("review/<slug:call>/asked/", views.asked, name="assigning-asked"),
    path("review/<slug:call>/free/", views.free, name="assigning-free"),
    path("review/<slug:call>/take-up/<str:reference>/", views.take_up, name="assigning-take-up"),
    # The chair
    path("panel/<slug:call>/assignment/", views.round_, name="assigning-round"),
    path("panel/<slug:call>/assignment/release/", views.release, name="assigning-release"),
    path("panel/<slug:call>/assignment/<str:reference>/", views.edit, name="assigning-edit"),
    # An administrator, where every chair has a conflict
    path("manage/calls/<slug:call>/assignment/", views.office_round, name="assigning-office-round"),
    path("manage/calls/<slug:call>/assignment/release/", views.office_release, name="assigning-office-release"),
    path("manage/calls/<slug:call>/assignment/<str:reference>/", views.office_edit, name="assigning-office-edit"),
]
