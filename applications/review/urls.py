"""The addresses of reviewers."""

from django.urls import path

from applications.review import views

urlpatterns = [
    path("review/", views.listing, name="review-list"),
    path("review/<slug:call>/", views.queue, name="review-queue"),
    # Conflicts: what a panel may know before it declares
    path("review/<slug:call>/conflicts/", views.conflicts, name="review-conflicts"),
    path("review/<slug:call>/<str:reference>/conflict/", views.conflict, name="review-conflict"),
    path("review/<slug:call>/<str:reference>/", views.write, name="review-write"),
]
