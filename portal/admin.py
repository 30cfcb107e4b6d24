"""`/admin/`: every table, to be looked at and never changed, behind the portal's own sign-in.

It shows ids, codes, states and times. Words, files, scores and verdicts have pages of their own, where
`access.py` decides who reads them.
"""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib.admin import AdminSite, ModelAdmin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _

from portal.barred import without_barred
from portal.roles import Permission
from portal.web import Access, access

READERS = Access(
    _("administrators and auditors"),
    lambda user: user.is_authenticated and (user.may(Permission.MANAGE_PEOPLE) or user.may(Permission.READ_AUDIT)),
)
# What the deciding staff know and nobody else before release: for auditors, who are logged wherever they read words.
CONFIDENTIAL = frozenset(
    {"advice", "assignment", "award", "conflict", "decision", "hold", "interview", "movement", "review"}
    | {"reviewtally", "shortlisting", "applicantdocument", "panelanswer", "ruling", "waiver", "invitedfor"}
    | {"assignmentround", "reviewversion", "discussionpost"}
)
# Secrets, drafts and words: for nobody.
ABSENT = frozenset(
    {"apitoken", "draftrequest", "eventtext", "invitation", "loginfailures", "massopinion", "score", "teammember"}
    | {"callquestion", "draftauthorisation", "draftgroup", "intereststatement", "partialupload", "party", "place"}
    | {"bid", "proposal", "offlinepack", "offlineupload", "work"}  # wishes, proposals, packs: of one or two people
)
SHOWN = (
    models.AutoField,
    models.BooleanField,
    models.DateField,
    models.ForeignKey,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.UUIDField,
)
NAMED = ("code", "slug", "reference", "catalogue_number", "status", "state", "kind", "verb", "role", "origin")
SCORES = ("value", "reserve_rank")
TOLD_FREELY = ("is_first_time",)  # the form promises that it is only counted, over many applications


class LookOnly(ModelAdmin):
    """One table, to look at."""

    list_per_page = 50
    show_full_result_count = False
    actions = None
    view_on_site = False
    media = forms.Media()  # no script: there is nothing to fill in

    def __init__(self, model: type[models.Model], site: AdminSite) -> None:
        names = [field.name for field in model._meta.concrete_fields if is_shown(field)]
        self.fields = names
        self.list_display = names[:6]
        self.list_display_links = names[:1]
        self.list_select_related = [
            field.name for field in model._meta.concrete_fields if field.name in names[:6] and field.is_relation
        ]
        self.ordering = ["-pk"]
        super().__init__(model, site)

    def get_urls(self) -> list[URLPattern]:
        kept = ("changelist", "change")
        return [url for url in super().get_urls() if (url.name or "").rpartition("_")[2] in kept]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = without_barred(request.user, super().get_queryset(request))
        return rows.exclude(status="draft") if self.opts.model_name == "application" else rows

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuse every filter in the address: one over a hidden column would tell its words, letter by letter."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        needed = Permission.READ_AUDIT if self.opts.model_name in CONFIDENTIAL else None
        return READERS.test(request.user) if needed is None else request.user.may(needed)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return READERS.test(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def is_shown(field: models.Field) -> bool:
    """Tell whether a column is one of process: no words, no scores, no masses, nothing told freely."""
    if field.name in (*SCORES, *TOLD_FREELY):
        return False
    return isinstance(field, SHOWN) or field.name in NAMED


class Tables(AdminSite):
    """The read-only admin: it has no sign-in of its own and answers nothing but reads."""

    site_header = site_title = _("Tables of the portal, read-only")
    index_title = _("Tables")
    enable_nav_sidebar = False
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        return READERS.test(request.user)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_login")

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Keep index, lists and rows: no sign-in of its own, no words for scripts, no catch-all."""
        found = super().get_urls()
        return [declared(url) for url in found if isinstance(url, URLResolver) or url.name in KEPT]


KEPT = ("index", "app_list")


def declared(url: Any) -> Any:
    """Declare access on a pattern, or on every pattern below it."""
    if isinstance(url, URLResolver):
        for inner in url.url_patterns:
            declared(inner)
    else:
        access(READERS)(url.callback)
    return url


tables = Tables(name="admin")
for label in ("accounts", "audit", "notifications", "samples", "applications"):
    for each in apps.get_app_config(label).get_models():
        if each._meta.model_name not in ABSENT:
            tables.register(each, LookOnly)
