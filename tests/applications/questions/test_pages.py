"""The pages of questions: what everybody reads, who asks, what the office sees, and that nothing says who asked."""

import html
import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client

from applications import record
from applications.models import CallQuestion
from applications.questions import actions
from applications.questions.queries import version_of
from applications.rules.questions import questions_close_at
from portal import clock
from portal.accounts.models import User
from tests.counting import MOST_QUERIES, queries_of
from tests.factories import applications as rows
from tests.factories.accounts import UserFactory, administrator

pytestmark = pytest.mark.django_db
WORDS = {
    "question": "May both sides be asked for?",
    "question_zh": "可以请求两面吗？",
    "answer": "Yes, both.",
    "answer_zh": "可以，两面都行。",
}


@pytest.fixture
def call():
    return rows.call_of(slug="one")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def published(call, asker=None, **texts):
    office = administrator()
    question = actions.ask(call, by=asker or UserFactory(), asked=f"As asked {uuid.uuid4()}")
    actions.write(question, by=office, **(WORDS | texts))
    actions.publish(call, by=office, chosen={question.uid: version_of(question)})
    return question


def words_of(answer) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_whoever_is_signed_in_asks_and_alone_sees_what_waits(call):
    asker = UserFactory()

    answer = signed_in(asker).post("/calls/one/questions/", {"asked": "May we?\r\nBoth?"})

    assert (answer.status_code, answer.url) == (303, "/calls/one/questions/#mine")
    assert CallQuestion.objects.get().asked == "May we?\nBoth?"
    assert "May we?" in words_of(signed_in(asker).get("/calls/one/questions/"))
    for other in (Client(), signed_in(UserFactory()), signed_in(administrator())):
        assert "May we?" not in words_of(other.get("/calls/one/questions/"))


def test_a_form_sent_twice_asks_once(call):
    client = signed_in(UserFactory())
    form = {"asked": "May we?", "_once": str(uuid.uuid4())}
    assert [client.post("/calls/one/questions/", form).status_code for _ in range(2)] == [303, 303]
    assert CallQuestion.objects.count() == 1


def test_who_is_not_signed_in_keeps_what_was_typed(client, call):
    answer = client.post("/calls/one/questions/", {"asked": "Typed for an hour"})
    assert answer.status_code == 403
    assert "Typed for an hour" in words_of(answer)
    assert not CallQuestion.objects.exists()


def test_a_question_asked_too_late_is_kept_on_the_page_and_says_so(call):
    with clock.set_to(questions_close_at(call) + timedelta(seconds=1)):
        client = signed_in(UserFactory())
        answer = client.post("/calls/one/questions/", {"asked": "Typed for an hour"})
        shown = words_of(client.get("/calls/one/questions/"))
    assert answer.status_code == 409
    assert "Typed for an hour" in answer.content.decode()
    assert "The time for questions is over." in words_of(answer)
    assert "Were taken until" in shown
    assert "Send the question" not in shown


@pytest.mark.parametrize("asked", ["", "   ", "x" * 2001, "\x00"])
def test_bad_questions_are_refused_at_the_field(call, asked):
    answer = signed_in(UserFactory()).post("/calls/one/questions/", {"asked": asked})
    assert answer.status_code == 422
    assert 'id="id_asked_error"' in answer.content.decode()
    assert not CallQuestion.objects.exists()


def test_everybody_reads_the_public_wording_in_the_language_of_the_page(client, call):
    question = published(call)
    english, chinese = client.get("/calls/one/questions/"), client.get("/zh-hans/calls/one/questions/")
    assert ("Yes, both." in words_of(english), "可以，两面都行。" in words_of(english)) == (True, False)
    assert ("Yes, both." in words_of(chinese), "可以，两面都行。" in words_of(chinese)) == (False, True)
    assert question.asked not in words_of(english)
    assert "Yes, both." in words_of(client.get("/calls/one/"))


def test_what_is_written_and_not_published_is_read_by_nobody_outside_the_office(call):
    question = actions.ask(call, by=UserFactory(), asked="May we?")
    actions.write(question, by=administrator(), **WORDS)
    for client in (Client(), signed_in(UserFactory()), signed_in(question.asker)):
        for url in ("/calls/one/", "/calls/one/questions/", "/api/v1/calls/one/"):
            assert "Yes, both." not in words_of(client.get(url))


def test_no_page_says_who_asked_or_at_what_time(call):
    asked_at = clock.now() - timedelta(days=2, hours=3, minutes=7)
    asker = UserFactory(name="Ninetieth applicant", email="ninety@example.org")
    rows.draft_of(call, asker)
    with clock.set_to(asked_at):
        open_one = actions.ask(call, by=asker, asked="Still open?")
    with clock.set_to(asked_at + timedelta(hours=5)):
        published(call, asker)
    office, times = signed_in(administrator()), (asked_at, asked_at + timedelta(hours=5))
    urls = ["/calls/one/", "/calls/one/questions/", "/api/v1/calls/one/"]
    staff = ["/manage/calls/one/questions/", f"/manage/calls/one/questions/{open_one.uid}/", "/admin/"]
    staff += ["/manage/calls/", "/manage/mail/", "/admin/audit/event/", "/admin/notifications/notice/"]
    pages = [Client().get(url) for url in urls] + [office.get(url) for url in (*urls, *staff)]
    assert {page.status_code for page in pages} == {200}
    for page in pages:
        shown = words_of(page)
        assert "Ninetieth" not in shown, page.request["PATH_INFO"]
        assert "ninety@" not in shown, page.request["PATH_INFO"]
        if "/admin/" not in page.request["PATH_INFO"] and "mail" not in page.request["PATH_INFO"]:
            assert not any(f"{time:%H:%M}" in shown for time in times), page.request["PATH_INFO"]


def test_the_auditor_reads_in_the_trail_who_asked(call):
    """The control of the test above: the rows are there, and one role may see them."""
    asker = UserFactory(name="Ninetieth applicant")
    actions.ask(call, by=asker, asked="Still open?")
    assert "Ninetieth" in words_of(signed_in(UserFactory(roles=["auditor"])).get("/manage/audit/"))
    assert signed_in(administrator()).get("/admin/applications/callquestion/").status_code == 404


def test_the_office_words_answers_and_publishes_the_chosen_together(call):
    first, second, third = (actions.ask(call, by=UserFactory(), asked=f"Question {n}?") for n in range(3))
    office = signed_in(administrator())
    for one in (first, second):
        assert office.post(f"/manage/calls/one/questions/{one.uid}/", WORDS).status_code == 303
    office.post(f"/manage/calls/one/questions/{third.uid}/", WORDS | {"answer_zh": ""})

    page = office.get("/manage/calls/one/questions/").content.decode()
    boxes = re.findall(r'name="chosen"[^>]*value="([^"]+)"', page)
    answer = office.post("/manage/calls/one/questions/", {"chosen": boxes})

    assert answer.status_code == 303
    assert len(boxes) == 2
    assert set(CallQuestion.objects.exclude(answered_at=None)) == {first, second}


@pytest.mark.parametrize("chosen", [[], ["nonsense"], [f"{uuid.uuid4()}:1"], ["-" * 36 + ":1"], ["\x00"]])
def test_a_choice_from_no_list_publishes_nothing(call, chosen):
    question = actions.ask(call, by=UserFactory(), asked="May we?")
    actions.write(question, by=administrator(), **WORDS)
    answer = signed_in(administrator()).post("/manage/calls/one/questions/", {"chosen": chosen})
    assert answer.status_code in (409, 422)
    assert not CallQuestion.objects.exclude(answered_at=None).exists()


def test_who_saves_second_sees_both_texts(call):
    question = actions.ask(call, by=UserFactory(), asked="May we?")
    url, office = f"/manage/calls/one/questions/{question.uid}/", signed_in(administrator())
    seen = re.search(r'name="seen" value="(\d+)"', office.get(url).content.decode())[1]
    actions.write(question, by=administrator(), answer="Theirs")

    refused = office.post(url, {"answer": "Mine", "seen": seen})

    assert refused.status_code == 409
    assert "Theirs" in words_of(refused) and "Mine" in words_of(refused)
    again = re.search(r'name="seen" value="(\d+)"', refused.content.decode())[1]
    assert office.post(url, {"answer": "Mine", "seen": again}).status_code == 303


def test_pages_of_the_office_are_absent_for_others_and_for_who_applies(call):
    question = actions.ask(call, by=UserFactory(), asked="May we?")
    applying = administrator()
    rows.draft_of(call, applying)
    for person in (UserFactory(), UserFactory(roles=["curator"]), applying):
        for url in ("/manage/calls/one/questions/", f"/manage/calls/one/questions/{question.uid}/"):
            assert signed_in(person).get(url).status_code == 404
            assert signed_in(person).post(url, WORDS).status_code == 404
    question.refresh_from_db()
    assert question.answer == ""


def test_a_question_is_absent_under_another_call(call):
    question = actions.ask(rows.call_of(), by=UserFactory(), asked="May we?")
    assert signed_in(administrator()).get(f"/manage/calls/one/questions/{question.uid}/").status_code == 404


def test_calls_that_nobody_reads_and_earlier_rounds_have_no_questions(client):
    rows.call_of(slug="hidden", status="draft")
    record.load()
    for slug in ("hidden", "ce5-international-1", "no-such-call"):
        assert client.get(f"/calls/{slug}/questions/").status_code == 404
        assert signed_in(UserFactory()).post(f"/calls/{slug}/questions/", {"asked": "May we?"}).status_code == 404


@pytest.mark.parametrize("url", ["/calls/one/", "/calls/one/questions/", "/manage/calls/one/questions/"])
def test_pages_cost_the_same_with_one_question_and_with_thirty(call, url):
    office = signed_in(administrator())

    def more():
        published(call)
        actions.ask(call, by=UserFactory(), asked=f"Question {uuid.uuid4()}?")

    more()
    office.get(url)
    one = queries_of(office, url)
    for _ in range(29):
        more()
    thirty = queries_of(office, url)
    assert len(thirty) == len(one) <= MOST_QUERIES, thirty


def test_pages_lead_on_to_every_answer(client, call, monkeypatch):
    monkeypatch.setattr("portal.paging.LARGEST_PAGE", 2)
    made = {published(call, question=f"Question {number}?").uid for number in range(5)}
    seen, path = [], "/calls/one/questions/"
    while path:
        page = client.get(path).context["page"]
        seen += [row.uid for row in page.rows]
        path = f"/calls/one/questions/?cursor={page.next}" if page.next else ""
    assert (len(seen), set(seen)) == (5, made)
    assert client.get("/calls/one/questions/?cursor=forged").status_code == 400
