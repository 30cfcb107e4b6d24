"""The public record as a chain of hashes, and the commitment to what it leaves out. Pure functions, then the rows.

`entry_hash = SHA-256(previous_hash ‖ canonical entry)`. Whatever a publication did not select is one Merkle root over
salted leaves: applicants get their salt and path, so that they can prove what they were told; nobody else learns a
number or a reference from it. What is published is computed by `applications/publication/`.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from applications.enums import CallOrigin
from applications.models import ApplicantDocument, Application, Publication, PublicEntry
from portal import clock
from portal.canonical import canonical, sha256_of

CHAIN_LOCK = 0x4C5341  # one writer at a time, for the whole portal
FEWEST_LEAVES = 1024  # always at least so many, most of them empty, so that their number says nothing
START = "0" * 64
NOT_TAKEN_UP = "/not-taken-up"  # ends the key of the entry that follows a selection given back
FILLED_IN = ("published_at", "entry_hash")  # what a release adds to a document that was signed

# --- The commitment to what is not public ----------------------------------------------------------------


@dataclass(frozen=True)
class Commitment:
    """A root, and for every statement committed to, what proves it (salt, position, path)."""

    root: str
    proofs: list[dict[str, Any]]


def commit(statements: Sequence[Mapping[str, Any]], seed: str) -> Commitment:
    """Return the Merkle root over salted leaves of `statements`, filled up with empty leaves to a power of two.

    Salts and empty leaves are derived from the secret `seed`, so that the same list gives the same root. Leaves stand
    in the order of their hashes: a position says nothing.
    """
    salts = [_derived(seed, canonical(statement)) for statement in statements]
    own = [_leaf(salt, statement) for salt, statement in zip(salts, statements, strict=True)]
    size = FEWEST_LEAVES
    while size < 2 * len(own):
        size *= 2
    empty = [hashlib.sha256(_derived(seed, b"empty %d" % number)).digest() for number in range(size - len(own))]
    levels = [sorted(own + empty)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([_node(below[at], below[at + 1]) for at in range(0, len(below), 2)])
    position = {leaf: at for at, leaf in enumerate(levels[0])}
    proofs = []
    for statement, salt, leaf in zip(statements, salts, own, strict=True):
        at = position[leaf]
        path = [level[(at >> depth) ^ 1].hex() for depth, level in enumerate(levels[:-1])]
        proofs.append({"statement": dict(statement), "salt": salt.hex(), "position": at, "path": path})
    return Commitment(levels[-1][0].hex(), proofs)


def proves(proof: Mapping[str, Any], root: str) -> bool:
    """Tell whether a proof leads from its statement to this root."""
    node, at = _leaf(bytes.fromhex(proof["salt"]), proof["statement"]), proof["position"]
    for beside in proof["path"]:
        pair = (bytes.fromhex(beside), node) if at & 1 else (node, bytes.fromhex(beside))
        node, at = _node(*pair), at >> 1
    return node.hex() == root


def _derived(seed: str, words: bytes) -> bytes:
    return hmac.new(bytes.fromhex(seed), words, hashlib.sha256).digest()


def _leaf(salt: bytes, statement: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(b"\0" + salt + canonical(statement)).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


# --- The chain ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One entry to be appended: its public key, its kind and what it says."""

    key: str
    kind: str
    document: Mapping[str, Any]


def time_text(moment: datetime | None) -> str | None:
    """Write a moment as the public record does: RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def lock() -> None:
    """Be the only writer of the chain until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


def append(publication: Publication, lines: Iterable[Line], on: date) -> list[PublicEntry]:
    """Append what a publication makes public, in the transaction of its release."""
    lock()
    sequence, previous = head()
    made = []
    for line in lines:
        sequence += 1
        entry = PublicEntry(
            key=line.key,
            kind=line.kind,
            origin=CallOrigin.PORTAL,
            call=publication.call,
            publication=publication,
            document=dict(line.document),
            published_on=on,
            sequence=sequence,
            previous_hash=previous,
        )
        entry.entry_hash = previous = hash_of(entry)
        made.append(entry)
    return PublicEntry.objects.bulk_create(made)


def hash_of(entry: PublicEntry) -> str:
    """Return the hash an entry must have: over the previous one's and everything the entry says."""
    said = {
        "sequence": entry.sequence,
        "key": entry.key,
        "kind": str(entry.kind),
        "call": entry.call.slug,
        "published_on": entry.published_on.isoformat(),
        "document": entry.document,
    }
    return hashlib.sha256(entry.previous_hash.encode() + canonical(said)).hexdigest()


def selections() -> QuerySet[PublicEntry]:
    """Return what is said of each selection now: of one given back, the later entry that says so."""
    later = PublicEntry.objects.filter(key=Concat(OuterRef("key"), Value(NOT_TAKEN_UP)))
    return PublicEntry.objects.filter(~Exists(later), kind=PublicEntry.Kind.SELECTION)


def give_back(application: Application) -> None:
    """Append that a published selection was not taken up; nothing where none of this application is public.

    What was published stays in the chain: an entry is never changed, only followed.
    """
    said = PublicEntry.objects.filter(key=application.reference, kind=PublicEntry.Kind.SELECTION).first()
    if said is None or said.publication is None:
        return
    moment = clock.now()
    document = {**said.document, "outcome": "not_taken_up", "published_at": time_text(moment)}
    line = Line(f"{said.key}{NOT_TAKEN_UP}", said.kind, document)
    append(said.publication, [line], moment.astimezone(application.call.timezone).date())


# --- Whether it is whole --------------------------------------------------------------------------------------


def faults() -> list[str]:
    """Return every way in which the chain, its publications and the applicants' proofs disagree; empty when whole."""
    found, previous, expected = [], START, 0
    entries = PublicEntry.objects.filter(sequence__isnull=False).select_related("call").order_by("sequence")
    for entry in entries.iterator():
        expected += 1
        if entry.sequence != expected:
            found.append(f"entry {entry.sequence}: {expected} was expected")
            expected = entry.sequence or 0
        if entry.previous_hash != previous:
            found.append(f"entry {entry.sequence}: it does not follow the entry before it")
        if hash_of(entry) != entry.entry_hash:
            found.append(f"entry {entry.sequence}: its content does not have its hash")
        previous = entry.entry_hash
    for publication in Publication.objects.filter(released_to_public_at__isnull=False).select_related("call"):
        found += _faults_of(publication)
    return found


def _faults_of(publication: Publication) -> list[str]:
    name = f"publication {publication.call.slug}/{publication.kind}"
    found = []
    if sha256_of(publication.manifest) != publication.manifest_sha256:
        found.append(f"{name}: the list does not have the hash that was signed")
    signed = publication.signatures.filter(voided_at__isnull=True, manifest_sha256=publication.manifest_sha256)
    if signed.values("by").distinct().count() != 2:
        found.append(f"{name}: it does not have two signatures")
    listed = len(publication.manifest.get("public", [])) + 1
    entries = list(publication.entries.exclude(key__endswith=NOT_TAKEN_UP).order_by("sequence"))
    if len(entries) != listed:
        found.append(f"{name}: {listed} entries were signed, {len(entries)} are in the chain")
    last = entries[-1] if entries else None
    if last is None or last.kind != PublicEntry.Kind.REMAINDER or last.document["root"] != publication.unselected_root:
        found.append(f"{name}: its last entry is not its root")
    return found + _faults_of_documents(publication, name)


def _faults_of_documents(publication: Publication, name: str) -> list[str]:
    found = []
    signed = {one["reference"]: one for one in publication.manifest.get("documents", [])}
    for told in ApplicantDocument.objects.filter(publication=publication).select_related("application").iterator():
        reference = told.application.reference
        said = {key: value for key, value in told.document.items() if key not in FILLED_IN}
        if said != signed.pop(reference, None):
            found.append(f"{name}: the document of {reference} is not the one that was signed")
        proof = told.document.get("record")
        if proof and not proves(proof, publication.unselected_root):
            found.append(f"{name}: the proof of {reference} does not lead to the root")
    return found + [f"{name}: {reference} has no document" for reference in signed]


def head() -> tuple[int, str]:
    """Return number and hash of the last entry: what an outside anchor keeps."""
    last = PublicEntry.objects.filter(sequence__isnull=False).order_by("-sequence").first()
    return (last.sequence or 0, last.entry_hash) if last else (0, START)
