"""What was asked for, in groups and with its runs, is read in the same words by everybody who may read it."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from applications.apply import actions as apply
from applications.enums import GroupKind, PanelRole, Status
from applications.models import Application, Assignment
from applications.panel import actions as panel
from applications.requests import actions, grouping
from applications.rules.masses import Run
from portal import clock
from tests import scenarios
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
SAID = (
    "Group “Soils of both sides”: Needs all of them",
    "Grains of 45 to 75 µm.",
    "The far side, then the near one.",
    "Six runs of each.",
    "Two meteorites.",
    "Epoxy ruins the first step.",
    "Sections hold no loose grains.",
    "Electron microprobe analysis",
    "The runs need 41.053 mg; 50 mg are asked for; 8.947 mg are left.",
)


def submitted() -> Application:
    """Return an application before the panel that asks for both sides in a group, with runs for the powder."""
    call = scenarios.panel_call(closes_in=-5)
    assert call.opens_at is not None and call.closes_at is not None
    person = UserFactory()
    draft = scenarios.draft(call, person, call.opens_at + scenarios.HOUR)
    with clock.set_to(call.opens_at + 2 * scenarios.HOUR):
        powder = draft.draft_requests.get(whole=False)
        actions.put(
            draft,
            by=person,
            sample=powder.sample,
            whole=False,
            asked_mg=Decimal(50),
            least_mg=Decimal(30),
            technique="EMPA",
            contaminants="Epoxy ruins the first step.",
            alternatives="Sections hold no loose grains.",
            runs=[Run("EMPA", Decimal(39), 1, Decimal(5))],
        )
        uids = [line.uid for line in draft.draft_requests.all()]
        grouping.put_group(
            draft,
            by=person,
            kind=GroupKind.NEEDS_ALL,
            name="Soils of both sides",
            members=uids,
            least=uids,
            matching="Grains of 45 to 75 µm.",
            first="The far side, then the near one.",
            least_set="Six runs of each.",
            comparison="Two meteorites.",
        )
        apply.submit(draft, by=person)
    scenarios.to_the_panel(draft, call.closes_at + scenarios.HOUR)
    draft.refresh_from_db()
    assert draft.status == Status.UNDER_REVIEW
    return draft


def assigned(application: Application) -> Assignment:
    chair = scenarios.seated(application.call, PanelRole.CHAIR)[0]
    reviewer = scenarios.seated(application.call, PanelRole.REVIEWER)[0]
    return panel.assign(application, by=chair, reviewer=reviewer)


def test_groups_and_runs_are_read_in_the_same_words_by_all() -> None:
    application = submitted()
    assignment = assigned(application)
    reference = application.reference
    readers: dict[str, tuple[Any, str]] = {
        "applicant": (application.principal_investigator, page("following-sent", application)),
        "administrator": (application.call.announced_by, reverse("applications:screening-detail", args=[reference])),
        "curator": (UserFactory(roles=["curator"]), reverse("applications:screening-advise", args=[reference])),
        "chair": (
            scenarios.seated(application.call, PanelRole.CHAIR)[0],
            reverse("applications:panel-read", args=[application.call.slug, reference]),
        ),
        "reviewer": (
            assignment.reviewer,
            reverse("applications:review-write", args=[application.call.slug, reference]),
        ),
        "auditor": (UserFactory(roles=["auditor"]), reverse("applications:auditing-submission", args=[reference, 1])),
    }
    missing = {}
    for name, (user, url) in readers.items():
        answer = signed_in(user).get(url)
        shown = answer.content.decode()
        missing[name] = (answer.status_code, [words for words in SAID if words not in shown])
    assert missing == {name: (200, []) for name in readers}
