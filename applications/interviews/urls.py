"""The addresses of this stage."""

from django.urls import path

from applications.interviews import views

urlpatterns = [
    path("panel/<slug:slug>/interviews/", views.listing, name="interviews-list"),
    path("panel/<slug:slug>/interviews/<str:reference>/propose/", views.propose, name="interviews-propose"),
    path("panel/<slug:slug>/interviews/<str:reference>/cancel/", views.cancel, name="interviews-cancel"),
    path("panel/<slug:slug>/interviews/<str:reference>/hold/", views.hold, name="interviews-hold"),
    path("panel/<slug:slug>/interviews/<str:reference>/miss/", views.miss, name="interviews-miss"),
    path("panel/<slug:slug>/interviews/<str:reference>/conclude/", views.conclude, name="interviews-conclude"),
    path("my/applications/<str:reference>/interview/", views.mine, name="interviews-mine"),
]
