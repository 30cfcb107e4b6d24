"""Which sample requests of a draft belong together, and how. A request is asked for and changed by `actions.py`.

What makes a group whole is `applications/rules/requests.py`.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.drafting import open_draft, saved
from applications.enums import GroupKind
from applications.models import Application, DraftGroup, DraftRequest
from applications.requests.actions import check_can_ask, name_of
from portal.errors import Invalid
from samples.enums import Hemisphere
from samples.models import Sample

MOST_GROUPS = 20
TEXTS = ("matching", "first", "least_set", "comparison")


def put_group(
    application: Application,
    *,
    by: Any,
    kind: str,
    name: str,
    members: Sequence[UUID],
    least: Collection[UUID] = (),
    group: DraftGroup | None = None,
    version: int | None = None,
    **texts: str,
) -> DraftGroup:
    """Make a group of the draft, or change one: its requests in the order of `members`, `least` what it cannot miss.

    A request that stood in another group leaves it. `texts` are those of `TEXTS`.

    Raises:
        Denied, NotNow: as `open_draft`.
        Invalid: the name is taken, a request is none of the draft's, or there are too many groups.
    """
    if unknown := set(texts) - set(TEXTS):
        raise TypeError(f"These are no texts of a group: {sorted(unknown)}")
    group = group or DraftGroup(application=application)
    with transaction.atomic():
        open_draft(application, by=by, version=version, names=[group.part])
        group = application.draft_groups.filter(uid=group.uid).first() or _new(application, group)
        if application.draft_groups.filter(name=name).exclude(uid=group.uid).exists():
            raise Invalid(_("Another group has this name."), code="name-taken", field="name")
        lines = _lines(application, members)
        left = {line.group for line in lines if line.group_id not in (None, group.pk)}
        for field, value in {"kind": kind, "name": name, **texts}.items():
            setattr(group, field, value)
        group.save()
        _place(group, lines, set(least))
        saved(application, by=by, names=[group.part, *(other.part for other in left if other)])
        return group


def drop_group(application: Application, *, by: Any, group: DraftGroup, version: int | None = None) -> None:
    """Take a group apart: its words go, its requests stay.

    Raises:
        Denied, NotNow: as `open_draft`.
    """
    with transaction.atomic():
        open_draft(application, by=by, version=version, names=[group.part])
        _place(group, [], set())
        deleted, _rows = application.draft_groups.filter(uid=group.uid).delete()
        saved(application, by=by, names=[group.part] if deleted else [])


def move_group(application: Application, *, by: Any, group: DraftGroup, up: bool) -> None:
    """Let a group change places with the one before it, or after it; at the end of the list nothing happens.

    Raises:
        Denied, NotNow: as `open_draft`.
    """
    with transaction.atomic():
        open_draft(application, by=by)
        groups = list(application.draft_groups.all())
        if group not in groups:
            return
        at = groups.index(group)
        other = at - 1 if up else at + 1
        if not 0 <= other < len(groups):
            return
        groups[at], groups[other] = groups[other], groups[at]
        for position, one in enumerate(groups, start=1):
            one.position = position
        DraftGroup.objects.bulk_update(groups, ["position"])
        saved(application, by=by, names=[groups[at].part, groups[other].part])


def pair(
    application: Application,
    *,
    by: Any,
    near: Sample,
    far: Sample,
    name: str,
    asked_mg: Decimal | None = None,
) -> DraftGroup:
    """Ask for one sample of each side in a group that needs both; what is asked of them already stays.

    `asked_mg` is what is asked of each of two powders.

    Raises:
        Denied, NotNow: as `open_draft`.
        Invalid: not one of each side, not of one kind, in a group already, or not offered as much.
    """
    _check_is_pair(near, far)
    with transaction.atomic():
        open_draft(application, by=by)
        lines = [_asked(application, sample, asked_mg, field) for field, sample in (("near", near), ("far", far))]
        saved(application, by=by, names=[name_of(sample) for sample in (near, far)])
        uids = [line.uid for line in lines]
        return put_group(application, by=by, kind=GroupKind.NEEDS_ALL, name=name, members=uids, least=uids)


def _asked(application: Application, sample: Sample, asked_mg: Decimal | None, field: str) -> DraftRequest:
    """Return the draft's request for half of a pair; complaints stand beside `field`, of masses beside the mass."""
    line = application.draft_requests.filter(sample=sample).select_related("group").first()
    if line and line.group:
        words = _("%(sample)s is in the group “%(group)s” already.")
        parts = {"sample": sample.catalogue_number, "group": line.group.name}
        raise Invalid(words % parts, code="in-a-group", field=field)
    line = line or DraftRequest(application=application, sample=sample, whole=not sample.is_divisible)
    if sample.is_divisible and line.asked_mg is None:
        line.asked_mg = asked_mg
    offered = application.call.offers.filter(sample=sample).first()
    try:
        check_can_ask(line, offered)
    except Invalid as refusal:
        beside = "asked_mg" if offered and refusal.field == "asked_mg" else field
        raise Invalid(refusal.message, code=refusal.code, field=beside) from None
    line.save()
    return line


def _check_is_pair(near: Sample, far: Sample) -> None:
    for sample, field in ((near, Hemisphere.NEAR), (far, Hemisphere.FAR)):
        if sample.mission.hemisphere != field:
            words = _("%(sample)s is not of this side.") % {"sample": sample.catalogue_number}
            raise Invalid(words, code="wrong-side", field=field.value)
    if near.preparation != far.preparation:
        words = _("A pair is of one kind: %(near)s is “%(near_kind)s”, %(far)s is “%(far_kind)s”.") % {
            "near": near.catalogue_number,
            "near_kind": near.get_preparation_display(),
            "far": far.catalogue_number,
            "far_kind": far.get_preparation_display(),
        }
        raise Invalid(words, code="not-of-one-kind", field="far")


def _new(application: Application, group: DraftGroup) -> DraftGroup:
    """Return a group behind all others, with the id that somebody typed under if theirs was removed meanwhile."""
    groups = list(application.draft_groups.all())
    if len(groups) >= MOST_GROUPS:
        raise Invalid(_("At most %(count)s groups can be made.") % {"count": MOST_GROUPS}, code="too-many-groups")
    position = max((one.position for one in groups), default=0) + 1
    return DraftGroup(application=application, uid=group.uid, position=position)


def _lines(application: Application, members: Sequence[UUID]) -> list[DraftRequest]:
    found = {line.uid: line for line in application.draft_requests.filter(uid__in=members).select_related("group")}
    if set(members) - set(found):
        words = _("One of these requests is not in this application any more. Tick again what belongs together.")
        raise Invalid(words, code="foreign-request", field="members")
    return [found[uid] for uid in dict.fromkeys(members)]


def _place(group: DraftGroup, lines: Sequence[DraftRequest], least: set[UUID]) -> None:
    """Give the requests of a group their places, and send away who was in it before."""
    gone = group.lines.exclude(pk__in=[line.pk for line in lines])
    gone.update(group=None, rank=1, in_least_set=True)
    for rank, line in enumerate(lines, start=1):
        line.group, line.rank, line.in_least_set = group, rank, line.uid in least
    DraftRequest.objects.bulk_update(lines, ["group", "rank", "in_least_set"])
