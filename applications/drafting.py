"""How every act on a draft begins and ends: lock, right, state, nobody else's text in the way; then who saved what."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.enums import Status
from applications.models import Application
from applications.rules import eligibility
from applications.since import locked
from applications.workflow import PRINCIPAL_INVESTIGATOR, WRITERS
from portal import clock
from portal.audit.models import Event
from portal.audit.trail import record, trail
from portal.errors import NotNow

IN_THE_TEAMS_HANDS = frozenset({Status.DRAFT, Status.RETURNED})
LOCKED = _("The time for changes is over. What you typed is kept on this page; what was saved before stays as it is.")
SAVED = "application.save"


def open_draft(
    application: Application,
    *,
    by: Any,
    version: int | None = None,
    names: Iterable[str] = (),
    typed: Mapping[str, Any] | None = None,
    principal: bool = False,
) -> None:
    """Lock the draft and bring it up to date in place; call it inside a transaction.

    `version` is what the person had before them; `names` are the parts they write, `typed` what they write there.

    Raises:
        Denied: `by` does not write this application (with `principal`: is not its principal investigator).
        NotNow: it is not in the team's hands, the time for changes is over (code `closed`), or one of the parts was
            saved since by somebody (code `stale`).
    """
    check_may_change(locked(application), by=by, principal=principal)
    check_is_not_stale(application, version, names, typed)


def check_may_change(application: Application, *, by: Any, principal: bool = False) -> None:
    """Refuse who may not change this draft now, without locking it.

    Raises:
        Denied, NotNow: as `open_draft`, but for what was saved meanwhile.
    """
    who = PRINCIPAL_INVESTIGATOR if principal else WRITERS
    who.check_holds(application, by)
    if not is_in_the_teams_hands(application):
        raise NotNow(_("What was submitted cannot be changed any more."), code="wrong-status")
    if eligibility.is_late(application, clock.now()):
        raise NotNow(LOCKED, code="closed")


def check_is_not_stale(
    application: Application, version: int | None, names: Iterable[str], typed: Mapping[str, Any] | None = None
) -> None:
    """Refuse to write over what was saved since `version`, unless both say the same. Without a version nothing was.

    Raises:
        NotNow: one of the parts was saved since by somebody (code `stale`).
    """
    if version is None or version >= application.version:
        return
    wanted, said = set(names), typed or {}
    events = saved_meanwhile(application, version, wanted)
    touched = {name for event in events for name in event.facts["fields"] if name in wanted}
    if any(name not in said or getattr(application, name) != said[name] for name in touched):
        raise NotNow(
            _("This part was saved while you were writing. Nothing of yours is lost: compare, then save again."),
            code="stale",
        )


def is_in_the_teams_hands(application: Application) -> bool:
    """Tell whether the team writes a draft: before submission, when returned, and until the deadline to replace it.

    The public status says the same, so that nothing can be read from it.
    """
    if application.status == Status.SUBMITTED:
        return application.call.is_open(clock.now())
    return application.status in IN_THE_TEAMS_HANDS


def saved(application: Application, *, by: Any, names: Iterable[str], columns: Iterable[str] = ()) -> None:
    """Write the changed columns, who saved them and when; the event says which parts, never their words."""
    parts = sorted(names)
    if not parts:
        return
    application.version += 1
    application.saved_at, application.saved_by = clock.now(), by
    application.save(update_fields=[*columns, "version", "saved_at", "saved_by"])
    record(SAVED, application, by=by, facts={"fields": parts, "version": application.version})


def saved_meanwhile(application: Application, version: int, names: Iterable[str]) -> list[Event]:
    """Return, oldest first, who saved any of these parts since `version`."""
    later = trail(application).filter(verb=SAVED, facts__version__gt=version)
    wanted = set(names)
    return [event for event in later if wanted & set(event.facts["fields"])]
