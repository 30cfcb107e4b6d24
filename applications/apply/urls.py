"""The addresses of the task list."""

from django.urls import path, re_path

from applications.addresses import MINE, Reference
from applications.apply import views
from applications.sections import TEXT_SECTIONS

TEXTS = "|".join(section.code for section in TEXT_SECTIONS)

urlpatterns = [
    path("my/", views.my, name="apply-my"),
    path("calls/<slug:slug>/apply/", views.start, name="apply-start"),
    path(f"{MINE}tasks/", views.tasks, name="apply-tasks"),
    path(f"{MINE}check/", views.check, name="apply-check"),
    path(f"{MINE}preview/", views.preview, name="apply-preview"),
    path(f"{MINE}anonymous/", views.anonymous, name="apply-anonymous"),
    path(f"{MINE}restore/", views.restore, name="apply-restore"),
    path(f"{MINE}clone/", views.clone, name="apply-clone"),
    re_path(
        rf"^my/applications/(?P<reference>{Reference.regex})/(?P<code>{TEXTS})/$", views.section, name="apply-section"
    ),
]
