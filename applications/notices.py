"""Who is told what: every notice kind of this domain, its recipients when it is written, the right when it is sent.

The words stand in `templates/notifications/<kind>/`. Whoever is told reads only what they could open themselves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.timezone import get_current_timezone_name

from applications.access import (
    is_chair,
    judged_by,
    my_applications,
    publishable_calls,
    visible_calls,
    visible_to,
)
from applications.enums import PanelRole, Status
from applications.models import (
    Application,
    Assignment,
    Call,
    CallQuestion,
    Interview,
    Publication,
    TeamMember,
)
from applications.notice_pages import Page, to
from portal.accounts.queries import decision_copy
from portal.notifications.kinds import Kind, no_copy, register, unless_followed_by
from portal.notifications.outbox import notify
from portal.roles import PORTAL_ROLES, Permission
from portal.zones import stamp


def tell(kind: str, thing: Any, event: Any) -> None:
    """Write the outbox rows of a kind about a thing, in the transaction of its event."""
    notify(kind, list(KINDS[kind].recipients(thing)), about=thing, event=event)


def tell_of_answers(questions: Sequence[CallQuestion], event: Any) -> None:
    """Tell who asked that it was answered, and everybody else who applies that there are answers: each once."""
    for question in questions:
        notify("question-answered", [question.asker], about=question, event=event)
    notify("question-answered", everybody_who_applies(questions[0].call), about=questions[0], event=event)


# --- Recipients ------------------------------------------------------------------------------------------


def team(application: Application) -> Iterable[Any]:
    """The principal investigator and every confirmed member."""
    members = application.team.filter(confirmed_at__isnull=False).select_related("user")
    return [application.principal_investigator, *(member.user for member in members)]


def teams(applications: QuerySet[Application]) -> list[Any]:
    """The principal investigators and confirmed members of these applications, each once; in one query."""
    members = TeamMember.objects.filter(application__in=applications, confirmed_at__isnull=False)
    leads = Q(pk__in=applications.values("principal_investigator"))
    return list(get_user_model().objects.filter(leads | Q(pk__in=members.values("user"))).order_by("pk"))


def who_receives_decisions(application: Application) -> list[Any]:
    """The principal investigator, and confirmed co-investigators for whom they said so; the others read it here."""
    named = application.team.filter(confirmed_at__isnull=False, receives_decisions=True).select_related("user")
    return [application.principal_investigator, *(member.user for member in named)]


def holders(permission: Permission) -> list[Any]:
    """Everybody active whose portal-wide roles permit this."""
    roles = [role.code for role in PORTAL_ROLES if permission in role.permissions]
    grants = {"role_grants__role__in": roles, "role_grants__revoked_at__isnull": True}
    return list(get_user_model().objects.filter(is_active=True, **grants).distinct())


def chairs(call: Call) -> list[Any]:
    """The chairs of a call."""
    seats = call.panel.filter(role=PanelRole.CHAIR, until__isnull=True).select_related("user")
    return [seat.user for seat in seats]


def everybody_who_applies(call: Call) -> list[Any]:
    """The teams of every application of a call, drafts included."""
    return teams(call.applications.exclude(status=Status.WITHDRAWN))


# --- The right at the time of sending -------------------------------------------------------------------------


def on_the_team(person: Any, application: Application, notice: Any) -> bool:
    return my_applications(person).filter(pk=application.pk).exists()


def may_open(person: Any, application: Application, notice: Any) -> bool:
    return visible_to(person).filter(pk=application.pk).exists()


# --- The same right for a whole list ------------------------------------------------------------------------


def applications_open_to(person: Any, ids: Iterable[int]) -> Mapping[int, Application]:
    return visible_to(person).select_related("call", "submission").in_bulk(list(ids))


def calls_open_to(person: Any, ids: Iterable[int]) -> Mapping[int, Call]:
    return visible_calls(person).in_bulk(list(ids))


def publications_open_to(person: Any, ids: Iterable[int]) -> Mapping[int, Publication]:
    publications = Publication.objects.filter(call__in=publishable_calls(person)).select_related("call")
    return publications.in_bulk(list(ids))


def parts_open_to(model: Any, ids: Iterable[int], whose: Q, *named: str) -> Mapping[int, Any]:
    """Rows that belong to an application, with what their words name."""
    rows = model.objects.filter(whose, pk__in=list(ids))
    return {row.pk: row for row in rows.select_related("application__call", "application__submission", *named)}


def members_open_to(person: Any, ids: Iterable[int]) -> Mapping[int, TeamMember]:
    return parts_open_to(TeamMember, ids, Q(application__in=visible_to(person)) | Q(user=person.pk))


def interviews_open_to(person: Any, ids: Iterable[int]) -> Mapping[int, Interview]:
    return parts_open_to(Interview, ids, Q(application__in=visible_to(person)))


def assignments_open_to(person: Any, ids: Iterable[int]) -> Mapping[int, Assignment]:
    """Who reviews what is known to the reviewer and the chair; an administrator's list of mails does not name them."""
    own = Q(reviewer=person.pk, application__in=visible_to(person))
    return parts_open_to(Assignment, ids, own | Q(application__in=judged_by(person)), "reviewer")


def questions_open_to(person: Any, ids: Iterable[int]) -> Mapping[int, CallQuestion]:
    """Published questions, for who applies or asked; whom an office told would say who asked."""
    theirs = Q(call__in=my_applications(person).values("call")) | Q(asker=person.pk)
    rows = CallQuestion.objects.filter(theirs, pk__in=list(ids), answered_at__isnull=False)
    return rows.select_related("call").in_bulk()


OPEN_TO: dict[type, Callable[[Any, Iterable[int]], Mapping[int, Any]]] = {
    Application: applications_open_to,
    TeamMember: members_open_to,
    Interview: interviews_open_to,
    Assignment: assignments_open_to,
    Call: calls_open_to,
    Publication: publications_open_to,
    CallQuestion: questions_open_to,
}


# --- What the words may name -------------------------------------------------------------------------------------


def about_application(application: Application, notice: Any) -> dict[str, Any]:
    title = application.submission.title if application.submission else application.title
    return {"reference": application.reference, "title": title, "call": application.call}


def about_receipt(application: Application, notice: Any) -> dict[str, Any]:
    """What a receipt says: which submission, when by the call's clock and by the reader's, and its hash."""
    call, submission = application.call, application.submission
    assert submission is not None
    mine = get_current_timezone_name()
    closes_at = call.closes_at if call.is_open(submission.received_at) else None
    return about_application(application, notice) | {
        "submission": submission,
        "received": [stamp(submission.received_at, zone) for zone in dict.fromkeys((call.zone, mine))],
        "replaced_until": [stamp(closes_at, zone) for zone in dict.fromkeys((call.zone, mine))] if closes_at else [],
        "dates_url": reverse("applications:calls-dates", args=[call.slug]),
        "paper_url": reverse("applications:attachments-paper", args=[application.reference]),
    }


def about_call(call: Call, notice: Any) -> dict[str, Any]:
    return {"call": call}


def about_question(question: CallQuestion, notice: Any) -> dict[str, Any]:
    return {"call": question.call, "mine": question.asker_id == notice.recipient_id}


def about_publication(publication: Publication, notice: Any) -> dict[str, Any]:
    return {"call": publication.call, "publication": publication}


def about_interview(interview: Interview, notice: Any) -> dict[str, Any]:
    return about_application(interview.application, notice) | {"interview": interview}


def about_assignment(assignment: Assignment, notice: Any) -> dict[str, Any]:
    application = assignment.application
    return {"reference": application.reference, "call": application.call, "due": application.call.reviews_due_at}


def about_member(member: TeamMember, notice: Any) -> dict[str, Any]:
    return about_application(member.application, notice) | {"member": member, "addressee": member.name}


# --- The pages they lead to ------------------------------------------------------------------------------------------

STATUS = to("following-status", "reference")


# --- The kinds -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Telling:
    """One kind: the model it is about, recipients, the right re-checked at sending, the words' context, the page."""

    model: type
    recipients: Callable[[Any], Iterable[Any]]
    may_receive: Callable[[Any, Any, Any], bool]
    context: Callable[[Any, Any], dict[str, Any]]
    url: Page
    ends_with: tuple[str, ...] = ()


def _holds(permission: Permission) -> Callable[[Any, Any, Any], bool]:
    return lambda person, thing, notice: person.may(permission)


def may_publish(person: Any, publication: Publication, notice: Any = None) -> bool:
    return publishable_calls(person).filter(pk=publication.call_id).exists()


def _screens(person: Any, application: Application, notice: Any) -> bool:
    return person.may(Permission.SCREEN) and may_open(person, application, notice)


def _advises(person: Any, application: Application, notice: Any) -> bool:
    return person.may(Permission.ADVISE) and may_open(person, application, notice)


def _invited(person: Any, member: TeamMember, notice: Any) -> bool:
    return member.confirmed_at is None


def _team_of(person: Any, thing: Any, notice: Any) -> bool:
    return on_the_team(person, thing.application, notice)


def _receives(person: Any, application: Application, notice: Any) -> bool:
    return person in who_receives_decisions(application)


def is_assigned(person: Any, assignment: Assignment, notice: Any) -> bool:
    return assignment.ended_at is None and may_open(person, assignment.application, notice)


def _chairs(person: Any, interview: Interview, notice: Any) -> bool:
    return is_chair(person, interview.call) and may_open(person, interview.application, notice)


def _reads_answers(person: Any, question: CallQuestion, notice: Any) -> bool:
    return question.asker_id == person.pk or my_applications(person).filter(call=question.call_id).exists()


def _applies(person: Any, call: Call, notice: Any) -> bool:
    return my_applications(person).filter(call=call).exists()


TO_INTERVIEW = to("interviews-mine", "application.reference")

KINDS: dict[str, Telling] = {
    # To the team
    "application-submitted": Telling(
        Application, team, on_the_team, about_receipt, to("following-receipt", "reference")
    ),
    "application-returned": Telling(
        Application, team, on_the_team, about_application, STATUS, ("application.submit", "application.withdraw")
    ),
    "application-rejected": Telling(Application, team, on_the_team, about_application, STATUS),
    "application-passed": Telling(Application, team, on_the_team, about_application, STATUS, ("application.withdraw",)),
    "application-withdrawn": Telling(Application, team, on_the_team, about_application, STATUS),
    "team-member-invited": Telling(
        TeamMember, lambda member: [member.user or member.email], _invited, about_member, to("team-join", "uid")
    ),
    "team-member-joined": Telling(
        TeamMember,
        lambda member: [member.application.principal_investigator],
        _team_of,
        about_member,
        to("following-status", "application.reference"),
    ),
    "interview-proposed": Telling(
        Interview, lambda i: team(i.application), _team_of, about_interview, TO_INTERVIEW, ("interview.cancel",)
    ),
    "interview-cancelled": Telling(Interview, lambda i: team(i.application), _team_of, about_interview, TO_INTERVIEW),
    "shortlist-released": Telling(Application, team, on_the_team, about_application, STATUS, ("application.withdraw",)),
    "decision-released": Telling(
        Application, who_receives_decisions, _receives, about_application, to("following-decision", "reference")
    ),
    "call-extended": Telling(Call, everybody_who_applies, _applies, about_call, to("calls-detail", "slug")),
    "call-cancelled": Telling(Call, everybody_who_applies, _applies, about_call, to("calls-detail", "slug")),
    "declarations-reworded": Telling(Call, everybody_who_applies, _applies, about_call, to("calls-detail", "slug")),
    "question-answered": Telling(
        CallQuestion, lambda one: [one.asker], _reads_answers, about_question, to("questions-list", "call.slug")
    ),
    # To those who work on it
    "application-to-screen": Telling(
        Application,
        lambda application: holders(Permission.SCREEN),
        _screens,
        about_application,
        to("screening-detail", "reference"),
        ("application.withdraw", "application.pass", "application.return", "application.reject"),
    ),
    "advice-wanted": Telling(
        Application,
        lambda application: holders(Permission.ADVISE),
        _advises,
        about_application,
        to("screening-advise", "reference"),
        ("application.withdraw",),
    ),
    "review-assigned": Telling(
        Assignment,
        lambda assignment: [assignment.reviewer],
        is_assigned,
        about_assignment,
        to("review-write", "application.call.slug", "application.reference"),
    ),
    "interview-confirmed": Telling(
        Interview, lambda i: chairs(i.call), _chairs, about_interview, to("interviews-list", "call.slug")
    ),
    "publication-signed": Telling(
        Publication,
        lambda publication: [one for one in holders(Permission.PUBLISH) if may_publish(one, publication)],
        may_publish,
        about_publication,
        to("publication-detail", "call.slug", "kind"),
    ),
    "question-asked": Telling(
        Call,
        lambda call: holders(Permission.MANAGE_CALLS),
        _holds(Permission.MANAGE_CALLS),
        about_call,
        to("questions-manage", "slug"),
        ("call.answer-questions",),
    ),
    "call-to-announce": Telling(
        Call,
        lambda call: [person for person in holders(Permission.MANAGE_CALLS) if person.pk != call.created_by_id],
        _holds(Permission.MANAGE_CALLS),
        about_call,
        to("calls-edit", "slug"),
        ("call.announce", "call.cancel"),
    ),
}


def thread_of(thing: Any) -> str | None:
    """Return the reference under which the mails about a thing form one thread."""
    application = thing if isinstance(thing, Application) else getattr(thing, "application", None)
    return application.reference if application is not None else None


def register_kinds() -> None:
    """Make the kinds known to the outbox; called when the app is ready."""
    for code, telling in KINDS.items():
        register(
            Kind(
                code=code,
                about_model=telling.model,
                may_receive=telling.may_receive,
                url=telling.url,
                current=unless_followed_by(*telling.ends_with),
                context=telling.context,
                thread=thread_of,
                abouts=OPEN_TO[telling.model],
                opens=telling.url.opens,
                copy=decision_copy if code == "decision-released" else no_copy,
            )
        )
