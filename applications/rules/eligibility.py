"""Whether an application is complete and in time. Pure reads; the deadline is decided inside the submitting UPDATE."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from applications.enums import Anonymity, PlaceKind, Status
from applications.models import Application, Call
from applications.rules import lengths
from applications.rules.attachments import complaint_about_pages
from applications.rules.authorisations import asked_in_draft
from applications.rules.requests import complaints_about_group, complaints_about_request
from portal.errors import Invalid

REQUIRED_TEXTS = (
    "title",
    "question",
    "plan",
    "methods",
    "laboratory",
    "custody",
    "public_title",
    "public_summary",
)
LIMITED_TEXTS = (*REQUIRED_TEXTS, "what_changed")


class Gap(str):
    """A complaint about one of several things of a kind: `about` is what it is known by, such as a sample's number."""

    about: str

    def __new__(cls, words: Any, about: str) -> "Gap":
        gap = super().__new__(cls, words)
        gap.about = about
        return gap


def in_time(moment: datetime) -> Q:
    """Return the condition on applications whose submission, arriving at `moment`, is in time.

    Open calls take submissions until they close, and as many replacements as somebody likes; a returned application
    is taken until the time its screener set, also after the deadline.
    """
    open_call = Call.objects.filter(Call.open_at(moment), pk=OuterRef("call"))
    in_hands = [Status.DRAFT, Status.SUBMITTED, Status.RETURNED]
    return Q(Exists(open_call), status__in=in_hands) | Q(status=Status.RETURNED, resubmit_until__gt=moment)


def is_late(application: Application, moment: datetime) -> bool:
    """Tell whether a submission that arrived at `moment` would be too late: `in_time` for one row already read."""
    if application.call.is_open(moment):
        return False
    until = application.resubmit_until
    return application.status != Status.RETURNED or until is None or until <= moment


def missing(application: Application) -> Mapping[str | None, Sequence[Any]]:
    """Return what keeps the draft from being submitted, by section field; empty when it is complete."""
    complaints: dict[str | None, list[Any]] = _about_texts(application)
    if application.institution_id is None:
        complaints.setdefault("institution", []).append(_("Name the institution that would hold the samples."))
    if not application.file_sha256:
        complaints.setdefault("file", []).append(_("Add one PDF with figures and references."))
    elif too_long := complaint_about_pages(application.call, application.file_pages):
        complaints.setdefault("file", []).append(too_long)
    lines = list(application.draft_requests.all())
    prefetch_related_objects(lines, "sample__mission")
    if not lines:
        complaints.setdefault("requests", []).append(_("Ask for at least one sample."))
    offers = {offer.sample_id: offer for offer in application.call.offers.all()}
    for line in lines:
        about = line.sample.catalogue_number
        found = complaints_about_request(line, offers.get(line.sample_id))
        complaints.setdefault("requests", []).extend(Gap(words, about) for words in found)
    complaints["groups"] = _about_groups(application, lines)
    if not application.confirms_eligibility:
        complaints["confirms_eligibility"] = [_("Confirm that you meet the conditions of the call.")]
    complaints["places"] = _about_places(application)
    complaints["declared"] = _about_declarations(application)
    complaints["authorisations"] = _about_authorisations(application)
    return {field: messages for field, messages in complaints.items() if messages}


def _about_texts(application: Application) -> dict[str | None, list[Any]]:
    """A text is there, and no longer than the call lets it be. How well it is written is no criterion."""
    found: dict[str | None, list[Any]] = {}
    for name in LIMITED_TEXTS:
        if name in REQUIRED_TEXTS and not getattr(application, name).strip():
            found.setdefault(name, []).append(_("Fill in: %(field)s.") % {"field": lengths.label_of(name)})
        if too_long := lengths.complaint(application, name):
            found.setdefault(name, []).append(too_long)
    if application.cloned_from_id and not application.what_changed.strip():
        found["what_changed"] = [_("Say what changed since the earlier application.")]
    return found


def _about_groups(application: Application, lines: Sequence[Any]) -> list[Any]:
    found = []
    for group in application.draft_groups.all():
        found += complaints_about_group(group, [line for line in lines if line.group_id == group.pk])
    return found


def _about_places(application: Application) -> list[Any]:
    if not any(place.kind == PlaceKind.HOLDER for place in application.places.all()):
        return [_("Name the place that would hold the samples.")]
    return []


def _about_declarations(application: Application) -> list[Any]:
    """A declaration counts in the wording that stands now, with its words where it asks for some."""
    made = application.declared
    wanted = [one for one in application.call.declarations.all() if one.is_required or one.code in made]
    for one in wanted:
        if made.get(one.code, {}).get("version") != one.version:
            return [Gap(_("Make every declaration of the call."), f"made-{one.code}")]
    for one in wanted:
        if one.asks_details and not made[one.code]["details"]:
            return [Gap(_("Fill in the words that a declaration asks for."), f"details-{one.code}")]
    return []


def _about_authorisations(application: Application) -> list[Any]:
    """Every mission asked for, at every institution that would hold material, has its statement, whatever it says."""
    stated = {(one.mission_id, one.institution_id) for one in application.draft_authorisations.all()}
    if any((mission.pk, holder.pk) not in stated for mission, holder in asked_in_draft(application)):
        return [_("Say for each mission and institution whether an authorisation is needed.")]
    return []


def check_is_complete(application: Application) -> None:
    """Refuse an incomplete draft.

    Raises:
        Invalid: with every complaint, by field.
    """
    complaints = missing(application)
    if complaints:
        raise Invalid(_("The application is not complete."), code="incomplete", errors=complaints)


def is_approved(application: Application) -> bool:
    """Tell whether the copy without names that reviewers would read was approved as it stands, where there is one."""
    return application.call.anonymity != Anonymity.DUAL or application.approved_version == application.version


def check_is_approved(application: Application) -> None:
    """Refuse a draft whose copy without names nobody approved as it stands now.

    Raises:
        Invalid: beside the field `approved` (code `not-approved`).
    """
    if not is_approved(application):
        raise Invalid(
            _("Read the copy without names and approve it: reviewers read that one."),
            code="not-approved",
            field="approved",
        )
