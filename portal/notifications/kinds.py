"""What kinds of notices there are. Domains register theirs when they are ready (`AppConfig.ready`).

A kind knows who may receive it and when it is out of date; its words are in `templates/notifications/<code>/`:
`subject.txt` and `body.txt` for the mail, `line.txt` for the list in the portal.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from portal.audit.models import Event
from portal.audit.trail import kind_of
from portal.notifications.models import Notice

Abouts = Callable[[Any, Iterable[int]], Mapping[int, models.Model]]
Opens = Callable[[Any, Sequence[Any]], Collection[int]]


def always(about: Any, notice: Notice) -> bool:
    """Hold that a notice is never out of date."""
    return True


def no_context(about: Any, notice: Notice) -> Mapping[str, Any]:
    """Give the templates nothing beside `about`."""
    return {}


def no_thread(about: Any) -> str | None:
    """Let the mail stand alone."""
    return None


def no_copy(recipient: Any) -> str:
    """Write to the address of the account alone."""
    return ""


def unless_followed_by(*verbs: str) -> Callable[[Any, Notice], bool]:
    """Return a check that a notice is current: nothing with one of these verbs happened to its object since."""

    def current(about: Any, notice: Notice) -> bool:
        later = Event.objects.filter(
            about_type=notice.about_type, about_id=about.pk, version__gt=notice.event_version, verb__in=verbs
        )
        return not later.exists()

    return current


@dataclass(frozen=True)
class Kind:
    """A kind of notice.

    `may_receive(recipient, about, notice)` is asked at the moment of sending and again for the list; recipient is
    a user or a plain address. `current(about, notice)` tells whether it still holds. `context` gives the templates
    what they show, with the recipient's rights: everything in it must be theirs to see. `thread` is the reference
    that the mails about one object share; it stands in their subject. `url` is the path of the page to open.
    `abouts(user, ids)` is the right for a whole list: it fetches, in a fixed number of queries, those objects that
    the user may open; without it every object is fetched and `may_receive` decides on each. `opens(user, objects)`
    returns the ids of those, fetched so, whose page the user may open now; without it, of all. `copy(user)` names
    the further address of a person that gets the mail too; it is asked when the notice is written and when it is sent.
    """

    code: str
    about_model: type[models.Model]
    may_receive: Callable[[Any, Any, Notice], bool]
    url: Callable[[Any], str]
    current: Callable[[Any, Notice], bool] = always
    context: Callable[[Any, Notice], Mapping[str, Any]] = no_context
    thread: Callable[[Any], str | None] = no_thread
    abouts: Abouts | None = None
    opens: Opens | None = None
    copy: Callable[[Any], str] = no_copy

    @property
    def about_type(self) -> str:
        return kind_of(self.about_model)

    def fetch(self, user: Any, ids: Iterable[int]) -> Mapping[int, models.Model]:
        """Return the objects with these ids that may be shown to a user, by id."""
        if self.abouts:
            return self.abouts(user, ids)
        return self.about_model._base_manager.in_bulk(list(ids))

    def opened(self, user: Any, abouts: Mapping[int, models.Model]) -> Collection[int]:
        """Return the ids of those objects whose page a user may open, in a fixed number of queries."""
        return self.opens(user, list(abouts.values())) if self.opens and abouts else abouts.keys()


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Make kinds known.

    Raises:
        ValueError: the code belongs to another kind already.
    """
    for kind in kinds:
        if _kinds.setdefault(kind.code, kind) is not kind:
            raise ValueError(f"There are two notice kinds named {kind.code}")


def kind(code: str) -> Kind:
    """Return the kind with this code.

    Raises:
        KeyError: no domain registered it.
    """
    return _kinds[code]


def registered() -> list[Kind]:
    """Return every kind, by code."""
    return [_kinds[code] for code in sorted(_kinds)]
