"""The addresses of assigning reviewers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
