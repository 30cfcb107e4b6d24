"""The pages that belong to no domain: home, styleguide, theme, zone, errors, health.

Below `/api/` the same errors are problem details (`portal/problems.py`).
"""

import sys

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from applications.calls import queries
from portal import specimens
from portal.errors import Refused
from portal.problems import is_for_programs, problem
from portal.web import PUBLIC, THEMES, access, bare, busy, kept, show
from portal.zones import ZoneForm

YEAR = 365 * 24 * 60 * 60
BROKER_TIMEOUT = 0.3


@access(PUBLIC)
def home(request: HttpRequest) -> HttpResponse:
    """The open call, the record of past ones, both hemispheres."""
    return show(request, "portal/home.html", queries.home())


@access(PUBLIC)
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part of the portal with the tag that makes it."""
    return show(request, "portal/styleguide.html", specimens.context())


# --- Choices kept in a cookie ---------------------------------------------------------------------


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    own = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if own else "/"


def _remember(request: HttpRequest, name: str, value: str) -> HttpResponse:
    response = HttpResponseRedirect(_back(request))
    response.status_code = 303
    if value:
        response.set_cookie(name, value, max_age=YEAR, secure=settings.SECURE_SITE, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(name)
    return response


@access(PUBLIC)
def theme(request: HttpRequest, choice: str) -> HttpResponse:
    """Remember light, dark or the system's choice, and go back."""
    return _remember(request, "theme", choice if choice in THEMES else "")


@access(PUBLIC, "GET", "POST")
def zone(request: HttpRequest) -> HttpResponse:
    """Choose the time zone of this browser; the profile's zone stands over it."""
    form = ZoneForm(request.POST or None, initial={"zone": timezone.get_current_timezone_name()})
    if form.is_valid():
        return _remember(request, "zone", form.cleaned_data["zone"])
    return show(request, "portal/zone.html", {"form": form, "next": _back(request)})


# --- Errors ---------------------------------------------------------------------------------------


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form was open too long: show what was typed."""
    return kept(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request cannot be read."""
    if is_for_programs(request):
        return problem(400, "bad-request", _("The request cannot be read."))
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """This person may not: the refusal's own sentence where there is one."""
    reason = exception.message if isinstance(exception, Refused) else ""
    if is_for_programs(request):
        return problem(403, "denied", reason or _("You may not do this."))
    return render(request, "403.html", {"reason": reason}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Absent, or hidden from this person: the same page."""
    if is_for_programs(request):
        return problem(404, "not-found", _("There is nothing here."))
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of the portal; drawn without database, session and context processors."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return busy(request)  # the database went away where no middleware could say so
    if is_for_programs(request):
        return problem(500, "fault", _("Something went wrong on our side. The fault is recorded."))
    return HttpResponse(render_to_string("500.html", bare(request)), status=500)


# --- Health ---------------------------------------------------------------------------------------


@never_cache
@access(PUBLIC)
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@access(PUBLIC)
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers; the broker is reported, but pages work without it."""
    database, broker = _database_answers(), _broker_answers()
    words = {True: "ok", False: "down"}
    status = {"status": words[database], "database": words[database], "broker": words[broker]}
    return JsonResponse(status, status=200 if database else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
        return True
    except (OperationalError, InterfaceError):
        connection.close()
        return False


def _broker_answers() -> bool:
    limits = {"socket_timeout": BROKER_TIMEOUT, "socket_connect_timeout": BROKER_TIMEOUT}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **limits) as client:
            return bool(client.ping())
    except (redis.RedisError, ValueError):
        return False
