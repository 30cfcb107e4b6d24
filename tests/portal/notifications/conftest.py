"""A kind of notice of the tests' own, about a person, with templates beside this file."""

import copy
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from portal.notifications import kinds
from portal.notifications.kinds import Kind, unless_followed_by


def not_barred(recipient: Any, about: Any, notice: Any) -> bool:
    """Stand for a right that can be lost between writing and sending."""
    return about.department != "barred"


@pytest.fixture
def note(settings: Any, db: None) -> Iterator[Kind]:
    """Register the kind `note` for one test."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"].append(Path(__file__).parent / "templates")
    settings.TEMPLATES = templates
    kind = Kind(
        code="note",
        about_model=get_user_model(),
        may_receive=not_barred,
        url=lambda about: f"/people/{about.uid}/",
        current=unless_followed_by("user.revise"),
        context=lambda about, notice: {"mark": notice.context.get("mark", "")},
        thread=lambda about: about.native_name or None,
    )
    kinds.register(kind)
    yield kind
    del kinds._kinds["note"]


@pytest.fixture
def mails(mail_dir: Path) -> Any:
    """Return a function that reads every message on disk, oldest first."""

    def read() -> list[EmailMessage]:
        files = sorted(mail_dir.glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    return read
