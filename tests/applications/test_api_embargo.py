"""Two worlds that differ in one hidden thing: everybody outside reads the same bytes, until the release."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from applications.enums import Status, Verdict
from applications.models import Application, Call, Conflict, PublicEntry, Standing
from applications.publication import actions
from portal import clock
from portal.accounts.models import User
from tests.factories.accounts import UserFactory
from tests.factories.applications import (
    application_of,
    assignment_of,
    award_of,
    chair_of,
    decision_of,
    draft_of,
    member_of,
    shortlisting_of,
)
from tests.factories.decisions import closed_call, released, signed, signers
from tests.factories.exchanges import change_of, question_of
from tests.factories.review import review_of
from tests.programs import API, program

pytestmark = pytest.mark.django_db
CHANGES_BY_ITSELF = {"Date"}


class Stage:
    """A closed call with a decided application, a rival's, a colleague, and programs of everybody outside."""

    def __init__(self) -> None:
        self.call: Call = closed_call(announces_shortlist=True)
        applicant, colleague, rival = UserFactory(), UserFactory(), UserFactory()
        self.own = application_of(self.call, applicant, Status.DECIDED)
        self.rivals = application_of(self.call, rival, Status.DECIDED)
        self.early = application_of(self.call, applicant, Status.UNDER_REVIEW)
        draft_of(self.call, applicant)
        member_of(self.own, colleague)
        scopes = ("read", "apply")
        self.outside: dict[str, Client] = {
            "applicant": program(applicant, *scopes),
            "rival": program(rival, *scopes),
            "anonymous": Client(),
        }
        self.colleague = program(colleague, *scopes)
        self.chair: User = chair_of(self.call)

    def read(self) -> dict[tuple[str, ...], Any]:
        """Return what everybody outside reads: status, headers and bytes, of conditional reads too."""
        found: dict[tuple[str, ...], Any] = {}
        for who, asks in self.outside.items():
            for address in [*self.public(), *self.private()] if who == "anonymous" else self.private():
                answer = asks.get(API + address)
                found[who, "GET", address] = (answer.status_code, headers(answer), answer.content)
                if known := answer.get("ETag"):
                    again = asks.head(API + address, headers={"If-None-Match": known})
                    found[who, "HEAD", address] = (again.status_code, headers(again), again.content)
        return found

    def public(self) -> Iterator[str]:
        """Yield the addresses that everybody reads alike, whoever asks (`tests/portal/test_rest.py`)."""
        yield from ("missions/", "decisions/?origin=portal", f"decisions/?call={self.call.slug}")
        yield from ("calls/", f"calls/{self.call.slug}/", f"samples/?call={self.call.slug}", "samples/?page_size=1")
        for offer in self.call.offers.select_related("sample"):
            yield f"samples/{offer.sample.catalogue_number}/"

    def private(self) -> Iterator[str]:
        """Yield the addresses whose answer depends on who asks, and the two lists that could say most."""
        yield from ("decisions/", "samples/", "applications/", "applications/?page_size=1")
        for reference in (*self.references(), "LSA-2026-00000"):
            yield from (f"applications/{reference}/", f"applications/{reference}/decision/")

    def references(self) -> list[str]:
        return sorted(Application.objects.values_list("reference", flat=True))

    def powder(self, application: Application) -> Any:
        """Return the powder request of an application."""
        return application.submission.requests.get(whole=False)


def headers(answer: Any) -> dict[str, str]:
    """Return the headers of an answer without what changes by itself."""
    return {name: value for name, value in answer.headers.items() if name not in CHANGES_BY_ITSELF}


@contextmanager
def world(difference: Callable[[], Any]) -> Iterator[None]:
    """Make one difference, and take the whole world back afterwards."""
    with transaction.atomic():
        difference()
        yield
        transaction.set_rollback(True)


HIDDEN: dict[str, Callable[[Stage], Any]] = {
    "selected": lambda stage: award_of(stage.powder(stage.own), 40),
    "selected with less": lambda stage: award_of(stage.powder(stage.own), "1.25"),
    "reserve": lambda stage: decision_of(stage.powder(stage.own), Verdict.RESERVE, reserve_rank=1),
    "another reason": lambda stage: decision_of(stage.powder(stage.own), reason="Quite another reason."),
    "the rival selected": lambda stage: award_of(stage.powder(stage.rivals), 40),
    "the piece held for the rival": lambda stage: award_of(stage.rivals.submission.requests.get(whole=True)),
    "five reviews": lambda stage: [review_of(assignment_of(stage.early), sent=number % 2 == 0) for number in range(5)],
    "low scores": lambda stage: review_of(assignment_of(stage.early), 1, 1),
    "high scores": lambda stage: review_of(assignment_of(stage.early), 5, 5),
    "invited": lambda stage: shortlisting_of(stage.early, invited=True),
    "not invited": lambda stage: shortlisting_of(stage.early, invited=False),
    "further on": lambda stage: Application.objects.filter(pk=stage.own.pk).update(status=Status.DELIBERATED),
    "a conflict": lambda stage: Conflict.objects.create(
        application=stage.own, user=stage.chair, kind="declared", at=clock.now(), by=stage.chair
    ),
    "a question of the panel to the rival": lambda stage: question_of(stage.rivals, stage.chair, for_panel=True),
    "an answer of the rival": lambda stage: question_of(stage.rivals, stage.chair, for_panel=True, answer="Low."),
    "a change of the rival": lambda stage: change_of(stage.rivals, text="Less is needed."),
    "the rival stands": lambda stage: Standing.objects.create(
        submission=stage.rivals.submission, by=stage.rivals.principal_investigator, at=clock.now()
    ),
    "prepared": lambda stage: actions.prepare(stage.call, "results", by=signers()[0]),
}


def test_what_is_hidden_changes_no_byte_outside() -> None:
    stage = Stage()
    plain = stage.read()
    assert {status for status, _headers, _body in plain.values()} == {200, 304, 401, 404}
    for name, difference in HIDDEN.items():
        with world(partial(difference, stage)):
            other = stage.read()
        assert {key for key in plain if plain[key] != other[key]} == set(), name


def test_a_list_signed_twice_changes_no_byte_outside() -> None:
    stage = Stage()
    award_of(stage.powder(stage.own), 40)
    Application.objects.filter(pk=stage.early.pk).update(status=Status.WITHDRAWN)
    plain = stage.read()
    signed(stage.call)
    assert {key for key, said in stage.read().items() if said != plain[key]} == set()


def test_after_the_release_exactly_the_selection_is_public_and_everybody_is_told() -> None:
    """The control: the same reading does see a difference once there is one to be seen."""
    stage = Stage()
    award_of(stage.powder(stage.own), 40)
    Application.objects.filter(pk=stage.early.pk).update(status=Status.WITHDRAWN)
    plain = stage.read()
    released(stage.call)
    told = stage.read()
    changed = {address for who, method, address in told if told[who, method, address] != plain[who, method, address]}
    assert f"applications/{stage.own.reference}/decision/" in changed
    assert "decisions/" in changed
    public = stage.outside["anonymous"].get(f"{API}decisions/").json()["results"]
    assert [one["reference"] for one in public] == [stage.own.reference]
    for who, application, status in (
        ("applicant", stage.own, 200),
        ("rival", stage.rivals, 200),
        ("rival", stage.own, 404),
        ("anonymous", stage.own, 401),
        ("applicant", stage.early, 404),
    ):
        answer = stage.outside[who].get(f"{API}applications/{application.reference}/decision/")
        assert answer.status_code == status, (who, application.reference)
    assert stage.colleague.get(f"{API}applications/{stage.own.reference}/decision/").status_code == 200
    refused = stage.outside["rival"].get(f"{API}applications/{stage.rivals.reference}/decision/").json()
    assert (refused["outcome"], refused["awards"], refused["entry_hash"]) == ("not_selected", [], None)


def test_whoever_is_not_selected_is_in_no_public_answer() -> None:
    stage = Stage()
    award_of(stage.powder(stage.own), 40)
    decision_of(stage.powder(stage.rivals), Verdict.RESERVE, reserve_rank=1)
    Application.objects.filter(pk=stage.early.pk).update(status=Status.INELIGIBLE)
    released(stage.call)
    said = b"".join(body for (who, _method, _address), (_, _, body) in stage.read().items() if who == "anonymous")
    for application in (stage.rivals, stage.early):
        assert application.reference.encode() not in said
        assert application.title.encode() not in said
    assert PublicEntry.objects.exclude(kind="selection").exists()
    for entry in PublicEntry.objects.exclude(kind="selection"):
        assert entry.entry_hash.encode() not in said
