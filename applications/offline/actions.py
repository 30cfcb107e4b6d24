"""Asks for packs and forgets them; keeps an upload until it is looked at; saves what its owner chose to save."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import reviewing
from applications.enums import PackState
from applications.models import Call, OfflinePack, OfflineUpload
from applications.offline import fields, preview, queries
from applications.offline.fields import Entry, Fault
from applications.offline.preview import SAVABLE, Outcome, Row
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow, Refused
from portal.notifications.wake import wake

TASK = "applications.make_packs"
WEB, MINE = "web", "mine"
MOST_FAULTS = 200


@dataclass
class Saved:
    """What became of an upload: references saved, of these sent, and why others were not."""

    saved: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


# --- Packs ------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(call: Call, *, by: Any, kind: str, language: str) -> OfflinePack:
    """Ask for a pack (`reviews`) or a booklet (`booklet`); while one is being made, it is that one.

    Raises:
        NotNow: there is nothing that would be in it.
    """
    if not queries.contents(by, call, kind).exists():
        raise NotNow(_("Nothing is open to you in this call that could be in it."), code="nothing-inside")
    defaults = {"language": language, "asked_at": clock.now()}
    pack, made = OfflinePack.objects.get_or_create(
        user=by, call=call, kind=kind, state=PackState.ASKED, defaults=defaults
    )
    if made:
        record("call.ask_pack", call, by=by, facts={"kind": kind})
        transaction.on_commit(wake_worker)
    return pack


def wake_worker() -> None:
    """Tell a worker that a pack waits; the beat schedule does so, too."""
    wake(TASK)


def forget_old() -> int:
    """Delete packs that are a day old and uploads that waited an hour; return how many. Their files are swept."""
    old = OfflinePack.objects.filter(asked_at__lte=clock.now() - queries.KEPT_FOR)
    waited = OfflineUpload.objects.filter(at__lte=clock.now() - queries.UPLOAD_KEPT_FOR)
    return old.delete()[0] + waited.delete()[0]


def note_fetched(pack: OfflinePack, *, by: Any) -> None:
    """Record that a pack was fetched, and how many applications were inside."""
    record("call.fetch_pack", pack.call, by=by, facts={"kind": pack.kind, "applications": len(pack.references)})


# --- Uploads ----------------------------------------------------------------------------------------------


@transaction.atomic
def keep_upload(call: Call, *, by: Any, entries: Iterable[Entry], faults: Iterable[Fault]) -> OfflineUpload:
    """Keep what files say until it is looked at and saved, instead of an earlier upload.

    Only rows of what is assigned to `by` are kept, and only whole ones; of the others, what is wrong with them.
    """
    rows, wrong = preview.sifted(by, call, entries)
    kept = [fault.kept() for fault in (*faults, *wrong)][:MOST_FAULTS]
    upload, _made = OfflineUpload.objects.update_or_create(
        user=by, call=call, defaults={"rows": rows, "faults": kept, "at": clock.now()}
    )
    return upload


@transaction.atomic
def drop_upload(upload: OfflineUpload, *, by: Any) -> None:
    """Forget an upload without saving anything of it."""
    OfflineUpload.objects.filter(pk=upload.pk, user=by).delete()


@transaction.atomic
def save_upload(
    upload: OfflineUpload, *, by: Any, seen: Mapping[str, int], choices: Mapping[str, str], send: bool = False
) -> Saved:
    """Save the rows of an upload as drafts, and with `send` send those that are complete.

    `seen` is the version of each review that the page showed; `choices` says, where a review was saved on the web
    meanwhile, which of both stays: `web` or `mine`. What is not chosen, wrong, or saved by somebody else in this very
    moment waits on; what was dealt with does not.

    Raises:
        Denied: the upload is somebody else's.
    """
    locked = OfflineUpload.objects.select_for_update(of=("self",)).filter(pk=upload.pk, user=by).first()
    if locked is None:
        raise Denied(_("This upload is not yours, or was dealt with already."))
    done, dealt_with = Saved(), set()
    rows = preview.rows_of(by, locked)
    # Applications are locked one after the other, everywhere in the same order.
    for row in sorted(rows, key=lambda row: row.held.application.pk if row.held else 0):
        choice = choices.get(row.reference, "") if row.outcome == Outcome.CONFLICTING else MINE
        is_mine = row.outcome in SAVABLE and choice == MINE
        if row.outcome == Outcome.UNCHANGED or choice == WEB or is_mine and _saved(row, by, seen, send, done):
            dealt_with.add(row.reference)
    locked.rows = [row for row in locked.rows if row["reference"] not in dealt_with]
    locked.save(update_fields=["rows"])
    if not locked.rows and not locked.faults:
        locked.delete()
    done.left = list(dict.fromkeys(done.left))
    return done


def _saved(row: Row, by: Any, seen: Mapping[str, int], send: bool, done: Saved) -> bool:
    """Save one row, sent if it is complete and is to be; return whether it was saved."""
    assert row.held is not None
    assert row.values is not None
    what = {"by": by, "version": seen.get(row.reference, -1), **fields.content(row.held, row.values)}
    if send and _acted(reviewing.submit, row, what, done.left):
        done.saved.append(row.reference)
        done.sent.append(row.reference)
        return True
    if not _acted(reviewing.save, row, what, done.left):
        return False
    done.saved.append(row.reference)
    return True


def _acted(act: Any, row: Row, what: dict[str, Any], left: list[str]) -> bool:
    """Run an action in a savepoint of its own: what one review is refused holds up no other."""
    assert row.held is not None
    try:
        with transaction.atomic():
            act(row.held.assignment, **what)
    except Invalid as refusal:
        left += [f"{row.reference}: {message}" for messages in refusal.errors.values() for message in messages]
        return False
    except Refused as refusal:
        left.append(f"{row.reference}: {refusal.message}")
        return False
    return True
