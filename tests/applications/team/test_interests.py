"""Whom a team asks not to judge: everybody says it for themselves, and few read it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.access import fields
from applications.documents import lines, snapshot
from applications.models import Application, InterestStatement
from applications.team import interests
from portal import clock
from portal.audit.models import Event
from portal.errors import Denied, NotNow
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, assignment_of, chair_of, draft_of, member_of, seat

Send = Callable[..., Any]
pytestmark = pytest.mark.django_db
SECRET = "zqrivalsx of the northern school"


def test_everybody_says_it_for_themselves(visitor: Client, draft: Application, send: Send) -> None:
    reader = member_of(draft, role="reader")
    url = page("team-interests", draft)
    assert send(visitor, url, answer="some", text=SECRET).status_code == 303
    assert send(signed_in(reader.user), url, answer="none").status_code == 303

    said = {one.user: one.text for one in draft.interests.all()}
    assert said == {draft.principal_investigator: SECRET, reader.user: ""}
    assert SECRET in visitor.get(url).content.decode()
    assert SECRET not in signed_in(reader.user).get(url).content.decode()
    assert SECRET not in signed_in(reader.user).get(page("team-list", draft)).content.decode()
    events = Event.objects.filter(verb="application.state-interests")
    assert [event.facts for event in events] == [{}, {}]  # the trail does not say which of them named somebody


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "answer"),
        ({"answer": "some"}, "text"),
        ({"answer": "none", "text": "Somebody"}, "answer"),
        ({"answer": "some", "text": "x" * 4001}, "text"),
    ],
)
def test_an_answer_is_clear_and_nothing_typed_is_lost(
    visitor: Client, draft: Application, send: Send, typed: dict[str, str], field: str
) -> None:
    answer = send(visitor, page("team-interests", draft), **typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert typed.get("text", "") in answer.content.decode()
    assert not draft.interests.exists()


def test_strangers_and_the_unconfirmed_say_nothing(draft: Application) -> None:
    waiting = UserFactory()
    member_of(draft, waiting, confirmed=False)
    for person in (waiting, UserFactory()):
        assert signed_in(person).get(page("team-interests", draft)).status_code == 404
        with pytest.raises(Denied):
            interests.state(draft, by=person, text=SECRET)


def test_it_may_change_as_long_as_somebody_judges(call: Any) -> None:
    application = application_of(call, status="decided")
    head = application.principal_investigator
    interests.state(application, by=head, text="One")
    interests.state(application, by=head, text="Another")
    assert application.interests.get().text == "Another"
    Application.objects.filter(pk=application.pk).update(status="published")
    with pytest.raises(NotNow):
        interests.state(application, by=head, text="Too late")
    assert signed_in(head).get(page("team-interests", application)).status_code == 404


def stated(status: str = "under-review") -> Application:
    application = application_of(status=status)
    InterestStatement.objects.create(
        application=application, user=application.principal_investigator, text=SECRET, at=clock.now()
    )
    return application


def test_chair_and_administrators_without_a_conflict_read_it() -> None:
    application = stated()
    member_of(application, name="Silent")
    for person, name, path in (
        (chair_of(application.call), "panel-read", [application.call.slug, application.reference]),
        (UserFactory(roles=["administrator"]), "screening-detail", [application.reference]),
    ):
        words = signed_in(person).get(reverse(f"applications:{name}", args=path)).content.decode()
        assert SECRET in words
        assert "not stated yet" in words


def test_nobody_else_reads_it_anywhere() -> None:
    application = stated()
    call, home = application.call, application.principal_investigator.institution
    assigned = assignment_of(application).reviewer
    people = [
        assigned,
        seat(call, UserFactory()),
        member_of(application).user,
        member_of(application, role="reader").user,
        draft_of(call).principal_investigator,
        UserFactory(roles=["curator"]),
        UserFactory(roles=["auditor"]),
        seat(call, UserFactory(institution=home), "chair"),
        UserFactory(roles=["administrator"], institution=home),
        UserFactory(),
    ]
    names = {
        "panel-read": [call.slug, application.reference],
        "review-write": [call.slug, application.reference],
        "conflicts-list": [call.slug],
        "screening-detail": [application.reference],
        "screening-advise": [application.reference],
        "team-list": [application.reference],
        "team-interests": [application.reference],
        "following-sent": [application.reference],
        "following-status": [application.reference],
        "declarations-office": [application.reference],
        "auditing-submission": [application.reference, 1],
        "auditing-trail": [application.reference],
    }
    urls = [reverse(f"applications:{name}", args=path) for name, path in names.items()]
    urls += [f"/api/v1/applications/{application.reference}/", f"/api/v1/applications/{application.reference}/trail/"]
    urls += ["/admin/applications/intereststatement/"]
    opened = 0
    for person in people:
        client = signed_in(person)
        for url in urls:
            answer = client.get(url)
            opened += answer.status_code == 200
            assert SECRET not in b"".join(answer).decode("utf-8", "replace"), (person, url)
        assert "interests" not in fields(person, application)
    assert opened > 12  # the pages were really read


def test_it_is_in_no_snapshot() -> None:
    application = stated()
    document = snapshot(application, lines(application), number=1, received_at=clock.now())
    assert SECRET not in str(document)
    assert SECRET not in str(application.submission.document)
