from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal import clock
from portal.accounts import invitations, people, tokens
from portal.accounts.models import Invitation, RoleGrant, User
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.factories.accounts import UserFactory, administrator
from tests.portal.accounts.reading import code_of, last_mail, link_of

pytestmark = pytest.mark.django_db


def invited(email="curator@example.org", role="curator", by=None):
    """Invite an address and return the link."""
    invitations.invite(email, role, by=by or administrator())
    return link_of(last_mail())


def test_an_invitation_goes_to_its_address_through_the_outbox(client):
    client.force_login(administrator())
    answer = client.post("/manage/people/invite/", {"email": "Curator@example.org", "role": "curator"})
    assert (answer.status_code, answer["Location"]) == (303, "/manage/people/")
    notice = last_mail()
    assert (notice.kind, notice.address, notice.account) == ("staff-invitation", "curator@example.org", True)
    invitation = Invitation.objects.get()
    assert invitation.expires_at - invitation.at == timedelta(hours=72)
    secret = link_of(notice).split("/")[-2]
    assert secret not in str(list(Invitation.objects.values())) + str(list(Event.objects.values()))
    assert secret not in client.get("/manage/people/").content.decode()
    assert "curator@example.org" in client.get("/manage/people/").content.decode()


def test_opening_the_link_does_nothing_and_sending_the_form_works_once(client):
    link, user = invited(), UserFactory(email="curator@example.org")
    client.force_login(user)
    assert [client.get(link).status_code, client.get(link).status_code] == [200, 200]
    assert not RoleGrant.objects.filter(user=user).exists()
    taken = client.post(link)
    assert (taken.status_code, taken["Location"]) == (303, "/manage/")
    assert list(RoleGrant.objects.filter(user=user).values_list("role", flat=True)) == ["curator"]
    people.revoke(user, "curator", by=None)
    assert client.post(link).status_code == 409
    assert not User.objects.get(pk=user.pk).portal_roles
    assert Invitation.objects.get().used_by == user


def test_somebody_else_is_told_which_address_is_meant(client):
    link = invited()
    client.force_login(UserFactory(email="other@example.org"))
    assert "This invitation is for curator@example.org" in client.get(link).content.decode()
    assert client.post(link).status_code == 403
    assert Invitation.objects.get().used_at is None
    assert RoleGrant.objects.filter(role="curator").count() == 0


def test_an_address_that_is_not_confirmed_is_not_enough(client):
    link = invited()
    client.force_login(UserFactory(email="curator@example.org", confirmed=False))
    assert client.post(link).status_code == 403
    assert RoleGrant.objects.filter(role="curator").count() == 0


def test_a_newcomer_signs_up_first_and_comes_back(client):
    link = invited("new@example.org")
    page = client.get(link)
    assert "/accounts/signup/?next=" in page.content.decode()
    assert client.post(link).status_code == 403
    typed = {"email": "new@example.org", "password1": "long enough to pass", "name": "Newcomer"}
    client.post(f"/accounts/signup/?next={link}", typed)
    answer = client.post("/accounts/confirm/", {"code": code_of(last_mail())})
    assert answer["Location"] == link
    assert client.post(link).status_code == 303
    assert User.objects.get(email="new@example.org").portal_roles == {"curator"}


def test_an_invitation_expires(client):
    link, user = invited(), UserFactory(email="curator@example.org")
    client.force_login(user)
    Invitation.objects.update(at=clock.now() - timedelta(hours=73), expires_at=clock.now() - timedelta(hours=1))
    assert client.post(link).status_code == 409
    assert "used or has expired" in client.get(link).content.decode()
    assert not RoleGrant.objects.filter(user=user).exists()


def test_a_new_invitation_ends_the_earlier_one(client):
    office = administrator()
    first = invited(by=office)
    Invitation.objects.update(at=clock.now() - timedelta(hours=1))
    second = invited(by=office)
    client.force_login(UserFactory(email="curator@example.org"))
    assert [client.post(first).status_code, client.post(second).status_code] == [409, 303]


def test_an_invitation_ends_with_the_right_of_who_invited(client):
    office, inviter = administrator(), administrator()
    link = invited(by=inviter)
    people.revoke(inviter, "administrator", by=office)
    client.force_login(UserFactory(email="curator@example.org"))
    assert client.post(link).status_code == 409
    assert RoleGrant.objects.filter(role="curator").count() == 0


def test_an_unknown_link_is_absent(client):
    client.force_login(administrator())
    assert client.get("/accounts/invitation/guessed/").status_code == 404
    assert client.post("/accounts/invitation/guessed/").status_code == 404


def test_who_may_not_manage_people_cannot_invite():
    with pytest.raises(Denied):
        invitations.invite("a@example.org", "curator", by=UserFactory(roles=["curator"]))
    assert not Invitation.objects.exists()
    assert not Notice.objects.exists()


def test_an_invitation_to_a_role_held_or_unknown_is_refused():
    office, user = administrator(), UserFactory(roles=["curator"])
    with pytest.raises(NotNow):
        invitations.invite(user.email, "curator", by=office)
    for email, role in (("no address", "curator"), ("a@example.org", "reviewer"), ("a@example.org", "root")):
        with pytest.raises(Invalid):
            invitations.invite(email, role, by=office)
    assert not Invitation.objects.exists()


def test_the_first_administrator_comes_by_a_link_from_the_command_line(client, capsys):
    call_command("create_administrator", "First@example.org")
    link = capsys.readouterr().out.split()[-1]
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.invited_by) == ("first@example.org", None)
    assert invitation.expires_at - invitation.at == timedelta(hours=24)
    client.force_login(UserFactory(email="first@example.org"))
    assert (
        client.post(link.partition("//")[2].partition("/")[1] + link.partition("//")[2].partition("/")[2]).status_code
        == 303
    )
    assert people.has_administrator()
    with pytest.raises(CommandError):
        call_command("create_administrator", "second@example.org")
    assert Invitation.objects.count() == 1
    call_command("create_administrator", "second@example.org", "--force")
    forced = Event.objects.filter(verb="invitation.create").order_by("-id")[0]
    assert (forced.facts, forced.actor) == ({"role": "administrator", "forced": True}, None)


def test_a_token_from_the_command_line_is_its_last_word(capsys):
    user = UserFactory()
    call_command("issue_token", user.email.upper(), "--scope", "read", "--scope", "apply")
    token = tokens.find(capsys.readouterr().out.split()[-1])
    assert (token.user, token.scopes) == (user, ["read", "apply"])
    call_command("issue_token", user.email)
    assert tokens.find(capsys.readouterr().out.split()[-1]).scopes == ["read"]


def test_no_token_for_nobody_or_a_closed_account():
    closed = UserFactory(is_active=False)
    for email in (closed.email, "nobody@example.org"):
        with pytest.raises(CommandError):
            call_command("issue_token", email)


def test_pages_of_accounts_have_no_error_for_anybody():
    signed_in = Client()
    signed_in.force_login(UserFactory())
    public = ["login/", "signup/", "password/reset/", "password/reset/done/", "closed/"]
    own = ["profile/", "tokens/", "email/", "password/change/", "logout/", "reauthenticate/"]
    for prefix in ("", "/zh-hans"):
        assert [Client().get(f"{prefix}/accounts/{page}").status_code for page in public] == [200] * 5
        assert [signed_in.get(f"{prefix}/accounts/{page}").status_code for page in own] == [200] * 6
        assert [Client().get(f"{prefix}/accounts/{page}").status_code for page in own] == [302] * 6
