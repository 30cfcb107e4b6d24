"""The addresses of conflicts: what a panel may know before it declares."""

from django.urls import path

from applications.conflicts import views

urlpatterns = [
    path("review/<slug:call>/conflicts/", views.conflicts, name="conflicts-list"),
    path("review/<slug:call>/<str:reference>/conflict/", views.conflict, name="conflicts-declare"),
]
