"""What tests of accounts read: pages without what differs each time, codes and links of mails."""

import re
from typing import Any

from django.test import Client

from portal.notifications.models import Notice
from tests.factories.accounts import PASSWORD

CHANGING = re.compile(r'name="(csrfmiddlewaretoken|_once)" value="[^"]*"')


def same(response: Any, *addresses: str) -> tuple[int, str, str]:
    """Return status, target and body without tokens and without the addresses typed."""
    body = CHANGING.sub("", response.content.decode())
    for address in addresses:
        body = body.replace(address, "ADDRESS")
    return response.status_code, response.get("Location", ""), body


def last_mail() -> Notice:
    """Return the mail written last."""
    return Notice.objects.order_by("-id")[0]


def code_of(notice: Notice) -> str:
    """Return the code that stands on a line of its own."""
    return re.search(r"^([A-Z]{4}-[A-Z]{4})$", notice.body, re.M)[1]


def link_of(notice: Notice) -> str:
    """Return the path of the first link into the portal that is no home page."""
    return re.search(r"^https?://[^/\s]+(/\S+)$", notice.body, re.M)[1]


def signed_in(user: Any) -> Client:
    """Return a browser in which somebody has signed in by password."""
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def proved(user: Any) -> Client:
    """Return a browser in which somebody has signed in and has just proved it once more."""
    client = signed_in(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client
