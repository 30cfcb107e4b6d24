"""Whether an application is complete and in time. Pure reads; the deadline is decided inside the submitting UPDATE."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from applications.enums import CallStatus, Status
from applications.models import Application, Call
from applications.rules.requests import complaints_about_request
from portal.errors import Invalid

REQUIRED_TEXTS = ("title", "question", "plan", "methods", "public_summary")


def in_time(moment: datetime) -> Q:
    """Return the condition on applications whose submission, arriving at `moment`, is in time.

    Open calls take submissions until they close; a returned application until the time its screener set, also
    after the deadline.
    """
    open_call = Call.objects.filter(
        pk=OuterRef("call"), status=CallStatus.ANNOUNCED, opens_at__lte=moment, closes_at__gt=moment
    )
    return Q(Exists(open_call), status=Status.DRAFT) | Q(status=Status.RETURNED, resubmit_until__gt=moment)


def missing(application: Application) -> Mapping[str | None, Sequence[Any]]:
    """Return what keeps the draft from being submitted, by section field; empty when it is complete."""
    complaints: dict[str | None, list[Any]] = {}
    for name in REQUIRED_TEXTS:
        if not getattr(application, name).strip():
            label = Application._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # a column
            complaints.setdefault(name, []).append(_("Fill in: %(field)s.") % {"field": label})
    if application.institution_id is None:
        complaints.setdefault("institution", []).append(_("Name the institution that would hold the samples."))
    if not application.file_sha256:
        complaints.setdefault("file", []).append(_("Add one PDF with figures and references."))
    lines = list(application.draft_requests.all())
    prefetch_related_objects(lines, "sample")
    if not lines:
        complaints.setdefault("requests", []).append(_("Ask for at least one sample."))
    offers = {offer.sample_id: offer for offer in application.call.offers.all()}
    for line in lines:
        complaints.setdefault("requests", []).extend(complaints_about_request(line, offers.get(line.sample_id)))
    required = {declaration.code for declaration in application.call.declarations.all()}
    if required - set(application.declared):
        complaints.setdefault("declared", []).append(_("Make every declaration of the call."))
    return {field: messages for field, messages in complaints.items() if messages}


def check_is_complete(application: Application) -> None:
    """Refuse an incomplete draft.

    Raises:
        Invalid: with every complaint, by field.
    """
    complaints = missing(application)
    if complaints:
        raise Invalid(_("The application is not complete."), code="incomplete", errors=complaints)
