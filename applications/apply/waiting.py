"""What waits for a person on /my/, in a fixed number of queries: as applicant, as member of a team, as reviewer."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from applications import pages
from applications.access import assigned_to, my_applications, panel_calls
from applications.authorisations import waiting_again
from applications.enums import InterviewState, Status, TeamRole
from applications.models import Application, Assignment, Call, Interview, TeamMember
from applications.opening import missing_of
from applications.rules.invitations import offered_to
from applications.since import Waiting, waiting_for
from portal import clock

MOST_TASKS = 20


def todos(user: Any) -> list[Waiting]:
    """Return what waits for a person: invitations, what was returned, questions, interviews, reviews, drafts."""
    own = my_applications(user).filter(principal_investigator=user.pk)
    team = [*_invitations(user), *_handovers(user)]
    return [
        *team,
        *_returned(own),
        *waiting_for(user),
        *_awarded(user),
        *_interviews(own),
        *_panels(user),
        *_reviews(user),
        *_drafts(user),
    ]


def _invitations(user: Any) -> list[Waiting]:
    invited = offered_to(user, TeamMember.objects.filter(confirmed_at__isnull=True, invited_at__isnull=False))
    invited = invited.exclude(application__status__in=[Status.WITHDRAWN, Status.INELIGIBLE])
    return [
        Waiting(
            _("You are invited to the team of application %(reference)s.")
            % {"reference": member.application.reference},
            reverse("applications:team-join", args=[member.uid]),
        )
        for member in invited.select_related("application")[:MOST_TASKS]
    ]


def _handovers(user: Any) -> list[Waiting]:
    """Applications that somebody asks this person to take over, as long as the call is open."""
    offered = my_applications(user).filter(handover_to__user=user.pk, call__closes_at__gt=clock.now())
    return [
        Waiting(
            _("You are asked to take over application %(reference)s.") % {"reference": application.reference},
            pages.url("team-handover", application),
            application.call.closes_at,
            application.call.zone,
        )
        for application in offered.exclude(status=Status.WITHDRAWN).select_related("call")[:MOST_TASKS]
    ]


def _awarded(user: Any) -> list[Waiting]:
    return [
        Waiting(
            _("Say how the authorisations of application %(reference)s stand now.")
            % {"reference": application.reference},
            pages.url("declarations-again", application),
        )
        for application in waiting_again(user).order_by("reference")[:MOST_TASKS]
    ]


def _returned(own: QuerySet[Application]) -> list[Waiting]:
    returned = own.filter(status=Status.RETURNED, resubmit_until__gt=clock.now()).select_related("call")
    return [
        Waiting(
            _("Complete application %(reference)s and submit it again.") % {"reference": application.reference},
            pages.home(application),
            application.resubmit_until,
            application.call.zone,
        )
        for application in returned[:MOST_TASKS]
    ]


def _interviews(own: QuerySet[Application]) -> list[Waiting]:
    proposed = Interview.objects.filter(application__in=own, status=InterviewState.PROPOSED)
    return [
        Waiting(
            _("Confirm the interview of application %(reference)s.") % {"reference": interview.application.reference},
            reverse("applications:interviews-mine", args=[interview.application.reference]),
            interview.slot.lower,
            interview.call.zone,
        )
        for interview in proposed.select_related("application", "call")[:MOST_TASKS]
    ]


def _panels(user: Any) -> list[Waiting]:
    """Terms to accept and conflicts to declare before anything opens, one line for each call."""
    missing = list(missing_of(user))[:MOST_TASKS]
    calls = panel_calls(user).filter(pk__in=missing).order_by("reviews_due_at", "slug") if missing else []
    return [
        Waiting(
            _("Accept the terms and declare conflicts in “%(call)s”.") % {"call": call.local_title},
            reverse("applications:conflicts-list", args=[call.slug]),
        )
        for call in calls
    ]


def _reviews(user: Any) -> list[Waiting]:
    """Reviews that are due, one line for each call."""
    due = Assignment.objects.filter(
        reviewer=user.pk, ended_at__isnull=True, application__in=assigned_to(user).filter(status=Status.UNDER_REVIEW)
    ).exclude(review__submitted_at__isnull=False)
    counts = due.values("application__call").annotate(count=Count("pk")).values_list("application__call", "count")
    found = dict(counts[:MOST_TASKS])
    calls = Call.objects.filter(pk__in=found).order_by("reviews_due_at", "slug") if found else []
    words = ngettext_lazy("Write %(count)s review in “%(call)s”.", "Write %(count)s reviews in “%(call)s”.", "count")
    return [
        Waiting(
            words % {"count": found[call.pk], "call": call.local_title},
            reverse("applications:review-queue", args=[call.slug]),
            call.reviews_due_at,
            call.zone,
        )
        for call in calls
    ]


def _drafts(user: Any) -> list[Waiting]:
    """Drafts that this person writes and that can still be submitted, the earliest deadline first."""
    is_open, head = Call.open_at(clock.now(), to="call__"), Q(principal_investigator=user.pk)
    writes = Q(team__user=user.pk, team__confirmed_at__isnull=False, team__role=TeamRole.CO_INVESTIGATOR)
    drafts = my_applications(user).filter(is_open, head | writes, status=Status.DRAFT).distinct()
    submits, helps = (
        _("Go on with application %(reference)s and submit it."),
        _("Go on with application %(reference)s."),
    )
    return [
        Waiting(
            (submits if pages.is_principal(user, application) else helps) % {"reference": application.reference},
            pages.home(application),
            application.call.closes_at,
            application.call.zone,
        )
        for application in drafts.select_related("call").order_by("call__closes_at", "reference")[:MOST_TASKS]
    ]
