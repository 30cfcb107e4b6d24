import dataclasses

import pytest
from django.db import IntegrityError, transaction

from portal.audit.trail import record
from portal.notifications import kinds
from portal.notifications.delivery import deliver_due
from portal.notifications.models import Notice, State
from portal.notifications.outbox import notify, quietly
from tests.factories.notices import person

pytestmark = pytest.mark.django_db
COPIES: dict[int, str] = {}


@pytest.fixture
def copied(note):
    """Let notices of the kind `note` go to a second address too, for whoever stands in COPIES."""
    plain = kinds.kind("note")
    kinds._kinds["note"] = dataclasses.replace(plain, copy=lambda user: COPIES.get(user.pk, ""))
    COPIES.clear()
    yield
    kinds._kinds["note"] = plain


def sent_to(mail_dir):
    return sorted(
        line.split(": ", 1)[1]
        for path in mail_dir.iterdir()
        for line in path.read_text().splitlines()
        if line.startswith("To: ")
    )


def tell(*people):
    event = record("user.change", people[0], by=None)
    for _again in range(2):
        notify("note", [*people, "guest@example.org"], about=people[0], event=event)


def test_a_copy_is_a_row_of_its_own_written_once_however_often_it_is_told(copied):
    wants, plain = person(), person()
    COPIES[wants.pk] = "second@example.org"
    tell(wants, plain)
    rows = Notice.objects.order_by("pk").values_list("recipient", "address", "in_app", "copy")
    assert list(rows) == [
        (wants.pk, "", True, False),
        (wants.pk, "", False, True),
        (plain.pk, "", True, False),
        (None, "guest@example.org", False, False),
    ]


def test_each_address_gets_one_mail_and_a_second_run_sends_none(copied, mail_dir):
    wants = person()
    COPIES[wants.pk] = "second@example.org"
    tell(wants)
    assert (deliver_due(), deliver_due()) == (3, 0)
    assert sent_to(mail_dir) == sorted([wants.email, "second@example.org", "guest@example.org"])
    assert set(Notice.objects.values_list("state", flat=True)) == {State.SENT}
    assert Notice.objects.get(copy=True).address == "second@example.org"


def test_a_copy_tried_again_goes_out_once(copied, mail_dir):
    wants = person()
    COPIES[wants.pk] = "second@example.org"
    tell(wants)
    deliver_due()
    Notice.objects.filter(copy=False).update(state=State.PENDING, sent_at=None)
    assert deliver_due() == 2
    assert sent_to(mail_dir).count("second@example.org") == 1


def test_a_copy_goes_nowhere_once_the_address_was_removed(copied, mail_dir):
    wants = person()
    COPIES[wants.pk] = "second@example.org"
    tell(wants)
    COPIES.clear()
    assert deliver_due() == 2
    assert "second@example.org" not in sent_to(mail_dir)
    gone = Notice.objects.get(copy=True)
    assert (gone.state, gone.failure) == (State.CANCELLED, "no copy wanted")


def test_no_copy_is_written_for_what_is_never_mailed(copied):
    wants = person()
    COPIES[wants.pk] = "second@example.org"
    with quietly():
        tell(wants)
    assert list(Notice.objects.values_list("copy", "state")) == [(False, State.IN_APP)]


@pytest.mark.parametrize("columns", [{"in_app": True}, {"recipient": None, "address": "a@example.org"}])
def test_database_refuses_a_copy_in_a_list_or_to_nobody(copied, columns):
    wants = person()
    COPIES[wants.pk] = "second@example.org"
    tell(wants)
    with pytest.raises(IntegrityError, match="a_copy_goes_to_a_person"), transaction.atomic():
        Notice.objects.filter(copy=True).update(**columns)
