"""The addresses of the discussion of an application."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
