"""The pages of calls, as everybody and as administrators open them."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from applications import record
from applications.models import Call
from portal import clock
from samples import ledger
from tests.counting import queries_of
from tests.factories import applications as rows
from tests.factories.accounts import UserFactory, administrator

pytestmark = pytest.mark.django_db
EARLIER = ("/calls/ce5-international-1/", "/calls/ce5-8-ce6-1/")  # of the public record, with their sources


@pytest.fixture
def office(client):
    """A client signed in as an administrator."""
    client.force_login(administrator())
    return client


TEXTS = {
    "slug": "autumn",
    "title": "Autumn",
    "title_zh": "秋季",
    "summary": "Powders.",
    "summary_zh": "粉末。",
    "eligibility": "",
    "eligibility_zh": "",
    "terms": "Return it.",
    "terms_zh": "归还。",
    "agreement": "Keep it safe.",
    "agreement_zh": "妥善保管。",
    "note": "",
    "note_zh": "",
    "zone": "Asia/Shanghai",
    "opens_at": "2027-01-01T09:00",
    "closes_at": "2027-03-01T23:59",
    "reviews_due_at": "",
    "interviews_on": "",
    "results_on": "",
    "holidays": "2027-02-12\r\n\r\n2027-02-11",
    "slot_minutes": "15",
    "reviews_each": "2",
    "hold_minutes": "0",
}


def test_a_call_is_made_in_the_browser_with_its_deadline_in_its_own_zone(office):
    answer = office.post("/manage/calls/new/", TEXTS)

    call = Call.objects.get(slug="autumn")
    assert (answer.status_code, answer.url) == (303, "/manage/calls/autumn/")
    assert call.closes_at == datetime(2027, 3, 1, 15, 59, tzinfo=UTC)
    assert call.status == "draft"
    assert call.holidays == [date(2027, 2, 11), date(2027, 2, 12)]
    assert (call.agreement, call.agreement_zh, call.is_practice) == ("Keep it safe.", "妥善保管。", False)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"closes_at": "2026-12-01T10:00"}, "The call must close after it opens."),
        ({"closes_at": "tomorrow"}, "Enter a day and a time"),
        ({"closes_at": "2027-03-01T24:00"}, "Enter a day and a time"),
        ({"zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"zone": "Europe/Berlin", "closes_at": "2027-03-28T02:30"}, "The clocks change in this hour"),
        ({"slug": "not a slug"}, "Enter a valid"),
        ({"title": "x" * 161}, "at most 160"),
        ({"hold_minutes": "-1"}, "greater than or equal to 0"),
        ({"holidays": "2027-02-30"}, "Not a day: 2027-02-30."),
        ({"holidays": "12 Feb <b>"}, "Not a day: 12, Feb, &lt;b&gt;."),
        ({"holidays": " ".join(f"2027-{m:02}-{d:02}" for m in (1, 2, 3) for d in range(1, 22))}, "more than 60 days"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_keeps_what_was_typed(office, changed, words):
    answer = office.post("/manage/calls/new/", TEXTS | changed)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "秋季" in answer.content.decode()
    assert not Call.objects.filter(slug="autumn").exists()


def test_criteria_are_written_one_word_to_a_line(office):
    call = rows.call_of(status="draft")
    lines = "\n".join(["none", "little", "some", "much", "all"])
    form = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0"}
    for number, (name, weight) in enumerate((("Significance", "70"), ("Feasibility", "30"))):
        row = {"name": name, "name_zh": "标准", "weight": weight, "words": lines, "words_zh": lines}
        form |= {f"form-{number}-{key}": value for key, value in row.items()}

    answer = office.post(f"/manage/calls/{call.slug}/criteria/", form)
    refused = office.post(f"/manage/calls/{call.slug}/criteria/", form | {"form-1-weight": "31"})

    assert answer.status_code == 303
    assert list(call.criteria.values_list("code", "weight")) == [
        ("significance", Decimal(70)),
        ("feasibility", Decimal(30)),
    ]
    assert refused.status_code == 422
    assert "The weights must make 100 together." in refused.content.decode()


@pytest.mark.parametrize("part", ["", "declarations/"])
def test_two_administrators_never_overwrite_each_other_and_see_both_texts(office, part):
    call = rows.call_of(status="draft", title="As it was")
    url = f"/manage/calls/{call.slug}/{part}"
    seen = re.search(r'name="seen" value="(\d+)"', office.get(url).content.decode())[1]
    mine, theirs = ({"slug": call.slug, "title": words} for words in ("Mine", "Theirs"))
    rows_of = ["form-TOTAL_FORMS", "form-INITIAL_FORMS", "form-0-kind", "form-0-text", "form-0-text_zh"]
    said = [["1", "0", "export", one["title"], "中文"] for one in (mine, theirs)]
    typed = [
        TEXTS | one | dict(zip(rows_of, words, strict=True)) for one, words in zip((mine, theirs), said, strict=True)
    ]

    assert office.post(url, typed[1] | {"seen": seen}).status_code == 303
    refused = office.post(url, typed[0] | {"seen": seen})

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Theirs" in page
    assert "Mine" in page
    again = re.search(r'name="seen" value="(\d+)"', page)[1]
    assert office.post(url, typed[0] | {"seen": again}).status_code == 303


def test_the_panel_is_seated_by_exact_address(office):
    call = rows.call_of(status="draft")
    member = UserFactory()

    office.post(f"/manage/calls/{call.slug}/panel/", {"email": member.email.upper(), "role": "reviewer"})
    unknown = office.post(f"/manage/calls/{call.slug}/panel/", {"email": "nobody@example.org", "role": "reviewer"})

    assert call.panel.get(user=member).role == "reviewer"
    assert unknown.status_code == 422


def test_an_announced_call_asks_nobody_to_announce_it(office):
    rows.call_of(slug="out")

    page = office.get("/manage/calls/out/announce/").content.decode()

    assert [words in page for words in ("You made this call", "Ask the other", "Announce the call")] == [False] * 3


def test_a_draft_is_absent_for_everybody_but_administrators(office):
    draft = rows.call_of(status="draft", title="Secret plans")
    visitor = Client()

    assert office.get(f"/calls/{draft.slug}/").status_code == 200
    hidden, absent = visitor.get(f"/calls/{draft.slug}/"), visitor.get("/calls/no-such-call/")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.content.replace(draft.slug.encode(), b"no-such-call") == absent.content
    assert "Secret plans" not in visitor.get("/calls/").content.decode()


@pytest.mark.parametrize("url", ["/", "/calls/", "/calls/{slug}/", "/zh-hans/calls/{slug}/"])
def test_a_hold_moves_nothing_on_any_public_page(client, url):
    call = rows.call_of(slug="steady", title="Steady")
    url = url.format(slug=call.slug)
    sample = call.offers.get(sample__preparation="powder").sample
    before = client.get(url).content

    ledger.hold(sample, Decimal(400), by=UserFactory())

    assert client.get(url).content == before
    assert "Steady" in before.decode() or "征集" in before.decode()


@pytest.mark.parametrize("url", ["/calls/", "/manage/calls/", "/calls/busy/", "/"])
def test_pages_cost_the_same_with_one_row_and_with_thirty(office, url):
    rows.call_of(slug="busy")
    office.get(url)
    one = queries_of(office, url)
    for _ in range(29):
        call = rows.call_of(samples=[])
        Call.objects.get(slug="busy").offers.create(sample=rows.stock("20", "clast"))
        rows.draft_of(call)

    thirty = queries_of(office, url)

    assert len(thirty) == len(one) <= 12, thirty


def test_pages_of_calls_lead_on_to_every_call(client, monkeypatch):
    monkeypatch.setattr("portal.paging.LARGEST_PAGE", 2)
    made = [rows.call_of(samples=(), slug=f"call-{number}") for number in range(5)]
    seen, path = [], "/calls/"
    while path:
        page = client.get(path).context["page"]
        seen += [call.slug for call in page.rows]
        path = f"/calls/?cursor={page.next}" if page.next else ""
    assert sorted(seen) == sorted(call.slug for call in made)
    assert client.get("/calls/?cursor=forged").status_code == 400


def rows_form(call, **changed):
    """Return the form of a call's declarations as its page sends it."""
    form = {"form-TOTAL_FORMS": str(call.declarations.count()), "form-INITIAL_FORMS": str(call.declarations.count())}
    for number, one in enumerate(call.declarations.all()):
        typed = {"code": one.code, "text": one.text, "text_zh": one.text_zh, "kind": one.kind, "is_required": "on"}
        form |= {f"form-{number}-{name}": value for name, value in typed.items()}
    return form | changed


def test_declarations_are_reworded_in_the_browser_after_the_announcement(office):
    call = rows.call_of()
    form = rows_form(call, **{"form-0-text": "Other words.", "form-1-kind": "export", "form-1-code": "forged"})

    answer = office.post(f"/manage/calls/{call.slug}/declarations/", form)

    assert answer.status_code == 303
    assert list(call.declarations.values_list("code", "text", "kind", "version")) == [
        ("true", "Other words.", "other", 2),
        ("return", "I declare return.", "other", 1),
    ]


def test_declarations_of_every_kind_are_made_in_the_browser(office):
    call = rows.call_of(status="draft")
    kinds = ["funding", "export", "peaceful-use", "custody", "publicity"]
    form = {"form-TOTAL_FORMS": "6", "form-INITIAL_FORMS": "0", "form-5-kind": "other", "form-5-is_required": "on"}
    for number, kind in enumerate(kinds):
        form |= {f"form-{number}-text": f"I declare {kind}.", f"form-{number}-text_zh": "声明。"}
        form |= {f"form-{number}-kind": kind} | ({"form-0-asks_details": "on"} if number == 0 else {})

    assert office.post(f"/manage/calls/{call.slug}/declarations/", form).status_code == 303
    assert list(call.declarations.values_list("kind", "is_required", "asks_details")) == [
        (kind, False, kind == "funding") for kind in kinds
    ]


def test_declarations_of_a_closed_call_are_shown_and_fixed(office):
    call = rows.call_of(closes_at=datetime(2020, 2, 1, tzinfo=UTC), opens_at=datetime(2020, 1, 1, tzinfo=UTC))
    page = office.get(f"/manage/calls/{call.slug}/declarations/").content.decode()
    assert "These are fixed since the announcement." in page
    refused = office.post(f"/manage/calls/{call.slug}/declarations/", rows_form(call, **{"form-0-text": "Other."}))
    assert refused.status_code == 409
    assert "Other." in refused.content.decode()


def limits_form(call, **changed):
    form = {
        f"{section}_{unit}": str(number)
        for section, limits in call.text_limits.items()
        for unit, number in limits.items()
    }
    return form | {"file_page_limit": "7", "anonymity": "dual"} | changed


def test_limits_are_typed_per_section(office):
    call = rows.call_of(status="draft")
    url = f"/manage/calls/{call.slug}/limits/"

    assert office.post(url, limits_form(call, question_words="120")).status_code == 303
    call.refresh_from_db()

    assert (call.text_limits["question"], call.file_page_limit) == ({"words": 120, "characters": 700}, 7)
    for wrong in ({"plan_words": "0"}, {"plan_words": "1,5"}, {"plan_words": ""}, {"file_page_limit": "201"}):
        refused = office.post(url, limits_form(call, **wrong))
        assert refused.status_code == 422
        assert f'id="id_{next(iter(wrong))}_error"' in refused.content.decode()
    assert office.post(url, limits_form(call, anonymity="everybody")).status_code == 422


def test_dates_that_may_surprise_are_named_before_the_announcement(office):
    call = rows.call_of(
        status="draft", opens_at=datetime(2027, 3, 1, tzinfo=UTC), closes_at=datetime(2027, 3, 27, 16, tzinfo=UTC)
    )
    for part in ("", "announce/"):
        page = office.get(f"/manage/calls/{call.slug}/{part}").content.decode()
        assert "Look twice at the dates" in page
        assert "The call closes at midnight" in page
        assert "The call is open for less than 30 days." in page


def test_a_call_says_its_dates_limits_and_papers(client):
    call = rows.call_of(slug="one", anonymity="dual", holidays=[date(2027, 2, 11)], file_page_limit=7)
    page = client.get("/calls/one/").content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for words in (
        "400 words or 700 characters",
        "one PDF of at most 7 pages, 20 MB",
        "Reviewers read the science without names",
        "11 Feb 2027",
        "500 mg of 1 powder.",
        "1 whole piece ( 36.2 mg ).",
        "Questions close",
    ):
        assert words in text, words
    for url in ("agreement/", "dates.ics", "form.pdf", "questions/"):
        assert f'href="/calls/{call.slug}/{url}"' in page
    assert f'href="/samples/?call={call.slug}&amp;hemisphere=far"' in page


def test_a_call_names_past_calls_with_their_days_and_no_range(client):
    rows.call_of(slug="one")
    record.load()
    text = " ".join(re.sub(r"<[^>]+>", " ", client.get("/calls/one/").content.decode()).split())
    assert "took 489 days from its deadline to its selection, 126 of them to the interviews" in text
    assert "First international call, Chang’e-5 22 Dec 2023 126 489" in text
    assert "Compiled from public reports; not a record of any agency." in text
    assert client.get("/zh-hans/calls/one/").status_code == 200


def test_no_page_of_a_call_says_24_o_clock_or_a_letter_code(client):
    rows.call_of(slug="one", closes_at=datetime(2027, 3, 27, 16, tzinfo=UTC))
    record.load()
    for url in ("/", "/calls/", "/calls/one/", "/calls/one/questions/", "/zh-hans/calls/one/", *EARLIER):
        text = re.sub(r"<[^>]+>", " ", client.get(url).content.decode())
        assert re.findall(r"24:00|\bCST\b|00:00", text) == [], url


def test_a_past_call_is_said_to_be_closed(client):
    rows.call_of(opens_at=clock.now() - timedelta(days=9), closes_at=clock.now() - timedelta(days=1))
    text = " ".join(client.get("/calls/").content.decode().split())
    assert ">Closed: <" in text and "Closes: <" not in text
    rows.call_of()
    assert ">Closes: <" in " ".join(client.get("/calls/").content.decode().split())


def test_the_page_of_a_call_is_small(client):
    record.load()
    rows.call_of(slug="one", samples=[rows.stock("20", "clast") for _ in range(60)])
    assert len(client.get("/calls/one/").content) <= 60_000
