"""The team: invitations bound to an address, joined by their holder alone, never in the way of anything."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.access import judged_by
from applications.models import Application, Call, TeamMember
from applications.succession import MOST_MEMBERS
from applications.team import actions as team
from applications.team import handover
from portal import clock
from portal.accounts.actions import change_profile
from portal.accounts.models import User
from portal.audit.models import Event
from portal.errors import NotNow
from portal.notifications import letters
from portal.notifications.models import Notice
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import InstitutionFactory, UserFactory
from tests.factories.applications import application_of, call_of, draft_of, member_of, seat

Send = Callable[..., Any]
NEW = {"name": "A Colleague", "whom": "Colleague@Example.org", "role": "reader"}


def test_a_team_has_as_many_members_as_may_be_and_no_more(visitor: Client, draft: Application, send: Send) -> None:
    for _each in range(MOST_MEMBERS - 1):
        member_of(draft, confirmed=False)
    assert send(visitor, page("team-list", draft), **NEW).status_code == 303
    answer = send(visitor, page("team-list", draft), **(NEW | {"whom": "one.more@example.org"}))
    assert answer.status_code == 422
    assert f"at most {MOST_MEMBERS} members" in answer.content.decode()
    assert draft.team.count() == MOST_MEMBERS


def invited(draft: Application, visitor: Client, send: Send) -> Any:
    assert send(visitor, page("team-list", draft), **NEW).status_code == 303
    return draft.team.get()


def test_invitation_goes_to_the_address_and_gives_no_right(visitor: Client, draft: Application, send: Send) -> None:
    member = invited(draft, visitor, send)
    assert (member.email, member.role, member.user, member.confirmed_at) == (
        "colleague@example.org",
        "reader",
        None,
        None,
    )
    notice = Notice.objects.get(kind="team-member-invited")
    assert (notice.address, notice.recipient) == ("colleague@example.org", None)
    assert letters.write(notice).body.startswith(f"Dear {member.name},")
    later = signed_in(UserFactory(email="colleague@example.org"))
    assert later.get(page("following-status", draft)).status_code == 404
    assert "1 of 1 to confirm" in visitor.get(page("apply-tasks", draft)).content.decode()


def test_invited_person_joins_by_sending_the_form(visitor: Client, draft: Application, send: Send) -> None:
    member = invited(draft, visitor, send)
    person = UserFactory(email="colleague@example.org", institution=InstitutionFactory())
    client, url = signed_in(person), f"/join/{member.uid}/"
    assert client.get(url).status_code == 200
    member.refresh_from_db()
    assert member.confirmed_at is None
    assert send(client, url)["Location"] == page("team-interests", draft)
    member.refresh_from_db()
    assert member.user == person and member.confirmed_at is not None
    assert member.institution == person.institution  # the invitation named none
    assert client.get(page("apply-tasks", draft)).status_code == 200
    assert Notice.objects.get(kind="team-member-joined").recipient == draft.principal_investigator
    assert send(client, url).status_code == 409


def test_an_institution_that_the_invitation_names_stays(draft: Application) -> None:
    named, person = InstitutionFactory(), UserFactory(institution=InstitutionFactory())
    head = draft.principal_investigator
    member = team.invite(draft, by=head, name="A", email=person.email, institution=named)
    team.join(member, by=person)
    assert draft.team.get().institution == named


def test_wrong_account_is_told_which_address_is_meant(visitor: Client, draft: Application, send: Send) -> None:
    member = invited(draft, visitor, send)
    other = UserFactory()
    client, url = signed_in(other), f"/join/{member.uid}/"
    for answer, status in ((client.get(url), 200), (send(client, url), 403)):
        assert answer.status_code == status
        assert "This invitation is for colleague@example.org." in answer.content.decode()
        assert "Join the team" not in answer.content.decode()
    assert client.get(page("apply-tasks", draft)).status_code == 404


def test_invitation_leads_a_visitor_to_the_sign_in_and_back(visitor: Client, draft: Application, send: Send) -> None:
    member = invited(draft, visitor, send)
    shown = Client().get(f"/join/{member.uid}/").content.decode()
    assert f"next=%2Fjoin%2F{member.uid}%2F" in shown and "colleague@example.org" in shown
    address = f"{reverse('account_signup')}?next=%2Fjoin%2F{member.uid}%2F&email=colleague%40example.org"
    assert address.replace("&", "&amp;") in shown
    assert 'value="colleague@example.org"' in Client().get(address).content.decode()
    assert send(Client(), f"/join/{member.uid}/").status_code == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [({"whom": "no@address"}, "whom"), ({"name": ""}, "name"), ({"role": "principal-investigator"}, "role")],
)
def test_invitation_that_cannot_be_sent_keeps_what_was_typed(
    visitor: Client, draft: Application, change: dict[str, str], field: str, send: Send
) -> None:
    answer = send(visitor, page("team-list", draft), **(NEW | change))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not draft.team.exists()


def test_nobody_is_invited_twice_or_to_the_own_team(visitor: Client, draft: Application, send: Send) -> None:
    invited(draft, visitor, send)
    again = send(visitor, page("team-list", draft), **(NEW | {"whom": "COLLEAGUE@example.org"}))
    oneself = send(visitor, page("team-list", draft), **(NEW | {"whom": draft.principal_investigator.email}))
    for answer in (again, oneself):
        assert answer.status_code == 422
        assert "This address or iD is on the team already." in answer.content.decode()
    assert draft.team.count() == 1


def test_invitation_is_sent_again_but_not_at_once(visitor: Client, draft: Application, send: Send) -> None:
    member = invited(draft, visitor, send)
    url = page("team-resend", draft, member.uid)
    assert send(visitor, url).status_code == 409
    with clock.set_to(clock.now() + timedelta(days=3)):
        assert send(visitor, url).status_code == 303
    assert Notice.objects.filter(kind="team-member-invited").count() == 2


def test_removed_member_loses_everything_and_the_link_is_absent(
    visitor: Client, draft: Application, send: Send
) -> None:
    member = member_of(draft)
    client = signed_in(member.user)
    assert client.get(page("apply-tasks", draft)).status_code == 200
    assert send(visitor, page("team-remove", draft, member.uid)).status_code == 303
    assert client.get(page("apply-tasks", draft)).status_code == 404
    assert client.get(f"/join/{member.uid}/").status_code == 404
    assert Event.objects.get(verb="team_member.remove").facts["member"] == str(member.uid)


def test_who_leads_by_now_or_was_removed_is_not_removed_again(draft: Application) -> None:
    head, heir, leaves = draft.principal_investigator, member_of(draft), member_of(draft)
    opened = list(TeamMember.objects.filter(application=draft).select_related("application"))
    team.remove(leaves, by=head)
    handover.offer(heir, by=head)
    handover.accept(draft, by=heir.user)
    for gone in opened:
        with pytest.raises(NotNow) as refused:
            team.remove(gone, by=heir.user)
        assert refused.value.code == "gone"
    assert Event.objects.filter(verb="team_member.remove").count() == 1


def test_members_of_another_team_are_out_of_reach(visitor: Client, draft: Application, send: Send) -> None:
    foreign = member_of(draft_of(draft.call), confirmed=False)
    for name in ("team-remove", "team-resend"):
        assert send(visitor, page(name, draft, foreign.uid)).status_code == 404
    assert foreign.application.team.count() == 1


def test_team_is_fixed_after_submission_but_a_member_still_joins(
    visitor: Client, call: Call, applicant: User, send: Send
) -> None:
    application = application_of(call, applicant)
    Call.objects.filter(pk=call.pk).update(closes_at=clock.now())
    person = UserFactory()
    member = member_of(application, person, confirmed=False)
    assert send(visitor, page("team-list", application), **NEW).status_code == 409
    assert send(visitor, page("team-remove", application, member.uid)).status_code == 409
    assert send(signed_in(person), f"/join/{member.uid}/").status_code == 303
    assert signed_in(person).get(page("following-status", application)).status_code == 200


def test_who_never_asked_to_be_invited_declines_and_judges_again(db: None) -> None:
    application, chair = application_of(call_of(), status="under-review"), UserFactory()
    seat(application.call, chair, "chair")
    member = member_of(application, chair, confirmed=False)
    assert judged_by(chair).count() == 0
    visitor = signed_in(chair)
    assert "I do not take part" in visitor.get(f"/join/{member.uid}/").content.decode()

    answer = visitor.post(f"/join/{member.uid}/decline/")

    assert (answer.status_code, answer["Location"]) == (303, "/my/")
    assert list(judged_by(chair)) == [application]
    assert Event.objects.get(verb="team_member.decline").actor == chair
    assert visitor.get(f"/join/{member.uid}/").status_code == 404
    assert visitor.post(f"/join/{member.uid}/decline/").status_code == 404


def test_nobody_declines_for_somebody_else_or_after_joining(db: None) -> None:
    application = application_of()
    waiting, joined = member_of(application, UserFactory(), confirmed=False), member_of(application)
    assert signed_in(application.principal_investigator).post(f"/join/{waiting.uid}/decline/").status_code == 403
    assert signed_in(joined.user).post(f"/join/{joined.uid}/decline/").status_code == 409
    assert application.team.count() == 2


def test_inviting_and_removing_in_turn_is_no_way_to_send_mail_without_end(draft: Application) -> None:
    person = draft.principal_investigator
    for _each in range(team.MOST_INVITATIONS_A_DAY):
        member = team.invite(draft, by=person, email="victim@example.org", name="Somebody")
        team.remove(member, by=person)

    with pytest.raises(NotNow) as refused:
        team.invite(draft, by=person, email="victim@example.org", name="Somebody")

    assert refused.value.code == "too-many-invitations"
    assert Notice.objects.filter(kind="team-member-invited").count() == team.MOST_INVITATIONS_A_DAY


def test_a_name_writes_no_line_of_its_own_into_a_letter(draft: Application) -> None:
    named = "A colleague\r\n\r\nYour account ends today: http://example.net/"
    member = team.invite(draft, by=draft.principal_investigator, email="somebody@example.org", name=named)
    change_profile(draft.principal_investigator, by=draft.principal_investigator, name=named)
    draft.principal_investigator.refresh_from_db()

    for name in (member.name, draft.principal_investigator.name):
        assert name == "A colleague Your account ends today: http://example.net/"
