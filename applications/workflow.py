"""The life of an application on one screen; beside it the small tables of call, interview and publication.

From, to, who, when and notice: nothing else. `portal/workflow.py` advances; the stages' actions call it.
`docs/workflow.md` is written from these tables.
"""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications import notices
from applications.access import ADMINISTRATOR, CHAIR, EDITOR, PRINCIPAL, is_chair, relations
from applications.enums import CallStatus, InterviewState, PublicationStatus, Status
from applications.models import Application, Call, Interview, Publication
from applications.rules import progress
from portal.roles import Permission
from portal.workflow import Asked, Transition, Who, Workflow

# --- Who -------------------------------------------------------------------------------------------


def _to_application(application: Application, user: Any) -> frozenset[str]:
    return relations(user, application)


def _to_interview(interview: Interview, user: Any) -> frozenset[str]:
    return relations(user, interview.application)


def _related(*ways: str) -> Callable[[Asked], bool]:
    return lambda asked: not asked.once(_to_application).isdisjoint(ways)


def _permitted(permission: Permission) -> Callable[[Asked], bool]:
    return lambda asked: asked.user.may(permission)


PRINCIPAL_INVESTIGATOR = Who(_("the principal investigator"), _related(PRINCIPAL))
WRITERS = Who(_("the principal investigator and co-investigators"), _related(PRINCIPAL, EDITOR))
SCREENER = Who(_("an administrator without a conflict"), _related(ADMINISTRATOR))
THE_CHAIR = Who(_("the chair of the call, without a conflict"), _related(CHAIR))
PUBLICATION_ITSELF = Who(_("the release of a publication"), _permitted(Permission.PUBLISH))
AN_ADMINISTRATOR = Who(_("an administrator"), _permitted(Permission.MANAGE_CALLS))
ANOTHER_ADMINISTRATOR = Who(
    _("an administrator who did not make the call"),
    lambda asked: asked.user.may(Permission.MANAGE_CALLS) and asked.thing.created_by_id != asked.user.pk,
)
A_SIGNER = Who(_("an administrator"), _permitted(Permission.PUBLISH))
CALL_CHAIR = Who(
    _("the chair of the call, without a conflict"),
    lambda asked: CHAIR in asked.once(_to_interview) and is_chair(asked.user, asked.thing.call),
)
INVITED = Who(_("the principal investigator"), lambda asked: PRINCIPAL in asked.once(_to_interview))

# --- Application -------------------------------------------------------------------------------------

S = Status
LIVE = frozenset(S) - {S.WITHDRAWN, S.INELIGIBLE}

APPLICATION = Workflow(
    Application,
    (
        Transition(
            "submit",
            frozenset({S.DRAFT, S.SUBMITTED, S.RETURNED}),
            S.SUBMITTED,
            PRINCIPAL_INVESTIGATOR,
            notice="application-submitted",
        ),
        Transition(
            "return", frozenset({S.SUBMITTED}), S.RETURNED, SCREENER, notice="application-returned", needs_reason=True
        ),
        Transition(
            "reject",
            frozenset({S.SUBMITTED}),
            S.INELIGIBLE,
            SCREENER,
            progress.check_is_final,
            notice="application-rejected",
            needs_reason=True,
        ),
        Transition(
            "pass", frozenset({S.SUBMITTED}), S.UNDER_REVIEW, SCREENER, progress.check_can_pass, "application-passed"
        ),
        Transition(
            "conclude-review", frozenset({S.UNDER_REVIEW}), S.INTERVIEWING, THE_CHAIR, progress.check_is_shortlisted
        ),
        Transition(
            "conclude-interviews", frozenset({S.INTERVIEWING}), S.DELIBERATED, THE_CHAIR, progress.check_is_interviewed
        ),
        Transition("decide", frozenset({S.DELIBERATED}), S.DECIDED, THE_CHAIR, progress.check_is_decided),
        Transition("publish", frozenset({S.DECIDED}), S.PUBLISHED, PUBLICATION_ITSELF, notice="decision-released"),
        Transition("withdraw", LIVE, S.WITHDRAWN, PRINCIPAL_INVESTIGATOR, notice="application-withdrawn"),
    ),
    notices.tell,
    terminal=frozenset({S.INELIGIBLE, S.WITHDRAWN}),
)

# --- Call, interview, publication ------------------------------------------------------------------------

C = CallStatus
CALL = Workflow(
    Call,
    (
        Transition("announce", frozenset({C.DRAFT}), C.ANNOUNCED, ANOTHER_ADMINISTRATOR, progress.check_can_announce),
        Transition(
            "cancel",
            frozenset({C.DRAFT, C.ANNOUNCED}),
            C.CANCELLED,
            AN_ADMINISTRATOR,
            notice="call-cancelled",
            needs_reason=True,
        ),
    ),
    notices.tell,
    terminal=frozenset({C.CANCELLED}),
)

I = InterviewState  # noqa: E741 -- the table reads better with one letter
INTERVIEW = Workflow(
    Interview,
    (
        Transition("confirm", frozenset({I.PROPOSED}), I.CONFIRMED, INVITED, notice="interview-confirmed"),
        Transition("hold", frozenset({I.PROPOSED, I.CONFIRMED}), I.HELD, CALL_CHAIR, progress.check_has_begun),
        Transition(
            "miss",
            frozenset({I.PROPOSED, I.CONFIRMED}),
            I.NO_SHOW,
            CALL_CHAIR,
            progress.check_has_begun,
            needs_reason=True,
        ),
        Transition(
            "cancel",
            frozenset({I.PROPOSED, I.CONFIRMED}),
            I.CANCELLED,
            CALL_CHAIR,
            notice="interview-cancelled",
            needs_reason=True,
        ),
        # With the application itself; the team knows, since its principal investigator did it.
        Transition("withdraw", frozenset({I.PROPOSED, I.CONFIRMED}), I.CANCELLED, INVITED),
    ),
    notices.tell,
    terminal=frozenset({I.HELD, I.NO_SHOW, I.CANCELLED}),
)

P = PublicationStatus
PUBLICATION = Workflow(
    Publication,
    (
        Transition("sign", frozenset({P.DRAFT}), P.SIGNED_ONCE, A_SIGNER, notice="publication-signed"),
        Transition("countersign", frozenset({P.SIGNED_ONCE}), P.SCHEDULED, A_SIGNER),
        Transition("void", frozenset({P.SIGNED_ONCE, P.SCHEDULED}), P.DRAFT, A_SIGNER),
        Transition("release", frozenset({P.SCHEDULED}), P.RELEASED_TO_PUBLIC, A_SIGNER, progress.check_may_be_released),
        Transition("recall", frozenset({P.DRAFT, P.SIGNED_ONCE, P.SCHEDULED}), P.RECALLED, A_SIGNER, needs_reason=True),
    ),
    notices.tell,
    terminal=frozenset({P.RELEASED_TO_PUBLIC, P.RELEASED_TO_APPLICANTS, P.RECALLED}),
)

WORKFLOWS = (APPLICATION, CALL, INTERVIEW, PUBLICATION)
