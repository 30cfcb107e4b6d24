"""The pages of the office through the browser's requests: notices, mail, audit trail."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.audit.models import Event
from portal.audit.trail import record
from portal.notifications import inbox
from portal.notifications.models import Notice, State
from portal.notifications.outbox import notify_account
from portal.office.readings import reading
from portal.roles import ADMINISTRATOR, AUDITOR, CURATOR
from tests.factories.notices import notice, person
from tests.portal.notifications.conftest import note  # noqa: F401  the kind of the outbox's own tests

PAGES = ["/my/notifications/", "/manage/mail/", "/manage/audit/"]


def as_(client, user):
    client.force_login(user)
    return client


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize(
    ("role", "statuses"),
    [(None, [200, 404, 404]), (CURATOR, [200, 404, 404]), (ADMINISTRATOR, [200, 200, 404]), (AUDITOR, [200, 404, 200])],
)
def test_pages_open_to_their_roles_alone(client, db, role, statuses):
    as_(client, person(role))
    assert [client.get(page).status_code for page in PAGES] == statuses


def test_pages_ask_for_a_sign_in(client, db):
    assert [client.get(page).status_code for page in PAGES] == [302, 302, 302]


# --- Notices ------------------------------------------------------------------------------------------------------


def test_notifications_show_ones_own_as_a_sentence_that_is_escaped(client, note):  # noqa: F811
    reader, other = person(name="Reader"), person(name="CANARY")
    notice("note", reader, reader)
    notice("note", other, other)
    response = as_(client, reader).get("/my/notifications/")
    assert "Something &lt;happened&gt; to Reader." in response.content.decode()
    assert "CANARY" not in response.content.decode()


def test_marking_as_read_needs_a_post_and_leads_back(client, note):  # noqa: F811
    reader = person()
    rows = [notice("note", reader, reader) for _each in range(3)]
    as_(client, reader)
    assert client.get(f"/my/notifications/{rows[0].uid}/read/").status_code == 405
    response = client.post(f"/my/notifications/{rows[0].uid}/read/")
    assert (response.status_code, response["Location"], inbox.unread(reader)) == (303, "/my/notifications/", 2)
    client.post("/my/notifications/read/")
    assert inbox.unread(reader) == 0


def test_marking_somebody_elses_notice_is_a_404(client, note):  # noqa: F811
    reader, other = person(), person()
    row = notice("note", other, other)
    assert as_(client, reader).post(f"/my/notifications/{row.uid}/read/").status_code == 404
    assert inbox.unread(other) == 1


# --- Mail -----------------------------------------------------------------------------------------------------------


def test_mail_shows_what_was_sent_and_of_account_mail_only_kind_and_state(client, note):  # noqa: F811
    about = person(email="reader@example.org", name="Reader")
    notice("note", about, about)
    notify_account("account.code", "canary@example.org", user=None, subject="CANARY", body="CANARY-1234")
    response = as_(client, person(ADMINISTRATOR)).get("/manage/mail/")
    assert "Reader reader@example.org" in words(response)
    assert "account.code" in words(response)
    assert "canary" not in response.content.decode().lower()


def test_mail_can_be_narrowed_to_a_state(client, note):  # noqa: F811
    about = person(email="reader@example.org")
    notice("note", about, about)
    as_(client, person(ADMINISTRATOR))
    assert "reader@example.org" in words(client.get("/manage/mail/?state=pending"))
    assert "reader@example.org" not in words(client.get("/manage/mail/?state=sent"))


def test_send_again_is_offered_for_what_was_given_up_and_refused_with_409_otherwise(client, note):  # noqa: F811
    about = person()
    row = notice("note", about, about)
    address = f"/manage/mail/{row.uid}/send-again/"
    as_(client, person(ADMINISTRATOR))
    assert address not in client.get("/manage/mail/").content.decode()
    assert client.post(address).status_code == 409
    Notice.objects.filter(pk=row.pk).update(state=State.DEAD)
    assert address in client.get("/manage/mail/").content.decode()
    assert client.post(address).status_code == 303
    assert Notice.objects.get(pk=row.pk).state == "pending"


def test_send_again_by_somebody_without_the_role_is_a_404(client, note):  # noqa: F811
    about = person()
    row = notice("note", about, about)
    Notice.objects.filter(pk=row.pk).update(state=State.DEAD)
    assert as_(client, about).post(f"/manage/mail/{row.uid}/send-again/").status_code == 404
    assert Notice.objects.get(pk=row.pk).state == "dead"


# --- The audit trail ------------------------------------------------------------------------------------------------


def shown(response):
    """The verbs in the table, top down."""
    return [event.verb for event in response.context["page"].rows]


def test_audit_filters_by_verb_person_object_and_day(client, db):
    auditor, actor, about = person(AUDITOR), person(), person()
    record("user.first", about, by=actor, reason="Because")
    record("user.second", about, by=None)
    record("user.third", actor, by=None)
    as_(client, auditor)
    assert shown(client.get("/manage/audit/", {"verb": "user.second"})) == ["user.second"]
    assert shown(client.get("/manage/audit/", {"actor": actor.uid})) == ["user.first"]
    assert shown(client.get("/manage/audit/", {"about": about.uid})) == ["user.second", "user.first"]
    assert shown(client.get("/manage/audit/", {"about": about.uid, "until": "2020-01-01"})) == []
    assert "Because" in words(client.get("/manage/audit/", {"verb": "user.first"}))


@pytest.mark.parametrize(
    "query",
    [
        {"order": "at"},
        {"actor": "1 OR 1=1"},
        {"verb": "Submit'"},
        {"since": "yesterday"},
        {"since": "2026-02-02", "until": "2026-02-01"},
        {"cursor": "forged"},
        {"actor__password": "x"},
    ],
)
def test_audit_refuses_what_it_does_not_understand(client, db, query):
    assert as_(client, person(AUDITOR)).get("/manage/audit/", query).status_code == 400


def test_looking_at_the_audit_trail_is_recorded(client, db):
    auditor = person(AUDITOR)
    as_(client, auditor).get("/manage/audit/", {"verb": "user.grant"})
    assert list(Event.objects.filter(verb="trail.read").values_list("actor", "facts")) == [
        (auditor.pk, {"filters": ["verb"]})
    ]


def test_audit_pages_lead_through_everything_once(client, db):
    auditor, about = person(AUDITOR), person()
    for _each in range(70):
        record("user.change", about, by=None)
    as_(client, auditor)
    seen, query = [], {"about": about.uid}
    while True:
        page = client.get("/manage/audit/", query).context["page"]
        seen += [event.version for event in page.rows]
        if not page.next:
            break
        query["cursor"] = page.next
    assert seen == list(range(70, 0, -1))


@pytest.mark.parametrize(("address", "role"), list(zip(PAGES, [ADMINISTRATOR, ADMINISTRATOR, AUDITOR], strict=True)))
def test_pages_need_as_many_queries_for_thirty_rows_as_for_one(client, note, address, role):  # noqa: F811
    user = person(role)
    as_(client, user)

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    for _each in range(2):
        notice("note", user, person())
    client.get(address)
    few = count()
    for _each in range(28):
        notice("note", user, person())
    assert count() == few <= 16  # sign-in, list, and for the trail the record of the reading


@pytest.mark.parametrize(("role", "events"), [(AUDITOR, [("user.read", {"part": "profile"})]), (ADMINISTRATOR, [])])
def test_reading_an_object_is_recorded_for_auditors_alone(rf, db, role, events):
    about, request = person(), rf.get("/")
    request.user, request._afterwards = person(role), []
    reading(request, about, part="profile")
    for write in request._afterwards:
        write()
    assert list(Event.objects.filter(about_id=about.pk).values_list("verb", "facts")) == events
