"""Rows of calls and applications as they stand in the middle of their way, written directly.

The way itself, through the real actions, is walked by `tests/scenarios.py`. Every function takes what a test wants
to be special and fills in the rest; masses are in mg.
"""

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from applications.access import IN_PANEL
from applications.documents import authorisations, lines, parties, snapshot
from applications.enums import (
    AuthorisationState,
    CallStatus,
    Feasibility,
    InterestAnswer,
    Occasion,
    PanelRole,
    ScreeningOutcome,
    Side,
    Status,
    TeamRole,
    Verdict,
)
from applications.models import (
    Advice,
    Application,
    Assignment,
    AuthorisationRecord,
    Award,
    Call,
    CallQuestion,
    Decision,
    DraftAuthorisation,
    DraftRequest,
    PanelAnswer,
    Place,
    ReviewTally,
    SampleRequest,
    Screening,
    Shortlisting,
    Submission,
    TeamMember,
)
from portal import clock
from portal.accounts.models import User
from portal.canonical import sha256_of
from samples import ledger
from samples.enums import Hemisphere, Preparation
from samples.models import Mission, Sample
from tests.factories.accounts import UserFactory, administrator

_numbers = itertools.count(1)

DAY = timedelta(days=1)
WORDS = [f"point {point}" for point in range(1, 6)]
WORDS_ZH = [f"分值 {point}" for point in range(1, 6)]


# --- Samples -------------------------------------------------------------------------------------------


def mission_of(hemisphere: str = Hemisphere.NEAR) -> Mission:
    """Return the one mission of a side."""
    near = hemisphere == Hemisphere.NEAR
    made, _ = Mission.objects.get_or_create(
        code="CE5" if near else "CE6",
        defaults={
            "name": "Chang’e-5" if near else "Chang’e-6",
            "hemisphere": hemisphere,
            "site": "Northern Oceanus Procellarum" if near else "Apollo basin",
            "latitude": Decimal("43.0580") if near else Decimal("-41.6385"),
            "longitude": Decimal("-51.9160") if near else Decimal("-153.9852"),
            "landed_on": "2020-12-01" if near else "2024-06-01",
            "returned_on": "2020-12-16" if near else "2024-06-25",
            "returned_mg": Decimal("1731000") if near else Decimal("1935300"),
            "source": "test",
        },
    )
    return made


def stock(
    mass_mg: Any = "1000", preparation: str = Preparation.POWDER, hemisphere: str = Hemisphere.NEAR, **fields: Any
) -> Sample:
    """Make a published sample that the ledger knows with this mass, all of it free."""
    number = fields.pop("catalogue_number", f"TEST-{next(_numbers):04d}")
    sample = Sample.objects.create(
        catalogue_number=number,
        mission=fields.pop("mission", None) or mission_of(hemisphere),
        preparation=preparation,
        published_at=fields.pop("published_at", clock.now() - 100 * DAY),
        **fields,
    )
    ledger.accession(sample, Decimal(mass_mg), by=None)
    sample.refresh_from_db()
    return sample


# --- Calls ---------------------------------------------------------------------------------------------


def call_of(
    *,
    samples: Iterable[Sample] | None = None,
    chair: User | None = None,
    reviewers: Iterable[User] = (),
    status: str = CallStatus.ANNOUNCED,
    **fields: Any,
) -> Call:
    """Make a call that is open now: two samples offered, two criteria, two declarations, a panel."""
    now = clock.now()
    number = next(_numbers)
    announced = {"announced_by": administrator(), "announced_at": now - 10 * DAY}
    call = Call.objects.create(
        **{
            "slug": f"call-{number}",
            "title": f"Call {number}",
            "title_zh": f"征集 {number}",
            "summary": "Powder and pieces.",
            "summary_zh": "粉末与整块样品。",
            "terms": "Return what is left.",
            "terms_zh": "归还剩余样品。",
            "agreement": "Keep the samples safe.",
            "agreement_zh": "妥善保管样品。",
            "opens_at": now - 10 * DAY,
            "closes_at": now + 30 * DAY,
            "reviews_due_at": now + 60 * DAY,
            "created_by": administrator(),
            **(announced if status != CallStatus.DRAFT else {}),
            **fields,
        },
        status=status,
    )
    for sample in [stock(), stock("36.2", Preparation.CLAST, Hemisphere.FAR)] if samples is None else samples:
        call.offers.create(sample=sample, offered_mg=sample.initial_mg / 2 if sample.is_divisible else None)
    for position, (code, weight) in enumerate((("significance", 60), ("feasibility", 40)), start=1):
        call.criteria.create(
            code=code, name=code.title(), name_zh=code, weight=weight, words=WORDS, words_zh=WORDS_ZH, position=position
        )
    for position, code in enumerate(("true", "return"), start=1):
        call.declarations.create(code=code, text=f"I declare {code}.", text_zh=f"我声明 {code}。", position=position)
    seat(call, chair or UserFactory(), PanelRole.CHAIR)
    for reviewer in reviewers:
        seat(call, reviewer, PanelRole.REVIEWER)
    return call


def seat(call: Call, user: User, role: str = PanelRole.REVIEWER) -> User:
    """Give somebody a seat on the panel: they have pledged, and answered that they know of no conflict."""
    pledged = {"pledged_at": clock.now() - 4 * DAY, "pledged_version": 1}
    call.panel.create(user=user, role=role, since=clock.now() - 5 * DAY, **pledged)
    answered(call)
    return user


def answered(call: Call) -> None:
    """Let everybody on a panel have answered, of everything before it, that they know of no conflict."""
    seated = call.panel.filter(until=None).values_list("user", flat=True)
    before = call.applications.filter(status__in=IN_PANEL)
    PanelAnswer.objects.bulk_create(
        (
            PanelAnswer(application=one, user_id=user, answer=InterestAnswer.NONE, at=clock.now() - 4 * DAY)
            for one in before
            for user in seated
        ),
        ignore_conflicts=True,
    )


def call_question_of(call: Call, asker: User | None = None, *, answered: bool = True, **fields: Any) -> CallQuestion:
    """Make a question on a call, answered in both languages or waiting."""
    number, now = next(_numbers), clock.now()
    words = {"question": f"Question {number}?", "question_zh": f"问题{number}？", "answer": "Yes.", "answer_zh": "是。"}
    done = {"answered_at": now - DAY, "answered_by": administrator()} if answered else {}
    asked = {"asked": f"As asked {number}", "asked_at": now - 2 * DAY}
    return CallQuestion.objects.create(call=call, asker=asker or UserFactory(), **{**asked, **words, **done, **fields})


def chair_of(call: Call) -> User:
    """Return who chairs the call."""
    return call.panel.get(role=PanelRole.CHAIR, until=None).user


# --- Applications --------------------------------------------------------------------------------------


def draft_of(call: Call | None = None, by: User | None = None, *, complete: bool = True, **fields: Any) -> Application:
    """Make a draft: complete, with a request for every sample offered; or with nothing in it."""
    call, by = call or call_of(), by or UserFactory()
    number = next(_numbers)
    content = {
        "title": f"Question {number} of two hemispheres",
        "question": "Did both sides trap the same solar wind?",
        "plan": "Measure noble gases in single grains.",
        "methods": "Eight runs of 4 mg.",
        "laboratory": "A noble-gas line with a known blank.",
        "custody": "A locked box of dry nitrogen, one log.",
        "confirms_eligibility": True,
        "public_title": "Wind on two sides",
        "public_summary": "We compare both sides of the Moon.",
        "institution": by.institution,
        "declared": {one.code: {"version": one.version, "details": ""} for one in call.declarations.all()},
        "file_sha256": "0" * 64,
        "file_bytes": 1000,
        "file_pages": 2,
    }
    application = Application.objects.create(
        reference=fields.pop("reference", f"LSA-2026-{90000 + number}"),
        call=call,
        principal_investigator=by,
        created_at=clock.now() - 5 * DAY,
        **((content if complete else {}) | fields),
    )
    if complete:
        for offer in call.offers.all():
            request_of(application, offer.sample)
        place_of(application)
    return application


def place_of(application: Application) -> None:
    """Let the institution hold the material, and state that none of its missions needs an authorisation there."""
    institution = application.institution
    if institution is None:
        return
    Place.objects.create(application=application, institution=institution)
    for mission in {line.sample.mission for line in application.draft_requests.select_related("sample__mission")}:
        facts = {"mission": mission, "institution": institution, "state": AuthorisationState.NONE}
        DraftAuthorisation.objects.create(application=application, **facts)


def request_of(application: Application, sample: Sample, asked_mg: Any = "50", least_mg: Any = "30") -> DraftRequest:
    """Make the request of a draft for a sample: of powder a mass, of anything else the whole piece."""
    masses = {"asked_mg": Decimal(asked_mg), "least_mg": Decimal(least_mg)} if sample.is_divisible else {}
    return DraftRequest.objects.create(
        application=application,
        sample=sample,
        whole=not sample.is_divisible,
        technique="Noble-gas mass spectrometry",
        justification="Fewer runs would hide the difference.",
        **masses,
    )


def member_of(application: Application, user: User | None = None, *, confirmed: bool = True, **fields: Any) -> Any:
    """Make a team member; unconfirmed ones need no account."""
    email = fields.pop("email", user.email if user else f"member{next(_numbers)}@example.org")
    if confirmed and user is None:
        user = UserFactory(email=email)
    return TeamMember.objects.create(
        application=application,
        email=email,
        name=fields.pop("name", user.name if user else "Invited colleague"),
        role=fields.pop("role", TeamRole.CO_INVESTIGATOR),
        user=user,
        invited_at=clock.now() - 3 * DAY,
        confirmed_at=clock.now() - 2 * DAY if confirmed else None,
        **fields,
    )


def submission_of(application: Application, received_at: datetime | None = None) -> Submission:
    """Make the submission of what the draft says, with its sample requests."""
    number = application.submissions.count() + 1
    received_at = received_at or clock.now() - 2 * DAY
    requests = lines(application)
    document = snapshot(application, requests, number=number, received_at=received_at)
    submission = Submission.objects.create(
        application=application,
        number=number,
        document=document,
        sha256=sha256_of(document),
        title=application.title,
        by=application.principal_investigator,
        received_at=received_at,
    )
    for group in {one.group.uid: one.group for one in requests if one.group}.values():
        group.submission = submission
        group.save()
    for request in requests:
        request.submission = submission
        request.save()
    for party in parties(application):
        party.submission = submission
        party.save()
    records = [
        AuthorisationRecord(
            application=application,
            side=Side.APPLICANT,
            occasion=Occasion.SUBMISSION,
            by=submission.by,
            at=received_at,
            **stated,
        )
        for stated in authorisations(application)
    ]
    AuthorisationRecord.objects.bulk_create(records)
    return submission


def application_of(
    call: Call | None = None,
    by: User | None = None,
    status: str = Status.SUBMITTED,
    *,
    received_at: datetime | None = None,
    **fields: Any,
) -> Application:
    """Make a submitted application that stands at `status`, with what the way there leaves behind.

    From *under review* on it has passed screening with advice on every request and a tally; from *interviewing* on
    it is shortlisted; from *decided* on every request is declined (`award_of` changes one).
    """
    application = draft_of(call or call_of(closes_at=clock.now() - DAY), by, **fields)
    submission = submission_of(application, received_at)
    application.submission = submission
    application.status = status
    if status == Status.RETURNED:
        application.resubmit_until = clock.now() + 7 * DAY
        _screened(application, ScreeningOutcome.RETURN, due_at=application.resubmit_until)
    elif status == Status.INELIGIBLE:
        _screened(application, ScreeningOutcome.REJECT)
    application.save()
    beyond = (Status.UNDER_REVIEW, Status.INTERVIEWING, Status.DELIBERATED, Status.DECIDED, Status.PUBLISHED)
    if status in beyond:
        _passed(application)
        answered(application.call)
    if status in beyond[1:]:
        shortlisting_of(application)
    if status in beyond[3:]:
        for request in submission.requests.all():
            decision_of(request)
    return application


def _screened(application: Application, outcome: str, **fields: Any) -> Screening:
    refused = {} if outcome == ScreeningOutcome.PASS else {"reason_code": "other", "reason": "Page two is missing."}
    return Screening.objects.create(
        submission=application.submission,
        outcome=outcome,
        by=administrator(),
        at=clock.now() - DAY,
        **refused,
        **fields,
    )


def _passed(application: Application) -> None:
    curator = UserFactory(roles=["curator"])
    for request in application.submission.requests.all():
        Advice.objects.create(request=request, feasibility=Feasibility.FEASIBLE, by=curator, at=clock.now() - DAY)
    _screened(application, ScreeningOutcome.PASS)
    ReviewTally.objects.get_or_create(application=application, defaults={"call": application.call})


def assignment_of(application: Application, reviewer: User | None = None) -> Assignment:
    """Assign an application to a reviewer, who gets a seat on the panel if they have none."""
    reviewer = reviewer or UserFactory()
    if not application.call.panel.filter(user=reviewer, until=None).exists():
        seat(application.call, reviewer)
    return Assignment.objects.create(
        application=application, reviewer=reviewer, by=chair_of(application.call), at=clock.now() - DAY
    )


def shortlisting_of(application: Application, *, invited: bool = True) -> Shortlisting:
    """Say whether an application is invited."""
    return Shortlisting.objects.create(
        application=application, invited=invited, by=chair_of(application.call), at=clock.now() - DAY
    )


def decision_of(request: SampleRequest, verdict: str = Verdict.DECLINE, **fields: Any) -> Decision:
    """Make the effective decision on a request, instead of the one it has."""
    earlier = request.decisions.filter(is_effective=True).first()
    if earlier:
        Decision.objects.filter(pk=earlier.pk).update(is_effective=False)
    return Decision.objects.create(
        request=request,
        verdict=verdict,
        reason=fields.pop("reason", "The panel’s reason."),
        by=chair_of(request.submission.application.call),
        at=clock.now() - DAY,
        supersedes=earlier,
        **fields,
    )


def award_of(request: SampleRequest, mass_mg: Any = None) -> Award:
    """Award a request: the mass given, else what was asked, else the whole piece; the ledger holds it."""
    decision = decision_of(request, Verdict.AWARD)
    wanted = None if request.whole else Decimal(mass_mg) if mass_mg is not None else request.asked_mg
    hold = ledger.hold(request.sample, wanted, by=decision.by)
    return Award.objects.create(decision=decision, hold=hold, whole=request.whole, mass_mg=hold.mass_mg)
