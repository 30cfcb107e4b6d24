"""The pages of screening and advice: who may open them, what they show and never show, and their SQL."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.enums import Status
from applications.models import Application
from portal import clock
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, award_of, call_of, chair_of, draft_of
from tests.factories.decisions import closed_call

pytestmark = pytest.mark.django_db


def to(name: str, *arguments: Any) -> str:
    return reverse(f"applications:screening-{name}", args=arguments)


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client, path: str, **fields: Any) -> str:
    answer = client.get(path, fields)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def admin(client: Client) -> Any:
    user = administrator(zone="UTC")
    client.force_login(user)
    return user


def test_detail_shows_the_submission_and_never_the_draft(client: Client, admin: Any) -> None:
    application = application_of(question="What was submitted.")
    Application.objects.filter(pk=application.pk).update(question="What is only drafted.", title="Draft title")
    page = shown(client, to("detail", application.reference))
    assert "What was submitted." in page
    assert application.submission.title in page
    assert "What is only drafted." not in page
    assert "Draft title" not in page


def test_while_the_call_is_open_the_page_says_why_nothing_final_is_done(client: Client, admin: Any) -> None:
    application = application_of(call_of())
    page = shown(client, to("detail", application.reference))
    acts = [to(name, application.reference) for name in ("pass", "reject")]
    assert "The call is still open: the applicant may replace this submission." in page
    assert 'class="unavailable"' in page and not any(f'"{url}"' in page for url in acts)
    assert to("return", application.reference) in page
    closed = application_of(closed_call())
    page = shown(client, to("detail", closed.reference))
    assert all(f'"{to(name, closed.reference)}"' in page for name in ("pass", "reject"))
    assert "The call is still open" not in page


def test_list_narrows_by_call_status_and_reference(client: Client, admin: Any) -> None:
    first, second = application_of(), application_of(status=Status.RETURNED)
    assert {first.reference, second.reference} <= set(shown(client, to("list")).replace("<", ">").split(">"))
    for narrowed in ({"call": second.call.slug}, {"status": "returned"}, {"reference": second.reference.lower()}):
        page = shown(client, to("list"), **narrowed)
        assert (second.reference in page, f">{first.reference}<" in page) == (True, False)


@pytest.mark.parametrize("query", ["?status=draft", "?title=x", "?submission__title__contains=x", "?cursor=forged"])
def test_list_refuses_what_is_not_offered_as_a_filter(client: Client, admin: Any, query: str) -> None:
    application_of()
    assert client.get(to("list") + query).status_code == 400


def test_twins_are_named_as_far_as_the_reader_sees_them(client: Client, admin: Any) -> None:
    application = application_of()
    twin = application_of(application.call, title=application.title)
    hidden = application_of(application.call, UserFactory(institution=admin.institution), title=application.title)
    page = shown(client, to("detail", application.reference))
    assert (twin.reference in page, hidden.reference in page) == (True, False)


def test_list_leaves_out_drafts_and_conflicted_applications(client: Client, admin: Any) -> None:
    draft, own_place = draft_of(), application_of(by=UserFactory(institution=admin.institution))
    page = shown(client, to("list"))
    assert draft.reference not in page
    assert own_place.reference not in page
    assert client.get(to("detail", own_place.reference)).status_code == 404
    assert client.get(to("detail", draft.reference)).status_code == 404


@pytest.mark.parametrize("name", ["detail", "return", "reject", "pass"])
@pytest.mark.parametrize("who", ["applicant", "curator", "auditor", "chair"])
def test_screening_is_hidden_from_everybody_else(name: str, who: str) -> None:
    application = application_of()
    people = {
        "applicant": application.principal_investigator,
        "curator": UserFactory(roles=["curator"]),
        "auditor": UserFactory(roles=["auditor"]),
        "chair": chair_of(application.call),
    }
    client = browser(people[who])
    assert client.post(to(name, application.reference)).status_code == (405 if name == "detail" else 404)
    if name != "pass":
        assert client.get(to(name, application.reference)).status_code == 404
    assert client.get(to("list")).status_code == 404


def test_return_is_done_in_the_zone_of_the_call(client: Client, admin: Any) -> None:
    application = application_of(call_of(zone="Asia/Shanghai"))
    due = (clock.now() + timedelta(days=5)).strftime("%Y-%m-%dT12:00")
    form = {"seen": 1, "reason_code": "incomplete", "reason": "Page two is missing.", "due_at": due}
    answer = client.post(to("return", application.reference), form)
    assert (answer.status_code, answer["Location"]) == (303, to("detail", application.reference))
    application.refresh_from_db()
    assert application.resubmit_until.isoformat() == due.replace("T12", "T04") + ":00+00:00"


def test_refused_act_keeps_what_was_typed(client: Client, admin: Any) -> None:
    application = application_of(status=Status.RETURNED)
    form = {"seen": 1, "reason_code": "other", "reason": "Typed with care."}
    answer = client.post(to("reject", application.reference), form)
    assert answer.status_code == 409
    assert "Typed with care." in answer.content.decode()
    empty = client.post(to("reject", application.reference), {"seen": 1, "reason_code": "", "reason": ""})
    assert empty.status_code == 422


def test_pass_is_refused_on_the_page_that_says_why(client: Client, admin: Any) -> None:
    application = application_of()
    answer = client.post(to("pass", application.reference), {"seen": 1})
    assert answer.status_code == 409
    assert "The curator has not yet advised on every sample request." in answer.content.decode()


def test_waiver_is_recorded_from_its_page(client: Client, admin: Any) -> None:
    application = application_of()
    request = application.submission.requests.first()
    page = shown(client, to("detail", application.reference))
    assert to("waive", application.reference, request.uid) in page
    answer = client.post(to("waive", application.reference, request.uid), {"note": "Known material."})
    assert answer.status_code == 303
    request.refresh_from_db()
    assert request.advice.waived is True
    foreign = application_of().submission.requests.first()
    assert client.get(to("waive", application.reference, foreign.uid)).status_code == 404


def test_curator_advises_beside_the_public_figures_of_the_stock() -> None:
    application = application_of()
    request = application.submission.requests.get(whole=False)
    rival = application_of(application.call, status=Status.DECIDED)
    client, path = browser(UserFactory(roles=["curator"])), to("advise", application.reference)
    before = _stock(shown(client, path))
    award_of(rival.submission.requests.get(sample=request.sample), "40")
    request.sample.refresh_from_db()
    assert (request.sample.held_mg, _stock(shown(client, path))) == (40, before)
    name = str(request.uid)
    form = {f"{name}-feasibility": "partly", f"{name}-feasible_mg": "1,250", f"{name}-note": "Half of it."}
    refused = client.post(to("advise-on", application.reference, request.uid), form)
    assert (refused.status_code, "Half of it." in refused.content.decode()) == (422, True)
    answer = client.post(to("advise-on", application.reference, request.uid), {**form, f"{name}-feasible_mg": "12,5"})
    assert answer.status_code == 303
    request.refresh_from_db()
    assert str(request.advice.feasible_mg) == "12.500"


def _stock(page: str) -> str:
    return page.partition('class="facts"')[2].partition("</dl>")[0]


def test_advice_is_hidden_from_everybody_else_and_from_a_conflicted_curator() -> None:
    application = application_of()
    request = application.submission.requests.first()
    conflicted = UserFactory(roles=["curator"], institution=application.institution)
    for user in (administrator(), application.principal_investigator, chair_of(application.call), conflicted):
        client = browser(user)
        assert client.get(to("advise", application.reference)).status_code == 404
        assert client.post(to("advise-on", application.reference, request.uid)).status_code == 404
    assert application.reference not in shown(browser(conflicted), to("advice-list"))


def test_advice_list_shows_what_waits_unless_asked_for_everything() -> None:
    waiting, advised = application_of(), application_of()
    client = browser(UserFactory(roles=["curator"]))
    for request in advised.submission.requests.all():
        name = str(request.uid)
        client.post(to("advise-on", advised.reference, request.uid), {f"{name}-feasibility": "feasible"})
    page, everything = shown(client, to("advice-list")), shown(client, to("advice-list"), show="all")
    assert (waiting.reference in page, advised.reference in page) == (True, False)
    assert (waiting.reference in everything, advised.reference in everything) == (True, True)


@pytest.mark.parametrize(("name", "role"), [("list", "administrator"), ("advice-list", "curator")])
def test_lists_need_the_same_sql_for_one_row_and_for_thirty(name: str, role: str) -> None:
    client, call = browser(UserFactory(roles=[role])), call_of()
    application_of(call)
    one = queries_of(client, to(name))
    for _ in range(29):
        application_of(call)
    thirty = queries_of(client, to(name))
    assert len(one) == len(thirty) <= MOST_QUERIES


def test_pages_of_one_application_stay_within_their_sql() -> None:
    application = application_of()
    said_since, interests = 2, 2
    detail = queries_of(browser(administrator()), to("detail", application.reference))
    assert len(detail) <= MOST_QUERIES + said_since + interests
    curator = UserFactory(roles=["curator"])
    assert len(queries_of(browser(curator), to("advise", application.reference))) <= MOST_QUERIES
