"""The addresses of the samples domain, grouped by stage."""

from django.urls import include, path

app_name = "samples"

urlpatterns = [path("", include(f"samples.{stage}.urls")) for stage in ("catalogue", "stock")]
