"""The addresses of the discussion of an application."""

from django.urls import path

from applications.discussion import views

urlpatterns = [path("review/<slug:call>/<str:reference>/discussion/", views.read, name="discussion-read")]
