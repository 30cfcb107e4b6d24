"""Makes the packs that were asked for (`actions.py`), in the worker: this alone imports what writes them."""

import hashlib
import logging
import tempfile
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils import translation

from applications.enums import PackState
from applications.models import OfflinePack
from applications.offline import packs, queries
from portal import clock, shelf
from portal.typesetting import NotSet

TAKEN_UP_AGAIN = timedelta(seconds=150)  # longer than a task may run: its worker is gone
GIVEN_UP = timedelta(minutes=10)

log = logging.getLogger(__name__)


def make_next() -> bool:
    """Make the pack that waits longest; return whether there was one. Two workers never make the same one."""
    pack = _taken_up()
    if pack is None:
        return False
    with tempfile.TemporaryDirectory(prefix="portal-pack-") as place:
        target = Path(place) / "pack"
        try:
            references = _written(pack, target)
        except NotSet:
            log.exception("pack %s was not made", pack.uid)
            OfflinePack.objects.filter(pk=pack.pk).update(state=PackState.FAILED)
            return True
        _keep(pack, target, references)
    return True


@transaction.atomic
def _taken_up() -> OfflinePack | None:
    """Take up the pack that waits longest, so that no other worker does before this one must be gone."""
    now = clock.now()
    gone = Q(begun_at__lte=now - TAKEN_UP_AGAIN)
    waited = OfflinePack.objects.filter(gone, state=PackState.ASKED, asked_at__lte=now - GIVEN_UP)
    waited.update(state=PackState.FAILED)  # it was tried; what nobody began yet goes on waiting
    free = Q(begun_at__isnull=True) | gone
    rows = OfflinePack.objects.filter(free, state=PackState.ASKED).order_by("asked_at")
    pack = rows.select_for_update(of=("self",), skip_locked=True).select_related("user", "call").first()
    if pack is not None:
        pack.begun_at, pack.done = now, 0
        pack.save(update_fields=["begun_at", "done"])
    return pack


def _written(pack: OfflinePack, target: Path) -> list[str]:
    """Write a pack of what is open to its reader now; return the references inside."""
    applications = list(queries.contents(pack.user, pack.call, pack.kind))
    write = packs.write_pack if pack.kind == queries.REVIEWS else packs.write_booklet

    def tell(done: int) -> None:
        OfflinePack.objects.filter(pk=pack.pk).update(done=done)

    with translation.override(pack.language):
        write(pack, applications, target, tell)
    return [one.reference for one in applications]


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
