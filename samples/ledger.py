"""The only writer of movements and of a sample's counters: conservation of mass. All masses in mg, above zero.

Every function runs in the caller's transaction. Who may call it is decided by the calling action.
"""

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.errors import Invalid, NotNow
from portal.units import format_mass
from samples.enums import COUNTED_ACCOUNTS, Account, MovementReason
from samples.models import Hold, Movement, Sample
from samples.rules.availability import awardable_mg, why_not_requestable


def move(
    sample: Sample,
    source: Account,
    target: Account,
    mass_mg: Decimal,
    reason: MovementReason,
    *,
    by: Any,
    hold: Hold | None = None,
    split: uuid.UUID | None = None,
    reverses: Movement | None = None,
    floor_mg: Decimal = Decimal(0),
) -> Movement:
    """Move mass between two accounts of a sample: counters and movement in one transaction.

    The condition stands inside the UPDATE, so that no two callers can take the same mass.

    Raises:
        NotNow: the source account would fall below `floor_mg` (code `not-enough-mass`).
        Invalid: there is no mass to move.
    """
    if mass_mg <= 0:
        raise Invalid(_("A mass is above zero."), code="no-mass", field="mass_mg")
    comes_in = reason in (MovementReason.ACCESSION, MovementReason.SPLIT)
    with transaction.atomic():
        if not _shift(sample, source, target, mass_mg, floor_mg, comes_in):
            raise NotNow(
                _("%(sample)s has not %(mass)s to give.")
                % {"sample": sample.catalogue_number, "mass": format_mass(mass_mg)},
                code="not-enough-mass",
            )
        return Movement.objects.create(
            sample=sample,
            from_account=source,
            to_account=target,
            mass_mg=mass_mg,
            reason=reason,
            by=by,
            at=clock.now(),
            hold=hold,
            split=split,
            reverses=reverses,
        )


def _shift(
    sample: Sample, source: Account, target: Account, mass_mg: Decimal, floor_mg: Decimal, comes_in: bool
) -> bool:
    """Change the counters in one UPDATE that holds its own condition; say whether it was met."""
    changes: dict[str, Any] = {}
    rows = Sample.objects.filter(pk=sample.pk)
    if source != Account.OUTSIDE:
        column = f"{source}_mg"
        rows = rows.filter(**{f"{column}__gte": mass_mg + floor_mg})
        changes[column] = F(column) - mass_mg
    if target != Account.OUTSIDE:
        changes[f"{target}_mg"] = F(f"{target}_mg") + mass_mg
    if source == Account.OUTSIDE and comes_in:
        changes["initial_mg"] = F("initial_mg") + mass_mg
    return bool(rows.update(**changes))


def accession(sample: Sample, mass_mg: Decimal, *, by: Any) -> Movement:
    """Take mass into stock."""
    return move(sample, Account.OUTSIDE, Account.FREE, mass_mg, MovementReason.ACCESSION, by=by)


def lose(sample: Sample, mass_mg: Decimal, *, by: Any) -> Movement:
    """Record a loss in preparation."""
    return move(sample, Account.FREE, Account.LOST, mass_mg, MovementReason.PREPARATION_LOSS, by=by)


def split(parent: Sample, child: Sample, mass_mg: Decimal, *, by: Any) -> tuple[Movement, Movement]:
    """Move mass from a sample to its new child; both movements share one id.

    Raises:
        NotNow: the parent has not as much free, above its reserve floor.
        Invalid: the child is not a child of the parent.
    """
    if child.parent_id != parent.pk:
        raise Invalid(_("A split goes from a sample to its own child."), code="not-a-child")
    shared = uuid.uuid4()
    with transaction.atomic():
        out = move(
            parent,
            Account.FREE,
            Account.OUTSIDE,
            mass_mg,
            MovementReason.SPLIT,
            by=by,
            split=shared,
            floor_mg=parent.reserve_floor_mg,
        )
        into = move(child, Account.OUTSIDE, Account.FREE, mass_mg, MovementReason.SPLIT, by=by, split=shared)
    return out, into


def hold(sample: Sample, mass_mg: Decimal | None, *, by: Any) -> Hold:
    """Hold mass for a decision, or the whole piece where `mass_mg` is None.

    Raises:
        NotNow: not enough is free above the reserve floor, or the piece has a holder already.
    """
    with transaction.atomic():
        sample = Sample.objects.select_for_update().get(pk=sample.pk)
        if reason := why_not_requestable(sample):
            raise NotNow(reason, code="not-requestable")
        whole = mass_mg is None
        if whole == sample.is_divisible:
            raise Invalid(
                _("Powder is given by mass; any other piece is given whole."), code="whole-or-mass", field="mass_mg"
            )
        wanted = sample.free_mg if mass_mg is None else mass_mg  # a piece may have lost some in preparation
        if wanted <= 0 or awardable_mg(sample) < wanted:
            raise NotNow(
                _("Of %(sample)s, %(free)s can still be given.")
                % {"sample": sample.catalogue_number, "free": format_mass(awardable_mg(sample))},
                code="not-enough-mass",
                field="mass_mg",
            )
        try:
            with transaction.atomic():
                made = Hold.objects.create(sample=sample, whole=whole, mass_mg=wanted, by=by, at=clock.now())
        except IntegrityError:
            raise NotNow(
                _("%(sample)s is held already.") % {"sample": sample.catalogue_number},
                code="piece-held",
                field="mass_mg",
            ) from None
        move(
            sample,
            Account.FREE,
            Account.HELD,
            wanted,
            MovementReason.HOLD,
            by=by,
            hold=made,
            floor_mg=sample.reserve_floor_mg,
        )
        return made


def release(held: Hold, *, by: Any) -> None:
    """Give a hold back to what is free.

    Raises:
        NotNow: it is not held any more.
    """
    with transaction.atomic():
        _turn(held, Hold.State.HELD, Hold.State.RELEASED)
        move(held.sample, Account.HELD, Account.FREE, held.mass_mg, MovementReason.RELEASE, by=by, hold=held)


def allocate(holds: Iterable[Hold], *, by: Any) -> None:
    """Make holds allocations, in the order of their samples so that two publications never deadlock.

    Raises:
        NotNow: one of them is not held any more.
    """
    with transaction.atomic():
        for held in sorted(holds, key=lambda one: one.sample_id):
            _turn(held, Hold.State.HELD, Hold.State.ALLOCATED)
            move(
                held.sample, Account.HELD, Account.ALLOCATED, held.mass_mg, MovementReason.ALLOCATION, by=by, hold=held
            )


def give_back(held: Hold, *, by: Any) -> None:
    """Return an allocation that is not taken up to what is free.

    Raises:
        NotNow: it is not allocated.
    """
    with transaction.atomic():
        _turn(held, Hold.State.ALLOCATED, Hold.State.RELEASED)
        move(held.sample, Account.ALLOCATED, Account.FREE, held.mass_mg, MovementReason.GIVEN_BACK, by=by, hold=held)


def reverse(movement: Movement, *, by: Any) -> Movement:
    """Mend a mistake by the opposite movement; a movement is reversed once.

    Raises:
        NotNow: it was reversed already, belongs to a hold or a split, or the mass has gone on.
    """
    if movement.hold_id or movement.split or movement.reverses_id:
        raise NotNow(_("Holds, splits and corrections are not reversed one by one."), code="not-reversible")
    if Movement.objects.filter(reverses=movement).exists():
        raise NotNow(_("This movement was reversed already."), code="reversed")
    with transaction.atomic():
        made = move(
            movement.sample,
            Account(movement.to_account),
            Account(movement.from_account),
            movement.mass_mg,
            MovementReason.CORRECTION,
            by=by,
            reverses=movement,
        )
        if movement.reason == MovementReason.ACCESSION:
            Sample.objects.filter(pk=movement.sample_id).update(initial_mg=F("initial_mg") - movement.mass_mg)
        return made


def faults() -> list[str]:
    """Return every way in which counters, holds and movements disagree; empty when the ledger is whole."""
    found = []
    incoming = _sums("to_account")
    outgoing = _sums("from_account")
    for sample in Sample.objects.order_by("pk").iterator():
        for account in COUNTED_ACCOUNTS:
            key = (sample.pk, account.value)
            expected = incoming.get(key, Decimal(0)) - outgoing.get(key, Decimal(0))
            if getattr(sample, f"{account}_mg") != expected:
                found.append(
                    f"{sample}: {account} is {getattr(sample, f'{account}_mg')} mg, movements say {expected} mg"
                )
    held = Hold.objects.filter(state=Hold.State.HELD).values("sample").annotate(total=Sum("mass_mg"))
    by_sample = {row["sample"]: row["total"] for row in held}
    found += [
        f"{sample}: held is {sample.held_mg} mg, live holds say {by_sample.get(sample.pk, Decimal(0))} mg"
        for sample in Sample.objects.filter(Q(pk__in=by_sample) | Q(held_mg__gt=0)).order_by("pk")
        if sample.held_mg != by_sample.get(sample.pk, Decimal(0))
    ]
    pairs = Movement.objects.filter(split__isnull=False).values("split").annotate(total=Sum("mass_mg"))
    for pair in pairs:
        rows = Movement.objects.filter(split=pair["split"])
        if rows.count() != 2 or len({row.mass_mg for row in rows}) != 1:
            found.append(f"split {pair['split']}: its two movements disagree")
    return found


def _turn(held: Hold, source: str, target: str) -> None:
    if not Hold.objects.filter(pk=held.pk, state=source).update(state=target):
        raise NotNow(_("This hold was settled already."), code="hold-settled")
    held.state = target


def _sums(side: str) -> dict[tuple[int, str], Decimal]:
    rows = Movement.objects.values("sample", side).annotate(total=Sum("mass_mg"))
    return {(row["sample"], row[side]): row["total"] for row in rows}
