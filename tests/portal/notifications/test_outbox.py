import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from portal.audit.models import Event
from portal.audit.trail import record
from portal.errors import Denied, NotNow
from portal.notifications.models import Notice, State
from portal.notifications.outbox import notify, notify_account, quietly, send_again
from portal.notifications.wake import wake
from portal.roles import ADMINISTRATOR
from tests.factories.notices import notice, person


def test_notify_writes_one_row_per_recipient_and_the_same_event_never_two(note):
    about, reader = person(), person(language="zh-hans")
    event = record("user.change", about, by=None)
    for _twice in range(2):
        notify("note", [about, reader, "guest@example.org", " Guest@example.org"], about=about, event=event)
    rows = list(Notice.objects.order_by("pk").values_list("recipient", "address", "language", "in_app", "state"))
    assert rows == [
        (about.pk, "", "en", True, "pending"),
        (reader.pk, "", "zh-hans", True, "pending"),
        (None, "guest@example.org", "en", False, "pending"),
    ]
    assert set(Notice.objects.values_list("event_version", flat=True)) == {event.version}


def test_notify_vanishes_with_the_action_that_fails(note):
    about = person()

    def act():
        notice("note", about, about)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        transaction.atomic(act)()
    assert (Notice.objects.count(), Event.objects.count()) == (0, 0)


def test_notify_wakes_once_for_a_transaction_with_many_notices(note, django_capture_on_commit_callbacks):
    about = person()
    with django_capture_on_commit_callbacks() as calls:
        for _each in range(5):
            notice("note", about, about)
    assert calls == [wake]


def test_notify_refuses_a_kind_about_another_model(note):
    about = person()
    event = record("user.change", about, by=None)
    with pytest.raises(TypeError):
        notify("note", [about], about=event, event=event)


def test_notify_quietly_stands_in_the_list_and_is_never_mailed(note, django_capture_on_commit_callbacks):
    about = person()
    with django_capture_on_commit_callbacks() as calls, quietly():
        event = record("user.change", about, by=None)
        notify("note", [about, "guest@example.org"], about=about, event=event)
        notify_account("account.code", "guest@example.org", user=None, subject="Code", body="1234")
    assert list(Notice.objects.values_list("recipient", "in_app", "state")) == [(about.pk, True, "in-app")]
    assert calls == []


def test_notify_account_writes_in_the_language_of_the_page(db):
    with translation.override("zh-hans"):
        notify_account("account.code", "guest@example.org", user=None, subject="Code", body="1234")
    row = Notice.objects.get()
    assert (row.account, row.in_app, row.language, row.body, row.recipient) == (True, False, "zh-hans", "1234", None)


@pytest.mark.parametrize(
    "columns",
    [
        {"state": State.SENT},
        {"state": State.SENDING},
        {"state": "lost"},
        {"body": "words of no account mail"},
        {"event": None},
        {"recipient": None},
    ],
)
def test_database_refuses_a_row_whose_columns_contradict_each_other(note, columns):
    about = person()
    row = notice("note", about, about)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=row.pk).update(**columns)


def test_database_refuses_words_of_account_mail_that_was_sent(db):
    notify_account("account.code", "guest@example.org", user=None, subject="Code", body="1234")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_notice SET state = 'sent', sent_at = now()")


def test_send_again_starts_from_the_beginning_and_is_recorded(note):
    about, office = person(), person(ADMINISTRATOR)
    row = notice("note", about, about)
    Notice.objects.filter(pk=row.pk).update(state=State.DEAD, attempts=12)
    send_again(row, by=office)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("pending", 0)
    assert list(Event.objects.filter(verb="notice.send_again").values_list("actor", "about_id")) == [
        (office.pk, row.pk)
    ]


def test_send_again_refuses_strangers_and_what_was_not_given_up(note):
    about, office = person(), person(ADMINISTRATOR)
    row = notice("note", about, about)
    with pytest.raises(NotNow):
        send_again(row, by=office)
    Notice.objects.filter(pk=row.pk).update(state=State.DEAD)
    with pytest.raises(Denied):
        send_again(row, by=about)
    assert Notice.objects.get(pk=row.pk).state == "dead"
