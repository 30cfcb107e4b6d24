"""Settling a change: a person answers it, the snapshot stays, and what follows from it follows at once."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from applications.access import assigned_to, judged_by
from applications.enums import ChangeState, PanelRole, Status, TeamRole
from applications.exchanges import settling
from applications.exchanges.queries import would_bar
from applications.models import (
    Application,
    AuthorisationRecord,
    Conflict,
    PanelMember,
    Redeclaration,
)
from applications.rules.conflicts import conflicts_among
from applications.since import needs_of, public_words
from applications.team import actions as team
from portal import clock
from portal.errors import Denied, NotNow
from portal.notifications.models import Notice
from tests.applications.apply.conftest import page, signed_in
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.accounts import InstitutionFactory, UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, chair_of, member_of, seat
from tests.factories.decisions import closed_call, review_of
from tests.factories.exchanges import accept, change_of, in_review, institution_facts, report

pytestmark = pytest.mark.django_db
Send = Callable[..., Any]
QUEUE = "/manage/changes/"


# --- The queue --------------------------------------------------------------------------------------------


def test_the_queue_shows_what_waits_and_hides_what_a_conflict_bars() -> None:
    application, other = in_review(), in_review()
    change, settled = change_of(application), change_of(other, state="accepted", **_answered(other))
    office, barred = signed_in(administrator()), signed_in(administrator(institution=application.institution))
    assert str(change.uid) in office.get(QUEUE).content.decode()
    assert str(settled.uid) not in office.get(QUEUE).content.decode()
    everything = office.get(QUEUE, {"state": "all"}).content.decode()
    assert str(change.uid) in everything and str(settled.uid) in everything
    assert str(settled.uid) not in office.get(QUEUE, {"state": "all", "kind": "team"}).content.decode()
    assert str(change.uid) not in barred.get(QUEUE).content.decode()
    url = reverse("applications:exchanges-change", args=[change.uid])
    assert (office.get(url).status_code, barred.get(url).status_code) == (200, 404)
    assert barred.post(url, {"act": "accept"}).status_code == 404
    assert office.get(QUEUE, {"title": "x"}).status_code == 400
    for who in (UserFactory(roles=["curator"]), UserFactory(roles=["auditor"]), chair_of(application.call)):
        assert signed_in(who).get(QUEUE).status_code == 404


def _answered(application: Application) -> dict[str, Any]:
    return {"answered_at": change_of(application).at, "answered_by": application.principal_investigator}


def test_the_queue_costs_the_same_for_one_and_for_thirty() -> None:
    visitor, application = signed_in(administrator()), in_review()
    change_of(application)
    one = queries_of(visitor, QUEUE)
    for _ in range(29):
        change_of(in_review() if _ % 10 == 0 else application)
    many = queries_of(visitor, QUEUE)
    assert len(one) == len(many) <= MOST_QUERIES


def test_a_change_is_settled_once_and_the_team_is_told(send: Send) -> None:
    application = in_review()
    member, change = member_of(application).user, report(application, "laboratory")
    url, visitor = reverse("applications:exchanges-change", args=[change.uid]), signed_in(administrator())
    refused = send(visitor, url, act="decline", answer="")
    assert refused.status_code == 422
    assert send(visitor, url, act="accept", answer="Thank you.").status_code == 303
    assert send(visitor, url, act="decline", answer="No.").status_code == 409
    change.refresh_from_db()
    assert (change.state, change.answer) == (ChangeState.ACCEPTED, "Thank you.")
    told = {notice.recipient for notice in Notice.objects.filter(kind="change-settled")}
    assert told == {application.principal_investigator, member}
    shown = signed_in(member).get(page("following-changes", application)).content.decode()
    assert "Thank you." in shown


def test_only_an_administrator_without_a_conflict_settles() -> None:
    application = in_review()
    change = report(application, "funding")
    barred = administrator(institution=application.institution)
    for who in (application.principal_investigator, chair_of(application.call), barred, UserFactory(roles=["curator"])):
        with pytest.raises(Denied):
            settling.settle(change, by=who, accepted=True)


# --- What follows ----------------------------------------------------------------------------------------------


def test_whoever_an_accepted_change_brings_into_conflict_loses_access_at_once() -> None:
    application, place = in_review(), InstitutionFactory()
    review = review_of(application)
    reviewer = review.assignment.reviewer
    reviewer.institution = place
    reviewer.save()
    chair = seat(application.call, UserFactory(institution=place), PanelRole.CHAIR)
    change = report(application, "institution", **institution_facts(place))
    assert assigned_to(reviewer).filter(pk=application.pk).exists()
    assert judged_by(chair).filter(pk=application.pk).exists()
    url = reverse("applications:exchanges-change", args=[change.uid])
    assert reviewer.name in signed_in(administrator()).get(url).content.decode()
    settling.settle(change, by=administrator(), accepted=False, answer="Not yet.")
    assert assigned_to(reviewer).filter(pk=application.pk).exists()
    accept(report(application, "institution", **institution_facts(place)))
    for who, name in ((reviewer, "review-write"), (chair, "panel-read")):
        path = reverse(f"applications:{name}", args=[application.call.slug, application.reference])
        assert signed_in(who).get(path).status_code == 404
    application.refresh_from_db()
    assert application.institution == place
    assert (application.tally.number, application.tally.mean) == (0, 0)
    assert application.assignments.filter(reviewer=reviewer, ended_at__isnull=True).count() == 0


def barred_by(application: Application) -> set[Any]:
    """Return who of the panel has a conflict with an application as it is stored now."""
    people = [one.user for one in PanelMember.objects.filter(call=application.call).select_related("user")]
    pairs = conflicts_among(people, [Application.objects.get(pk=application.pk)])
    return {person for person in people if (application.pk, person.pk) in pairs}


@pytest.mark.parametrize("kind", ["institution", "investigator", "team", "second address", "leaves"])
def test_a_change_says_exactly_whom_accepting_it_bars(kind: str) -> None:
    application, place = in_review(), InstitutionFactory()
    there, named, other = UserFactory(institution=place), UserFactory(institution=place), UserFactory()
    barred = UserFactory(institution=place)
    Conflict.objects.create(application=application, user=barred, by=barred, at=clock.now())
    EmailAddress.objects.create(user=other, email="second@example.org", primary=False, verified=True)
    member = member_of(application, UserFactory(institution=place) if kind == "leaves" else None)
    for person in (there, named, other, barred):
        seat(application.call, person)
    joins = {"name": "New", "role": "reader"}
    kinds: dict[str, tuple[str, dict[str, Any], set[Any]]] = {
        "institution": ("institution", institution_facts(place), {there, named}),
        "investigator": ("investigator", {"member": str(member.uid)}, set()),
        # The account that is invited counts with its institution.
        "team": ("team", {"add": {**joins, "email": named.email.upper()}}, {there, named}),
        "second address": ("team", {"add": {**joins, "email": "second@example.org"}}, {other}),
        "leaves": ("team", {"remove": str(member.uid)}, set()),
    }
    code, facts, expected = kinds[kind]
    change, before = report(application, code, **facts), barred_by(application)
    said = would_bar(change)
    accept(change)
    assert barred in before
    assert barred_by(application) - before == expected
    assert sorted(said) == sorted(person.name for person in expected)


def test_the_public_entry_names_the_institution_that_was_accepted_and_the_snapshot_stays() -> None:
    application, place = in_review(), InstitutionFactory(name="New home")
    said = application.submission.document["institution"]["name"]
    accept(report(application, "institution", **institution_facts(place)))
    fresh = Application.objects.get(pk=application.pk)
    assert public_words(fresh)["institution"]["name"] == "New home"
    assert fresh.submission.document["institution"]["name"] == said


def test_a_confirmed_member_takes_over_and_has_agreed_to_nothing_yet() -> None:
    application = in_review(names_principal_investigator=True)
    former, member = application.principal_investigator, member_of(application)
    assert public_words(application)["principal_investigator"] == former.name
    accept(report(application, "investigator", member=str(member.uid)))
    fresh = Application.objects.get(pk=application.pk)
    assert fresh.principal_investigator == member.user
    assert [(one.user, one.role) for one in fresh.team.all()] == [(former, TeamRole.CO_INVESTIGATOR)]
    assert public_words(fresh)["principal_investigator"] is None
    assert signed_in(former).get(page("following-status", fresh)).status_code == 200
    assert signed_in(former).get(page("following-withdraw", fresh)).status_code == 404


def test_whoever_takes_over_a_returned_draft_has_declared_nothing_in_it() -> None:
    application = application_of(closed_call(), status=Status.SUBMITTED, names_principal_investigator=True)
    change = report(application, "investigator", member=str(member_of(application).uid))
    moment = clock.now() + timedelta(days=3)
    Application.objects.filter(pk=application.pk).update(
        status=Status.RETURNED, resubmit_until=moment, career_stage="early", is_first_time=True
    )
    accept(change)
    fresh = Application.objects.get(pk=application.pk)
    assert (fresh.declared, fresh.names_principal_investigator) == ({}, False)
    assert (fresh.career_stage, fresh.is_first_time) == ("", None)


def test_nobody_takes_over_who_has_not_confirmed() -> None:
    application = in_review()
    member = member_of(application, confirmed=False)
    change = report(application, "investigator", member=str(member.uid))
    with pytest.raises(NotNow):
        accept(change)
    change.refresh_from_db()
    assert change.state == ChangeState.OPEN


def test_who_joins_is_invited_by_mail_and_who_leaves_reads_no_more() -> None:
    application = in_review()
    reviewer = assignment_of(application).reviewer
    leaves = member_of(application)
    joins = {"add": {"name": "New", "email": reviewer.email, "role": "reader"}}
    accept(report(application, "team", remove=str(leaves.uid)))
    assert signed_in(leaves.user).get(page("following-status", application)).status_code == 404
    accept(report(application, "team", **joins))
    assert [member.email for member in application.team.all()] == [reviewer.email]
    assert Notice.objects.filter(kind="team-member-invited").count() == 1
    assert not assigned_to(reviewer).filter(pk=application.pk).exists()


def test_who_joins_late_ends_the_assignments_of_reviewers_from_their_institution() -> None:
    application, place = in_review(), InstitutionFactory()
    review, other = review_of(application), review_of(application)
    reviewer = review.assignment.reviewer
    reviewer.institution = place
    reviewer.save()
    accept(report(application, "team", add={"name": "New", "email": "new@example.org", "role": "reader"}))
    assert application.assignments.filter(ended_at__isnull=True).count() == 2
    team.join(application.team.get(), by=UserFactory(email="new@example.org", institution=place))
    assert [one.reviewer for one in application.assignments.filter(ended_at__isnull=True)] == [
        other.assignment.reviewer
    ]
    application.tally.refresh_from_db()
    assert application.tally.number == 1


def test_an_authorisation_becomes_a_record_of_its_occasion() -> None:
    application = in_review()
    pair = application.submission.document["authorisations"][0]
    facts = {"mission": pair["mission"], "institution": pair["institution"], "state": "pending", "reference": ""}
    accept(report(application, "authorisation", **facts, expires_on=None, expected_on="2027-03-01"))
    record = AuthorisationRecord.objects.get(occasion="change")
    assert (record.side, record.state, str(record.expected_on)) == ("applicant", "pending", "2027-03-01")


def test_a_smaller_need_stands_beside_the_request_once_it_is_accepted() -> None:
    application = in_review()
    powder = application.submission.requests.get(whole=False)
    change = report(application, "smaller-need", needs={str(powder.uid): Decimal("35.5")})
    call, reviewer = application.call, assignment_of(application).reviewer
    pages = {
        chair_of(call): reverse("applications:panel-read", args=[call.slug, application.reference]),
        reviewer: reverse("applications:review-write", args=[call.slug, application.reference]),
        UserFactory(roles=["curator"]): reverse("applications:screening-advise", args=[application.reference]),
    }
    words = 'the applicant now needs <span class="nowrap">35.5'
    for who, url in pages.items():
        assert words not in " ".join(signed_in(who).get(url).content.decode().split())
    accept(change)
    for who, url in pages.items():
        assert words in " ".join(signed_in(who).get(url).content.decode().split())
    assert [(need.request, need.mass_mg) for need in needs_of(application)] == [(powder, Decimal("35.500"))]
    Application.objects.filter(pk=application.pk).update(status=Status.DELIBERATED)
    url = reverse("applications:decisions-decide", args=[call.slug, application.reference])
    assert words in " ".join(signed_in(chair_of(call)).get(url).content.decode().split())


def test_declarations_are_made_anew_by_the_head_alone_and_once(send: Send) -> None:
    application = in_review()
    member, change = member_of(application).user, report(application, "funding")
    url, visitor = page("following-redeclare", application, change.uid), signed_in(application.principal_investigator)
    assert visitor.get(url).status_code == 404
    accept(change)
    assert url in visitor.get("/my/").content.decode()
    assert (visitor.get(url).status_code, signed_in(member).get(url).status_code) == (200, 404)
    assert send(signed_in(member), url, codes=["true", "return"]).status_code == 403
    assert send(visitor, url, codes=["true"]).status_code == 422
    assert send(visitor, url, codes=["true", "return"]).status_code == 303
    row = Redeclaration.objects.get()
    assert row.declared == {code: {"version": 1, "details": ""} for code in ("true", "return")}
    assert visitor.get(url).status_code == 404
    assert url not in visitor.get("/my/").content.decode()
    accept(report(application, "laboratory"))
    assert "anew" not in visitor.get("/my/").content.decode()


def test_no_word_of_a_change_reaches_the_panel() -> None:
    application = in_review()
    change_of(application, text="Secret of the office.")
    call, reviewer = application.call, assignment_of(application).reviewer
    for who, name in ((chair_of(call), "panel-read"), (reviewer, "review-write")):
        path = reverse(f"applications:{name}", args=[call.slug, application.reference])
        assert "Secret of the office." not in signed_in(who).get(path).content.decode()
