"""Every way in, in a real browser: password, passkey with a virtual device, ORCID, a code; and every page looked at."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts import addresses, orcid, ror
from portal.accounts.models import User
from portal.notifications.models import Notice
from tests.accessibility import assert_accessible
from tests.browsing import look_at
from tests.factories.accounts import PASSWORD, UserFactory
from tests.orcid_server import SOMEBODY, Orcid, known_to_orcid
from tests.portal.accounts.reading import code_of, last_mail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_orcid(settings) -> Iterator[Orcid]:
    """Let the portal be known to a server that speaks as ORCID does."""
    with known_to_orcid(settings) as server:
        yield server


@pytest.fixture
def passkeys_kept(page: Page) -> Any:
    """Give the browser a device that keeps passkeys and finds its owner's finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def arrive(page: Page, path: str) -> None:
    """Wait until the page itself has come, not one that leads there."""
    page.wait_for_url(re.compile(rf"^[^?]*{path}(\?|$)"))


def sign_in(page: Page, server: LiveServer, user: User, path: str = "/accounts/ways/") -> None:
    page.goto(f"{server.url}/accounts/login/?next={path}")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="Sign out")).to_be_visible()


def prove(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue", exact=True).click()


def test_a_passkey_is_made_signs_in_proves_and_is_removed(
    live_server: LiveServer, page: Page, passkeys_kept: Any
) -> None:
    user = UserFactory()
    sign_in(page, live_server, user)
    page.get_by_role("link", name="Add a passkey").click()
    prove(page)
    page.get_by_label("Name of the passkey").fill("Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("listitem").filter(has_text="Laptop").first).to_be_visible()
    assert last_mail().kind == "passkey-added"

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/login/?next=/samples/")
    page.get_by_role("button", name="Use a passkey").click()
    arrive(page, "/samples/")

    page.goto(f"{live_server.url}/accounts/ways/")
    page.get_by_role("listitem").filter(has_text="Laptop").get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Remove a passkey")).to_be_visible()
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_role("link", name="Add a passkey")).to_be_visible()
    assert not Authenticator.objects.exists()

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Sign in with a passkey")).to_be_visible()
    expect(page.locator(".problem")).to_contain_text("This passkey was not accepted.")


def test_a_passkey_of_another_question_is_not_accepted(live_server: LiveServer, page: Page, passkeys_kept: Any) -> None:
    """The same answer of the device, sent a second time, opens nothing."""
    user = UserFactory()
    sign_in(page, live_server, user, "/accounts/passkeys/add/")
    prove(page)
    page.get_by_label("Name of the passkey").fill("Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    arrive(page, "/accounts/ways/")
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/login/")
    with page.expect_request(re.compile("/accounts/passkey/$")) as sent:
        page.get_by_role("button", name="Use a passkey").click()
    arrive(page, "/my/")
    credential = sent.value.post_data_json["credential"]
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/passkey/")
    page.evaluate(
        """async (credential) => {
            const form = document.querySelector("form[data-passkey]");
            const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
            await fetch(form.dataset.options, { method: "POST", headers });
            form.elements.credential.value = credential;
            form.submit();
        }""",
        credential,
    )
    expect(page.locator(".problem")).to_contain_text("This passkey was not accepted.")


def test_an_account_is_made_with_a_passkey_and_no_password(
    live_server: LiveServer, page: Page, passkeys_kept: Any
) -> None:
    page.goto(f"{live_server.url}/accounts/signup/?next=/samples/")
    page.get_by_role("link", name="Sign up with a passkey").click()
    expect(page.get_by_label("Password")).to_have_count(0)
    page.get_by_label("E-mail").fill("new@example.org")
    page.get_by_label("Name", exact=False).first.fill("Demonstration newcomer")
    page.get_by_role("button", name="Create the account").click()
    page.get_by_label("Code").fill(code_of(last_mail()))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Make your passkey")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Make the passkey").click()
    arrive(page, "/samples/")
    user = User.objects.get()
    assert (user.has_usable_password(), Authenticator.objects.get().user) == (False, user)
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    arrive(page, "/my/")


def test_a_passkey_left_for_later_leaves_the_code_by_mail(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/accounts/signup/passkey/")
    page.get_by_label("E-mail").fill("new@example.org")
    page.get_by_label("Name", exact=False).first.fill("Demonstration newcomer")
    page.get_by_role("button", name="Create the account").click()
    page.get_by_label("Code").fill(code_of(last_mail()))
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Later").click()
    arrive(page, "/my/")
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("link", name="Send me a code by e-mail").click()
    page.get_by_label("E-mail").fill("new@example.org")
    page.get_by_role("button", name="Send a code").click()
    page.get_by_label("Code").fill(code_of(last_mail()))
    page.get_by_role("button", name="Sign in", exact=True).click()
    arrive(page, "/my/")


def test_orcid_signs_up_and_in_without_a_script_too(live_server: LiveServer, browser: Browser, at_orcid: Orcid) -> None:
    for script in (True, False):
        context = browser.new_context(java_script_enabled=script)
        page = context.new_page()
        page.goto(f"{live_server.url}/accounts/login/?next=/samples/")
        page.get_by_role("button", name="Continue with ORCID").click()
        if not script:
            page.get_by_role("button", name="Continue").click()
        if script:  # the first time
            expect(page.get_by_role("link", name=f"{at_orcid.url}/{SOMEBODY}")).to_be_visible()
            assert_accessible(page)
            page.get_by_label("E-mail").fill("new@example.org")
            page.get_by_role("button", name="Create the account").click()
            page.get_by_label("Code").fill(code_of(last_mail()))
            page.get_by_role("button", name="Confirm").click()
        arrive(page, "/samples/")
        context.close()
    assert User.objects.get().orcid == SOMEBODY


def test_an_id_is_linked_and_unlinked(live_server: LiveServer, page: Page, at_orcid: Orcid) -> None:
    sign_in(page, live_server, UserFactory())
    page.get_by_role("button", name="Link your ORCID iD").click()
    prove(page)
    expect(page.get_by_text("Your ORCID iD is linked.")).to_be_visible()
    expect(page.get_by_role("link", name=f"{at_orcid.url}/{SOMEBODY}")).to_be_visible()
    page.get_by_role("link", name="Unlink ORCID").click()
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_role("button", name="Link your ORCID iD")).to_be_visible()


def test_an_institution_is_proposed_by_its_acronym_and_the_zone_by_the_browser(
    live_server: LiveServer, browser: Browser
) -> None:
    ror.take_in_named()
    for number in range(100):  # a list too long to be sent along
        ror.Institution.objects.create(name=f"Institute {number}", country_or_region="NO", verified=True)
    context = browser.new_context(timezone_id="Asia/Karachi")
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/signup/")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Karachi")
    page.get_by_label("Institution").press_sequentially("suparco")
    expect(page.locator("#institutions option")).to_have_count(1)
    assert page.locator("#institutions option").get_attribute("value").startswith("Pakistan Space")
    context.close()


def test_no_page_of_signing_in_asks_another_host_or_offends_its_policy(
    live_server: LiveServer, page: Page, at_orcid: Orcid
) -> None:
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for path in ("login/", "signup/", "signup/passkey/", "passkey/", "login/code/", "institutions/?q=a"):
        page.goto(f"{live_server.url}/accounts/{path}")
    assert [url for url in asked if not url.startswith(live_server.url + "/")] == []
    assert complaints == []


PUBLIC = (
    "login/",
    "signup/",
    "signup/passkey/",
    "passkey/",
    "login/code/",
    "institutions/?q=dem",
    "institutions/?q=zzz",
)
OWN = ("ways/", "email/", "profile/", "password/change/", "passkeys/add/", "email/second/", "orcid/unlink/")


def see(page: Page, server: LiveServer, prefix: str, path: str, seen: str = "") -> None:
    """Look at a page of accounts, and not at one that it leads to."""
    assert look_at(page, server.url, [f"{prefix}/accounts/{path}"]) == []
    assert (seen or path) in page.url


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
@pytest.mark.parametrize("path", PUBLIC)
def test_pages_for_everybody_are_accessible(
    live_server: LiveServer, page: Page, at_orcid: Orcid, prefix: str, path: str
) -> None:
    ror.take_in_named()
    see(page, live_server, prefix, path)


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_pages_of_ones_own_account_are_accessible(
    live_server: LiveServer, page: Page, at_orcid: Orcid, passkeys_kept: Any, prefix: str
) -> None:
    user = UserFactory()
    sign_in(page, live_server, user, "/accounts/passkeys/add/")
    see(page, live_server, prefix, "reauthenticate/?next=/my/", "reauthenticate")
    page.goto(f"{live_server.url}/accounts/passkeys/add/")
    prove(page)
    page.get_by_label("Name of the passkey").fill("Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    arrive(page, "/accounts/ways/")
    orcid.link(user, SOMEBODY, by=user)
    for path in OWN:
        see(page, live_server, prefix, path)
    addresses.add_second(user, "second@example.org", by=user)
    uid = Authenticator.objects.get().data["uid"]
    for path in ("email/", f"passkeys/{uid}/rename/", f"passkeys/{uid}/remove/"):
        see(page, live_server, prefix, path)
    assert Notice.objects.filter(kind="passkey-added").count() == 1


def test_what_orcid_answered_is_accessible_whatever_it_was(
    live_server: LiveServer, page: Page, at_orcid: Orcid
) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    for spoil in ({"refuses": True}, {"refuses": False, "token": []}):
        for name, value in spoil.items():
            setattr(at_orcid, name, value)
        page.goto(f"{live_server.url}/accounts/login/")
        page.get_by_role("button", name="Continue with ORCID").click()
        expect(page.get_by_role("heading", name="ORCID did not sign you in")).to_be_visible()
        assert_accessible(page)
    page.goto(f"{live_server.url}/accounts/orcid/callback/?code=x&state=y")
    expect(page.get_by_text("took too long")).to_be_visible()
