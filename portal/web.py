"""What every page has in common: who may open it, one transaction for what it reads, how a refusal is shown.

Who may see a certain object is no question of this file: `applications/access.py` and `samples/access.py`.
"""

import sys
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal import clock, replay
from portal.errors import Denied, Invalid, NotNow, Refused
from portal.problems import is_for_programs, problem
from portal.roles import Permission

# --- Access: every view declares who may open it --------------------------------------------------


@dataclass(frozen=True)
class Access:
    """Who may open a view: a sentence for people, a test of the user, and the methods it answers."""

    sentence: Any
    test: Callable[[Any], bool]
    methods: tuple[str, ...] = ("GET",)


PUBLIC = Access(_("everybody"), lambda user: True)
SIGNED_IN = Access(_("everybody signed in"), lambda user: user.is_authenticated)
APPLICATION_TEAM = Access(_("the team of the application"), lambda user: user.is_authenticated)
CALL_PANEL = Access(_("the panel of the call"), lambda user: user.is_authenticated)
CALL_CHAIR = Access(_("the chair of the call"), lambda user: user.is_authenticated)
STAFF = Access(_("everybody with a role in the portal"), lambda user: user.is_authenticated and user.is_portal_staff)


def access(who: Access | Permission, *methods: str) -> Callable[[Any], Any]:
    """Declare who may open a view, and with which methods (GET unless told).

    A relation such as `APPLICATION_TEAM` only demands a sign-in here; the view fetches its object through
    `visible_to(user)`, and what is not visible is a 404.
    """
    if isinstance(who, Permission):
        permission = who
        sentence = _("role with “%(permission)s”") % {"permission": permission}
        who = Access(sentence, lambda user: user.is_authenticated and user.may(permission))
    declared = Access(who.sentence, who.test, tuple(methods) or ("GET",))

    def declare(view: Any) -> Any:
        view.access = declared
        return view

    return declare


def declared_access(view: Any) -> Access | None:
    """Return the declaration of a view function or of the class behind it."""
    found = getattr(view, "access", None) or getattr(getattr(view, "view_class", None), "access", None)
    return found or getattr(getattr(view, "cls", None), "access", None)


class AccessMiddleware:
    """Refuse what is not declared; ask for a sign-in; hide the rest as absent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        declared = declared_access(view)
        if declared is None:
            raise ImproperlyConfigured(f"{view!r} does not declare who may open it (portal.web.access)")
        allowed = {*declared.methods, "OPTIONS", *(["HEAD"] if "GET" in declared.methods else [])}
        if is_for_programs(request):
            return None  # the API answers with problem details: portal.credentials.Declared asks the same declaration
        if request.method not in allowed:
            return HttpResponseNotAllowed(sorted(allowed))
        if any("\0" in str(part) for part in (*args, *kwargs.values())):
            raise Http404  # no text in the database has it, and the database would not even be asked
        if declared.test(request.user):
            return None
        if request.user.is_authenticated:
            raise Http404
        if request.method == "POST":
            return kept(request)
        return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 400 where an address asks a page for what it does not know: a parameter, a cursor."""
        if not isinstance(error, Invalid) or error.code not in ("bad-cursor", "unknown-parameter"):
            return None
        return render(request, "400.html", {"reason": error.message}, status=400)


def kept(request: HttpRequest) -> HttpResponse:
    """Show what was typed when the session or the form's token had ended, so that nothing is lost.

    It can be sent again from here only if it came from a page of this portal: otherwise another site could
    put words into somebody's mouth.
    """
    hidden = {"csrfmiddlewaretoken", "_once", "password", "password1", "password2", "oldpassword", "code"}
    typed = [(name, value) for name, values in request.POST.lists() if name not in hidden for value in values]
    labels = labels_of(request.resolver_match.func if request.resolver_match else None)
    shown = [(label, value) for name, value in typed if value and (label := _label(labels, name))]
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    own = urlsplit(origin).netloc == request.get_host()
    context = {"typed": typed, "shown": shown, "own": own, "action": request.get_full_path()}
    return render(request, "portal/kept.html", context | {"files": bool(request.FILES)}, status=403)


def labels_of(view: Any) -> dict[str, Any]:
    """Return what the fields are called in the forms that a view's module uses; hidden ones are called nothing.

    A form that makes a field for each of many things names them all by what their names begin with, as `families`.
    """
    module = sys.modules.get(getattr(view, "__module__", ""))
    named = list(vars(module).values()) if module else []
    named += [one for many in named if isinstance(many, dict) for one in many.values()]
    classes = [one for one in named if isinstance(one, type) and issubclass(one, forms.Form)]
    fields = {name: field for form in classes for name, field in form.base_fields.items()}
    families = {name: label for form in classes for name, label in getattr(form, "families", {}).items()}
    return families | {name: "" if field.widget.is_hidden else field.label for name, field in fields.items()}


def _label(labels: Mapping[str, Any], name: str) -> Any:
    """Return what a field is called, also one of a row (`runs-0-mass_mg`); by its name where nobody knows better."""
    own = name.rpartition("-")[2]
    if own.endswith("_FORMS") or name.startswith("_"):
        return ""  # how many rows there are, and what only the script says
    return labels.get(name, labels.get(own, labels.get(name.partition("-")[0], name)))


# --- Transactions: one for everything a page reads -------------------------------------------------

SECONDS_TO_WAIT = 5


def busy(request: HttpRequest) -> HttpResponse:
    """Answer 503 without asking the database: a page in the portal's hand, or problem details."""
    if is_for_programs(request):
        response = problem(503, "busy", _("The portal is busy or restarting. Try again in a moment."))
    else:
        response = HttpResponse(render_to_string("503.html", bare(request)), status=503)
    response["Retry-After"] = str(SECONDS_TO_WAIT)
    response["Cache-Control"] = "no-store"
    return response


class TransactionMiddleware:
    """Every GET and HEAD reads in one REPEATABLE READ, READ ONLY transaction; every request knows its arrival.

    So no page mixes two states, and "only actions write" is a fact of the database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/health/"):
            return self.get_response(request)
        try:
            if request.method in ("GET", "HEAD"):
                return self._read(request)
            with connection.cursor() as cursor:
                cursor.execute("SELECT portal_now()")
                moment = clock.arrival(cursor.fetchone()[0])
            with clock.arrived(moment):
                return self.get_response(request)
        except (OperationalError, InterfaceError) as error:
            answer = self.process_exception(request, error)
            if answer is None:
                raise
            return answer

    def _read(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic(), connection.cursor() as cursor:
            outermost = len(connection.savepoint_ids) == 0
            if outermost:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SELECT portal_now()")
                cursor.nextset()
            else:  # inside a test's own transaction the level cannot change any more
                cursor.execute("SELECT portal_now()")
            with clock.arrived(cursor.fetchone()[0]):
                response = self.get_response(request)
                if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                    response.render()
                return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 503 when the database is down, a lock is not to be had in time, or two clients deadlocked."""
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        connection.close_if_unusable_or_obsolete()
        return busy(request)


def afterwards(request: HttpRequest, write: Callable[[], None]) -> None:
    """Let `write` run in a short transaction of its own after the page was read (a log, a last use)."""
    request._afterwards.append(write)  # type: ignore[attr-defined]  # an attribute of ours


class AfterwardsMiddleware:
    """Settle who asks before the read-only transaction begins; write what the read leaves behind after it."""

    RENEW_BELOW = 11 * 60 * 60

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request._afterwards = []  # type: ignore[attr-defined]  # an attribute of ours
        if not request.path.startswith("/health/"):
            try:
                signed_in = request.user.is_authenticated  # may end a stale session: a write
                if signed_in and request.session.get_expiry_age() < self.RENEW_BELOW:
                    request.session.modified = True
            except (OperationalError, InterfaceError):
                return busy(request)
        response = self.get_response(request)
        try:
            for write in request._afterwards:  # type: ignore[attr-defined]  # an attribute of ours
                with transaction.atomic():
                    write()
        except (OperationalError, InterfaceError):
            return busy(request)  # what must be logged is not read unlogged
        return response


# --- Headers, zone, and what every page's template knows ---------------------------------------------


class HeadersMiddleware:
    """Keep what is personal out of every cache, and our resources out of other sites."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        shown = settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
        if shown or response.cookies:
            response["Cache-Control"] = "private, no-store"
        else:
            response.headers.setdefault("Cache-Control", "no-cache")
        return response


class ZoneMiddleware:
    """Show times in the zone of the profile, else of the cookie, else UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.user.zone if request.user.is_authenticated else request.COOKIES.get("zone", "")
        try:
            zone = zoneinfo.ZoneInfo(name) if name else zoneinfo.ZoneInfo("UTC")
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            zone = zoneinfo.ZoneInfo("UTC")
        with timezone.override(zone):
            return self.get_response(request)


@dataclass(frozen=True)
class Link:
    """One entry of the main navigation: shown where `shown(user)` holds."""

    label: Any
    url_name: str
    shown: Callable[[Any], bool]
    position: int


THEMES = ("light", "dark")  # without a choice the system's
_navigation: list[Link] = []


def navigate(label: Any, url_name: str, position: int, shown: Callable[[Any], bool] = lambda user: True) -> None:
    """Put an entry into the main navigation; domains call it when they are ready."""
    _navigation.append(Link(label, url_name, shown, position))
    _navigation.sort(key=lambda link: link.position)


def page(request: HttpRequest) -> dict[str, Any]:
    """Give every template the navigation, the theme and the demonstration line."""
    user = getattr(request, "user", None)
    links = []
    for link in _navigation:
        if user is not None and link.shown(user):
            url = reverse(link.url_name)
            links.append({"label": link.label, "url": url, "current": request.path.startswith(url)})
    nearest = max((entry["url"] for entry in links if entry["current"]), key=len, default="")
    for entry in links:
        entry["current"] = entry["url"] == nearest
    return {**bare(request), "navigation": links, "site_url": settings.SITE_URL}


def bare(request: HttpRequest) -> dict[str, Any]:
    """Give what also a page without database has: the chosen theme and the demonstration line."""
    theme = request.COOKIES.get("theme", "")
    return {"theme": theme if theme in THEMES else "", "demonstration": settings.DEMO}


# --- Forms and actions ----------------------------------------------------------------------------------


def attempt(
    request: HttpRequest, form: forms.BaseForm, act: Callable[[], Any], then: str | Callable[[Any], str | HttpResponse]
) -> HttpResponse | None:
    """Run `act` if the form is valid and go on to `then` (303); return None where the form must be shown again.

    What `act` refuses becomes an error of the form, beside what was typed. A form sent twice acts once.
    """
    if not form.is_valid():
        return None

    def respond() -> HttpResponse:
        result = act()
        target = then(result) if callable(then) else then
        return target if isinstance(target, HttpResponse) else see(target)

    try:
        return replay.once(request, respond)
    except Refused as refusal:
        request.refusal = refusal  # type: ignore[attr-defined]  # an attribute of ours
        for field, messages in refusal.errors.items():
            for message in messages:
                form.add_error(field if field in form.fields else None, forms.ValidationError(message, refusal.code))
        return None


def is_stale(request: HttpRequest) -> bool:
    """Tell whether `attempt` was refused because somebody else wrote since the form was opened."""
    return getattr(getattr(request, "refusal", None), "code", "") == "stale"


def see(target: str) -> HttpResponseRedirect:
    """Redirect after a POST: 303, so that reloading repeats nothing."""
    response = HttpResponseRedirect(resolve_url(target))
    response.status_code = 303
    return response


def show(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """Render a page; after a POST that did nothing the status says why (403, 409 or 422)."""
    refusal = getattr(request, "refusal", None)
    status = 200
    if request.method == "POST":
        status = 403 if isinstance(refusal, Denied) else 409 if isinstance(refusal, NotNow) else 422
    return render(request, template, context, status=status)
