"""The addresses of reviewers."""

from django.urls import path

from applications.review import views

urlpatterns = [
    path("review/", views.listing, name="review-list"),
    path("review/<slug:call>/", views.queue, name="review-queue"),
    path("review/<slug:call>/<str:reference>/", views.write, name="review-write"),
]
