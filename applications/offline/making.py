"""Makes the packs that were asked for (`actions.py`), in the worker: this alone imports what writes them.

Papers are set in turns, each shorter than a task may run, so that mail and other packs go on between the turns of a
large booklet. A paper that is set is kept at once: after a worker that was killed, the next goes on behind it. Then all
are bound in one turn: of 300 applications in a few seconds.
"""

import hashlib
import logging
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import translation

from applications.enums import PackState
from applications.models import Application, OfflinePack
from applications.offline import packs, queries
from portal import clock, shelf
from portal.typesetting import NotSet

TAKEN_UP_AGAIN = timedelta(seconds=150)  # longer than a task may run: its worker is gone
GIVEN_UP = timedelta(minutes=30)  # ten times what 300 applications take
TURN = 30  # seconds for which papers are set; what is left of the time of a task is for binding
# Where the papers lie that are set: remembered for longer than any pack is made, and made again where it is forgotten.
# Their files need no row: nothing is swept before it is a day old (`portal/orphans.py`).
REMEMBERED = 60 * 60

log = logging.getLogger(__name__)


def make_next() -> bool:
    """Go on with the pack that is least far; return whether there was one. Two workers never make the same one."""
    pack = _taken_up()
    if pack is None:
        return False
    applications = list(queries.contents(pack.user, pack.call, pack.kind))
    try:
        with translation.override(pack.language):
            set_papers = _set_for_a_turn(pack, applications)
            if set_papers is None:
                OfflinePack.objects.filter(pk=pack.pk).update(begun_at=None)
                return True
            with tempfile.TemporaryDirectory(prefix="portal-pack-") as place:
                target = Path(place) / "pack"
                packs.WRITE[pack.kind](pack, applications, lambda: _sheets(pack, applications, set_papers), target)
                _keep(pack, target, [one.reference for one in applications])
    except NotSet:
        log.exception("pack %s was not made", pack.uid)
        OfflinePack.objects.filter(pk=pack.pk).update(state=PackState.FAILED)
    return True


@transaction.atomic
def _taken_up() -> OfflinePack | None:
    """Take up the pack that is least far, so that no other worker does before this one must be gone."""
    now = clock.now()
    gone = Q(begun_at__lte=now - TAKEN_UP_AGAIN)
    waited = OfflinePack.objects.filter(gone, state=PackState.ASKED, asked_at__lte=now - GIVEN_UP)
    waited.update(state=PackState.FAILED)  # it was tried; what nobody began yet goes on waiting
    free = Q(begun_at__isnull=True) | gone
    rows = OfflinePack.objects.filter(free, state=PackState.ASKED).order_by("done", "asked_at")
    pack = rows.select_for_update(of=("self",), skip_locked=True).select_related("user", "call").first()
    if pack is not None:
        pack.begun_at = now
        pack.save(update_fields=["begun_at"])
    return pack


def _set_for_a_turn(pack: OfflinePack, applications: Iterable[Application]) -> Mapping[int, str] | None:
    """Set the papers that are not set yet, at least one; return the hash of each, or None where the turn is over."""
    name = f"pack-papers-{pack.uid}"
    found, until = dict(cache.get(name, {})), time.monotonic() + TURN
    for application in applications:
        if application.pk in found:
            continue
        found[application.pk] = _shelved(packs.paper_of(pack, application))
        cache.set(name, found, REMEMBERED)
        OfflinePack.objects.filter(pk=pack.pk).update(done=len(found), begun_at=clock.now())
        if time.monotonic() > until:
            return None
    return found


def _sheets(pack: OfflinePack, applications: Iterable[Application], found: Mapping[int, str]) -> Iterator[packs.Sheet]:
    """Yield the papers of each application as they lie there, one after the other."""
    for application in applications:
        try:
            with shelf.opened(found[application.pk]) as file:
                paper = file.read()
        except FileNotFoundError:
            paper = packs.paper_of(pack, application)
        yield packs.sheet_of(pack, application, paper)


def _shelved(content: bytes) -> str:
    with tempfile.NamedTemporaryFile(prefix="portal-paper-") as file:
        file.write(content)
        file.flush()
        sha256 = hashlib.sha256(content).hexdigest()
        shelf.keep(sha256, Path(file.name))
    return sha256


def _keep(pack: OfflinePack, target: Path, references: list[str]) -> None:
    """Keep the file; earlier ones of this kind are gone with it."""
    with target.open("rb") as made:
        sha256 = hashlib.file_digest(made, "sha256").hexdigest()
    shelf.keep(sha256, target)
    with transaction.atomic():
        facts = {"file_sha256": sha256, "file_bytes": target.stat().st_size, "made_at": clock.now()}
        mine = OfflinePack.objects.filter(pk=pack.pk, state=PackState.ASKED)
        if mine.update(state=PackState.READY, references=references, **facts):
            same = OfflinePack.objects.filter(user=pack.user, call=pack.call, kind=pack.kind)
            same.exclude(pk=pack.pk).exclude(state=PackState.ASKED).delete()
