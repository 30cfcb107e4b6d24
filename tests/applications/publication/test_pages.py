"""The administrators' pages list everything; the public pages read the public record and nothing else."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from applications.decisions.actions import decide
from applications.enums import CallOrigin, PublicationStatus
from applications.models import Call, Publication, PublicEntry
from applications.publication import actions
from portal.accounts.models import User
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import call_of, chair_of
from tests.factories.decisions import closed_call, decided, released, review_of, signed

pytestmark = pytest.mark.django_db
DECISIONS = "/decisions/"


def to(name: str, *arguments: str) -> str:
    return reverse(f"applications:publication-{name}", args=arguments)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def record(**fields) -> Call:
    call = Call.objects.create(
        slug=fields.pop("slug", "ce5-international-1"),
        title="First international call",
        origin=CallOrigin.PUBLIC_RECORD,
        status="announced",
        zone="Asia/Shanghai",
    )
    for code, on in (
        ("deadline", "2023-12-22"),
        ("review-meeting", "2024-04-26"),
        ("selection-published", "2025-04-24"),
    ):
        call.figures.create(code=code, on=on, source="A newspaper")
    PublicEntry.objects.create(
        key="ce5-international-1/1",
        kind="selection",
        origin=CallOrigin.PUBLIC_RECORD,
        call=call,
        document={"institution": {"name": "The Open University", "ror": None, "country": "GB"}, "awards": None},
        published_on=date(2025, 4, 24),
    )
    return call


# --- Administrators -------------------------------------------------------------------------------------------


def test_way_of_a_publication_in_the_browser() -> None:
    call = closed_call()
    given, refused = decided(call, 40), decided(call)
    review_of(given, "A convincing plan.")
    first, second = browser(administrator()), browser(administrator())
    page = to("detail", call.slug, "results")
    assert "Prepare the list" in text(first, page)
    assert first.post(to("prepare", call.slug, "results")).status_code == 303
    publication = Publication.objects.get()
    shown = text(first, page)
    for listed in (given.reference, refused.reference, publication.manifest_sha256, ">40<", given.institution.name):
        assert listed in shown
    letter = text(second, to("letter", call.slug, "results", given.reference))
    assert "A convincing plan." in letter and "selected in part" in letter
    assert "not selected" in text(second, to("letter", call.slug, "results", refused.reference))
    hash_ = {"manifest_sha256": publication.manifest_sha256}
    assert first.post(to("sign", call.slug, "results"), hash_).status_code == 303
    assert first.post(to("sign", call.slug, "results"), hash_).status_code == 403
    assert first.post(to("release", call.slug, "results")).status_code == 409
    assert second.post(to("sign", call.slug, "results"), {"manifest_sha256": "0" * 64}).status_code == 409
    assert second.post(to("sign", call.slug, "results"), {"manifest_sha256": "short"}).status_code == 422
    assert second.post(to("sign", call.slug, "results"), hash_).status_code == 303
    assert given.reference not in text(Client(), DECISIONS)
    assert second.post(to("release", call.slug, "results")).status_code == 303
    assert second.post(to("release", call.slug, "results")).status_code == 409
    assert "what was released" in text(first, page)
    assert given.reference in text(Client(), DECISIONS)


def test_page_shows_what_changed_and_reading_it_voids_the_signatures() -> None:
    call = closed_call()
    application, other = decided(call, 40), decided(call)
    publication = signed(call)
    request = application.submission.requests.get(whole=False)
    decide(request, by=chair_of(call), verdict="award", reason="Less.", mass_mg=Decimal(30))
    client, page = browser(administrator()), to("detail", call.slug, "results")
    shown = text(client, page)
    assert "<del>40</del> <ins>30</ins>" in shown
    assert f'<span class="id">{application.reference}</span>: its letter is another one' in shown
    assert f'<span class="id">{other.reference}</span>: ' not in shown
    publication.refresh_from_db()
    assert publication.status == PublicationStatus.DRAFT
    assert "is void since" in text(client, page)


def test_refused_release_of_a_stale_list_leaves_void_signatures() -> None:
    call = closed_call()
    application = decided(call, 40)
    publication = signed(call)
    request = application.submission.requests.get(whole=False)
    decide(request, by=chair_of(call), verdict="decline", reason="None.")
    assert browser(administrator()).post(to("release", call.slug, "results")).status_code == 409
    publication.refresh_from_db()
    assert publication.status == PublicationStatus.DRAFT
    assert publication.signatures.filter(voided_at__isnull=True).count() == 0


def test_recall_needs_a_reason() -> None:
    call = closed_call(hold_minutes=60)
    decided(call, 40)
    signed(call)
    client, path = browser(administrator()), to("recall", call.slug, "results")
    assert client.post(path, {"reason": ""}).status_code == 422
    assert client.post(path, {"reason": "A wrong piece."}).status_code == 303
    assert Publication.objects.get().status == PublicationStatus.RECALLED


def test_only_administrators_without_a_conflict_open_the_pages() -> None:
    call = closed_call()
    application = decided(call, 40)
    signed(call)
    conflicted = administrator(institution=application.institution)
    others = (conflicted, chair_of(call), application.principal_investigator, UserFactory(roles=["curator"]))
    paths = [to("detail", call.slug, "results"), to("letter", call.slug, "results", application.reference)]
    for person in others:
        client = browser(person)
        assert [client.get(path).status_code for path in paths] == [404, 404]
        for verb in ("prepare", "sign", "release", "recall"):
            assert client.post(to(verb, call.slug, "results")).status_code == 404
    assert application.call.title not in text(browser(conflicted), to("list"))
    assert [Client().get(path).status_code for path in paths] == [302, 302]
    assert browser(administrator()).get(to("detail", call.slug, "everything")).status_code == 404


def test_lists_and_the_exact_preview_have_fixed_numbers_of_queries() -> None:
    call = closed_call()
    decided(call, 40)
    actions.prepare(call, "results", by=administrator())
    client = browser(administrator())
    paths = [to("list"), to("detail", call.slug, "results")]
    few = [len(queries_of(client, path)) for path in paths]
    for _ in range(6):
        review_of(decided(call, 10))
        decided(closed_call(), 10)
    assert [len(queries_of(client, path)) for path in paths] == few
    assert max(few) <= MOST_QUERIES


# --- Everybody --------------------------------------------------------------------------------------------------


def test_public_page_of_a_call_says_nothing_before_the_release_but_the_plan() -> None:
    call = closed_call(results_on=date(2027, 3, 1))
    application = decided(call, 40)
    page = text(Client(), to("call", call.slug))
    assert "The results are not published yet. They are planned for" in page
    assert application.reference not in page
    released(call)
    page = text(Client(), to("call", call.slug))
    assert application.reference in page
    assert "10 days from deadline to selection" in page
    assert "not published yet" not in page


def test_record_of_an_earlier_round_counts_days_between_local_dates() -> None:
    call = record()
    page = text(Client(), to("call", call.slug))
    assert "489 days from deadline to selection" in page
    assert "interviews, day 126" in page
    for said in ("The Open University", "United Kingdom", "A newspaper", "not published"):
        assert said in page
    assert "Compiled from public reports; not a record of any agency." in page


def test_list_holds_both_origins_and_is_narrowed_by_what_the_record_names() -> None:
    earlier = record()
    call = closed_call()
    application = decided(call, 40)
    released(call)
    page = text(Client(), DECISIONS)
    assert application.reference in page and "The Open University" in page
    for narrowed, ours in (
        (f"?call={call.slug}", True),
        ("?mission=CE5", True),
        ("?country=XA", True),
        ("?country=GB", False),
    ):
        page = text(Client(), DECISIONS + narrowed)
        assert (application.reference in page, "The Open University" in page) == (bool(ours), not ours)
    assert application.reference not in text(Client(), f"{DECISIONS}?call={earlier.slug}")


@pytest.mark.parametrize("query", ["?ordering=mean", "?document__outcome=reserve", "?call__status=draft", "?cursor=x"])
def test_unknown_parameters_are_refused(query: str) -> None:
    assert Client().get(DECISIONS + query).status_code == 400


def test_values_the_record_does_not_name_match_nothing() -> None:
    hidden = closed_call()
    decided(hidden, 40)
    call = closed_call()
    shown = decided(call, 40)
    released(call)
    answers = [text(Client(), f"{DECISIONS}?call={slug}") for slug in (hidden.slug, "no-such-call")]
    assert [shown.reference in answer for answer in answers] == [False, False]
    assert hidden.slug not in text(Client(), DECISIONS)


def test_public_lists_have_fixed_numbers_of_queries() -> None:
    call = closed_call()
    decided(call, 40)
    released(call)
    paths = [DECISIONS, to("call", call.slug)]
    few = [len(queries_of(Client(), path)) for path in paths]
    for _ in range(5):
        other = closed_call()
        for _ in range(3):
            decided(other, 10)
        released(other)
    assert [len(queries_of(Client(), path)) for path in paths] == few
    assert max(few) <= MOST_QUERIES


def test_draft_and_unknown_calls_have_no_page() -> None:
    draft = call_of(status="draft")
    assert [Client().get(to("call", slug)).status_code for slug in (draft.slug, "no-such-call")] == [404, 404]
