import threading

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts import people
from portal.accounts.models import RoleGrant, User
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow
from portal.roles import Permission
from tests.factories.accounts import UserFactory, administrator

PEOPLE = "/manage/people/"


@pytest.mark.django_db
def test_a_role_permits_from_its_grant_to_its_end():
    office, user = administrator(), UserFactory()
    assert (user.may(Permission.ADVISE), user.is_portal_staff, user.may(Permission.APPLY)) == (False, False, True)
    people.grant(user, "curator", by=office)
    assert (user.may(Permission.ADVISE), user.is_portal_staff, user.portal_roles) == (True, True, {"curator"})
    assert not user.may(Permission.MANAGE_PEOPLE)
    people.revoke(user, "curator", by=office, reason="left")
    assert (user.may(Permission.ADVISE), user.is_portal_staff) == (False, False)
    grant = RoleGrant.objects.get(user=user)
    assert (grant.granted_by, grant.revoked_by, grant.revoked_at >= grant.at) == (office, office, True)
    events = Event.objects.filter(about_id=user.pk, verb__startswith="user.").order_by("version")
    assert [(event.verb, event.facts, event.actor) for event in events] == [
        ("user.grant", {"role": "curator"}, office),
        ("user.revoke", {"role": "curator"}, office),
    ]


@pytest.mark.django_db
def test_roles_cost_one_question_for_each_instance(django_assert_num_queries):
    user = User.objects.get(pk=UserFactory(roles=["curator"]).pk)
    with django_assert_num_queries(1):
        assert user.may(Permission.ADVISE)
        assert user.is_portal_staff
        assert not user.is_staff


@pytest.mark.django_db
def test_only_administrators_manage_people():
    user = UserFactory()
    for by in (user, UserFactory(roles=["curator", "auditor"]), administrator(is_active=True)):
        if by.may(Permission.MANAGE_PEOPLE):
            continue
        for act in (people.grant, people.revoke):
            with pytest.raises(Denied):
                act(user, "administrator", by=by)
        for act in (people.close, people.reopen):
            with pytest.raises(Denied):
                act(user, by=by)
    assert not RoleGrant.objects.filter(user=user).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["reviewer", "chair", "applicant", "root", ""])
def test_roles_of_a_call_or_of_everybody_are_not_granted_here(role):
    with pytest.raises(Invalid):
        people.grant(UserFactory(), role, by=None)


@pytest.mark.django_db
def test_a_role_is_held_once():
    user = UserFactory(roles=["curator"])
    with pytest.raises(NotNow):
        people.grant(user, "curator", by=None)
    with pytest.raises(NotNow):
        people.revoke(user, "auditor", by=None)


@pytest.mark.django_db
def test_the_last_administrator_stays():
    office, other = administrator(), administrator()
    people.revoke(other, "administrator", by=office)
    with pytest.raises(NotNow):
        people.revoke(office, "administrator", by=office)
    with pytest.raises(NotNow):
        people.close(office, by=office)
    assert User.objects.get(pk=office.pk).may(Permission.MANAGE_PEOPLE)


@pytest.mark.django_db
def test_a_closed_administrator_does_not_count_as_one():
    office, other = administrator(), administrator()
    people.close(other, by=office, reason="left")
    with pytest.raises(NotNow):
        people.revoke(office, "administrator", by=office)
    people.reopen(other, by=office, reason="back")
    people.revoke(office, "administrator", by=other)
    assert User.objects.get(pk=other.pk).may(Permission.MANAGE_PEOPLE)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other_at_the_same_moment():
    first, second = administrator(), administrator()
    start, outcomes = threading.Barrier(2), []

    def remove(user, by):
        try:
            start.wait()
            people.revoke(user, "administrator", by=by)
            outcomes.append("removed")
        except (NotNow, Denied):
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "removed"]
    assert RoleGrant.objects.filter(revoked_at=None).count() == 1


@pytest.mark.django_db
def test_pages_of_people_do_not_exist_for_others(client):
    somebody = UserFactory()
    urls = [PEOPLE, f"{PEOPLE}invite/", f"{PEOPLE}{somebody.uid}/"]
    assert [client.get(url).status_code for url in urls] == [302] * 3
    for user in (UserFactory(), UserFactory(roles=["curator"]), UserFactory(roles=["auditor"])):
        client.force_login(user)
        assert [client.get(url).status_code for url in urls] == [404] * 3
        forged = {"role": "administrator", "reason": "x", "email": "a@example.org"}
        posts = [f"{PEOPLE}{somebody.uid}/{verb}/" for verb in ("grant", "revoke", "close")]
        assert [client.post(url, forged).status_code for url in [*posts, f"{PEOPLE}invite/"]] == [404] * 4
    assert not RoleGrant.objects.filter(role="administrator").exists()
    assert User.objects.filter(is_active=False).count() == 0


@pytest.mark.django_db
def test_an_administrator_grants_revokes_and_closes_in_the_browser(client):
    user = UserFactory()
    client.force_login(administrator())
    url = f"{PEOPLE}{user.uid}/"
    assert user.email in client.get(PEOPLE).content.decode()
    assert client.post(f"{url}grant/", {"role": "curator"})["Location"] == url
    assert client.post(f"{url}grant/", {"role": "curator"}).status_code == 409
    assert "Curator" in client.get(url).content.decode()
    assert client.post(f"{url}revoke/", {"role": "curator"}).status_code == 303
    assert client.post(f"{url}close/", {"reason": ""}).status_code == 422
    assert client.post(f"{url}close/", {"reason": "left the institute"}).status_code == 303
    assert not User.objects.get(pk=user.pk).is_active
    assert Event.objects.get(verb="user.close").text.reason == "left the institute"
    assert client.post(f"{url}grant/", {"role": "curator"}).status_code == 409
    assert client.post(f"{url}close/", {"reason": "came back"}).status_code == 303
    assert User.objects.get(pk=user.pk).is_active


@pytest.mark.django_db
def test_a_role_taken_is_gone_with_the_next_request(client):
    office, other = administrator(), administrator()
    client.force_login(other)
    assert client.get(PEOPLE).status_code == 200
    people.revoke(other, "administrator", by=office)
    assert client.get(PEOPLE).status_code == 404


@pytest.mark.django_db
def test_the_list_of_people_costs_the_same_for_one_and_for_thirty():
    client = Client()
    client.force_login(administrator(name="A"))
    counts = []
    for more in (0, 29):
        UserFactory.create_batch(more, roles=["curator", "auditor"])
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(client.get(PEOPLE).context["page"].rows) == more + 1
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14


@pytest.mark.django_db
def test_the_list_of_people_is_paged(client):
    client.force_login(administrator(name="A"))
    UserFactory.create_batch(60)
    first = client.get(PEOPLE).context["page"]
    second = client.get(PEOPLE, {"cursor": first.next}).context["page"]
    assert (len(first.rows), len(second.rows)) == (50, 11)
    assert not {user.pk for user in first.rows} & {user.pk for user in second.rows}
