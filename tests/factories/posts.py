"""Random posts to every address of the applicant's rooms that takes one, and what became of them.

Used in short by `tests/applications/apply/test_posts.py` and in full by `tests/trials/test_posts.py`. Each post meets
the same world: what it changed is taken back afterwards.
"""

import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, resolve, reverse

from applications.enums import GroupKind
from applications.models import DraftGroup
from applications.sections import SECTIONS
from portal.accounts.models import User
from portal.inventory import addresses
from portal.web import labels_of
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, call_of, draft_of, member_of, stock

ROOMS = ("apply", "requests", "team", "attachments", "declarations", "following", "questions")
STAFF = ("questions-manage", "questions-answer")
REFUSED = 400
# Columns that no form has, and what a program might try to write over.
OVERPOSTED = {
    "status": "published", "principal_investigator": "1", "principal_investigator_id": "1", "submission": "1",
    "id": "1", "pk": "1", "call": "1", "call_id": "1", "file_sha256": "f" * 64, "approved_version": "1",
    "confirmed_at": "2020-01-01",
    "user": "1", "role": "principal-investigator", "is_staff": "1", "saved_by": "1", "reference": "LSA-2026-00001",
}  # fmt: skip
VALUES = (
    "", " ", "0", "1", "-1", "1.25", "1,25", "1,250", "1e9", "NaN", "true", "on", "null", "[]", "{}", "x" * 100_000,
    "NUL \x00 inside", "\ufffd\U0010fffd", "月球", "<script>alert(1)</script>", "'; DROP TABLE x; --",
    "../../etc/passwd",
    "2026-13-45", "2026-12-22", "99999999999999999999", "en", "zh-hans", "needs-all", "holder", "none", "obtained",
    "co-investigator", "reader", "somebody@example.org", "not an address", "\r\n\r\n", "%00", "\u202egnorw",
    "0000-0002-1825-0097", "0000-0002-1825-0098", "true-colours", str(uuid.UUID(int=0)),
)  # fmt: skip


@dataclass
class Tally:
    """What became of the posts: statuses, faults (5xx) and posts that were refused and yet changed something."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)

    def note(self, address: str, status: int, words: str) -> None:
        """Count one post; `words` say which it was, where it met a fault."""
        self.statuses[status] += 1
        self.addresses.add(address)
        if status >= 500:
            self.faults.append(words)

    def told(self, seconds: float) -> str:
        """Return what became of everything, in one line."""
        statuses = ", ".join(f"{count} × {status}" for status, count in sorted(self.statuses.items()))
        return (
            f"{self.posts} posts to {len(self.addresses)} addresses in {seconds:.0f} s: {statuses}; "
            f"{len(self.faults)} faults, {len(self.changed)} posts that changed what they may not"
        )

    @property
    def posts(self) -> int:
        """How many posts were sent."""
        return sum(self.statuses.values())


class World:
    """One open call with drafts of oneself and of others, a submission that may be replaced, and everybody around."""

    def __init__(self) -> None:
        samples = [stock(), stock("36.2", "clast", "far")]
        self.call = call_of(samples=samples)
        owner, rival = UserFactory(), UserFactory()
        own, foreign = draft_of(self.call, owner), draft_of(self.call, rival)
        sent = application_of(self.call, owner)
        member, reader = member_of(own), member_of(own, role="reader")
        waiting = member_of(own, confirmed=False)
        for draft in (own, foreign):
            group = DraftGroup.objects.create(application=draft, name="Pair", kind=GroupKind.NEEDS_ALL)
            draft.draft_requests.update(group=group)
        people = {
            "owner": owner,
            "rival": rival,
            "member": member.user,
            "reader": reader.user,
            "stranger": UserFactory(),
        }
        self.clients: dict[str, Client] = {
            name: client_of(user) for name, user in (people | {"anonymous": None}).items()
        }
        self.known: dict[str, list[Any]] = {
            "reference": [own.reference, own.reference, sent.reference, foreign.reference, "LSA-2026-00000"],
            "uid": [waiting.uid, *(row.uid for draft in (own, foreign) for row in _parts(draft)), uuid.uuid4()],
            "key": [own.institution.key if own.institution else uuid.uuid4(), uuid.uuid4()],
            "number": [sample.catalogue_number for sample in samples] + ["NO-SUCH"],
            "slug": [self.call.slug, "no-such-call"],
            "mission": [sample.mission.code for sample in samples] + ["XX9"],
            "code": [section.code for section in SECTIONS if section.is_text],
            "sha256": [own.file_sha256, "f" * 64],
            "kind": ["team", "institution", "laboratory", "smaller-need", "nothing"],
        }
        self.own = {
            "requests-group": own.draft_groups.values_list("uid", flat=True),
            "requests": own.draft_requests.values_list("uid", flat=True),
            "team-place": own.places.values_list("uid", flat=True),
            "team": own.team.values_list("uid", flat=True),
        }
        self.values = [*VALUES, str(own.version), *self.known["slug"], *map(str, self.known["uid"][:3])]

    def address(self, name: str, chance: random.Random) -> str | None:
        """Return an address of this name with things in it that are one's own, a rival's, or nowhere."""
        mine = next((list(uids) for start, uids in self.own.items() if name.startswith(start)), self.known["uid"])
        for _pattern, arguments in _possibilities(name):
            wanted = {key: chance.choice(self.known.get(key, self.known["uid"])) for key in arguments}
            if chance.random() < 0.7:  # else nearly everything would be absent
                things = {"reference": self.known["reference"][0], "uid": chance.choice(mine)}
                wanted |= {key: thing for key, thing in things.items() if key in wanted}
            try:
                return reverse(f"applications:{name}", kwargs=wanted)
            except NoReverseMatch:
                continue
        return None


def post_addresses() -> list[str]:
    """Return the names of every address of the applicant's rooms that takes a post."""
    named = {one.name.removeprefix("applications:") for one in addresses() if "POST" in one.methods}
    return sorted(name for name in named if name.partition("-")[0] in ROOMS and name not in STAFF)


def send(world: World, posts: int, seed: int = 1) -> Tally:
    """Send random posts, the addresses in turn; return what became of them."""
    chance, tally, names = random.Random(seed), Tally(), post_addresses()
    before = fingerprint()
    for number in range(posts):
        name, who = names[number % len(names)], chance.choice(["owner", "owner", "owner", *world.clients])
        address = world.address(name, chance)
        if address is None:
            continue
        data = _data(address, world, chance)
        with transaction.atomic():
            answer = world.clients[who].post(address, data)
            tally.note(name, answer.status_code, f"{who} {address} {sorted(data)}")
            if answer.status_code >= REFUSED and fingerprint() != before:
                tally.changed.append(f"{who} {address} {answer.status_code} {sorted(data)}")
            transaction.set_rollback(True)
    return tally


def fingerprint() -> str:
    """Return a hash over every row of the applications, the accounts, the trail and the outbox."""
    models = [*apps.get_app_config("applications").get_models(), *apps.get_app_config("audit").get_models()]
    models += [*apps.get_app_config("notifications").get_models(), User, *apps.get_app_config("samples").get_models()]
    tables = sorted({model._meta.db_table for model in models})
    parts = [f"(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{table}\" t)" for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(concat_ws(',', {', '.join(parts)}))")
        return str(cursor.fetchone()[0])


def client_of(user: Any) -> Client:
    """Return the browser of somebody, or of nobody, in which a fault is an answer."""
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    return client


def _parts(draft: Any) -> list[Any]:
    return [*draft.draft_requests.all(), *draft.draft_groups.all(), *draft.team.all(), *draft.places.all()]


def _possibilities(name: str) -> list[tuple[str, list[str]]]:
    found = get_resolver("applications.urls").reverse_dict.getlist(name)
    return [(pattern, list(arguments)) for possibilities, *_rest in found for pattern, arguments in possibilities]


def _data(address: str, world: World, chance: random.Random) -> dict[str, Any]:
    """Make up what a form might hold: its own fields, some missing, some forged, and some that it does not have."""
    labels = list(labels_of(resolve(address).func)) or ["text"]
    fields = [name for name in labels if chance.random() < 0.8]
    data: dict[str, Any] = {name: chance.choice(world.values) for name in fields}
    if chance.random() < 0.8:
        data["version"] = chance.choice(["1", "1", "1", "2", "-1", "x", "", "2147483648"])
    if chance.random() < 0.3:
        data[chance.choice(labels)] = [chance.choice(world.values) for _ in range(chance.randrange(1, 5))]
    if chance.random() < 0.3:
        data |= dict(chance.sample(list(OVERPOSTED.items()), 3))
    if chance.random() < 0.2:
        data["_by_itself"] = "1"
    if chance.random() < 0.2:
        data |= {"rows-TOTAL_FORMS": chance.choice(world.values), "rows-0-mass_mg": chance.choice(world.values)}
    if chance.random() < 0.05:
        data["file"] = SimpleUploadedFile(chance.choice(["x.pdf", "x" * 300, "../x"]), chance.randbytes(200))
    data["_once"] = chance.choice([str(uuid.uuid4()), "x" * 5000, "\x00", ""])
    return data
