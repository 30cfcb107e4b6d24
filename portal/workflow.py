"""A life as a table of transitions, and `advance`, the only function that writes a status.

The tables themselves stand with their domain (`applications/workflow.py`); they say from, to, who, when and notice,
never wording or pages. `docs/workflow.md` is written from them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from portal.audit.models import Event
from portal.audit.trail import record
from portal.errors import Denied, NotNow


@dataclass(frozen=True)
class Asked:
    """A person before a thing. What several rows want to know about the two is found out once."""

    thing: Any
    user: Any
    _found: dict[Callable[[Any, Any], Any], Any] = field(default_factory=dict)

    def once(self, find: Callable[[Any, Any], Any]) -> Any:
        """Return `find(thing, user)`, computed the first time it is asked for."""
        if find not in self._found:
            self._found[find] = find(self.thing, self.user)
        return self._found[find]


@dataclass(frozen=True)
class Who:
    """A relation of a person to an object: the sentence for people, the test for the machine."""

    sentence: Any
    test: Callable[[Asked], bool]

    def holds(self, thing: Any, user: Any) -> bool:
        """Whether this person stands to this thing in this way."""
        return self.test(Asked(thing, user))

    def check_holds(self, thing: Any, user: Any) -> None:
        """Refuse whoever does not stand to this thing in this way.

        Raises:
            Denied: naming who may.
        """
        if not self.holds(thing, user):
            raise Denied(_("Only %(who)s may do this.") % {"who": self.sentence})


@dataclass(frozen=True)
class Transition:
    """One row of a table: `verb` leads from any of `sources` to `target`."""

    verb: str
    sources: frozenset[str]
    target: str
    who: Who
    guard: Callable[[Any], None] | None = None
    notice: str | None = None
    needs_reason: bool = False


@dataclass(frozen=True)
class Workflow:
    """The life of one model. `tell` writes the outbox rows of a notice kind."""

    model: type[models.Model]
    transitions: tuple[Transition, ...]
    tell: Callable[[str, Any, Any], None]
    terminal: frozenset[str] = field(default_factory=frozenset)

    def transition(self, verb: str) -> Transition:
        """Return the row of a verb.

        Raises:
            KeyError: there is no such verb.
        """
        for row in self.transitions:
            if row.verb == verb:
                return row
        raise KeyError(verb)

    def check_can_advance(self, thing: Any, verb: str, by: Any) -> Transition:
        """Return the row of a verb that this person may use on this thing now.

        Raises:
            Denied: this person may not.
            NotNow: nobody may in the present status, or the guard refuses.
        """
        row = self.transition(verb)
        row.who.check_holds(thing, by)
        if thing.status not in row.sources:
            raise NotNow(
                _("This is not possible while the status is “%(status)s”.") % {"status": thing.get_status_display()},
                code="wrong-status",
            )
        if row.guard:
            row.guard(thing)
        return row

    def available(self, thing: Any, by: Any) -> list[str]:
        """Return the verbs this person may use now, guards aside: what a page draws as buttons."""
        asked = Asked(thing, by)
        return [row.verb for row in self.transitions if thing.status in row.sources and row.who.test(asked)]

    def advance(
        self,
        thing: Any,
        verb: str,
        *,
        by: Any,
        reason: str = "",
        changes: Mapping[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> Event:
        """Lock the row, check, write status and `changes`, the event and the outbox rows, in one transaction.

        `thing` is brought up to date in place. `facts` (ids, codes, field names) go into the event.

        Raises:
            Denied, NotNow: as `check_can_advance`; nothing is written.
        """
        with transaction.atomic():
            thing.refresh_from_db(from_queryset=self.model._base_manager.select_for_update(of=("self",)))
            row = self.check_can_advance(thing, verb, by)
            if row.needs_reason and not reason.strip():
                raise NotNow(_("Give a reason."), code="reason-missing", field="reason")
            source, thing.status = thing.status, row.target
            for name, value in (changes or {}).items():
                setattr(thing, name, value)
            thing.save(update_fields=["status", *(changes or {})])
            event = record(
                f"{self.model._meta.model_name}.{verb}",
                thing,
                by=by,
                reason=reason,
                facts={"from": source, "to": row.target, **(facts or {})},
            )
            if row.notice:
                self.tell(row.notice, thing, event)
            return event
