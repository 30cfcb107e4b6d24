"""The pages that belong to no domain, through the client: cookies, errors, health."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import reverse

from portal import views
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def down(*args: object) -> None:
    """Stand in the way of every query, as a database that has gone."""
    raise OperationalError("the server closed the connection")


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_theme_is_remembered_and_leads_back(client: Client, choice: str) -> None:
    answer = client.get(f"/theme/{choice}/", {"next": "/styleguide/?view=table"})
    assert (answer.status_code, answer["Location"]) == (303, "/styleguide/?view=table")
    assert answer.cookies["theme"].value == choice


def test_theme_of_the_system_forgets_the_choice(client: Client) -> None:
    client.cookies["theme"] = "dark"
    assert client.get("/theme/system/").cookies["theme"]["max-age"] == 0


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_a_choice_never_leads_to_another_site(client: Client, target: str) -> None:
    assert client.get("/theme/dark/", {"next": target})["Location"] == "/"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "CST", ""])
def test_an_unknown_zone_is_refused_at_the_field(client: Client, zone: str) -> None:
    answer = client.post("/zone/", {"zone": zone})
    assert answer.status_code == 422
    assert "zone" not in answer.cookies


def test_a_forged_cookie_of_a_zone_shows_utc(client: Client) -> None:
    client.cookies["zone"] = "../../etc/passwd"
    assert "Times in UTC." in client.get("/styleguide/").content.decode()


def test_an_absent_page_is_a_404_in_the_portals_hand(client: Client) -> None:
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "<title>Page not found – Lunar Sample Access</title>" in answer.content.decode()


def test_a_fault_is_shown_without_asking_the_database() -> None:
    request = RequestFactory().get("/", headers={"Cookie": "theme=dark"})
    with connection.execute_wrapper(down):
        answer = views.server_error(request)
    assert answer.status_code == 500
    assert 'data-theme="dark"' in answer.content.decode()
    assert "Something went wrong on our side" in answer.content.decode()


@pytest.mark.parametrize(("demonstration", "lines"), [(True, 1), (False, 0)])
def test_every_page_of_a_demonstration_says_so(client: Client, settings: Any, demonstration: bool, lines: int) -> None:
    settings.DEMO = demonstration
    line = "Demonstration. Not a service of any space agency."
    pages = [client.get(path).content.decode() for path in ("/", "/styleguide/", "/zone/", "/nowhere/")]
    assert [page.count(line) for page in pages] == [lines] * 4


def test_typed_text_is_kept_when_the_form_is_too_old() -> None:
    client = Client(enforce_csrf_checks=True)
    typed = {"zone": "Asia/Tokyo", "note": "Half a <page> of text", "password": "moonrock"}
    answer = client.post("/zone/", typed, headers={"Origin": "http://testserver"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Half a &lt;page&gt; of text</textarea>" in page
    assert "Send it again" in page
    assert "moonrock" not in page


def test_the_kept_page_takes_a_new_token_along_and_names_fields_by_family() -> None:
    client = Client(enforce_csrf_checks=True)
    typed = {"pick-0efde401b97d": "1.25"}
    url = "/my/applications/LSA-2026-11111/samples/"
    page = client.post(url, typed, headers={"Origin": "http://testserver"}).content.decode()
    assert 'data-renews="/zone/"' in page
    assert ">Sample picked from the offer: mass in mg, or the whole piece</label>" in page
    assert ">pick-" not in page


def test_who_is_signed_in_is_led_to_the_zone_of_the_account() -> None:
    client = Client()
    client.force_login(UserFactory(zone="Europe/London"))
    page = client.get("/zone/").content.decode()
    assert '<option value="Europe/London" selected>' in page
    assert f'href="{reverse("accounts:profile")}">in your account</a>' in page


def test_kept_text_from_another_site_cannot_be_sent_from_here() -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/zone/", {"note": "planted words"}, headers={"Origin": "https://example.org"}).content.decode()
    assert "Send it again" not in page
    assert "Open the form again" in page


def test_live_asks_nothing(client: Client) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


def test_ready_reports_database_and_broker(client: Client) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": "ok", "broker": "ok"})


def test_ready_without_a_broker_is_still_ready(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": "ok", "broker": "down"})


def test_ready_without_a_database_is_503(client: Client) -> None:
    with connection.execute_wrapper(down):
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["database"]) == (503, "down")
