"""Who sees what: the one address of visibility in this domain. Pages, API, exports and mails start from here.

`visible_to` gives the applications a person may open at all; `relations` says why; `fields` which parts of one.
What somebody may not see is absent: the query does not return it, the page does not name it.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from applications.enums import (
    CallOrigin,
    CallStatus,
    InterestAnswer,
    PanelRole,
    PublicationKind,
    ReviewState,
    RoundMode,
    Status,
    TeamRole,
)
from applications.models import (
    ApplicantDocument,
    Application,
    Assignment,
    AssignmentRound,
    Call,
    InvitedFor,
    PanelAnswer,
    PanelMember,
    Publication,
    TeamMember,
    Waiver,
)
from applications.rules.conflicts import conflicted_for, conflicts_of
from portal import clock
from portal.roles import Permission

# Nobody judges an application outside these.
IN_PANEL = frozenset({Status.UNDER_REVIEW, Status.INTERVIEWING, Status.DELIBERATED, Status.DECIDED, Status.PUBLISHED})

# Content opens to a member of a panel after one of these answers, and closes for good so long after the release.
OPENING = (InterestAnswer.NONE, InterestAnswer.MINOR)
ACCESS_AFTER_RELEASE = timedelta(days=30)  # Source: portal policy

PRINCIPAL, EDITOR, READER = "principal-investigator", "co-investigator", "reader"
CHAIR, REVIEWER, CURATOR = "chair", "reviewer", "curator"
SENT = "reviewer-who-sent"  # whose own review is in: now, and not before, they read the others'
SPEAKER = "speaker"  # has a conflict that was waived: reads and speaks, never scores or votes
ADMINISTRATOR, AUDITOR = "administrator", "auditor"
TEAM = frozenset({PRINCIPAL, EDITOR, READER})
STAFF = frozenset({CHAIR, REVIEWER, SPEAKER, CURATOR, ADMINISTRATOR, AUDITOR})

# The parts of an application, and who reads them. `draft` is the team's working text; `document` what a
# publication told the applicant. The team never reads what lies between submission and document.
FIELDS: dict[str, frozenset[str]] = {
    "draft": TEAM,
    "interests": frozenset({CHAIR, ADMINISTRATOR}),  # whom the team asks not to judge: not even its own members
    "authorisations": TEAM | {ADMINISTRATOR, AUDITOR},
    "agency-authorisations": frozenset({ADMINISTRATOR, AUDITOR}),  # one made on award would tell of the award
    "submission": TEAM | STAFF,
    "receipt": TEAM | {ADMINISTRATOR, AUDITOR},
    "screening": TEAM | {ADMINISTRATOR, AUDITOR},
    "advice": frozenset({CHAIR, REVIEWER, CURATOR, ADMINISTRATOR, AUDITOR}),
    "assignments": frozenset({CHAIR, AUDITOR}),
    "reviews": frozenset({CHAIR, AUDITOR}),
    "others-reviews": frozenset({SENT, CHAIR}),  # by label, without private notes
    "discussion": frozenset({SENT, SPEAKER, CHAIR, AUDITOR}),
    "own-review": frozenset({REVIEWER, CHAIR}),
    "shortlisting": frozenset({CHAIR, ADMINISTRATOR, AUDITOR}),
    "clarifications": TEAM | {ADMINISTRATOR, AUDITOR},
    "panel-clarifications": TEAM | {CHAIR, REVIEWER, ADMINISTRATOR, AUDITOR},
    "changes": TEAM | {ADMINISTRATOR, AUDITOR},
    "standing": TEAM | {CHAIR, REVIEWER, ADMINISTRATOR, AUDITOR},
    "interview": TEAM | {CHAIR, ADMINISTRATOR, AUDITOR},
    "minutes": frozenset({CHAIR, AUDITOR}),
    "decision": frozenset({CHAIR, ADMINISTRATOR, AUDITOR}),
    "document": TEAM | {CHAIR, ADMINISTRATOR, AUDITOR},
    "trail": frozenset({AUDITOR}),
}
# What an auditor reads exists only once it is submitted or decided; drafts and private notes never.


def my_applications(user: Any) -> QuerySet[Application]:
    """Return the applications on whose team this person is: principal investigator, or confirmed member."""
    if not user.is_authenticated:
        return Application.objects.none()
    member = TeamMember.objects.filter(application=OuterRef("pk"), user=user.pk, confirmed_at__isnull=False)
    return Application.objects.filter(Q(principal_investigator=user.pk) | Q(Exists(member)))


def panel_calls(user: Any, *roles: PanelRole) -> QuerySet[Call]:
    """Return the announced calls in which this person sits on the panel now, in one of `roles` (any, if none).

    A seat opens nothing any more once the results have been released for a while.
    """
    if not user.is_authenticated:
        return Call.objects.none()
    seat = PanelMember.objects.filter(call=OuterRef("pk"), user=user.pk, until__isnull=True)
    if roles:
        seat = seat.filter(role__in=roles)
    over = Publication.objects.filter(
        call=OuterRef("pk"),
        kind=PublicationKind.RESULTS,
        released_to_applicants_at__lte=clock.PortalNow() - ACCESS_AFTER_RELEASE,
    )
    return Call.objects.filter(Exists(seat), ~Exists(over), status=CallStatus.ANNOUNCED, origin=CallOrigin.PORTAL)


def _pledged(user: Any) -> Exists:
    """The condition that this person accepted the terms of an application's panel."""
    seats = PanelMember.objects.filter(call=OuterRef("call"), user=user.pk, until__isnull=True)
    return Exists(seats.filter(pledged_at__isnull=False))


def opened_to(user: Any) -> Q:
    """Return the condition on applications whose content is open to this member of the panel, conflicts aside.

    They have pledged for the call (confidence, no use of ideas, no uploading elsewhere), and answered that they may
    judge this application; an expert was invited for it.
    """
    answered = PanelAnswer.objects.filter(application=OuterRef("pk"), user=user.pk, answer__in=OPENING)
    return Q(_pledged(user)) & Q(Exists(answered))


def assigned_to(user: Any) -> QuerySet[Application]:
    """Return what this person is to score or has scored, conflicts aside."""
    live = Assignment.objects.filter(application=OuterRef("pk"), reviewer=user.pk, ended_at__isnull=True)
    rows = Application.objects.filter(Exists(live), call__in=panel_calls(user), status__in=IN_PANEL)
    return rows.filter(opened_to(user)).exclude(conflicted_for(user))


def free_to_score(user: Any) -> QuerySet[Application]:
    """Return what this person may take up by themselves: in a small round, once it is released, whatever is not barred.

    Source: portal policy (two lead readers each, every member without a conflict may score).
    """
    small = AssignmentRound.objects.filter(call=OuterRef("call"), mode=RoundMode.SMALL, released_at__isnull=False)
    own = Assignment.objects.filter(application=OuterRef("pk"), reviewer=user.pk)
    calls = panel_calls(user, PanelRole.CHAIR, PanelRole.REVIEWER)
    rows = Application.objects.filter(Exists(small), ~Exists(own), call__in=calls, status=Status.UNDER_REVIEW)
    return rows.filter(opened_to(user)).exclude(conflicted_for(user))


def spoken_on_by(user: Any) -> QuerySet[Application]:
    """Return the applications on which this person speaks in spite of a conflict, by a recorded waiver."""
    waived = Waiver.objects.filter(application=OuterRef("pk"), user=user.pk)
    return Application.objects.filter(
        Exists(waived), _pledged(user), conflicted_for(user), call__in=panel_calls(user), status__in=IN_PANEL
    ).exclude(pk__in=my_applications(user).values("pk"))


def judged_by(user: Any) -> QuerySet[Application]:
    """Return the applications of the calls this person chairs, as far as no conflict bars them."""
    rows = Application.objects.filter(call__in=panel_calls(user, PanelRole.CHAIR), status__in=IN_PANEL)
    return rows.filter(opened_to(user)).exclude(conflicted_for(user))


def declarable_by(user: Any) -> QuerySet[Application]:
    """Return what everybody on a panel may declare a conflict with: every application before it.

    Of these only reference, people and institutions may be shown; the rest of a row is not even fetched. An expert
    meets only what they were invited for.
    """
    rows = Application.objects.filter(call__in=panel_calls(user, PanelRole.CHAIR, PanelRole.REVIEWER))
    invited = InvitedFor.objects.filter(application=OuterRef("pk"), seat__user=user.pk, seat__until__isnull=True)
    rows |= Application.objects.filter(Exists(invited), call__in=panel_calls(user, PanelRole.EXPERT))
    rows = rows.filter(status__in=IN_PANEL)
    return rows.only("reference", "call", "status", "principal_investigator", "institution", "submission")


def submitted_for(user: Any, permission: Permission) -> QuerySet[Application]:
    """Return every submitted application for a holder of this portal-wide permission, conflicts aside."""
    if not user.is_authenticated or not user.may(permission):
        return Application.objects.none()
    return (
        Application.objects.filter(submission__isnull=False).exclude(status=Status.DRAFT).exclude(conflicted_for(user))
    )


def visible_to(user: Any) -> QuerySet[Application]:
    """Return every application this person may open, for whatever reason."""
    if not user.is_authenticated:
        return Application.objects.none()
    reasons = Q(pk__in=my_applications(user).values("pk"))
    for judging in (assigned_to, judged_by, spoken_on_by):
        reasons |= Q(pk__in=judging(user).values("pk"))
    for permission in (Permission.ADVISE, Permission.READ_APPLICATIONS):
        if user.may(permission):
            reasons |= Q(pk__in=submitted_for(user, permission).values("pk"))
    return Application.objects.filter(reasons)


def relations(user: Any, application: Application) -> frozenset[str]:
    """Return in which ways this person stands to this application; a conflict leaves only the team's ways.

    Where that conflict was waived, the person speaks.
    """
    if not user.is_authenticated:
        return frozenset()
    found = _team_relations(user, application)
    if application.status == Status.DRAFT or application.submission_id is None:
        return found
    if found:
        return found
    if conflicts_of(user, application):
        return frozenset({SPEAKER}) if spoken_on_by(user).filter(pk=application.pk).exists() else frozenset()
    staff = _panel_relations(user, application) if application.status in IN_PANEL else set()
    if user.may(Permission.ADVISE):
        staff.add(CURATOR)
    if user.may(Permission.SCREEN):
        staff.add(ADMINISTRATOR)
    if user.may(Permission.READ_AUDIT):
        staff.add(AUDITOR)
    return frozenset(staff)


def _team_relations(user: Any, application: Application) -> frozenset[str]:
    if application.principal_investigator_id == user.pk:
        return frozenset({PRINCIPAL})
    member = application.team.filter(user=user.pk, confirmed_at__isnull=False).first()
    if member is None:
        return frozenset()
    return frozenset({EDITOR if member.role == TeamRole.CO_INVESTIGATOR else READER})


def _panel_relations(user: Any, application: Application) -> set[str]:
    """What a seat on the panel of this application gives, once its content is open to this person."""
    live = Assignment.objects.filter(application=OuterRef("pk"), reviewer=user.pk, ended_at__isnull=True)
    ways = {
        CHAIR: Exists(panel_calls(user, PanelRole.CHAIR).filter(pk=OuterRef("call"))),
        REVIEWER: Exists(live),
        SENT: Exists(live.filter(review__state=ReviewState.SUBMITTED)),
    }
    rows = Application.objects.filter(opened_to(user), pk=application.pk, call__in=panel_calls(user))
    found = rows.values_list(*ways.values()).first() or ()
    return {way for way, holds in zip(ways, found, strict=False) if holds}


def fields(user: Any, application: Application) -> frozenset[str]:
    """Return the parts of an application (keys of `FIELDS`) that this person reads."""
    ways = relations(user, application)
    return frozenset(part for part, readers in FIELDS.items() if readers & ways)


def seated_for(application: Application) -> QuerySet[PanelMember]:
    """Return the seats whose holders may be asked about this application: of experts, those invited for it."""
    seats = PanelMember.objects.filter(call=application.call_id, until__isnull=True, user__is_active=True)
    return seats.filter(~Q(role=PanelRole.EXPERT) | Q(invited_for__application=application.pk))


def seats_of(call: Call) -> QuerySet[PanelMember]:
    """Return who sits on the panel of a call now, by name."""
    seats = PanelMember.objects.filter(call=call, until__isnull=True, user__is_active=True)
    return seats.select_related("user").order_by("user__name", "user__uid")


def is_chair(user: Any, call: Call) -> bool:
    """Whether this person chairs this call now."""
    return panel_calls(user, PanelRole.CHAIR).filter(pk=call.pk).exists()


def visible_calls(user: Any) -> QuerySet[Call]:
    """Return the calls this person may read: what is announced; for administrators also drafts."""
    if user.is_authenticated and user.may(Permission.MANAGE_CALLS):
        return Call.objects.all()
    return Call.objects.filter(Q(origin=CallOrigin.PUBLIC_RECORD) | Q(announced_at__isnull=False))


def publishable_calls(user: Any) -> QuerySet[Call]:
    """Return the calls whose publications this person may read and sign: none in which a conflict bars them.

    Who may not know the outcome of one application may not see the list in which it stands.
    """
    if not user.is_authenticated or not user.may(Permission.PUBLISH):
        return Call.objects.none()
    barred = Application.objects.filter(conflicted_for(user), call=OuterRef("pk"), status__in=IN_PANEL)
    calls = Call.objects.filter(status=CallStatus.ANNOUNCED, origin=CallOrigin.PORTAL, is_practice=False)
    return calls.exclude(Exists(barred))


def released_documents(application: Application) -> dict[str, dict[str, Any]]:
    """Return what released publications told the applicant, by kind; nothing before, whatever was decided."""
    found = ApplicantDocument.objects.filter(
        application=application, publication__released_to_applicants_at__isnull=False
    )
    return dict(found.values_list("publication__kind", "document"))


def released_document(application: Application, kind: PublicationKind) -> dict[str, Any] | None:
    """Return what a released publication of this kind told the applicant; None before, whatever was decided."""
    return released_documents(application).get(kind)


def sits_on_a_panel(user: Any) -> bool:
    """Whether this person has a seat in any announced call: shows the navigation of panels."""
    return panel_calls(user).exists()
