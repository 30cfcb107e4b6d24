"""Reported changes: what may be reported, when and by whom, and what of it becomes public."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from applications.enums import Status, TeamRole
from applications.following import changing
from applications.models import (
    Application,
    ChangeReport,
    Submission,
)
from applications.since import public_words
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from portal.units import format_mass
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, call_of, member_of
from tests.factories.decisions import closed_call
from tests.factories.exchanges import in_review, report

pytestmark = pytest.mark.django_db
Send = Callable[..., Any]
QUEUE = "/manage/changes/"


# --- Reporting -------------------------------------------------------------------------------------------


def test_every_kind_has_its_page_and_none_edits_the_snapshot(send: Send) -> None:
    application = in_review()
    member = member_of(application)
    before = Submission.objects.get(pk=application.submission_id).document
    visitor = signed_in(application.principal_investigator)
    powder = application.submission.requests.get(whole=False)
    sent: dict[str, dict[str, Any]] = {
        "institution": {"institution_name": "New Demonstration Institute", "country_or_region": "NO"},
        "investigator": {"member": str(member.uid)},
        "team": {"name": "New Person", "email": "new@example.org", "role": "reader"},
        "funding": {},
        "authorisation": {"about": "0", "state": "obtained", "reference": "A-1"},
        "laboratory": {},
        "smaller-need": {f"need_{powder.uid}": "35,5"},
    }
    overview = visitor.get(page("following-changes", application)).content.decode()
    for kind, fields in sent.items():
        url = page("following-report", application, kind)
        assert url in overview
        assert visitor.get(url).status_code == 200
        extra = {"state": "accepted", "answer": "Yes."} if kind == "funding" else {}
        answer = send(visitor, url, text="Since May.", **fields, **extra)
        assert answer.status_code == 303, (kind, answer.content.decode()[-3000:])
    assert set(ChangeReport.objects.values_list("kind", flat=True)) == set(sent)
    assert set(ChangeReport.objects.values_list("state", "answer")) == {("open", "")}
    assert ChangeReport.objects.get(kind="smaller-need").facts == {"needs": {str(powder.uid): "35.500"}}
    application.refresh_from_db()
    assert Submission.objects.get(pk=application.submission_id).document == before
    asked = f"{format_mass(powder.asked_mg)} asked, now 35.5 mg"
    assert asked in visitor.get(page("following-changes", application)).content.decode()
    assert page("following-report", application, "nonsense") not in overview
    assert visitor.get(page("following-report", application, "nonsense")).status_code == 404


@pytest.mark.parametrize(
    ("typed", "words"),
    [("60", "more cannot be added"), ("10", "is of no use"), ("1,250", "two ways"), ("", "need less of it")],
)
def test_a_smaller_need_lies_between_least_and_asked(send: Send, typed: str, words: str) -> None:
    application = in_review()
    powder = application.submission.requests.get(whole=False)
    url = page("following-report", application, "smaller-need")
    answer = send(
        signed_in(application.principal_investigator), url, text="Kept words.", **{f"need_{powder.uid}": typed}
    )
    text = answer.content.decode()
    assert (answer.status_code, words in text, "Kept words." in text) == (422, True, True)
    assert not ChangeReport.objects.exists()


def test_what_is_not_needed_at_all_is_zero() -> None:
    application = in_review()
    powder, piece = (application.submission.requests.get(whole=whole) for whole in (False, True))
    change = report(application, "smaller-need", needs={str(powder.uid): Decimal(0), str(piece.uid): Decimal(0)})
    assert change.facts["needs"] == {str(powder.uid): "0.000", str(piece.uid): "0.000"}
    with pytest.raises(Invalid):
        report(application, "smaller-need", needs={str(piece.uid): Decimal(5)})


def test_nothing_is_reported_while_the_draft_is_in_hand_nor_after_the_end() -> None:
    for application in (
        application_of(call_of()),
        application_of(closed_call(), status=Status.RETURNED),
        application_of(closed_call(), status=Status.WITHDRAWN),
        application_of(closed_call(), status=Status.INELIGIBLE),
    ):
        with pytest.raises(NotNow):
            report(application, "funding")
    for status in (Status.SUBMITTED, Status.DECIDED, Status.PUBLISHED):
        report(application_of(closed_call(), status=status), "funding")
    with pytest.raises(NotNow):
        report(application_of(closed_call(), status=Status.PUBLISHED), "smaller-need", needs={})


def test_readers_strangers_and_empty_words_report_nothing(send: Send) -> None:
    application = in_review()
    reader = member_of(application, role=TeamRole.READER).user
    for who in (reader, UserFactory()):
        assert signed_in(who).get(page("following-report", application, "funding")).status_code == 404
        with pytest.raises(Denied):
            changing.report(application, by=who, kind="funding", text="Since May.")
    url = page("following-report", application, "funding")
    assert send(signed_in(application.principal_investigator), url, text=" ").status_code == 422


def test_one_change_of_the_team_at_a_time(send: Send) -> None:
    application = in_review()
    member = member_of(application)
    visitor, url = signed_in(application.principal_investigator), page("following-report", application, "team")
    for fields in ({}, {"name": "Half"}, {"remove": str(member.uid), "name": "A", "email": "a@example.org"}):
        assert send(visitor, url, text="Since May.", **fields).status_code == 422


def test_administrators_are_told_and_nobody_with_a_conflict() -> None:
    application = in_review()
    office, barred = administrator(), administrator(institution=application.institution)
    report(application, "funding")
    told = {notice.recipient for notice in Notice.objects.filter(kind="change-reported")}
    assert office in told and barred not in told


# --- Who is named ------------------------------------------------------------------------------------------------


def test_the_preview_is_exactly_the_entry_and_the_name_may_be_left_out_until_the_release(send: Send) -> None:
    application = in_review(names_principal_investigator=True)
    visitor, url = signed_in(application.principal_investigator), page("following-public", application)
    words = public_words(application)
    shown = visitor.get(url).content.decode()
    for said in (words["title"], words["summary"], words["institution"]["name"], words["principal_investigator"]):
        assert said in shown
    member = member_of(application).user
    assert send(signed_in(member), url, names="no").status_code == 403
    assert send(visitor, url, names="no").status_code == 303
    assert public_words(Application.objects.get(pk=application.pk))["principal_investigator"] is None
    assert send(visitor, url, names="maybe").status_code == 422
    Application.objects.filter(pk=application.pk).update(status=Status.PUBLISHED)
    assert send(visitor, url, names="yes").status_code == 409
