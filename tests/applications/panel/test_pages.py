"""The pages of the chair: submitted reviews and nothing else of them; conflicted applications without content."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.enums import Status
from applications.models import Application, Assignment, Conflict, Shortlisting
from portal import clock
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import InstitutionFactory, UserFactory, administrator
from tests.factories.applications import (
    application_of,
    assignment_of,
    call_of,
    chair_of,
    member_of,
    seat,
    shortlisting_of,
)
from tests.factories.review import opinion_of, review_of

pytestmark = pytest.mark.django_db
NUMBERS = re.compile(r'<td class="num"[^>]*>(\d+)</td>')


def to(name: str, *arguments: Any) -> str:
    return reverse(f"applications:panel-{name}", args=arguments)


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def application() -> Application:
    return application_of(status=Status.UNDER_REVIEW)


@pytest.fixture
def chair(application: Application, client: Client) -> Any:
    user = chair_of(application.call)
    client.force_login(user)
    return user


def paths_of(application: Application) -> dict[str, str]:
    call, reference = application.call.slug, application.reference
    return {name: to(name, call, reference) for name in ("read", "assign", "shortlist", "conclude")} | {
        "overview": to("overview", call),
        "conclude-ready": to("conclude-ready", call),
    }


def test_overview_stands_in_the_order_of_means(client: Client, application: Application, chair: Any) -> None:
    call = application.call
    best, middle = (application_of(call, status=Status.UNDER_REVIEW) for _ in range(2))
    review_of(assignment_of(application), 1, 1)
    review_of(assignment_of(best), 5, 5)
    review_of(assignment_of(middle), 3, 3)
    matrix = shown(client, to("overview", call.slug)).partition("<tbody>")[2].partition("</tbody>")[0]
    order = [matrix.index(f">{one.reference}<") for one in (best, middle, application)]
    assert order == sorted(order)


def test_overview_pages_through_the_ranking_without_gap_or_twin(
    client: Client, application: Application, chair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("applications.panel.queries.SIZE", 2)
    call, applications = application.call, [application]
    applications += [application_of(call, status=Status.UNDER_REVIEW) for _ in range(4)]
    for one, score in zip(applications, (2, 4, 4, 5, 1), strict=True):
        review_of(assignment_of(one), score, score)
    path, seen = to("overview", call.slug), []
    while path:
        page = client.get(path).context
        seen += [row.reference for row in page["page"].rows]
        path = f"{to('overview', call.slug)}?cursor={page['page'].next}" if page["page"].next else ""
    means = {one.reference: -score for one, score in zip(applications, (2, 4, 4, 5, 1), strict=True)}
    assert seen == sorted(means, key=lambda reference: (means[reference], reference))
    assert client.get(to("overview", call.slug) + "?cursor=forged").status_code == 400


def test_overview_shows_coverage_range_and_who_is_barred(client: Client, application: Application, chair: Any) -> None:
    low, high, due = (assignment_of(application) for _ in range(3))
    review_of(low, 1, 1)
    review_of(high, 5, 5)
    review_of(due, 3, 3, sent=False)
    seat(application.call, UserFactory(institution=application.institution))
    page = shown(client, to("overview", application.call.slug))
    row = page.partition("<tbody>")[2].partition("</tbody>")[0]
    for cell in ('class="h1">1.0<', 'class="h5">5.0<', 'class="due"', 'class="conflict"', "<b>3.00</b>", ">2/3<"):
        assert row.count(cell) == 1, cell
    assert row.count("1.0–5.0") == 1
    disputed = page.partition('id="dis"')[2].partition("</section>")[0]
    assert application.reference in disputed


def test_reading_shows_submitted_reviews_and_never_drafts_or_private_notes(
    client: Client, application: Application, chair: Any
) -> None:
    sent, draft = assignment_of(application), assignment_of(application)
    texts = {"for_panel": "Said to the panel.", "for_applicant": "Said to the applicant.", "private_note": "Canary."}
    opinion_of(review_of(sent, 4, None, **texts), "20", "Twenty runs.")
    opinion_of(review_of(draft, 1, 1, sent=False, for_panel="Canary draft."), "13.375", "Canary because.")
    Application.objects.filter(pk=application.pk).update(question="Canary of the draft application.")
    page = shown(client, to("read", application.call.slug, application.reference))
    for text in ("Said to the panel.", "Said to the applicant.", "Twenty runs.", sent.review.label, "Mean 4.00"):
        assert text in page
    assert "Canary" not in page
    assert "13.375" not in page
    assert draft.review.label not in page
    assert "Canary" not in shown(client, to("overview", application.call.slug))


def test_conflicted_application_is_reference_people_and_institutions(
    client: Client, application: Application, chair: Any
) -> None:
    member_of(application, name="Member of the team", institution=InstitutionFactory(name="Institute of the member"))
    review_of(assignment_of(application), 2, 3, for_panel="Canary.")
    Conflict.objects.create(application=application, user=chair, by=chair, at=clock.now())
    page = shown(client, to("overview", application.call.slug))
    for known in (application.reference, application.principal_investigator.name, "Member of the team"):
        assert known in page
    for known in (application.institution.name, "Institute of the member", "Declared interest"):
        assert known in page
    assert application.submission.title not in page
    assert "2.40" not in page
    assert page.partition('"cov"')[2].count(application.reference) == 1  # in the list of the barred only
    for name, path in paths_of(application).items():
        if name not in ("overview", "conclude-ready"):
            assert client.get(path).status_code == (405 if name == "conclude" else 404)
            assert client.post(path).status_code == (405 if name == "read" else 404)


def test_assign_lists_candidates_with_load_and_reason(client: Client, application: Application, chair: Any) -> None:
    call = application.call
    busy = assignment_of(application_of(call, status=Status.UNDER_REVIEW), UserFactory(name="Busy"))
    review_of(busy)
    barred = seat(call, UserFactory(name="Barred", institution=application.institution))
    page = shown(client, to("assign", call.slug, application.reference))
    assert f'value="{busy.reviewer.uid}"' in page
    assert f'value="{barred.uid}"' not in page
    assert "Same institution" in page
    row = page.partition(">Busy<")[2].partition("</tr>")[0]
    assert NUMBERS.findall(row) == ["1", "1"]
    answer = client.post(to("assign", call.slug, application.reference), {"reviewer": str(busy.reviewer.uid)})
    assert answer.status_code == 303
    refused = client.post(to("assign", call.slug, application.reference), {"reviewer": str(barred.uid)})
    assert refused.status_code == 422
    assert "has a conflict: Same institution." in refused.content.decode()
    assert list(Assignment.objects.filter(application=application).values_list("reviewer", flat=True)) == [
        busy.reviewer_id
    ]


def test_loads_say_nothing_of_what_a_conflict_bars_the_chair_from(
    client: Client, application: Application, chair: Any
) -> None:
    other = application_of(application.call, status=Status.UNDER_REVIEW)
    review_of(assignment_of(other, reviewer=assignment_of(application, UserFactory(name="Busy")).reviewer))
    path = to("assign", application.call.slug, application.reference)

    def loads() -> list[str]:
        row = shown(client, path).partition(">Busy<")[2].partition("</tr>")[0]
        return NUMBERS.findall(row)

    assert loads() == ["2", "1"]
    Conflict.objects.create(application=other, user=chair, by=chair, at=clock.now())
    assert loads() == ["1", "0"]


@pytest.mark.parametrize("forged", ["", "no-uuid", "00000000-0000-4000-8000-000000000000"])
def test_forged_reviewer_is_nobody(client: Client, application: Application, chair: Any, forged: str) -> None:
    outsider = UserFactory()
    for reviewer in (forged, str(outsider.uid)):
        answer = client.post(to("assign", application.call.slug, application.reference), {"reviewer": reviewer})
        assert answer.status_code in (404, 422)
    assert not Assignment.objects.exists()


def test_take_off_is_done_on_its_page(client: Client, application: Application, chair: Any) -> None:
    assignment = assignment_of(application)
    path = to("unassign", application.call.slug, application.reference, assignment.reviewer.uid)
    assert assignment.reviewer.name in shown(client, path)
    assert client.post(path, {"reason": ""}).status_code == 422
    assert client.post(path, {"reason": "Too much load."}).status_code == 303
    assert client.get(path).status_code == 404


def test_shortlist_shows_both_entries_when_somebody_was_quicker(
    client: Client, application: Application, chair: Any
) -> None:
    path = to("shortlist", application.call.slug, application.reference)
    assert client.post(path, {"seen": "", "invited": "no", "reason": "From the first window."}).status_code == 303
    answer = client.post(path, {"seen": "", "invited": "no", "reason": "From the second window."})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "From the first window." in page
    assert "From the second window." in page
    seen = Shortlisting.objects.get().at.isoformat()
    assert client.post(path, {"seen": seen, "invited": "yes", "reason": ""}).status_code == 303
    assert Shortlisting.objects.get().invited is True


def test_conclude_takes_those_ticked(client: Client, application: Application, chair: Any) -> None:
    other, unready = (application_of(application.call, status=Status.UNDER_REVIEW) for _ in range(2))
    for one in (application, other):
        shortlisting_of(one)
        review_of(assignment_of(one))
    path = to("conclude-ready", application.call.slug)
    page = shown(client, path)
    assert (page.count('name="references"'), unready.reference in page) == (2, False)
    assert client.post(path, {}).status_code == 422
    assert client.post(path, {"references": [unready.reference]}).status_code == 422
    assert client.post(path, {"references": [other.reference]}).status_code == 303
    statuses = dict(Application.objects.values_list("reference", "status"))
    assert (statuses[other.reference], statuses[application.reference]) == ("interviewing", "under-review")


def test_conclude_one_says_what_is_missing(client: Client, application: Application, chair: Any) -> None:
    path = to("conclude", application.call.slug, application.reference)
    answer = client.post(path)
    assert answer.status_code == 409
    assert "Say first whether the application is invited to an interview." in answer.content.decode()
    shortlisting_of(application)
    review_of(assignment_of(application))
    assert client.post(path).status_code == 303


@pytest.mark.parametrize(
    "who", ["reviewer", "administrator", "curator", "auditor", "applicant", "member", "other chair", "former chair"]
)
def test_pages_of_the_chair_are_hidden_from(application: Application, who: str) -> None:
    former = chair_of(application.call)
    assignment = assignment_of(application)
    if who == "former chair":
        application.call.panel.filter(user=former).update(until=clock.now())
    user = {
        "reviewer": lambda: assignment.reviewer,
        "administrator": administrator,
        "curator": lambda: UserFactory(roles=["curator"]),
        "auditor": lambda: UserFactory(roles=["auditor"]),
        "applicant": lambda: application.principal_investigator,
        "member": lambda: member_of(application).user,
        "other chair": lambda: chair_of(application_of(status=Status.UNDER_REVIEW).call),
        "former chair": lambda: former,
    }[who]()
    client = browser(user)
    unassign = to("unassign", application.call.slug, application.reference, assignment.reviewer.uid)
    for name, path in {**paths_of(application), "unassign": unassign}.items():
        if name != "conclude":
            assert client.get(path).status_code == 404
        if name not in ("overview", "read"):
            assert client.post(path, {"reason": "x", "invited": "yes"}).status_code == 404
    assignment.refresh_from_db()
    assert (assignment.ended_at, Shortlisting.objects.count()) == (None, 0)


def test_applications_before_the_panel_alone_are_there(client: Client, application: Application, chair: Any) -> None:
    waiting = application_of(application.call)
    page = shown(client, to("overview", application.call.slug))
    assert waiting.reference not in page
    assert client.get(to("read", application.call.slug, waiting.reference)).status_code == 404


def test_overview_needs_the_same_sql_for_one_row_and_for_thirty() -> None:
    call = call_of(reviewers=[UserFactory() for _ in range(3)])
    client, path = browser(chair_of(call)), to("overview", call.slug)
    review_of(assignment_of(application_of(call, status=Status.UNDER_REVIEW), call.panel.last().user))
    one = queries_of(client, path)
    reviewers = [member.user for member in call.panel.filter(role="reviewer")]
    for number in range(29):
        made = application_of(call, status=Status.UNDER_REVIEW)
        if number % 3:
            review_of(assignment_of(made, reviewers[number % 3]), number % 5 + 1, 3)
    for _ in range(3):
        barred = application_of(call, status=Status.UNDER_REVIEW)
        Conflict.objects.create(application=barred, user=chair_of(call), by=chair_of(call), at=clock.now())
    hints, leads = 5, 2  # what waits for the chair costs some more, and the same for one and for thirty
    assert len(queries_of(client, path)) == len(one) <= MOST_QUERIES + 3 + hints + leads


def test_reading_and_assigning_stay_within_their_sql(application: Application, chair: Any) -> None:
    client, call = browser(chair), application.call.slug
    for _ in range(4):
        opinion_of(review_of(assignment_of(application)), Decimal("20"), "Enough.")
        member_of(application)
    said_since, interests = 2, 2
    most = MOST_QUERIES + said_since + interests
    assert len(queries_of(client, to("read", call, application.reference))) <= most
    leads = 2
    assert len(queries_of(client, to("assign", call, application.reference))) <= MOST_QUERIES + leads
