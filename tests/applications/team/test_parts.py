"""Parts on the team: who writes, who only reads, who receives the decision; and handing the application over."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from applications import notices
from applications.access import relations
from applications.apply import actions as apply
from applications.models import Application
from applications.team import actions, handover
from portal import clock
from portal.audit.models import Event
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from tests.applications.apply.conftest import page, signed_in
from tests.factories.applications import application_of, draft_of, member_of

Send = Callable[..., Any]
DAY = timedelta(days=1)


def test_part_is_changed_and_its_rights_with_it(visitor: Client, draft: Application, send: Send) -> None:
    member = member_of(draft)
    assert relations(member.user, draft) == {"co-investigator"}

    assert send(visitor, page("team-change", draft, member.uid), role="reader").status_code == 303

    assert relations(member.user, draft) == {"reader"}
    assert (
        send(
            signed_in(member.user), page("team-list", draft), name="A", whom="a@example.org", role="reader"
        ).status_code
        == 403
    )
    assert Event.objects.get(verb="team_member.change").facts == {
        "from": "co-investigator",
        "to": "reader",
        "receives_decisions": False,
    }


def test_nobody_is_made_principal_investigator_by_a_form(visitor: Client, draft: Application, send: Send) -> None:
    member = member_of(draft)
    answer = send(visitor, page("team-change", draft, member.uid), role="principal-investigator")
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["role"])


def test_only_the_principal_investigator_says_who_receives_the_decision(draft: Application, send: Send) -> None:
    member, writer = member_of(draft), member_of(draft)
    with pytest.raises(Denied):
        actions.change(member, by=writer.user, role="co-investigator", receives_decisions=True)
    forged = signed_in(writer.user)
    send(forged, page("team-change", draft, member.uid), role="co-investigator", receives_decisions="on")
    member.refresh_from_db()
    assert member.receives_decisions is False
    with pytest.raises(Invalid):
        actions.change(member, by=draft.principal_investigator, role="reader", receives_decisions=True)

    actions.change(member, by=draft.principal_investigator, role="co-investigator", receives_decisions=True)
    assert notices.who_receives_decisions(draft) == [draft.principal_investigator, member.user]
    actions.change(member, by=writer.user, role="reader")
    assert notices.who_receives_decisions(draft) == [draft.principal_investigator]


def test_decision_goes_to_the_principal_investigator_and_to_whom_they_named(draft: Application) -> None:
    member_of(draft)
    named = member_of(draft, receives_decisions=True)
    member_of(draft, confirmed=False, receives_decisions=True)
    notices.tell("decision-released", draft, record("application.publish", draft, by=None))
    told = set(Notice.objects.filter(kind="decision-released").values_list("recipient", flat=True))
    assert told == {draft.principal_investigator_id, named.user_id}


# --- Handing over --------------------------------------------------------------------------------------------


@pytest.fixture
def offered(draft: Application) -> Any:
    member = member_of(draft)
    handover.offer(member, by=draft.principal_investigator)
    draft.refresh_from_db()
    return member


def test_offer_changes_nothing_but_is_told(draft: Application, offered: Any) -> None:
    head = draft.principal_investigator
    assert draft.handover_to == offered
    assert relations(head, draft) == {"principal-investigator"}
    assert relations(offered.user, draft) == {"co-investigator"}
    assert Notice.objects.get(kind="handover-offered").recipient == offered.user
    draft.refresh_from_db()
    assert draft.declared != {}


def test_accepting_swaps_both_parts_and_asks_for_the_declarations_anew(
    draft: Application, offered: Any, send: Send
) -> None:
    former, taker = draft.principal_investigator, offered.user
    Application.objects.filter(pk=draft.pk).update(
        names_principal_investigator=True, approved_version=1, career_stage="early", is_first_time=True
    )
    url = page("team-handover", draft)
    refused = send(signed_in(taker), url)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["confirms"])

    assert send(signed_in(taker), url, confirms="on")["Location"] == page("declarations-declare", draft)

    draft = Application.objects.get(pk=draft.pk)
    assert draft.principal_investigator == taker
    assert (draft.declared, draft.names_principal_investigator, draft.handover_to) == ({}, False, None)
    assert (draft.approved_version, draft.career_stage, draft.is_first_time) == (None, "", None)
    assert relations(taker, draft) == {"principal-investigator"}
    assert relations(former, draft) == {"co-investigator"}
    assert [(row.user, row.role) for row in draft.team.all()] == [(former, "co-investigator")]
    assert Event.objects.get(verb="application.hand-over").facts == {"from": str(former.uid), "to": str(taker.uid)}
    told = Notice.objects.filter(kind="handover-accepted").values_list("recipient", flat=True)
    assert set(told) == {former.pk, taker.pk}
    with pytest.raises(Denied):
        apply.submit(draft, by=former)


def test_offer_is_taken_back_or_declined_and_then_absent(draft: Application, offered: Any, send: Send) -> None:
    for person in (draft.principal_investigator, offered.user):
        handover.offer(offered, by=draft.principal_investigator)
        assert send(signed_in(person), page("team-handover-end", draft)).status_code == 303
        assert signed_in(offered.user).get(page("team-handover", draft)).status_code == 404
        with pytest.raises(Denied):
            handover.accept(draft, by=offered.user)
    assert Event.objects.filter(verb="team_member.end-handover").count() == 2


def test_nobody_else_offers_takes_or_ends_it(draft: Application, offered: Any) -> None:
    other, foreign = member_of(draft), member_of(draft_of(draft.call))
    for person in (other.user, foreign.user):
        for act in (
            lambda person=person: handover.offer(other, by=person),
            lambda person=person: handover.accept(draft, by=person),
            lambda person=person: handover.take_back(draft, by=person),
        ):
            with pytest.raises(Denied):
                act()
    assert signed_in(other.user).get(page("team-handover", draft)).status_code == 404
    assert signed_in(other.user).get(page("team-handover-offer", draft, other.uid)).status_code == 404
    with pytest.raises(Denied):
        handover.accept(draft, by=draft.principal_investigator)


def test_it_is_not_offered_to_who_has_not_confirmed(draft: Application) -> None:
    with pytest.raises(NotNow):
        handover.offer(member_of(draft, confirmed=False), by=draft.principal_investigator)


def test_removing_the_member_ends_the_offer(draft: Application, offered: Any) -> None:
    actions.remove(offered, by=draft.principal_investigator)
    draft.refresh_from_db()
    assert draft.handover_to is None


def test_after_the_deadline_nothing_is_handed_over_or_changed(draft: Application, offered: Any) -> None:
    other = member_of(draft)
    with clock.set_to(draft.call.closes_at + DAY):
        for act in (
            lambda: handover.offer(other, by=draft.principal_investigator),
            lambda: handover.accept(draft, by=offered.user),
            lambda: actions.change(other, by=draft.principal_investigator, role="reader"),
            lambda: actions.remove(other, by=draft.principal_investigator),
            lambda: actions.invite(draft, by=draft.principal_investigator, name="A", email="late@example.org"),
        ):
            with pytest.raises(NotNow):
                act()
    assert draft.team.count() == 2


def test_withdrawn_application_is_not_taken_over(draft: Application, offered: Any) -> None:
    Application.objects.filter(pk=draft.pk).update(status="withdrawn")
    with pytest.raises(NotNow):
        handover.accept(draft, by=offered.user)


def test_what_was_submitted_still_names_the_former_one(call: Any, send: Send) -> None:
    application = application_of(call)
    member, former = member_of(application), application.principal_investigator
    handover.offer(member, by=former)
    handover.accept(application, by=member.user)
    assert application.submission.document["principal_investigator"]["uid"] == str(former.uid)
    assert "names the former" not in signed_in(member.user).get(page("team-list", application)).content.decode()
