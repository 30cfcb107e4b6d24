"""Invitations by ORCID iD: taken only by who signs in with it, and silent about whether an account has it."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications.enums import ConflictKind
from applications.models import Application, TeamMember
from applications.rules.conflicts import conflicts_of
from applications.tasks import remind
from applications.team import actions, reminders
from portal import clock
from portal.errors import Denied, Invalid
from portal.notifications.models import Notice
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory
from tests.factories.applications import member_of

Send = Callable[..., Any]
IDS = ("0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X")


def invited(draft: Application, orcid: str = IDS[0], **fields: Any) -> TeamMember:
    head = draft.principal_investigator
    return actions.invite(draft, by=head, name="A Colleague", orcid=orcid, **fields)


def test_invitation_by_an_id_is_written_and_the_inviter_gets_the_link(
    visitor: Client, draft: Application, send: Send
) -> None:
    answer = send(
        visitor, page("team-list", draft), name="A Colleague", whom=f"https://orcid.org/{IDS[0]}", role="reader"
    )
    member = draft.team.get()

    assert answer.status_code == 303
    assert (member.orcid, member.email, member.user, member.role) == (IDS[0], "", None, "reader")
    (notice,) = Notice.objects.all()
    assert (notice.kind, notice.recipient) == ("team-invitation-to-forward", draft.principal_investigator)
    assert f"/join/{member.uid}/" in visitor.get(page("team-list", draft)).content.decode()


@pytest.mark.parametrize("typed", ["0000-0002-1825-0098", "0000-0002-1825", "A Colleague", "0000-0002-1825-009X"])
def test_what_is_no_id_is_refused_beside_the_field(visitor: Client, draft: Application, typed: str, send: Send) -> None:
    answer = send(visitor, page("team-list", draft), name="A Colleague", whom=typed, role="reader")

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["whom"]
    assert typed in answer.content.decode()
    assert not draft.team.exists()


@pytest.mark.parametrize("said", [{}, {"email": "a@example.org", "orcid": IDS[0]}])
def test_it_takes_one_of_the_two(draft: Application, said: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        actions.invite(draft, by=draft.principal_investigator, name="A Colleague", **said)


def test_nobody_is_invited_twice_by_an_id_nor_to_the_own_team(draft: Application) -> None:
    invited(draft)
    with pytest.raises(Invalid):
        invited(draft)
    draft.principal_investigator.orcid = IDS[1]
    draft.principal_investigator.save()
    with pytest.raises(Invalid):
        invited(draft, IDS[1])


def test_answer_and_statements_are_the_same_whether_an_account_has_the_id_or_not(
    visitor: Client, draft: Application, send: Send
) -> None:
    UserFactory(orcid=IDS[1])
    found = []
    for orcid in (IDS[0], IDS[1]):
        with CaptureQueriesContext(connection) as captured:
            answer = send(visitor, page("team-list", draft), name="A Colleague", whom=orcid, role="reader")
        shapes = [re.sub(r"[-\s]*(_x)?\d+|\(.*", "", query["sql"])[:80] for query in captured]
        found.append((answer.status_code, answer["Location"], shapes, Notice.objects.count()))
        Notice.objects.all().delete()
    rows = visitor.get(page("team-list", draft)).content.decode()

    assert found[0] == found[1]
    assert rows.count("To confirm") == 2
    assert list(draft.team.values_list("user", flat=True)) == [None, None]


def test_account_with_the_id_is_told_afterwards_and_once(draft: Application) -> None:
    person, other = UserFactory(orcid=IDS[0]), UserFactory(orcid=IDS[1])
    member = invited(draft)
    Notice.objects.all().delete()

    assert [reminders.tell_accounts(), reminders.tell_accounts()] == [1, 0]

    assert list(Notice.objects.values_list("kind", "recipient")) == [("team-member-invited", person.pk)]
    member.refresh_from_db()
    assert member.user == person and member.confirmed_at is None
    assert f"/join/{member.uid}/" in signed_in(person).get("/my/").content.decode()
    assert f"/join/{member.uid}/" not in signed_in(other).get("/my/").content.decode()


def test_account_that_links_the_id_later_is_told_then(draft: Application) -> None:
    person = UserFactory()
    invited(draft)
    remind()
    assert not Notice.objects.filter(recipient=person).exists()

    person.orcid = IDS[0]
    person.save()
    remind()

    assert list(Notice.objects.filter(recipient=person).values_list("kind", flat=True)) == ["team-member-invited"]


def test_only_who_signs_in_with_the_id_takes_the_place(draft: Application, send: Send) -> None:
    member = invited(draft)
    without, other, meant = UserFactory(), UserFactory(orcid=IDS[1]), UserFactory(orcid=IDS[0])
    for person in (without, other):
        client = signed_in(person)
        assert "Join the team" not in client.get(f"/join/{member.uid}/").content.decode()
        assert send(client, f"/join/{member.uid}/").status_code == 403
        with pytest.raises(Denied):
            actions.decline(member, by=person)
    assert send(signed_in(meant), f"/join/{member.uid}/").status_code == 303
    member.refresh_from_db()
    assert member.user == meant and member.confirmed_at is not None


def test_an_empty_id_is_nobodys(draft: Application) -> None:
    """Neither a member invited by address and an account without iD, nor the other way round, belong together."""
    by_address = member_of(draft, confirmed=False)
    by_id = invited(draft)
    for member in (by_address, by_id):
        with pytest.raises(Denied):
            actions.join(member, by=UserFactory())
    assert conflicts_of(UserFactory(), draft) == []


def test_who_is_invited_by_an_id_is_barred_and_declines(draft: Application, send: Send) -> None:
    person = UserFactory(orcid=IDS[2])
    member = invited(draft, IDS[2])
    assert conflicts_of(person, draft) == [ConflictKind.TEAM]

    assert send(signed_in(person), f"/join/{member.uid}/decline/")["Location"] == "/my/"

    assert conflicts_of(person, draft) == []


def test_second_proved_address_counts_for_the_place_and_for_the_conflict(draft: Application) -> None:
    person = UserFactory()
    address = EmailAddress.objects.create(user=person, email="second@example.org", primary=False, verified=False)
    member = member_of(draft, confirmed=False, email="Second@example.org")
    assert conflicts_of(person, draft) == []
    with pytest.raises(Denied):
        actions.join(member, by=person)

    address.verified = True
    address.save()

    assert conflicts_of(person, draft) == [ConflictKind.TEAM]
    actions.join(member, by=person)


def test_nobody_is_on_a_team_twice(draft: Application) -> None:
    person = UserFactory(orcid=IDS[0])
    by_id, by_address = invited(draft), member_of(draft, person, confirmed=False)
    actions.join(by_address, by=person)
    with pytest.raises(Exception, match="on this team already"):
        actions.join(by_id, by=person)
    head = draft.principal_investigator
    head.orcid = IDS[1]
    head.save()
    own = TeamMember.objects.create(application=draft, orcid=IDS[1], name="Myself", invited_at=clock.now())
    with pytest.raises(Exception, match="on this team already"):
        actions.join(own, by=head)


def test_foreign_place_is_no_other_teams(visitor: Client, draft: Application, send: Send) -> None:
    for name in ("team-change", "team-handover-offer", "team-resend", "team-remove", "team-place"):
        assert send(visitor, page(name, draft, uuid.uuid4())).status_code == 404
