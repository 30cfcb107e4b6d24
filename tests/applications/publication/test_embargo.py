"""Twin worlds: whatever was decided, nobody outside the deciding staff can tell before the release.

Two worlds grow from the same rows and differ in one hidden fact. Everything that applicants, rivals, members of the
panel without a say, curators' public pages and the public can read must be the same, byte for byte.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from applications.decisions.actions import conclude, decide
from applications.enums import Status
from applications.exchanges import planning
from applications.interviews import actions as interviews
from applications.models import Application
from applications.publication import actions as publications
from applications.publication import manifest
from portal import clock
from portal.accounts.models import User
from portal.notifications.models import Notice
from tests.factories.accounts import administrator
from tests.factories.applications import application_of, assignment_of, chair_of, member_of
from tests.factories.decisions import DAY, closed_call
from tests.factories.exchanges import change_of, note_of, question_of, today

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TYPED = re.compile(rb'(name="(?:_once|csrfmiddlewaretoken)" value=")[^"]*')


class World:
    """Two applications of a call whose interviews are over, and everybody around them."""

    def __init__(self) -> None:
        self.call = closed_call()
        self.ours = application_of(self.call, status=Status.DELIBERATED)
        self.theirs = application_of(self.call, status=Status.DELIBERATED)
        self.chair = chair_of(self.call)
        self.reviewer = assignment_of(self.ours).reviewer
        self._exchange()
        self.people: dict[str, User | None] = {
            "principal investigator": self.ours.principal_investigator,
            "member": member_of(self.ours).user,
            "rival": self.theirs.principal_investigator,
            "reviewer": self.reviewer,
            "conflicted administrator": administrator(institution=self.ours.institution),
            "anonymous": None,
        }

    def _exchange(self) -> None:
        """Ask both teams the same, let both report a change, tell them a slip, and ask whether they stand."""
        for one in (self.ours, self.theirs):
            question_of(one, self.chair, for_panel=True)
            change_of(one)
        note_of(self.call, results_on=today() - 2 * DAY)
        planning.ask_standing(self.call, by=self.chair, due_at=clock.now() + 9 * DAY)

    def paths(self, name: str) -> Iterator[str]:
        """Return what somebody reads: what is theirs, and what they would try."""
        slug, samples = self.call.slug, [offer.sample.catalogue_number for offer in self.call.offers.all()]
        yield from ("/", "/decisions/", f"/decisions/{slug}/")
        if name == "anonymous":
            yield from ("/decisions/?country=XA", "/calls/", f"/calls/{slug}/", "/samples/")
            yield from (f"/api/v1/{each}/" for each in ("samples", "decisions", "calls", "missions"))
            for number in samples:
                yield from (f"/samples/{number}/", f"/api/v1/samples/{number}/")
            return
        yield from ("/my/", reverse("office:notifications"), f"/samples/{samples[0]}/", "/api/v1/applications/")
        for one in (self.ours, self.theirs):
            mine = f"/my/applications/{one.reference}/"
            yield from (mine, f"{mine}interview/", f"{mine}decision/", f"{mine}withdraw/")
            yield from (f"{mine}public/", f"{mine}changes/", f"{mine}changes/report/smaller-need/")
            for question in one.clarifications.all():
                yield f"{mine}clarifications/{question.uid}/"
            yield from (f"/api/v1/applications/{one.reference}/", f"/api/v1/applications/{one.reference}/decision/")
        if name in ("reviewer", "conflicted administrator"):
            yield from (
                "/manage/",
                "/manage/publications/",
                "/review/",
                f"/review/{slug}/",
                f"/panel/{slug}/decisions/",
            )
            yield from (f"/manage/publications/{slug}/results/", f"/panel/{slug}/interviews/")
            for one in (self.ours, self.theirs):
                yield from (f"/panel/{slug}/decisions/{one.reference}/", f"/review/{slug}/{one.reference}/")

    def surfaces(self) -> dict[tuple[str, str], Any]:
        """Return status, headers and body of every page for everybody, and what was sent to whom."""
        seen: dict[tuple[str, str], Any] = {}
        for name, user in self.people.items():
            client = Client()
            if user is not None:
                client.force_login(user)
            for path in self.paths(name):
                answer = client.get(path)
                headers = {key: value for key, value in answer.headers.items() if key != "Set-Cookie"}
                body = TYPED.sub(rb"\1", b"".join(answer) if answer.streaming else answer.content)
                headers.pop("Content-Length", None) if body != answer.content else None
                seen[name, path] = (answer.status_code, headers, body)
            seen[name, "notices"] = list(Notice.objects.filter(recipient=user).values_list("kind", "about_type"))
        return seen


def grown(world: World, decided: Callable[[World], None]) -> dict[tuple[str, str], Any]:
    """Let one world grow, read everything, and take it back."""
    outcome: dict[tuple[str, str], Any] = {}

    class TakenBack(Exception):
        pass

    try:
        with transaction.atomic():
            decided(world)
            outcome = world.surfaces()
            raise TakenBack
    except TakenBack:
        return outcome


def decide_all(application: Application, verdict: str, **powder: Any) -> None:
    for request in application.submission.requests.all():
        given = powder if verdict == "award" and not request.whole else {}
        given = given or ({"reserve_rank": 1} if verdict == "reserve" else {})
        decide(request, by=chair_of(application.call), verdict=verdict, reason="A reason.", **given)
    conclude(application, by=chair_of(application.call))


def sign_twice(world: World) -> None:
    publication = publications.prepare(world.call, "results", by=administrator())
    for person in (administrator(), administrator()):
        publications.sign(publication, by=person, manifest_sha256=manifest.build(publication).sha256)


def accepted(world: World) -> None:
    decide_all(world.ours, "award", mass_mg=Decimal(40))
    decide_all(world.theirs, "decline")
    sign_twice(world)


def passed_over(world: World) -> None:
    decide_all(world.ours, "reserve")
    decide_all(world.theirs, "award", mass_mg=Decimal(50))
    sign_twice(world)


def half_decided(world: World) -> None:
    request = world.ours.submission.requests.first()
    decide(request, by=world.chair, verdict="decline", reason="A reason.")


def released(world: World) -> None:
    accepted(world)
    publications.release(world.call.publications.get(), by=administrator())


def differing(one: dict[tuple[str, str], Any], other: dict[tuple[str, str], Any]) -> list[tuple[str, str]]:
    return [where for where in one if one[where] != other[where]]


def test_no_surface_tells_what_was_decided_until_it_is_released() -> None:
    world = World()
    with clock.set_to(clock.now() + DAY):
        untouched = world.surfaces()
        for twin in (half_decided, accepted, passed_over):
            assert differing(untouched, grown(world, twin)) == []
        told = {name for name, _path in differing(untouched, grown(world, released))}
    assert {"principal investigator", "member", "rival", "anonymous"} <= told
    # A page that is absent for everybody would compare equal for nothing.
    statuses = {where: answer[0] for where, answer in untouched.items() if where[1] != "notices"}
    assert max(statuses.values()) < 500
    for path in ("/decisions/", f"/decisions/{world.call.slug}/", "/samples/", "/api/v1/decisions/"):
        assert statuses["anonymous", path] == 200
    assert statuses["principal investigator", f"/my/applications/{world.ours.reference}/"] == 200


def invited_without_slot(world: World) -> None:
    Application.objects.filter(pk=world.ours.pk).update(status=Status.INTERVIEWING)


def not_invited(world: World) -> None:
    invited_without_slot(world)
    world.ours.shortlisting.invited = False
    world.ours.shortlisting.save()


def proposed(world: World) -> None:
    invited_without_slot(world)
    interviews.propose(world.ours, by=world.chair, begins_at=clock.now() + DAY, place="Room 1")


def test_no_surface_tells_who_is_invited_before_a_slot_is_proposed() -> None:
    world = World()
    with clock.set_to(clock.now() + DAY):
        invited = grown(world, invited_without_slot)
        assert differing(invited, grown(world, not_invited)) == []
        told = {name for name, _path in differing(invited, grown(world, proposed))}
    assert told == {"principal investigator", "member"}
