import threading
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from portal import clock
from portal.audit.models import Event, EventText
from portal.audit.trail import blank, record, trail
from tests.factories.notices import person

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_record_numbers_the_events_of_each_object_from_one(db):
    first, second = person(), person()
    for about in (first, second, first, first):
        record("user.change", about, by=second)
    assert [event.version for event in trail(first)] == [1, 2, 3]
    assert [event.version for event in trail(second)] == [1]


def test_record_keeps_words_apart_from_facts(db):
    about = person()
    with clock.set_to(MOMENT):
        event = record(
            "user.rename", about, by=None, reason="Married", old={"name": "CANARY"}, facts={"fields": ["name"]}
        )
    event.refresh_from_db()
    assert (event.at, event.actor, event.facts, event.about_reference) == (
        MOMENT,
        None,
        {"fields": ["name"]},
        str(about.uid),
    )
    assert (event.text.reason, event.text.old) == ("Married", {"name": "CANARY"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event e WHERE e::text LIKE '%CANARY%'")
        assert cursor.fetchone() == (0,)


def test_blank_erases_the_words_and_keeps_the_event(db):
    event = record("user.rename", person(), by=None, reason="Married", old={"name": "Before"})
    blank(event)
    text = EventText.objects.get(event=event)
    assert (text.reason, text.old, text.blanked_at is not None) == ("", {}, True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET verb = 'user.nothing'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event CASCADE",
        "UPDATE audit_eventtext SET reason = 'Another'",
        "DELETE FROM audit_eventtext",
        "TRUNCATE audit_eventtext",
    ],
)
def test_database_refuses_to_change_what_happened(db, statement):
    record("user.rename", person(), by=None, reason="Married")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Event.objects.values_list("verb", "text__reason")) == [("user.rename", "Married")]


@pytest.mark.django_db(transaction=True)
def test_record_by_many_at_once_leaves_neither_gaps_nor_twins():
    about = person()

    def work():
        for _each in range(10):
            record("user.change", about, by=None)
        connection.close()

    workers = [threading.Thread(target=work) for _each in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [event.version for event in trail(about)] == list(range(1, 81))
