from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from portal import clock
from portal.accounts import people, tokens
from portal.accounts.models import ApiToken, Visitor
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow
from portal.web import PUBLIC, access
from tests.factories.accounts import UserFactory, administrator, token_of

pytestmark = pytest.mark.django_db
PAGE = "/accounts/tokens/"


@access(PUBLIC)
def who(request):
    """Say who asks, for these tests."""
    user = request.user
    scopes = ",".join(request.api_token.scopes) if request.api_token else "-"
    name = user.email if user.is_authenticated else user.__class__.__name__
    return HttpResponse(f"{name} {scopes} {request.token_error or '-'}")


urlpatterns = [path("api/who", who), path("who", who)]
WHO = pytest.mark.urls(__name__)


def ask(text, path="/api/who", client=None):
    answer = (client or Client()).get(path, headers={"Authorization": f"Bearer {text}"})
    return answer.content.decode().split(" ", 2)


@WHO
def test_a_token_says_who_asks_and_what_for():
    user = UserFactory()
    assert ask(token_of(user, "apply", "read")) == [user.email, "read,apply", "-"]


@WHO
def test_an_unknown_token_is_a_visitor_with_an_error():
    refused = ["Visitor", "-", "The token is unknown, revoked or expired."]
    assert [ask("lsa_unknown"), ask(""), ask("\u00e9")] == [refused] * 3


@WHO
def test_a_token_is_dead_at_once_when_revoked_expired_or_its_owner_closed():
    user, office = UserFactory(), administrator()
    revoked, expired, owned = token_of(user), token_of(user), token_of(user)
    assert {ask(text)[0] for text in (revoked, expired, owned)} == {user.email}
    tokens.revoke(tokens.find(revoked), by=user)
    ApiToken.objects.filter(pk=tokens.find(expired).pk).update(
        created_at=clock.now() - timedelta(days=2), expires_at=clock.now() - timedelta(seconds=1)
    )
    assert [ask(text)[0] for text in (revoked, expired, owned)] == ["Visitor", "Visitor", user.email]
    people.close(user, by=office, reason="left")
    assert ask(owned)[0] == "Visitor"


@WHO
def test_a_request_with_a_token_never_uses_the_session(client):
    owner, other = UserFactory(), UserFactory()
    client.force_login(other)
    assert ask(token_of(owner), client=client)[0] == owner.email
    assert ask("wrong", client=client)[0] == "Visitor"
    assert client.get("/api/who").content.decode().split()[0] == other.email


@WHO
def test_pages_do_not_take_tokens():
    assert ask(token_of(UserFactory()), path="/who") == ["Visitor", "-", "-"]


@WHO
def test_a_use_is_noted_once_a_minute():
    text = token_of(UserFactory())
    ask(text)
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    ask(text)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    ask(text)
    assert ApiToken.objects.get().last_used_at >= first


def test_a_token_is_shown_once_and_kept_nowhere(client):
    user = UserFactory()
    client.force_login(user)
    answer = client.post(PAGE, {"name": "laptop", "scopes": ["read", "apply"], "days": "30", "_once": "1"})
    assert answer.status_code == 201
    text = answer.context["text"]
    token = ApiToken.objects.get()
    assert (token.scopes, token.name, token.prefix) == (["read", "apply"], "laptop", text[:10])
    assert token.expires_at - token.created_at == timedelta(days=30)
    assert tokens.find(text) == token
    assert text not in client.get(PAGE).content.decode()
    assert text not in str(list(ApiToken.objects.values())) + str(list(Event.objects.values()))
    assert Event.objects.get(verb="apitoken.create").facts == {
        "owner": str(user.uid),
        "scopes": ["read", "apply"],
        "days": 30,
    }


@pytest.mark.parametrize(
    ("field", "typed"),
    [("name", {"name": ""}), ("scopes", {"scopes": ["root"]}), ("scopes", {"scopes": []}), ("days", {"days": "9999"})],
)
def test_what_cannot_be_is_said_at_its_field(client, field, typed):
    client.force_login(UserFactory())
    answer = client.post(PAGE, {"name": "laptop", "scopes": ["read"], "days": "30", **typed})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_post_only(client):
    user = UserFactory()
    client.force_login(user)
    text = token_of(user)
    url = f"{PAGE}{tokens.find(text).uid}/revoke/"
    assert client.get(url).status_code == 200
    assert tokens.find(text)
    assert client.post(url).status_code == 303
    assert tokens.find(text) is None
    assert client.get(url).status_code == 404


def test_somebody_elses_token_does_not_exist_here(client):
    owner, other = UserFactory(), UserFactory()
    text = token_of(owner)
    client.force_login(other)
    url = f"{PAGE}{tokens.find(text).uid}/revoke/"
    assert [client.get(url).status_code, client.post(url).status_code] == [404, 404]
    assert tokens.find(text).prefix not in client.get(PAGE).content.decode()
    with pytest.raises(Denied):
        tokens.revoke(tokens.find(text), by=other)
    assert tokens.find(text)


def test_nobody_has_more_tokens_than_can_be_overseen():
    user = UserFactory()
    for _ in range(tokens.MOST):
        token_of(user)
    with pytest.raises(NotNow):
        token_of(user)
    tokens.revoke(user.api_tokens.first(), by=user)
    token_of(user)


def test_an_unknown_scope_is_refused_whoever_asks():
    with pytest.raises(Invalid):
        token_of(UserFactory(), "read", "root")


def test_a_visitor_may_nothing_and_can_be_asked():
    assert (Visitor().may("apply"), Visitor().is_portal_staff, Visitor().portal_roles) == (False, False, frozenset())
