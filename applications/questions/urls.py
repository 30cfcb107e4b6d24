"""The addresses of questions on a call: the public page, and the office's."""

from django.urls import path

from applications.questions import views

urlpatterns = [
    path("calls/<slug:slug>/questions/", views.questions, name="questions-list"),
    # /manage/
    path("manage/calls/<slug:slug>/questions/", views.manage, name="questions-manage"),
    path("manage/calls/<slug:slug>/questions/<uuid:uid>/", views.answer, name="questions-answer"),
]
