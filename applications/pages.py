"""What the pages of a draft share, whichever room they stand in: fetch it, save and show a part of it, find the next.

The acts behind them begin in `applications/drafting.py`; their forms are built on `applications/draft_forms.py`.
What the script `static/portal/js/autosave.js` is answered is written here, too.
"""

from collections.abc import Callable, Mapping, Sequence
from html import unescape
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from applications.access import EDITOR, PRINCIPAL, my_applications, relations
from applications.drafting import is_in_the_teams_hands, saved_meanwhile
from applications.enums import Status
from applications.models import Application
from applications.rules import eligibility, practice
from applications.rules.eligibility import Gap
from applications.sections import ANCHORS, SECTIONS, Section
from portal import clock
from portal.web import attempt, is_stale, show

BY_ITSELF = "_by_itself"  # the field that the script sends along with what it saves
CHECK = "check"
RETURNING = f"?return={CHECK}"  # leads back to the answers

# --- Fetch, save, show --------------------------------------------------------------------------------


def own(request: HttpRequest, reference: str) -> Application:
    """Return an application of the person’s own with everything its pages show; any other is absent.

    Raises:
        Http404: it is not theirs, or does not exist.
    """
    rows = my_applications(request.user).select_related(
        "call", "principal_investigator", "institution", "submission__screening", "submission__standing", "saved_by"
    )
    return get_object_or_404(rows, reference=reference)


def draft(request: HttpRequest, reference: str) -> Application:
    """Return an application whose draft may be shown; a form sent too late is answered by its action.

    Raises:
        Http404: as `own`; or nothing of it is a draft any more.
    """
    application = own(request, reference)
    if request.method != "POST" and not is_in_the_teams_hands(application):
        raise Http404
    return application


def save(
    request: HttpRequest,
    application: Application,
    form: forms.BaseForm,
    act: Callable[[], Any],
    then: str | Callable[[Any], str],
) -> HttpResponse | None:
    """Do as `portal.web.attempt`; where the script saved by itself, answer in JSON what became of it."""
    if BY_ITSELF not in request.POST:
        return attempt(request, form, act, onward(request, application, then))
    done = attempt(request, form, act, lambda result: JsonResponse(_saved(request, application)))
    return done or _not_saved(request, application, form)


def part(request: HttpRequest, template: str, application: Application, context: Mapping[str, Any]) -> HttpResponse:
    """Show a page of the draft, with what somebody saved meanwhile where that was in the way."""
    is_late = eligibility.is_late(application, clock.now())
    common: dict[str, Any] = {
        "application": application,
        "call": application.call,
        "may_write": is_writer(request.user, application) and not is_late,
        "is_principal": is_principal(request.user, application),
        "is_late": is_late,
        "stale": _stale(request, application, context.get("form")),
        "standing": application.submission if application.status == Status.SUBMITTED else None,
        "goes_at": application.created_at + practice.KEPT_FOR if application.call.is_practice else None,
        "returns_to_check": _returns(request),
        "returning": RETURNING if _returns(request) else "",
    }
    return show(request, template, {**common, **context})


def is_principal(user: Any, application: Application) -> bool:
    """Whether this person is the principal investigator: submits, declares, withdraws."""
    return application.principal_investigator_id == user.pk


def is_writer(user: Any, application: Application) -> bool:
    """Whether this person writes the application: its principal investigator and co-investigators do."""
    return bool(relations(user, application) & {PRINCIPAL, EDITOR})


# --- What the script is answered ------------------------------------------------------------------------


def _saved(request: HttpRequest, application: Application) -> dict[str, Any]:
    context = {"application": application, "user": request.user}
    words = render_to_string("applications/_saved.html", context, request)
    return {"state": "saved", "version": application.version, "words": plain(words)}


def plain(html: str) -> str:
    """Return the words of a piece of a page, for a script that writes text and no markup."""
    return " ".join(unescape(strip_tags(html)).split())


def _not_saved(request: HttpRequest, application: Application, form: forms.BaseForm) -> JsonResponse:
    """Say why: somebody saved the same part meanwhile; what was typed cannot be read; or nobody may save it now."""
    if stale := _stale(request, application, form):
        return JsonResponse({"state": "stale", "words": plain(stale.heading)}, status=409)
    words = [str(message) for found in form.errors.values() for message in found]
    status = 409 if getattr(request, "refusal", None) else 422
    return JsonResponse({"state": "refused", "words": " ".join(words)}, status=status)


class Stale:
    """What somebody saved while this form was open: who and when, and the fields in which the two differ."""

    def __init__(self, request: HttpRequest, application: Application, form: Any) -> None:
        self.form = form
        sent = form.cleaned_data.get("version", application.version)
        events = saved_meanwhile(application, sent, getattr(form, "parts", form.fields))
        self.event = events[-1] if events else None
        self.is_mine = self.event is not None and self.event.actor_id == request.user.pk
        self.others = form.others()

    @property
    def heading(self) -> SafeString:
        """Who saved it, and when, as a sentence."""
        return render_to_string("applications/_meanwhile.html", {"stale": self})


def _stale(request: HttpRequest, application: Application, form: Any) -> Stale | None:
    return Stale(request, application, form) if is_stale(request) and hasattr(form, "others") else None


# --- Addresses --------------------------------------------------------------------------------------------


def onward(
    request: HttpRequest, application: Application, then: str | Callable[[Any], str]
) -> str | Callable[[Any], str]:
    """Return where a form leads when it is done: back to the answers, for whoever came from there."""
    return url("apply-check", application) if _returns(request) else then


def here(request: HttpRequest, name: str, application: Application, *more: Any) -> str:
    """Return the address of a page of the same section, from which the way back to the answers is kept."""
    return url(name, application, *more) + (RETURNING if _returns(request) else "")


def _returns(request: HttpRequest) -> bool:
    return request.GET.get("return") == CHECK


def home(application: Application) -> str:
    """Return the address of the task list."""
    return reverse("applications:apply-tasks", args=[application.reference])


def status(application: Application) -> str:
    """Return the address of the page that says where an application stands; of a draft it leads to the tasks."""
    return reverse("applications:following-status", args=[application.reference])


def url(name: str, application: Application, *more: Any) -> str:
    """Return the address of a page of an application by its name."""
    return reverse(f"applications:{name}", args=[application.reference, *more])


def section_url(application: Application, section: Section) -> str:
    """Return the address of a section's page."""
    if section.is_text:
        return reverse("applications:apply-section", args=[application.reference, section.code])
    return reverse(f"applications:{section.url_name}", args=[application.reference])


def next_task(application: Application, code: str) -> tuple[str, Any]:
    """Return the address and the words of the task after this one; the last leads to the answers."""
    place = [section.code for section in SECTIONS].index(code) + 1
    if place == len(SECTIONS):
        return url("apply-check", application), _("Check and submit")
    return section_url(application, SECTIONS[place]), SECTIONS[place].task


def gaps(
    application: Application, complaints: Mapping[str | None, Sequence[Any]], *, returning: bool = False
) -> list[tuple[str, Any]]:
    """Return everything that is missing, each with the very field in which it is mended; and back to the answers."""
    query = RETURNING if returning else ""
    return [
        (query.join(_field_url(application, section, key, words)), words)
        for section in SECTIONS
        for key in section.keys
        for words in complaints.get(key, ())
    ]


def _field_url(application: Application, section: Section, key: str, words: Any) -> tuple[str, str]:
    """Return the address of the page and the mark of the field, between which a query may stand."""
    if key == "requests" and isinstance(words, Gap):
        return url("requests-edit", application, words.about), "#main"
    if isinstance(words, Gap):
        return section_url(application, section), f"#id_{words.about}"
    return section_url(application, section), f"#{ANCHORS.get(key, f'id_{key}')}"
