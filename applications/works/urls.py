"""The addresses of one's own list of works."""

from django.urls import path

from applications.works import views

urlpatterns = [
    path("my/works/", views.works, name="works-list"),
    path("my/works/add/", views.add, name="works-add"),
]
