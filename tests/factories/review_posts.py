"""Random posts to the forms about one application of a panel: review, discussion, conflict; and whose rows changed.

Used in short by `tests/applications/review/test_posts.py` and in full by `tests/trials/test_review_posts.py`. Each post
meets the same world: what it changed is taken back afterwards.
"""

import random
import uuid
from typing import Any

from django.db import connection, transaction
from django.urls import reverse

from applications.enums import Status
from applications.models import Application, Review
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, assignment_of, call_of, chair_of
from tests.factories.posts import OVERPOSTED, REFUSED, VALUES, Tally, client_of, fingerprint
from tests.factories.review import opinion_of, review_of

NAMES = ("review-write", "discussion-read", "conflicts-declare")
ACTS = ("save", "submit", "open-team", "", "delete", "x" * 300)
TEXTS = ("for_applicant", "for_panel", "private_note", "text", "reason", "act", "confidence", "version")
# What belongs to somebody else than who posts: their reviews with all that hangs on them, and what they said.
FOREIGN = """
    SELECT md5(concat_ws(',',
      (SELECT string_agg(t::text, '|' ORDER BY t.id) FROM applications_review t
         JOIN applications_assignment a ON a.id = t.assignment_id WHERE a.reviewer_id <> %(who)s),
      (SELECT string_agg(t::text, '|' ORDER BY t.id) FROM applications_assignment t WHERE t.reviewer_id <> %(who)s),
      (SELECT string_agg(t::text, '|' ORDER BY t.id) FROM applications_score t
         JOIN applications_review r ON r.id = t.review_id
         JOIN applications_assignment a ON a.id = r.assignment_id WHERE a.reviewer_id <> %(who)s),
      (SELECT string_agg(t::text, '|' ORDER BY t.id) FROM applications_massopinion t
         JOIN applications_review r ON r.id = t.review_id
         JOIN applications_assignment a ON a.id = r.assignment_id WHERE a.reviewer_id <> %(who)s),
      (SELECT string_agg(t::text, '|' ORDER BY t.id) FROM applications_reviewversion t
         JOIN applications_review r ON r.id = t.review_id
         JOIN applications_assignment a ON a.id = r.assignment_id WHERE a.reviewer_id <> %(who)s),
      (SELECT string_agg(t::text, '|' ORDER BY t.id) FROM applications_discussionpost t WHERE t.author_id <> %(who)s),
      (SELECT string_agg(t::text, '|' ORDER BY t.id) FROM applications_panelanswer t WHERE t.user_id <> %(who)s),
      (SELECT string_agg(t::text, '|' ORDER BY t.id) FROM applications_conflict t WHERE t.user_id <> %(who)s),
      (SELECT string_agg(t::text, '|' ORDER BY t.id) FROM applications_application t),
      (SELECT string_agg(t::text, '|' ORDER BY t.id) FROM applications_submission t)))
"""


class World:
    """Two calls, one of them with the science first, in which two people review side by side and a third has sent."""

    def __init__(self) -> None:
        self.mine, self.rival, self.sent = UserFactory(), UserFactory(), UserFactory()
        self.applications: list[Application] = []
        for science_first in (False, True):
            call = call_of(science_first=science_first)
            call.criteria.filter(code="feasibility").update(about_team=True)
            for _number in range(2):
                application = application_of(call, status=Status.UNDER_REVIEW)
                opinion_of(review_of(assignment_of(application, self.sent)), "20", "Twenty runs suffice.")
                review_of(assignment_of(application, self.rival), 4, 3, sent=False, for_panel="The rival's words.")
                assignment_of(application, self.mine)
                self.applications.append(application)
            review_of(assignment_of(self.applications[-1], UserFactory()), 1, 1)
        people = {
            "mine": self.mine,
            "sent": self.sent,
            "rival": self.rival,
            "chair": chair_of(self.applications[0].call),
            "applicant": self.applications[0].principal_investigator,
            "stranger": UserFactory(),
        }
        self.people: dict[str, Any] = people | {"anonymous": None}
        self.clients = {name: client_of(user) for name, user in self.people.items()}
        uids = [str(row.uid) for one in self.applications[:2] for row in one.submission.requests.all()]
        self.fields = [*TEXTS, "score_significance", "score_feasibility", "score_nothing"]
        self.fields += [f"{name}_{uid}" for uid in uids for name in ("mass", "because")]
        self.values = [*VALUES, "1", "3", "5", "6", "na", "12.5", *uids, str(Review.objects.earliest("pk").uid)]

    def address(self, name: str, chance: random.Random) -> str:
        """Return an address of one of the applications, now and then of none."""
        application = chance.choice(self.applications)
        reference = application.reference if chance.random() < 0.95 else "LSA-2026-00000"
        return reverse(f"applications:{name}", args=[application.call.slug, reference])


def send(world: World, posts: int, seed: int = 1) -> Tally:
    """Send random posts; return what became of them, and those after which a row of somebody else was another."""
    chance, tally, before = random.Random(seed), Tally(), fingerprint()
    foreign = {name: _foreign(user) for name, user in world.people.items()}
    for number in range(posts):
        name = NAMES[number % 5] if number % 5 < len(NAMES) else "review-write"
        who = chance.choice(["mine", "mine", "sent", *world.clients])
        address, data = world.address(name, chance), _data(world, chance)
        with transaction.atomic():
            answer = world.clients[who].post(address, data)
            tally.note(name, answer.status_code, f"{who} {address} {sorted(data)}")
            refused = answer.status_code >= REFUSED
            if _foreign(world.people[who]) != foreign[who] or (refused and fingerprint() != before):
                tally.changed.append(f"{who} {address} {answer.status_code} {sorted(data)}")
            transaction.set_rollback(True)
    return tally


def _foreign(user: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN, {"who": user.pk if user else 0})
        return str(cursor.fetchone()[0])


def _data(world: World, chance: random.Random) -> dict[str, Any]:
    """Make up what the form of a review might send: right, wrong, forged, and things it does not have."""
    data: dict[str, Any] = {name: chance.choice(world.values) for name in world.fields if chance.random() < 0.4}
    if chance.random() < 0.6:  # a form that might be taken
        data |= {"score_significance": str(chance.randrange(1, 6)), "score_feasibility": chance.choice(["na", "4"])}
        data |= {name: chance.choice(["", "Sound.", "月球"]) for name in TEXTS[:5]} | {
            "confidence": chance.choice(["", "2"])
        }
        data = {name: value for name, value in data.items() if not name.startswith(("mass_", "because_"))}
    if chance.random() < 0.9:
        data["version"] = chance.choice(["0", "0", "0", "1", "-1", "x", "", "2147483648"])
    data["act"] = chance.choice(ACTS)
    if chance.random() < 0.2:
        data["_by_itself"] = "1"
    if chance.random() < 0.3:
        data |= dict(chance.sample(list(OVERPOSTED.items()), 3))
        data |= {"assignment": "1", "reviewer": "1", "state": "submitted", "weighted_mean": "5", "label": "R-X9"}
    if chance.random() < 0.2:
        data[chance.choice(world.fields)] = [chance.choice(world.values) for _ in range(chance.randrange(1, 5))]
    data["_once"] = chance.choice([str(uuid.uuid4()), "x" * 5000, "\x00", ""])
    return data
