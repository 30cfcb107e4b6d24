"""The pages of offline work: asking for a pack or booklet and fetching it; uploading, looking, saving."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from applications.access import panel_calls
from applications.draft_forms import button
from applications.enums import PackState
from applications.models import Call
from applications.offline import actions, preview, queries
from applications.offline.forms import SaveForm, UploadForm
from applications.offline.preview import SAVABLE, Outcome
from portal import files
from portal.web import CALL_PANEL, access, afterwards, attempt, show

PLACE = "applications/offline/"


@access(CALL_PANEL, "GET", "POST")
def offline(request: HttpRequest, call: str) -> HttpResponse:
    """The pack of what this person reviews, and the place to upload what was filled in."""
    found = _call(request, call)
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))

    def keep() -> None:
        actions.keep_upload(found, by=request.user, entries=form.entries, faults=form.faults)

    done = attempt(request, form, keep, _to("offline-preview", found))
    waiting = queries.waiting_upload(request.user, found)
    context = _pack(request, found, queries.REVIEWS) | {"form": form, "waiting": waiting}
    return done or show(request, f"{PLACE}offline.html", context)


@access(CALL_PANEL)
def booklet(request: HttpRequest, call: str) -> HttpResponse:
    """The booklet of everything this person may read in a call."""
    found = _call(request, call)
    return render(request, f"{PLACE}booklet.html", _pack(request, found, queries.BOOKLET))


@access(CALL_PANEL, "POST")
def ask(request: HttpRequest, call: str, kind: str) -> HttpResponse:
    """Ask for a pack or a booklet; a worker makes it."""
    found, form = _call(request, call), button(request)
    name = "offline-booklet" if kind == queries.BOOKLET else "offline-pack"
    language = get_language() or "en"

    def make() -> None:
        actions.ask(found, by=request.user, kind=kind, language=language)

    if done := attempt(request, form, make, _to(name, found)):
        return done
    context = _pack(request, found, kind) | {"asked": form, "form": UploadForm()}
    return show(request, f"{PLACE}{'booklet' if kind == queries.BOOKLET else 'offline'}.html", context)


@access(CALL_PANEL)
def fetch(request: HttpRequest, call: str, uid: UUID) -> HttpResponse:
    """A pack as download; every right in it is asked anew, and what has closed or never was is gone alike."""
    found = _call(request, call)
    pack = queries.ready_pack(request.user, found, uid)
    if pack is None:
        return render(request, f"{PLACE}gone.html", {"call": found}, status=404)
    ending = "booklet.pdf" if pack.kind == queries.BOOKLET else "reviews.zip"
    try:
        response = files.download(pack.file_sha256, f"{found.slug}-{ending}")
    except Http404:
        return render(request, f"{PLACE}gone.html", {"call": found}, status=404)
    afterwards(request, lambda: actions.note_fetched(pack, by=request.user))
    return response


@access(CALL_PANEL, "GET", "POST")
def look(request: HttpRequest, call: str) -> HttpResponse:
    """What an upload would change, row by row; nothing is saved before it is said here."""
    found = _call(request, call)
    upload = queries.waiting_upload(request.user, found)
    if upload is None:
        return render(request, f"{PLACE}nothing.html", {"call": found}, status=404)
    upload.call = found
    form = SaveForm(request.POST or None, rows=preview.rows_of(request.user, upload))

    def save() -> str:
        done = actions.save_upload(upload, by=request.user, **form.said())
        _tell(request, done)
        left = queries.waiting_upload(request.user, found)
        return _to("offline-preview" if left else "offline-pack", found)

    done = attempt(request, form, save, lambda there: there) if request.method == "POST" else None
    return done or show(request, f"{PLACE}preview.html", _looked_at(found, form, upload))


@access(CALL_PANEL, "POST")
def drop(request: HttpRequest, call: str) -> HttpResponse:
    """Forget an upload without saving anything of it."""
    found, form = _call(request, call), button(request)
    upload = queries.waiting_upload(request.user, found)

    def forget() -> None:
        if upload is not None:
            actions.drop_upload(upload, by=request.user)

    return attempt(request, form, forget, _to("offline-pack", found)) or show(
        request, f"{PLACE}nothing.html", {"call": found}
    )


# --- What they share ------------------------------------------------------------------------------------


def _call(request: HttpRequest, slug: str) -> Call:
    return get_object_or_404(panel_calls(request.user), slug=slug)


def _to(name: str, call: Call) -> str:
    return reverse(f"applications:{name}", args=[call.slug])


def _pack(request: HttpRequest, call: Call, kind: str) -> dict[str, Any]:
    """Return how far the latest pack of a kind is, as the page shows it."""
    pack = queries.latest_pack(request.user, call, kind)
    if pack is not None and pack.state == PackState.READY and not queries.may_fetch(request.user, pack):
        pack = None
    until = pack.asked_at + queries.KEPT_FOR if pack else None
    inside = queries.contents(request.user, call, kind).count()
    return {"call": call, "pack": pack, "kind": kind, "until": until, "inside": inside}


def _looked_at(call: Call, form: SaveForm, upload: Any) -> dict[str, Any]:
    counts = {outcome.value: 0 for outcome in Outcome}
    for row in form.rows:
        counts[row.outcome.value] += 1
    plain = counts[Outcome.NEW] + counts[Outcome.CHANGED]
    savable = any(row.outcome in SAVABLE for row in form.rows)
    return {"call": call, "form": form, "upload": upload, "counts": counts, "plain": plain, "savable": savable}


def _tell(request: HttpRequest, done: actions.Saved) -> None:
    """Say what was saved and sent, and why something was not."""
    count, sent = len(done.saved), len(done.sent)
    if count:
        words = ngettext("%(count)s review is saved.", "%(count)s reviews are saved.", count) % {"count": count}
        more = ngettext("%(count)s of them is sent.", "%(count)s of them are sent.", sent) % {"count": sent}
        messages.success(request, f"{words} {more}" if sent else words)
    for words in done.left:
        messages.warning(request, words)
    if not count and not done.left:
        messages.info(request, _("Nothing was saved."))
