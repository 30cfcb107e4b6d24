"""Malformed uploads, a short form of the trial: refused or cleaned, nothing served inline, nothing left behind."""

import pytest

from tests.applications.attachments.uploading import Desk
from tests.factories.accounts import UserFactory
from tests.factories.applications import call_of, draft_of


@pytest.mark.django_db(transaction=True)
def test_malformed_uploads_are_refused_or_cleaned_and_leave_nothing() -> None:
    call = call_of()
    desk = Desk(draft_of(call, UserFactory()), draft_of(call, UserFactory()))
    desk.send(13, bombs=1)
    assert desk.wrong == []
    assert sum(desk.tries.values()) == 13
    assert set(desk.kept) <= {"truncated", "flipped", "polyglot", "active"}
    assert desk.kept["active"] == desk.tries["active"]
