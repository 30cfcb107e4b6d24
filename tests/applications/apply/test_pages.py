"""Every page of the applicant's way answers, to its team alone, in a fixed number of queries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.enums import Status
from applications.following import actions as following
from applications.models import Application, Call
from applications.rules.practice import KEPT_FOR
from applications.team import interests
from portal import clock
from portal.accounts.models import User
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, call_of, draft_of, member_of, stock

DRAFT_PAGES = (
    "apply-tasks",
    "requests-list",
    "team-list",
    "team-places",
    "attachments-file",
    "attachments-remove",
    "declarations-declare",
    "declarations-authorisations",
    "apply-check",
    "following-withdraw",
)
TEXTS = ("eligibility", "science", "methods", "laboratory", "summary")
SENT_PAGES = ("following-status", "following-receipt", "following-sent", "following-withdraw")


def draft_urls(application: Application) -> list[str]:
    line = application.draft_requests.first()
    member = member_of(application, confirmed=False)
    return [
        *(page(name, application) for name in DRAFT_PAGES),
        *(page("apply-section", application, code) for code in TEXTS),
        page("requests-edit", application, line.sample.catalogue_number),
        page("requests-drop", application, line.uid),
        page("team-resend", application, member.uid),
        page("team-remove", application, member.uid),
    ]


def test_pages_of_a_draft_answer_to_the_team_and_are_absent_for_everybody_else(draft: Application) -> None:
    urls = draft_urls(draft)
    team = [signed_in(draft.principal_investigator), signed_in(member_of(draft).user)]
    others = [signed_in(user) for user in (UserFactory(), administrator(), UserFactory(roles=["auditor"]))]
    unconfirmed = UserFactory(email="waiting@example.org")
    member_of(draft, unconfirmed, confirmed=False)
    for url in urls:
        allowed = team[:1] if url.endswith("/withdraw/") else team
        assert [client.get(url).status_code for client in allowed] == [200] * len(allowed), url
        assert [client.get(url).status_code for client in [*others, signed_in(unconfirmed)]] == [404] * 4, url
        assert Client().get(url).status_code == 302


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.UNDER_REVIEW, Status.DECIDED, Status.WITHDRAWN])
def test_pages_after_submission_answer_to_the_team(call: Call, applicant: User, status: str) -> None:
    application = application_of(call, applicant, status)
    client = signed_in(applicant)
    ended = status == Status.WITHDRAWN
    answers = {name: client.get(page(name, application)).status_code for name in SENT_PAGES}
    assert answers == dict.fromkeys(SENT_PAGES, 200) | {"following-withdraw": 404 if ended else 200}
    assert {
        client.get(url).status_code for url in (page("requests-list", application), page("apply-check", application))
    } == {200 if status == Status.SUBMITTED else 404}
    assert client.get(page("following-decision", application)).status_code == 404


def test_what_does_not_exist_is_absent(visitor: Client, draft: Application, applicant: User) -> None:
    for url in (
        "/my/applications/LSA-2026-00000/",
        "/my/applications/LSA-2026-0%0000/",
        "/my/applications/x/",
        page("requests-edit", draft, "no/such\x00number"),
        page("following-status", draft) + "nothing/",
        "/join/00000000-0000-4000-8000-000000000000/",
        f"/files/{draft.reference}/{'f' * 64}/",
        "/calls/no-such-call/apply/",
    ):
        assert visitor.get(url).status_code == 404, url
    assert visitor.get("/my/?cursor=forged").status_code == 400


def test_my_page_lists_own_applications_and_what_waits(visitor: Client, call: Call, applicant: User) -> None:
    assert "You have no application yet" in visitor.get("/my/").content.decode()
    own = application_of(call, applicant)
    returned = application_of(call, applicant, Status.RETURNED)
    other = application_of(call)
    invited = draft_of(call)
    member_of(invited, confirmed=False, email=applicant.email.upper())
    shown = visitor.get("/my/").content.decode()
    assert own.reference in shown and returned.reference in shown and other.reference not in shown
    assert f"Complete application {returned.reference} and submit it again." in shown
    assert f"You are invited to the team of application {invited.reference}." in shown


def _count(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len([query for query in queries if "SAVEPOINT" not in query["sql"]])


MOST_QUERIES = 17


def test_lists_cost_the_same_with_one_row_and_with_thirty(applicant: User) -> None:
    client = signed_in(applicant)
    samples = [stock() for _ in range(30)]
    small, large = call_of(samples=samples[:1]), call_of(samples=samples)
    few, many = draft_of(small, applicant), draft_of(large, applicant)
    member_of(few)
    for _ in range(29):
        member_of(many, confirmed=False)
    names = DRAFT_PAGES[:-1]
    costs = {name: (_count(client, page(name, few)), _count(client, page(name, many))) for name in names}
    costs["my"] = (_count(client, "/my/"), 0)
    for _ in range(30):
        application_of(small, applicant)
    costs["my"] = (costs["my"][0], _count(client, "/my/"))
    costs["section"] = (_count(client, page("apply-section", few, "science")),) * 2
    sent = application_of(large, applicant), application_of(small, applicant)
    for name in SENT_PAGES[:3]:
        costs[f"{name} after"] = (_count(client, page(name, sent[1])), _count(client, page(name, sent[0])))
    costs["start"] = (_count(client, reverse("applications:apply-start", args=[large.slug])),) * 2
    assert {name: cost for name, cost in costs.items() if cost[0] != cost[1]} == {}
    assert max(cost[0] for cost in costs.values()) <= MOST_QUERIES, costs


def shown(visitor: Client, url: str) -> str:
    return " ".join(visitor.get(url).content.decode().split())


def test_a_page_that_saves_by_itself_promises_no_way_back_without_saving(visitor: Client, draft: Application) -> None:
    number = draft.draft_requests.first().sample.catalogue_number
    ways = {
        page("apply-section", draft, "science"): "Back to the tasks",
        page("declarations-authorisations", draft): "Back to the tasks",
        page("requests-edit", draft, number): "Back to the samples",
        page("declarations-declare", draft): "Back without saving",
        page("team-places", draft): "Back without saving",
    }
    for url, words in ways.items():
        text = shown(visitor, url)
        assert f">{words}</a>" in text, url
        assert ("data-autosave" in text) == ("Back without saving" not in text), url


def test_pages_that_stay_where_they_are_name_the_next_task(visitor: Client, draft: Application) -> None:
    places = shown(visitor, page("team-places", draft))
    assert ">Save this place</button>" in places
    assert f'<a href="{page("team-list", draft)}">Next task: Name team and conflicts</a>' in places
    last = shown(visitor, page("declarations-authorisations", draft))
    assert f'<a href="{page("apply-check", draft)}">Next task: Check and submit</a>' in last


def test_nothing_is_counted_as_done_that_the_list_does_not_call_so(call: Call) -> None:
    person = UserFactory()
    new = Application.objects.create(
        call=call, principal_investigator=person, reference="LSA-2026-11111", created_at=clock.now()
    )
    client = signed_in(person)
    assert "0 of 12 tasks completed" in shown(client, page("apply-tasks", new))
    interests.state(new, by=person, text="")
    assert "1 of 12 tasks completed" in shown(client, page("apply-tasks", new))
    assert "Nobody else" in shown(client, page("apply-tasks", new))


def test_only_who_submits_is_told_to_submit(draft: Application) -> None:
    writer, reader = member_of(draft).user, member_of(draft, role="reader").user
    go_on = f"Go on with application {draft.reference}"
    assert f"{go_on} and submit it." in shown(signed_in(draft.principal_investigator), "/my/")
    assert f"{go_on}." in shown(signed_in(writer), "/my/")
    assert go_on not in shown(signed_in(reader), "/my/")
    check = shown(signed_in(writer), page("apply-check", draft))
    assert check.count("Only the principal investigator submits.") == 1 and "Submit</b>" not in check


def test_a_practice_draft_says_on_every_page_when_it_goes(applicant: User) -> None:
    draft = draft_of(call_of(is_practice=True), applicant)
    day = (draft.created_at + KEPT_FOR).date().isoformat()
    for url in (page("apply-tasks", draft), page("apply-section", draft, "science")):
        assert f'the application is deleted on <time datetime="{day}">' in shown(signed_in(applicant), url)


def test_a_withdrawn_draft_says_what_it_was_and_can_be_copied(visitor: Client, draft: Application) -> None:
    following.withdraw(draft, by=draft.principal_investigator)
    text = shown(visitor, page("following-status", draft))
    assert draft.title in text and "Nobody reads it any more." in text
    assert f'href="{page("apply-clone", draft)}"' in text
    other = member_of(draft).user
    assert page("apply-clone", draft) not in shown(signed_in(other), page("following-status", draft))


@pytest.mark.django_db
def test_my_page_leads_a_member_of_a_panel_to_what_is_missing_before_anything_opens() -> None:
    member = UserFactory()
    call = call_of(reviewers=[member])
    leads = f'href="/review/{call.slug}/conflicts/"'
    assert leads not in signed_in(member).get("/my/").content.decode()
    call.panel.filter(user=member).update(pledged_at=None, pledged_version=0)
    assert leads in signed_in(member).get("/my/").content.decode()
    assert leads not in signed_in(UserFactory()).get("/my/").content.decode()
