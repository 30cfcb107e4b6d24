"""What a conflict suspends when it comes up, and what takes it up again: reviews and posts, by this one address.

A suspended review does not count, and nobody on the panel reads it. A suspended post keeps its place in the thread and
loses its words. Both stay in the record, where auditors read them, until a person who finds no conflict left takes them
up again (`applications/conflicts/settling.py`). Who is barred is computed in `applications/rules/conflicts.py`.
"""

from collections.abc import Collection
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet

from applications.enums import AssignmentEnd, Status
from applications.models import Application, Assignment, DiscussionPost, Suspension, Waiver
from applications.rules.conflicts import conflicts_among
from applications.tallying import recount
from portal import clock
from portal.audit.trail import record

# Once the panel has deliberated, scores have done their work: what is settled by then is not settled anew.
REVIEWED = frozenset({Status.UNDER_REVIEW, Status.INTERVIEWING})


def is_suspended() -> Exists:
    """Return the condition that a post is suspended: its author is, and wrote it before that."""
    rows = Suspension.objects.filter(application=OuterRef("application"), user=OuterRef("author"))
    return Exists(rows.filter(lifted_at__isnull=True, at__gte=OuterRef("at")))


def suspension_of(application: Application, user: Any) -> Suspension | None:
    """Return the suspension of somebody that stands."""
    return Suspension.objects.filter(application=application, user=user, lifted_at__isnull=True).first()


def end_conflicted(application: Application) -> list[Assignment]:
    """Suspend whom a change has brought into conflict: assignments end and count no more, posts lose their words.

    Returns the assignments that ended. Who speaks by a waiver keeps their word. The caller has locked the application.
    """
    live = list(application.assignments.filter(ended_at__isnull=True).select_related("reviewer"))
    people = {one.pk: one for one in (*_authors(application), *(one.reviewer for one in live))}
    if not people:
        return []
    fresh = Application.objects.get(pk=application.pk)
    barred = {person for _application, person in conflicts_among(list(people.values()), [fresh])}
    ended = [one for one in live if one.reviewer_id in barred]
    for assignment in ended:
        assignment.ended_at, assignment.ended_because = clock.now(), AssignmentEnd.CONFLICT
        assignment.save(update_fields=["ended_at", "ended_because"])
    _suspend(application, [people[pk] for pk in sorted(barred)])
    if ended:
        recount(application)
    return ended


def end_declared(application: Application, user: Any) -> list[Assignment]:
    """End what somebody has of an application with which they declared a conflict; return the assignments that ended.

    The caller has locked the application.
    """
    live = Assignment.objects.filter(application=application, reviewer=user, ended_at__isnull=True)
    ended = list(live)
    for assignment in ended:
        assignment.ended_at, assignment.ended_because = clock.now(), AssignmentEnd.RECUSED
        assignment.save(update_fields=["ended_at", "ended_because"])
    if ended or _authors(application).filter(pk=user.pk).exists():
        _suspend(application, [user])
    if ended:
        recount(application)
    return ended


def restore(suspension: Suspension) -> Assignment | None:
    """Lift a suspension: the review counts as before, and posts are read again. Return the assignment taken up, if any.

    Somebody who was assigned anew meanwhile keeps that assignment. The caller has locked the application, and made sure
    that no conflict is left.
    """
    suspension.lifted_at = clock.now()
    suspension.save(update_fields=["lifted_at"])
    own = Assignment.objects.filter(application=suspension.application, reviewer=suspension.user_id)
    if own.filter(ended_at__isnull=True).exists():
        return None
    rows = own.filter(ended_because=AssignmentEnd.CONFLICT).select_for_update(of=("self",))
    last = rows.select_related("application").order_by("-ended_at").first()
    if last is None:
        return None
    last.ended_at, last.ended_because = None, ""
    last.save(update_fields=["ended_at", "ended_because"])
    recount(suspension.application)
    return last


# --- Where an account has changed, or an application was sent -----------------------------------------------


def recheck(user: Any) -> None:
    """Ask for conflicts anew, now that an account has another institution, address or ORCID iD.

    It concerns what they judge themselves, and what their teams submitted: others may work where they work now.
    """
    on_it = Q(principal_investigator=user.pk) | Q(team__user=user.pk, team__invited_at__isnull=False)
    _recheck(Application.objects.filter(on_it | Q(submission__parties__user=user.pk) | _judged_by([user.pk])))


def recheck_for_team(application: Application) -> None:
    """Ask for conflicts anew in what the people of an application judge, now that it asks for samples.

    Those invited are meant as well, whoever they are: by the address or the ORCID iD of the invitation.
    """
    members = application.team.filter(invited_at__isnull=False)
    emails = {email.lower() for email in members.values_list("email", flat=True) if email}
    proved = EmailAddress.objects.filter(email__in=emails, verified=True)
    people = get_user_model().objects.filter(
        Q(pk=application.principal_investigator_id)
        | Q(pk__in=members.filter(user__isnull=False).values("user"))
        | Q(pk__in=proved.values("user"))
        | Q(email__in=emails)
        | Q(orcid__in=members.exclude(orcid="").values("orcid"))
    )
    _recheck(Application.objects.filter(_judged_by(people.values("pk"))))


def _judged_by(people: Any) -> Q:
    """The condition that one of these (ids) is assigned to an application, or has written in its discussion."""
    mine = Assignment.objects.filter(application=OuterRef("pk"), reviewer__in=people, ended_at__isnull=True)
    said = DiscussionPost.objects.filter(application=OuterRef("pk"), author__in=people)
    return Q(Exists(mine)) | Q(Exists(said))


def _recheck(rows: QuerySet[Application]) -> None:
    """Suspend what is barred now in these; they are locked in the order of their ids."""
    ids = rows.filter(status__in=REVIEWED).values("pk")
    locked = Application.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    for application in list(locked):
        for assignment in end_conflicted(application):
            record("assignment.suspend", assignment, by=None, facts={"reviewer": str(assignment.reviewer.uid)})


# --- Steps of the above ------------------------------------------------------------------------------


def _authors(application: Application) -> QuerySet[Any]:
    """Return whose posts are read now, but for those who speak by a waiver."""
    waived = Waiver.objects.filter(application=application)
    posts = application.discussion.filter(~is_suspended()).exclude(author__in=waived.values("user"))
    return get_user_model().objects.filter(pk__in=posts.values("author"))


def _suspend(application: Application, people: Collection[Any]) -> None:
    """Write down from when on these are suspended; the trail says how many posts lost their words."""
    moment = clock.now()
    for person in people:
        Suspension.objects.update_or_create(
            application=application, user=person, lifted_at__isnull=True, defaults={"at": moment}
        )
        if posts := application.discussion.filter(author=person, at__lte=moment).count():
            record("application.suspend_posts", application, by=None, facts={"author": str(person.uid), "posts": posts})
