"""What administrators do with a call. After its announcement only its texts are mended and its deadline moved later."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.enums import Anonymity, CallOrigin, CallStatus, PanelRole
from applications.models import SCALE_POINTS, Call, CallDeclaration, CallSample, Criterion, PanelMember
from applications.workflow import CALL
from portal import clock
from portal.audit.trail import record, trail
from portal.errors import Denied, Invalid, NotNow
from portal.roles import Permission
from samples.models import Sample
from samples.rules.availability import why_not_requestable

TEXTS = tuple(
    f"{name}{language}"
    for name in ("title", "summary", "eligibility", "terms", "agreement", "note")
    for language in ("", "_zh")
)
SETTINGS = frozenset(
    {
        "slug",
        "zone",
        "opens_at",
        "closes_at",
        "reviews_due_at",
        "interviews_on",
        "results_on",
        "holidays",
        "is_practice",
        "announces_shortlist",
        "hold_minutes",
        "slot_minutes",
        "reviews_each",
        "science_first",
    }
)


EDIT, SET_CRITERIA, SET_DECLARATIONS = "call.edit", "call.set-criteria", "call.set-declarations"
SET_LIMITS = "call.set-limits"


def version_of(call: Call, verb: str) -> int:
    """Return the version of one part of a call: the event that last wrote it (`EDIT` and the like), else 0."""
    return trail(call).filter(verb=verb).aggregate(last=Max("version"))["last"] or 0


def create(*, by: Any, slug: str, title: str, is_demonstration: bool = False, **fields: Any) -> Call:
    """Make a draft call.

    Raises:
        Denied: the person makes no calls.
        Invalid: the address is taken, or the dates contradict each other.
    """
    _check_manages(by)
    _check_dates(fields.get("opens_at"), fields.get("closes_at"))
    with transaction.atomic():
        try:
            with transaction.atomic():
                call = Call.objects.create(
                    slug=slug, title=title, is_demonstration=is_demonstration, created_by=by, **fields
                )
        except IntegrityError:
            raise Invalid(_("Another call has this address."), code="slug-taken", field="slug") from None
        record("call.create", call, by=by)
    return call


def edit(call: Call, *, by: Any, seen: int | None = None, **fields: Any) -> None:
    """Change texts and, while the call is a draft, its settings; `seen` is the version the person had before them.

    Raises:
        Denied, NotNow: as `_lock_draft`; after the announcement only texts change; code `stale` if saved since `seen`.
        Invalid: the dates contradict each other, or the address is taken.
    """
    _check_manages(by)
    with transaction.atomic():
        _lock(call)
        _check_is_current(call, EDIT, seen)
        changed = {name: value for name, value in fields.items() if getattr(call, name) != value}
        if call.status != CallStatus.DRAFT and not changed.keys() <= {*TEXTS}:
            raise NotNow(_("After the announcement only texts can be mended."), code="announced")
        if not changed.keys() <= {*TEXTS, *SETTINGS}:
            raise Invalid(_("This cannot be changed here."), code="unknown-field")
        old = {name: str(getattr(call, name) or "") for name in changed}
        for name, value in changed.items():
            setattr(call, name, value)
        _check_dates(call.opens_at, call.closes_at)
        if changed:
            try:
                with transaction.atomic():
                    call.save(update_fields=list(changed))
            except IntegrityError:
                raise Invalid(_("Another call has this address."), code="slug-taken", field="slug") from None
            record(EDIT, call, by=by, old=old, facts={"fields": sorted(changed)})


def offer(call: Call, *, by: Any, sample: Sample, offered_mg: Decimal | None) -> None:
    """Offer a sample: a powder up to `offered_mg`, any other piece whole (None).

    Raises:
        Denied, NotNow: as `_lock_draft`.
        Invalid: the sample is never requestable, or the mass does not fit the kind of the sample.
    """
    with transaction.atomic():
        _lock_draft(call, by)
        if reason := why_not_requestable(sample):
            raise Invalid(reason, code="not-requestable", field="sample")
        if sample.is_divisible and (offered_mg is None or offered_mg <= 0):
            raise Invalid(_("Say how much of this powder the call offers, in mg."), code="mass", field="offered_mg")
        if not sample.is_divisible and offered_mg is not None:
            raise Invalid(_("A whole piece is offered whole; leave the mass empty."), code="whole", field="offered_mg")
        if offered_mg is not None and offered_mg > sample.public_free_mg:
            raise Invalid(_("The stock has not as much free."), code="more-than-free", field="offered_mg")
        CallSample.objects.update_or_create(call=call, sample=sample, defaults={"offered_mg": offered_mg})
        record("call.offer", call, by=by, facts={"sample": sample.pk, "mg": str(offered_mg or "whole")})


def take_back(call: Call, *, by: Any, sample: Sample) -> None:
    """Offer a sample no longer.

    Raises:
        Denied, NotNow: as `_lock_draft`.
    """
    with transaction.atomic():
        _lock_draft(call, by)
        CallSample.objects.filter(call=call, sample=sample).delete()
        record("call.take-back", call, by=by, facts={"sample": sample.pk})


def set_criteria(call: Call, *, by: Any, criteria: Sequence[Mapping[str, Any]], seen: int | None = None) -> None:
    """Replace the criteria: code, name, name_zh, weight (percent), about_team, words and words_zh (five, 5 is best).

    Raises:
        Denied, NotNow: as `_lock_draft`; code `stale` if saved since `seen`.
        Invalid: weights do not make 100, or a scale has not five points.
    """
    if sum((Decimal(each["weight"]) for each in criteria), Decimal(0)) != 100:
        raise Invalid(_("The weights must make 100 together."), code="weights")
    if any(len(each[words]) != SCALE_POINTS for each in criteria for words in ("words", "words_zh")):
        raise Invalid(_("Every scale has five points."), code="scale")
    if all(each.get("about_team") for each in criteria):
        raise Invalid(_("At least one criterion is about the science."), code="all-about-team")
    with transaction.atomic():
        _lock_draft(call, by)
        _check_is_current(call, SET_CRITERIA, seen)
        call.criteria.all().delete()
        Criterion.objects.bulk_create(
            Criterion(call=call, position=position, **each) for position, each in enumerate(criteria, start=1)
        )
        record(SET_CRITERIA, call, by=by, facts={"codes": [each["code"] for each in criteria]})


def set_limits(
    call: Call,
    *,
    by: Any,
    text_limits: Mapping[str, Mapping[str, int]],
    file_page_limit: int,
    anonymity: str,
    seen: int | None = None,
) -> None:
    """Say how long the sections and the PDF may be (English words, Chinese characters, pages), and who is named.

    Raises:
        Denied, NotNow: as `_lock_draft`; code `stale` if saved since `seen`.
        Invalid: a limit is below one.
    """
    if any(number < 1 for limits in text_limits.values() for number in (*limits.values(), file_page_limit)):
        raise Invalid(_("A limit is at least one."), code="limit")
    with transaction.atomic():
        _lock_draft(call, by)
        _check_is_current(call, SET_LIMITS, seen)
        call.text_limits = {section: dict(limits) for section, limits in text_limits.items()}
        call.file_page_limit, call.anonymity = file_page_limit, Anonymity(anonymity)
        call.save(update_fields=["text_limits", "file_page_limit", "anonymity"])
        record(SET_LIMITS, call, by=by, facts={"limits": call.text_limits, "pages": file_page_limit})


def set_declarations(
    call: Call, *, by: Any, declarations: Sequence[Mapping[str, Any]], seen: int | None = None
) -> None:
    """Replace what every applicant declares: code, text, text_zh, kind, is_required, asks_details.

    After the announcement only their wording is mended: a changed one gets the next version, which asks everybody
    again, and whoever applies is told.

    Raises:
        Denied: the person makes no calls.
        NotNow: the call is cancelled or has closed, or more than words would change (code `announced`); code
            `stale` if saved since `seen`.
    """
    _check_manages(by)
    with transaction.atomic():
        _lock(call)
        if call.status != CallStatus.DRAFT:
            _reword_declarations(call, declarations, by=by, seen=seen)
            return
        _check_is_current(call, SET_DECLARATIONS, seen)
        call.declarations.all().delete()
        CallDeclaration.objects.bulk_create(
            CallDeclaration(call=call, position=position, **each) for position, each in enumerate(declarations, start=1)
        )
        record(SET_DECLARATIONS, call, by=by, facts={"codes": [each["code"] for each in declarations]})


def _reword_declarations(call: Call, declarations: Sequence[Mapping[str, Any]], *, by: Any, seen: int | None) -> None:
    _check_is_current(call, SET_DECLARATIONS, seen)
    if not call.is_open_or_ahead(clock.now()):
        raise NotNow(_("The call has closed: its declarations stay as they were made."), code="closed")
    present = {one.code: one for one in call.declarations.all()}
    if [one["code"] for one in declarations] != list(present) or any(
        one.get(name, getattr(present[one["code"]], name)) != getattr(present[one["code"]], name)
        for one in declarations
        for name in ("kind", "is_required", "asks_details")
    ):
        raise NotNow(_("After the announcement only texts can be mended."), code="announced")
    reworded, old = [], {}
    for said in declarations:
        declaration = present[said["code"]]
        if (said["text"], said["text_zh"]) != (declaration.text, declaration.text_zh):
            old[declaration.code] = f"{declaration.text}\n{declaration.text_zh}"
            declaration.text, declaration.text_zh = said["text"], said["text_zh"]
            declaration.version += 1
            declaration.save(update_fields=["text", "text_zh", "version"])
            reworded.append(declaration.code)
    if reworded:
        event = record(SET_DECLARATIONS, call, by=by, old=old, facts={"codes": reworded})
        notices.tell("declarations-reworded", call, event)


def seat(call: Call, *, by: Any, user: Any, role: str) -> PanelMember:
    """Give somebody a seat on the panel, also after the announcement: a panel may grow.

    Raises:
        Denied: the person makes no calls.
        NotNow: the call is cancelled.
        Invalid: the user sits on this panel already.
    """
    _check_manages(by)
    with transaction.atomic():
        _lock(call)
        if call.status == CallStatus.CANCELLED:
            raise NotNow(_("The call is cancelled."), code="cancelled")
        if call.panel.filter(user=user, until__isnull=True).exists():
            raise Invalid(_("This person sits on the panel already."), code="seated", field="user")
        member = PanelMember.objects.create(call=call, user=user, role=PanelRole(role), since=clock.now())
        record("call.seat", call, by=by, facts={"user": user.pk, "role": role})
        return member


def unseat(member: PanelMember, *, by: Any) -> None:
    """End a seat; the person's access to the call ends with it.

    Raises:
        Denied: the person makes no calls.
        NotNow: the seat has ended already.
    """
    _check_manages(by)
    with transaction.atomic():
        _lock(member.call)
        if not PanelMember.objects.filter(pk=member.pk, until__isnull=True).update(until=clock.now()):
            raise NotNow(_("This seat has ended already."), code="ended")
        record("call.unseat", member.call, by=by, facts={"user": member.user_id, "role": member.role})


def ask_for_announcement(call: Call, *, by: Any) -> None:
    """Tell the other administrators that the call waits for one of them to announce it.

    Raises:
        Denied, NotNow: as `_lock_draft`.
    """
    with transaction.atomic():
        _lock_draft(call, by)
        event = record("call.ask-for-announcement", call, by=by)
        notices.tell("call-to-announce", call, event)


def announce(call: Call, *, by: Any) -> None:
    """Announce a call; whoever made it cannot.

    Raises:
        Denied: this person made the call, or is no administrator.
        NotNow: something is missing (`applications/rules/progress.py`).
    """
    CALL.advance(call, "announce", by=by, changes={"announced_by": by, "announced_at": clock.now()})


def extend(call: Call, *, by: Any, closes_at: datetime, reason: str) -> None:
    """Move the deadline later, the same for everybody; the audit keeps the old one.

    Raises:
        Denied: the person makes no calls.
        NotNow: the call is not announced.
        Invalid: the new deadline is not later, or has passed already.
    """
    _check_manages(by)
    with transaction.atomic():
        _lock(call)
        if call.status != CallStatus.ANNOUNCED or call.origin != CallOrigin.PORTAL:
            raise NotNow(_("Only an announced call can be extended."), code="not-announced")
        if call.closes_at is None or closes_at <= call.closes_at:
            raise Invalid(_("The new deadline must be later than the present one."), code="earlier", field="closes_at")
        if closes_at <= clock.now():
            raise Invalid(_("The new deadline has passed already."), code="past", field="closes_at")
        old, call.closes_at = call.closes_at, closes_at
        call.save(update_fields=["closes_at"])
        event = record(
            "call.extend",
            call,
            by=by,
            reason=reason,
            facts={"fields": ["closes_at"], "from": old.isoformat(), "to": closes_at.isoformat()},
        )
        notices.tell("call-extended", call, event)


def cancel(call: Call, *, by: Any, reason: str) -> None:
    """Cancel a call; everybody who applies is told.

    Raises:
        Denied, NotNow: as the workflow says.
    """
    CALL.advance(call, "cancel", by=by, reason=reason)


def _check_is_current(call: Call, verb: str, seen: int | None) -> None:
    if seen is not None and seen != version_of(call, verb):
        raise NotNow(
            _("Somebody saved this part while you were writing. Nothing of yours is lost: compare, then save again."),
            code="stale",
        )


def _check_manages(by: Any) -> None:
    if not by.may(Permission.MANAGE_CALLS):
        raise Denied(_("Only administrators make calls."))


def _lock(call: Call) -> None:
    call.refresh_from_db(from_queryset=Call.objects.select_for_update())


def _lock_draft(call: Call, by: Any) -> None:
    _check_manages(by)
    _lock(call)
    if call.status != CallStatus.DRAFT:
        raise NotNow(_("After the announcement only texts can be mended."), code="announced")


def _check_dates(opens_at: datetime | None, closes_at: datetime | None) -> None:
    if opens_at and closes_at and closes_at <= opens_at:
        raise Invalid(_("The call must close after it opens."), code="dates", field="closes_at")
