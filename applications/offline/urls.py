"""The addresses of offline packs."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
