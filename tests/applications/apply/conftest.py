"""A call that is open, somebody who applies, and their browser."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application, Call
from portal.accounts.models import User
from tests.factories.accounts import UserFactory
from tests.factories.applications import call_of, draft_of


@pytest.fixture
def call(db: None) -> Call:
    return call_of()


@pytest.fixture
def applicant(db: None) -> User:
    return UserFactory()


@pytest.fixture
def draft(call: Call, applicant: User) -> Application:
    """A complete draft of the applicant."""
    return draft_of(call, applicant)


@pytest.fixture
def visitor(applicant: User) -> Client:
    return signed_in(applicant)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, application: Application, *more: Any) -> str:
    return reverse(f"applications:{name}", args=[application.reference, *more])


@pytest.fixture
def send() -> Callable[..., Any]:
    """Send a form as a browser does: with a key of its own."""

    def _send(client: Client, url: str, **data: Any) -> Any:
        return client.post(url, {"_once": str(uuid.uuid4()), **data})

    return _send
