"""The addresses of this stage."""

from django.urls import path

from applications.decisions import views

urlpatterns = [
    path("panel/<slug:slug>/decisions/", views.ranking, name="decisions-list"),
    path("panel/<slug:slug>/decisions/<str:reference>/", views.decide, name="decisions-decide"),
    path("panel/<slug:slug>/decisions/<str:reference>/conclude/", views.conclude, name="decisions-conclude"),
]
