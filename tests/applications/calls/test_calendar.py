"""The calendar file of a call: what calendars read from it, and that it changes only when the call does."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from icalendar import Calendar

from applications import record
from applications.calls import actions
from applications.enums import CallStatus
from applications.models import ScheduleNote
from portal import clock
from tests.factories import applications as rows
from tests.factories.accounts import UserFactory, administrator

pytestmark = pytest.mark.django_db
BEIJING = ZoneInfo("Asia/Shanghai")
DATES = {
    "slug": "one",
    "title": "One; two, three\\ and a\tfourth “call”",
    "opens_at": datetime(2026, 11, 1, 9, tzinfo=BEIJING),
    "closes_at": datetime(2027, 12, 17, 23, 59, tzinfo=BEIJING),
    "interviews_on": date(2028, 3, 1),
    "results_on": date(2028, 6, 1),
}


def read(client, slug="one", prefix=""):
    answer = client.get(f"{prefix}/calls/{slug}/dates.ics")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content)


def events(calendar):
    return {str(event["uid"]).partition("@")[0]: event for event in calendar.walk("VEVENT")}


def test_every_date_comes_out_as_it_went_in(client):
    rows.call_of(**DATES)

    found = events(read(client))

    assert {uid: event.decoded("dtstart") for uid, event in found.items()} == {
        "one.opens": DATES["opens_at"],
        "one.questions-close": datetime(2027, 12, 14, 23, 59, tzinfo=BEIJING),
        "one.closes": DATES["closes_at"],
        "one.interviews": date(2028, 3, 1),
        "one.results": date(2028, 6, 1),
    }
    assert found["one.interviews"].decoded("dtend") == date(2028, 3, 2)
    assert {str(event["status"]) for event in found.values()} == {"CONFIRMED"}
    assert str(found["one.closes"]["summary"]) == f"Deadline: {DATES['title']}"
    assert str(found["one.closes"]["url"]) == f"{settings.SITE_URL}/calls/one/"


def test_lines_are_folded_escaped_and_ended_as_the_standard_says(client):
    rows.call_of(**DATES | {"title": "征集" * 60 + "; end, of\\it"})
    body = client.get("/calls/one/dates.ics").content
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert body.count(b"\n") == body.count(b"\r\n")
    assert rb"\; end\, of\\it".replace(b" ", b"") in body.replace(b"\r\n ", b"").replace(b" ", b"")
    title = str(events(read(client))["one.closes"]["summary"])
    assert title == "Deadline: " + "征集" * 60 + "; end, of\\it"


@pytest.mark.parametrize(("zone", "offset"), [("Asia/Shanghai", 8), ("Europe/Berlin", 1), ("UTC", 0)])
def test_the_zone_comes_with_its_rules_and_without_letter_codes(client, zone, offset):
    closes_at = datetime(2027, 12, 17, 23, 59, tzinfo=ZoneInfo(zone))
    rows.call_of(**DATES | {"zone": zone, "closes_at": closes_at})
    calendar = read(client)
    assert [str(one["tzid"]) for one in calendar.walk("VTIMEZONE")] == ([] if zone == "UTC" else [zone])
    assert b"TZNAME" not in calendar.to_ical()
    assert events(calendar)["one.closes"].decoded("dtstart").utcoffset() == timedelta(hours=offset)


def test_midnight_is_the_last_minute_of_the_day_it_ends(client):
    rows.call_of(**DATES | {"closes_at": datetime(2027, 12, 18, tzinfo=BEIJING)})
    assert events(read(client))["one.closes"].decoded("dtstart") == DATES["closes_at"]


def test_nothing_changes_while_nothing_changes_and_the_file_is_not_sent_twice(client):
    rows.call_of(**DATES)
    with clock.set_to(clock.now() + timedelta(hours=1)):
        first = client.get("/calls/one/dates.ics")
    with clock.set_to(clock.now() + timedelta(days=3)):
        second = client.get("/calls/one/dates.ics")
        again = client.get("/calls/one/dates.ics", headers={"if-none-match": first["ETag"]})
    assert (first.content, first["ETag"]) == (second.content, second["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_what_nobody_may_know_moves_no_byte(client):
    """A seat, a question, an application and a hold are no business of a calendar."""
    call = rows.call_of(**DATES)
    before = client.get("/calls/one/dates.ics").content
    actions.seat(call, by=administrator(), user=UserFactory(), role="reviewer")
    rows.application_of(call, status="decided")
    assert client.get("/calls/one/dates.ics").content == before


def test_a_change_raises_the_sequence_and_keeps_every_uid(client):
    call, office = rows.call_of(**DATES), administrator()
    before = events(read(client))

    actions.extend(call, by=office, closes_at=call.closes_at + timedelta(days=7), reason="A day without power.")
    extended = events(read(client))
    words = {"text": "Later.", "text_zh": "推迟。", "by": office, "at": clock.now()}
    ScheduleNote.objects.create(call=call, results_on=date(2028, 7, 1), **words)
    noted = events(read(client))

    assert before.keys() == extended.keys() == noted.keys()
    assert [int(each["one.closes"]["sequence"]) for each in (before, extended, noted)] == [0, 1, 2]
    assert extended["one.closes"].decoded("dtstart") == DATES["closes_at"] + timedelta(days=7)
    assert extended["one.questions-close"].decoded("dtstart") == datetime(2027, 12, 21, 23, 59, tzinfo=BEIJING)
    assert before["one.closes"].decoded("dtstamp") <= extended["one.closes"].decoded("dtstamp")


def test_a_cancelled_call_cancels_its_events(client):
    call = rows.call_of(**DATES)
    actions.cancel(call, by=administrator(), reason="Not this year.")
    found = events(read(client))
    assert {(str(event["status"]), int(event["sequence"])) for event in found.values()} == {("CANCELLED", 1)}


def test_words_follow_the_language_and_uids_do_not(client):
    rows.call_of(**DATES | {"title_zh": "第一轮"})
    english, chinese = events(read(client)), events(read(client, prefix="/zh-hans"))
    assert english.keys() == chinese.keys()
    assert str(chinese["one.closes"]["summary"]).endswith("第一轮")


def test_a_practice_call_promises_neither_interviews_nor_results(client):
    rows.call_of(**DATES, is_practice=True)
    assert {"one.interviews", "one.results"}.isdisjoint(events(read(client)))


def test_calls_that_nobody_reads_and_earlier_rounds_have_no_calendar(client):
    draft = rows.call_of(status=CallStatus.DRAFT, slug="hidden")
    record.load()
    office = Client()
    office.force_login(draft.created_by)
    for asks, slug in ((client, "hidden"), (office, "hidden"), (client, "ce5-international-1"), (client, "none")):
        assert asks.get(f"/calls/{slug}/dates.ics").status_code == 404


def test_moments_are_utc_where_the_standard_wants_it(client):
    rows.call_of(**DATES)
    stamp = events(read(client))["one.closes"].decoded("dtstamp")
    assert stamp.tzinfo is not None and stamp.utcoffset() == timedelta(0)
    assert stamp <= datetime.now(UTC)
