"""The addresses of the applications domain, grouped by stage."""

from django.urls import include, path

app_name = "applications"
STAGES = (
    "calls",
    "questions",
    "apply",
    "requests",
    "team",
    "attachments",
    "declarations",
    "following",
    "screening",
    "exchanges",
    "works",
    "conflicts",
    "assigning",
    "offline",
    "discussion",
    "review",
    "panel",
    "interviews",
    "decisions",
    "publication",
    "auditing",
)

urlpatterns = [path("", include(f"applications.{stage}.urls")) for stage in STAGES]
