"""What every page has in common: declared access, one read-only transaction, what is left behind, headers, refusals."""

from typing import Any

import pytest
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.db import InternalError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from portal import clock, urls
from portal.accounts.models import Institution, User
from portal.errors import Denied, Invalid, NotNow
from portal.models import KeptAnswer
from portal.roles import Permission
from portal.web import PUBLIC, SIGNED_IN, access, afterwards, attempt, show
from tests.factories.accounts import InstitutionFactory, UserFactory
from tests.programs import assert_problem

# --- Views of these tests alone ---------------------------------------------------------------------------------


class NameForm(forms.Form):
    """One field to be refused at."""

    name = forms.CharField()


@access(PUBLIC)
def write(request: HttpRequest) -> HttpResponse:
    """A page that writes, as none may."""
    Institution.objects.update(name="changed by reading")
    return HttpResponse("written")


@access(PUBLIC)
def level(request: HttpRequest) -> HttpResponse:
    """Say in which transaction a page is read, and whether it has an arrival."""
    first = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')")
        isolation, read_only = cursor.fetchone()
    return HttpResponse(f"{isolation}, {read_only}, {clock.now() == first}")


@access(PUBLIC)
def leave(request: HttpRequest) -> HttpResponse:
    """A page that leaves something behind."""
    afterwards(request, lambda: Institution.objects.update(name="left behind"))
    return HttpResponse(Institution.objects.get().name)


@access(PUBLIC)
def fall(request: HttpRequest) -> HttpResponse:
    """A page during which the database goes away."""
    raise OperationalError("server closed the connection unexpectedly")


def undeclared(request: HttpRequest) -> HttpResponse:
    """A page that nobody declared."""
    return HttpResponse("secret")


@access(Permission.SEE_MAIL, "GET", "POST")
def staff(request: HttpRequest) -> HttpResponse:
    """A page of a role."""
    return HttpResponse("staff")


@access(SIGNED_IN, "GET", "POST")
def refuse(request: HttpRequest) -> HttpResponse:
    """A form whose action refuses in the way that is typed."""
    form = NameForm(request.POST or None)
    refusals = {
        "denied": Denied("Not you."),
        "not-now": NotNow("Not now.", field="name"),
        "invalid": Invalid(errors={"name": ["Not this."], None: ["Nothing."]}),
    }

    def act() -> None:
        User.objects.filter(pk=request.user.pk).update(department="changed")
        if form.cleaned_data["name"] in refusals:
            raise refusals[form.cleaned_data["name"]]

    if request.method == "POST" and (done := attempt(request, form, act, then="/try/level/")):
        return done
    return show(request, "404.html", {"form": form})


urlpatterns = [
    path("try/write/", write),
    path("try/level/", level),
    path("try/leave/", leave),
    path("try/fall/", fall),
    path("api/try/fall/", fall),
    path("try/undeclared/", undeclared),
    path("try/staff/", staff),
    path("try/refuse/", refuse),
    *urls.urlpatterns,
]
handler404, handler500 = urls.handler404, urls.handler500
HERE = pytest.mark.urls(__name__)


# --- Transactions -----------------------------------------------------------------------------------------------


@HERE
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_page_cannot_write(method: str) -> None:
    place = InstitutionFactory(name="as it was")
    with pytest.raises(InternalError, match="read-only transaction"):
        getattr(Client(), method)("/try/write/")
    place.refresh_from_db()
    assert place.name == "as it was"


@HERE
@pytest.mark.django_db(transaction=True)
def test_a_page_is_read_in_one_repeatable_read_only_transaction_at_its_arrival() -> None:
    assert Client().get("/try/level/").content == b"repeatable read, on, True"
    assert connection.isolation_level is None or not connection.in_atomic_block


@HERE
@pytest.mark.django_db(transaction=True)
def test_the_transaction_of_a_page_colours_none_that_follows() -> None:
    Client().get("/try/level/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')")
        assert cursor.fetchone() == ("read committed", "off")


@HERE
@pytest.mark.django_db(transaction=True)
def test_what_a_page_leaves_behind_is_written_after_it_was_read() -> None:
    place = InstitutionFactory(name="as it was")
    assert Client().get("/try/leave/").content == b"as it was"
    place.refresh_from_db()
    assert place.name == "left behind"


@HERE
@pytest.mark.django_db
def test_what_cannot_be_left_behind_is_not_read() -> None:
    InstitutionFactory(name="to be logged")

    def down(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE"):
            raise OperationalError("gone")
        return execute(sql, *rest)

    with connection.execute_wrapper(down):
        answer = Client().get("/try/leave/")
    assert answer.status_code == 503
    assert b"to be logged" not in answer.content


@pytest.mark.django_db
def test_a_busy_portal_says_so_in_its_own_hand_without_the_database() -> None:
    def down(*args: object) -> None:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(down):
        page = Client(headers={"Cookie": "theme=dark"}).get("/samples/")
        program = Client().get("/api/v1/samples/")
        act = Client().post("/zone/", {"zone": "UTC"})
    for answer in (page, program, act):
        assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "5", "no-store")
    assert "The portal is busy or restarting" in page.content.decode()
    assert 'data-theme="dark"' in page.content.decode()
    assert_problem(program, 503, "busy")


@HERE
@pytest.mark.django_db
def test_a_database_that_goes_away_in_the_middle_is_503() -> None:
    answer = Client().get("/api/try/fall/")
    assert_problem(answer, 503, "busy")


# --- Access -----------------------------------------------------------------------------------------------------


@HERE
@pytest.mark.django_db
def test_what_is_not_declared_is_not_shown() -> None:
    with pytest.raises(ImproperlyConfigured):
        Client().get("/try/undeclared/")


@HERE
@pytest.mark.django_db
def test_a_page_of_a_role_is_absent_for_others_and_asks_visitors_to_sign_in() -> None:
    visitor, somebody, office = Client(), Client(), Client()
    somebody.force_login(UserFactory())
    office.force_login(UserFactory(roles=["administrator"]))
    assert (visitor.get("/try/staff/?a=b").status_code, visitor.get("/try/staff/?a=b")["Location"]) == (
        302,
        "/accounts/login/?next=/try/staff/%3Fa%3Db",
    )
    assert visitor.post("/try/staff/").status_code == 403
    assert [somebody.get("/try/staff/").status_code, somebody.post("/try/staff/").status_code] == [404, 404]
    assert [office.get("/try/staff/").status_code, office.head("/try/staff/").status_code] == [200, 200]
    for method in ("put", "patch", "delete"):
        answer = getattr(office, method)("/try/staff/")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")


# --- Refusals ---------------------------------------------------------------------------------------------------


@HERE
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "status", "fields"),
    [
        ("denied", 403, ["__all__"]),
        ("not-now", 409, ["name"]),
        ("invalid", 422, ["name", "__all__"]),
        ("", 422, ["name"]),
    ],
)
def test_a_refusal_stands_at_its_field_and_changes_nothing(typed: str, status: int, fields: list[str]) -> None:
    user, client = UserFactory(), Client()
    client.force_login(user)
    answer = client.post("/try/refuse/", {"name": typed, "_once": "u"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (status, fields)
    user.refresh_from_db()
    assert (user.department, KeptAnswer.objects.count()) == ("", 0)


@HERE
@pytest.mark.django_db
def test_what_is_done_leads_on_with_303() -> None:
    client = Client()
    client.force_login(UserFactory())
    assert client.get("/try/refuse/").status_code == 200
    answer = client.post("/try/refuse/", {"name": "fine"})
    assert (answer.status_code, answer["Location"]) == (303, "/try/level/")


# --- Headers ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/", "/samples/", "/accounts/profile/", "/api/v1/missions/", "/no-such-page/"])
def test_what_is_shown_to_somebody_signed_in_is_stored_nowhere(url: str) -> None:
    client = Client()
    client.force_login(UserFactory())
    assert client.get(url)["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
def test_an_answer_that_sets_a_cookie_is_stored_nowhere(client: Client) -> None:
    assert client.get("/accounts/login/")["Cache-Control"] == "private, no-store"
    assert client.get("/theme/dark/")["Cache-Control"] == "private, no-store"
    assert client.get("/styleguide/")["Cache-Control"] in ("no-cache", "private, no-store")


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/", "/api/v1/missions/", "/no-such-page/", "/accounts/login/"])
def test_every_answer_keeps_to_its_own_origin(client: Client, url: str) -> None:
    answer = client.get(url)
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert {value for name, value in policy.items() if name.endswith("-src") and name not in ("default-src",)} <= {
        "'self'",
        "'none'",
    }
    assert (policy["frame-ancestors"], policy["base-uri"], policy["default-src"]) == ("'none'",) * 3
    assert policy["require-trusted-types-for"] == "'script'"
    assert {name: answer[name] for name in ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy")} == {
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer
    assert "camera=()" in answer["Permissions-Policy"]


# --- What was typed ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "again"),
    [
        ({"Origin": "http://testserver"}, True),
        ({"Referer": "http://testserver/my/"}, True),
        ({"Origin": "https://example.org"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://testserver.example.org"}, False),
        ({"Referer": "https://example.org/http://testserver/"}, False),
        ({}, False),
    ],
)
def test_typed_text_is_sent_again_only_where_it_was_typed_here(headers: dict[str, str], again: bool) -> None:
    answer = Client().post("/accounts/profile/", {"name": "Words", "password": "moonrock"}, headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert ("Send it again" in page, "Words" in page, "moonrock" in page) == (again, True, False)
    assert (">Name</label>" in page, ">name</label>" in page) == (True, False)
