"""The pages of the office; what they show is fetched in `queries.py`."""

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from portal import replay
from portal.filters import show_list
from portal.notifications import inbox
from portal.notifications.models import Notice
from portal.notifications.outbox import send_again
from portal.office import queries
from portal.office.forms import MailFilters, TrailFilters
from portal.office.readings import reading_list
from portal.roles import Permission
from portal.web import SIGNED_IN, access, attempt, see, show


@access(SIGNED_IN)
def notifications(request: HttpRequest) -> HttpResponse:
    """What happened that concerns the person signed in."""
    page, lines = queries.notifications(request.user, request.GET.get("cursor"))
    unread = inbox.unread(request.user)
    return render(request, "office/notifications.html", {"page": page, "lines": lines, "unread": unread})


@access(SIGNED_IN, "POST")
def read_one(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Mark a notice as read."""
    get_object_or_404(inbox.notices_of(request.user), uid=uid)
    return _read(request, uid)


@access(SIGNED_IN, "POST")
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark every notice as read."""
    return _read(request, None)


def _read(request: HttpRequest, uid: UUID | None) -> HttpResponse:
    def respond() -> HttpResponse:
        inbox.mark_read(request.user, uid)
        return see("office:notifications")

    return replay.once(request, respond)


@access(Permission.SEE_MAIL)
def mail(request: HttpRequest) -> HttpResponse:
    """What was sent, what waits, what was given up."""
    return show_list(
        request,
        "office/mail.html",
        MailFilters(request.GET),
        lambda filters, cursor: _mail(request.user, filters, cursor),
    )


@access(Permission.SEE_MAIL, "POST")
def send_mail_again(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Try a mail again that was given up."""
    notice, form = get_object_or_404(Notice, uid=uid), Form(request.POST)
    done = attempt(request, form, lambda: send_again(notice, by=request.user), "office:mail")
    context = {"form": form, "filters": MailFilters({}), **_mail(request.user, {}, None)}
    return done or show(request, "office/mail.html", context)


@access(Permission.READ_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """The audit trail; looking at it is recorded in it."""
    filters = TrailFilters(request.GET)
    reading_list(request, "trail", sorted(set(request.GET) & set(filters.fields)))
    return show_list(
        request,
        "office/audit.html",
        filters,
        lambda chosen, cursor: {"page": queries.trail(request.user, chosen, cursor)},
    )


def _mail(user: Any, filters: dict[str, Any], cursor: str | None) -> dict[str, Any]:
    page, mails = queries.mail(user, filters, cursor)
    return {"page": page, "mails": mails}
