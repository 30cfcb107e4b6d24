"""The one PDF, on a step of its own, so that submitting needs no upload; files as downloads; papers."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from applications import pages, papers
from applications.access import AUDITOR, fields, relations, visible_to
from applications.attachments import actions, queries
from applications.attachments.forms import FileForm, RoomForm
from applications.draft_forms import button
from applications.models import Application, PartialUpload
from applications.reading import manner_of, reads_science_alone
from portal import files, parts
from portal.audit.trail import record
from portal.errors import Denied, NotNow, Refused
from portal.templatetags.frame import listed
from portal.typesetting import NotSet
from portal.web import APPLICATION_TEAM, SIGNED_IN, access, afterwards, attempt, busy

log = logging.getLogger(__name__)
PLACE = "applications/attachments/"


@access(APPLICATION_TEAM, "GET", "POST")
def upload(request: HttpRequest, reference: str) -> HttpResponse:
    """The one PDF, on a step of its own, so that submitting needs no upload."""
    application = pages.draft(request, reference)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FileForm(*sent, application=application, by=request.user)

    def attach() -> None:
        kept = actions.attach(application, by=request.user, upload=form.cleaned_data["file"], came_as=form.came_as)
        messages.success(request, _said(kept))

    then = pages.onward(request, application, pages.url("attachments-file", application))
    done = attempt(request, form, attach, then)
    return done or pages.part(request, f"{PLACE}file.html", application, {"form": form, "part_bytes": parts.PART_BYTES})


@access(APPLICATION_TEAM, "GET", "POST")
def remove(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask, then take the PDF out of the draft."""
    application = pages.draft(request, reference)
    form = button(request)
    target = pages.here(request, "attachments-file", application)
    done = attempt(request, form, lambda: actions.detach(application, by=request.user), target)
    return done or pages.part(request, f"{PLACE}remove.html", application, {"form": form})


# --- A file in parts: asked by the script of the page (static/portal/js/upload.js) -----------------------------


@access(APPLICATION_TEAM, "POST")
def parts_begin(request: HttpRequest, reference: str) -> HttpResponse:
    """Make room for a file; answer where its parts are sent."""
    application = pages.own(request, reference)
    form = RoomForm(request.POST)
    size = form.cleaned_data["bytes"] if form.is_valid() else 0

    def begun() -> dict[str, Any]:
        room = actions.begin(application, by=request.user, expected_bytes=size)
        return {"upload": str(room.uid), "url": pages.url("attachments-part", application, room.uid), "offset": 0}

    return _answer(begun)


@access(APPLICATION_TEAM, "GET", "POST")
def parts_go_on(request: HttpRequest, reference: str, uid: UUID) -> HttpResponse:
    """Take the next part of a file; answer how far it is. Asked with GET it only answers."""
    application = pages.own(request, reference)
    room = queries.on_its_way(application, request.user, uid)
    if room is None:
        raise Http404
    if request.method == "GET":
        return JsonResponse({"offset": room.received_bytes})
    offset, content = request.headers.get("Upload-Offset", ""), _body(request)
    if content is None or not (offset.isascii() and offset.isdecimal() and len(offset) < 12):
        return JsonResponse({"detail": _("This part did not arrive whole."), "offset": room.received_bytes}, status=400)
    return _answer(lambda: _received(room, request.user, int(offset), content), room)


def _received(room: PartialUpload, by: Any, offset: int, content: bytes) -> dict[str, Any]:
    return {"offset": actions.receive(room, by=by, offset=offset, content=content)}


def _body(request: HttpRequest) -> bytes | None:
    """Return what was sent, or None where the connection was lost before its end."""
    try:
        content = request.body
    except UnreadablePostError:
        return None
    return content if str(len(content)) == request.headers.get("Content-Length", "").strip() else None


def _answer(act: Callable[[], dict[str, Any]], room: PartialUpload | None = None) -> JsonResponse:
    """Answer the script: what `act` returns, or why not and how far the file is."""
    try:
        return JsonResponse(act())
    except Refused as refusal:
        status = 403 if isinstance(refusal, Denied) else 409 if isinstance(refusal, NotNow) else 422
        there = {"offset": room.received_bytes} if room else {}
        return JsonResponse({"detail": str(refusal.message), "code": refusal.code, **there}, status=status)


def _said(kept: files.Kept) -> str:
    """Say what became of an upload: pages, size, what was taken out."""
    counted = ngettext(
        "The file is kept: %(pages)s page, %(size)s.", "The file is kept: %(pages)s pages, %(size)s.", kept.pages
    )
    words = counted % {"pages": kept.pages, "size": filesizeformat(kept.size)}
    if not kept.removed:
        return words
    return _("%(kept)s Taken out: %(removed)s.") % {"kept": words, "removed": listed(kept.removed_words)}


# --- Downloads: each asked anew ---------------------------------------------------------------------------------


@access(SIGNED_IN)
def download(request: HttpRequest, reference: str, sha256: str) -> HttpResponse:
    """The PDF of a draft for its team, of a submission for whoever reads submissions; asked anew each time."""
    application = get_object_or_404(visible_to(request.user).select_related("submission", "call"), reference=reference)
    if sha256 not in queries.files_for(fields(request.user, application), application):
        raise Http404
    if reads_science_alone(request.user, application):
        raise Http404
    _log(request, application, {"part": "file", "sha256": sha256})
    return files.download(sha256, f"{application.reference}.pdf")


@access(SIGNED_IN)
def paper(request: HttpRequest, reference: str, anonymous: bool = False) -> HttpResponse:
    """The last submission as PDF, as reviewers read it, for everybody who reads it on a page."""
    rows = visible_to(request.user).select_related("submission", "call")
    application = get_object_or_404(rows, reference=reference)
    if application.submission is None or "submission" not in fields(request.user, application):
        raise Http404
    manner = manner_of(request.user, application)
    manner["anonymous"] |= anonymous
    application.submission.application = application
    _log(request, application, {"part": "paper", "sha256": application.submission.sha256})
    return _set(request, application, papers.application_pdf, application.submission, **manner)


@access(APPLICATION_TEAM)
def draft_paper(request: HttpRequest, reference: str, anonymous: bool = False) -> HttpResponse:
    """The draft as PDF, as reviewers would read it; with or without names."""
    application = pages.draft(request, reference)
    return _set(request, application, papers.draft_pdf, application, anonymous=anonymous)


def _set(request: HttpRequest, application: Application, make: Any, what: Any, **manner: bool) -> HttpResponse:
    """Return a paper in the language of the page; 503 where the press is too busy for it."""
    try:
        made = make(what, language=get_language() or "en", **manner)
    except NotSet:
        log.exception("paper of %s was not set", application.reference)
        return busy(request)
    name = "anonymous" if manner["anonymous"] else "application"
    return files.as_download(made, f"{application.reference}-{name}.pdf")


def _log(request: HttpRequest, application: Application, facts: dict[str, Any]) -> None:
    """Record that an auditor read it."""
    if AUDITOR in relations(request.user, application):
        afterwards(request, lambda: record("application.read", application, by=request.user, facts=facts))
