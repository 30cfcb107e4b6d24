"""The addresses of the applications domain, grouped by stage."""

from django.urls import include, path

app_name = "applications"
STAGES = (
    "calls",
    "apply",
    "requests",
    "team",
    "attachments",
    "declarations",
    "following",
    "screening",
    "review",
    "panel",
    "interviews",
    "decisions",
    "publication",
    "auditing",
)

urlpatterns = [path("", include(f"applications.{stage}.urls")) for stage in STAGES]
