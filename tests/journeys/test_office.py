"""The pages of the office in a real browser: both themes, both widths."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from portal.audit.trail import record
from portal.notifications.models import Notice, State
from portal.roles import ADMINISTRATOR, AUDITOR
from tests.browsing import come_in, look_at
from tests.factories.accounts import UserFactory, administrator
from tests.factories.notices import notice, person
from tests.portal.notifications.conftest import note  # noqa: F401  a kind of the tests' own


@pytest.mark.parametrize(
    ("path", "role"),
    [("/my/notifications/", ADMINISTRATOR), ("/manage/mail/", ADMINISTRATOR), ("/manage/audit/", AUDITOR)],
)
def test_office_page_is_accessible_in_both_themes_and_widths(
    live_server: LiveServer,
    page: Page,
    note: object,  # noqa: F811
    path: str,
    role: object,
) -> None:
    user = person(role)
    record("user.rename", user, by=user, reason="Married", old={"name": "Before"}, facts={"fields": ["name"]})
    notice("note", user, user)
    Notice.objects.update(state=State.DEAD, failure="SMTPRecipientsRefused 550", attempts=12)
    come_in(page.context, live_server.url, user)
    assert look_at(page, live_server.url, [path]) == []


def test_page_of_one_person_is_accessible_with_roles_held(live_server: LiveServer, page: Page) -> None:
    holder = UserFactory(roles=["administrator", "curator"])
    come_in(page.context, live_server.url, administrator())
    paths = [f"{prefix}/manage/people/{holder.uid}/" for prefix in ("", "/zh-hans")]
    assert look_at(page, live_server.url, paths) == []
