"""The pages of the office in a real browser: both themes, both widths."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from portal.audit.trail import record
from portal.notifications.models import Notice, State
from portal.roles import ADMINISTRATOR, AUDITOR
from tests.accessibility import assert_accessible, assert_no_overflow
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
    user, visitor = person(role), Client()
    record("user.rename", user, by=user, reason="Married", old={"name": "Before"}, facts={"fields": ["name"]})
    notice("note", user, user)
    Notice.objects.update(state=State.DEAD, failure="SMTPRecipientsRefused 550", attempts=12)
    visitor.force_login(user)
    session = visitor.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    for theme in ("light", "dark"):
        page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 800})
            answer = page.goto(live_server.url + path)
            assert answer is not None
            assert answer.status == 200
            assert_accessible(page)
            assert_no_overflow(page)
