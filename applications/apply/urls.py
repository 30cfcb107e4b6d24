"""The addresses of the applicant's way."""

from django.urls import path, re_path, register_converter

from applications.apply import views
from applications.apply.sections import TEXT_SECTIONS


class Reference:
    """The public number of an application."""

    regex = "LSA-[0-9]{4}-[0-9]{5,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Sha256:
    """A hash in hexadecimal digits."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Reference, "reference")
register_converter(Sha256, "sha256")

MINE = "my/applications/<reference:reference>/"
TEXTS = "|".join(section.code for section in TEXT_SECTIONS)

urlpatterns = [
    path("my/", views.my, name="apply-my"),
    path("calls/<slug:slug>/apply/", views.start, name="apply-start"),
    path("join/<uuid:uid>/", views.join, name="apply-join"),
    path("join/<uuid:uid>/decline/", views.decline, name="apply-decline"),
    path("files/<reference:reference>/<sha256:sha256>/", views.download, name="apply-file"),
    path(MINE, views.home, name="apply-status"),
    path(f"{MINE}samples/", views.samples, name="apply-samples"),
    path(f"{MINE}samples/<path:number>/", views.sample, name="apply-sample"),
    path(f"{MINE}requests/<uuid:uid>/remove/", views.sample_drop, name="apply-sample-drop"),
    path(f"{MINE}team/", views.team, name="apply-team"),
    path(f"{MINE}team/<uuid:uid>/resend/", views.team_resend, name="apply-team-resend"),
    path(f"{MINE}team/<uuid:uid>/remove/", views.team_remove, name="apply-team-remove"),
    path(f"{MINE}file/", views.upload, name="apply-upload"),
    path(f"{MINE}file/remove/", views.upload_remove, name="apply-upload-remove"),
    path(f"{MINE}declarations/", views.declarations, name="apply-declarations"),
    path(f"{MINE}check/", views.check, name="apply-check"),
    path(f"{MINE}receipt/", views.receipt, name="apply-receipt"),
    path(f"{MINE}sent/", views.sent, name="apply-sent"),
    path(f"{MINE}withdraw/", views.withdraw, name="apply-withdraw"),
    path(f"{MINE}decision/", views.decision, name="apply-decision"),
    re_path(
        rf"^my/applications/(?P<reference>{Reference.regex})/(?P<code>{TEXTS})/$", views.section, name="apply-section"
    ),
]
