"""Calls and applications brought to a status through the real actions, each step on its hour.

Rows that need no history of their own are in `factories/`; a whole portal is what `load_demo` makes.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.files.base import ContentFile

from applications import reviewing
from applications.apply import actions as apply
from applications.attachments import actions as attachments
from applications.calls import actions as calls
from applications.conflicts import actions as conflicts
from applications.decisions import actions as decisions
from applications.declarations import actions as declarations
from applications.declarations import statements
from applications.enums import (
    AuthorisationState,
    Feasibility,
    PanelRole,
    PublicationKind,
    ScreeningReason,
    Status,
    Verdict,
)
from applications.following import actions as following
from applications.interviews import actions as interviews
from applications.models import Application, Call, PanelMember, SampleRequest
from applications.panel import actions as panel
from applications.publication import actions as publication
from applications.requests import actions as requests
from applications.screening import actions as screening
from applications.team import places
from portal import clock, files
from portal.accounts.models import User
from samples.enums import Hemisphere, Preparation
from samples.models import Sample
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import WORDS, WORDS_ZH, stock
from tests.factories.files import pdf

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LENGTH = 40
JUDGED = frozenset(Status) - {Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.WITHDRAWN}
WAY = (Status.UNDER_REVIEW, Status.INTERVIEWING, Status.DELIBERATED, Status.DECIDED, Status.PUBLISHED)


def panel_call(*, closes_in: float = 30, samples: list[Sample] | None = None, **fields: Any) -> Call:
    """Make and announce a call that closes `closes_in` days from now (negative: has closed).

    A chair and two reviewers sit on its panel. It offers a near-side powder up to 500 mg and a far-side clast of
    36.2 mg, or half of each powder and each piece of `samples`.
    """
    closes_at = fields.pop("closes_at", clock.now() + closes_in * DAY)
    opens_at = fields.pop("opens_at", closes_at - LENGTH * DAY)
    samples = samples or [stock(), stock("36.2", Preparation.CLAST, Hemisphere.FAR)]
    maker = administrator()
    with clock.set_to(opens_at - 2 * DAY):
        facts = {
            "slug": f"panel-call-{Call.objects.count() + 1}",
            "title": "A call",
            "title_zh": "征集",
            "summary": "Summary",
        }
        facts |= {"summary_zh": "摘要", "terms": "Return what is left.", "terms_zh": "归还剩余样品。"}
        facts |= {"agreement": "Keep the samples safe.", "agreement_zh": "妥善保管样品。"}
        call = calls.create(by=maker, opens_at=opens_at, closes_at=closes_at, **(facts | fields))
        for sample in samples:
            offered_mg = sample.initial_mg / 2 if sample.is_divisible else None
            calls.offer(call, by=maker, sample=sample, offered_mg=offered_mg)
        weights = (("significance", 60), ("feasibility", 40))
        words = {"words": WORDS, "words_zh": WORDS_ZH}
        criteria = [
            {"code": code, "name": code, "name_zh": code, "weight": weight, **words} for code, weight in weights
        ]
        calls.set_criteria(call, by=maker, criteria=criteria)
        declarations = [{"code": "true", "text": "All of this is true.", "text_zh": "以上属实。"}]
        calls.set_declarations(call, by=maker, declarations=declarations)
        for role in (PanelRole.CHAIR, PanelRole.REVIEWER, PanelRole.REVIEWER):
            calls.seat(call, by=maker, user=UserFactory(), role=role)
        calls.announce(call, by=administrator())
    return call


def seated(call: Call, role: str) -> list[User]:
    """Return who holds a role on the panel of a call."""
    seats = PanelMember.objects.filter(call=call, role=role, until=None).select_related("user").order_by("pk")
    return [seat.user for seat in seats]


def application_at(
    status: Status,
    *,
    call: Call | None = None,
    by: User | None = None,
    invited: bool = True,
    verdict: str = Verdict.AWARD,
    award_mg: Any = None,
    **texts: Any,
) -> Application:
    """Bring an application to a status. Every offered sample is asked for: 50 mg of a powder, a piece whole.

    Without a call it gets its own, open as long as the application is not before the panel. `award_mg` is what an
    award gives of each powder, by default all that was asked. To publish, the call must have closed, and everything
    else in it must be decided.
    """
    call = call or panel_call(closes_in=-5 if status in JUDGED else 30)
    assert call.opens_at is not None and call.closes_at is not None
    application = draft(call, by or UserFactory(), call.opens_at + HOUR, **texts)
    if status == Status.DRAFT:
        return application
    begun = call.opens_at + 2 * HOUR
    with clock.set_to(begun):
        apply.submit(application, by=application.principal_investigator)
    closed = call.closes_at
    if status in WAY:
        to_the_panel(application, closed + HOUR)
        steps = (
            lambda: to_interviews(application, closed + 3 * HOUR, invited=invited),
            lambda: to_deliberation(application, closed + 6 * HOUR),
            lambda: to_decision(application, closed + DAY, verdict=verdict, award_mg=award_mg),
            lambda: to_publication(call, closed + 2 * DAY),
        )
        for step in steps[: WAY.index(status)]:
            step()
    else:
        aside(application, status, closed + HOUR if status == Status.INELIGIBLE else begun + HOUR)
    application.refresh_from_db()
    assert application.status == status
    return application


def draft(call: Call, by: User, moment: datetime, **texts: Any) -> Application:
    """Write a complete draft."""
    said = {
        "title": "One wind, two sides",
        "question": "Did both sides trap the same solar wind?",
        "plan": "Heat grains in steps.",
        "methods": "Eight runs of 4 mg.",
        "laboratory": "A noble-gas line with a known blank.",
        "custody": "A locked box of dry nitrogen, one log.",
        "confirms_eligibility": True,
        "public_title": "One wind, two sides",
        "public_summary": "We compare both sides of the Moon.",
    }
    with clock.set_to(moment):
        application = apply.start(call, by=by)
        apply.save(application, by=by, version=application.version, **(said | texts))
        for offer in call.offers.select_related("sample"):
            whole = not offer.sample.is_divisible
            masses = {} if whole else {"asked_mg": Decimal(50), "least_mg": Decimal(30)}
            why = "Fewer runs would hide the difference."
            requests.put(application, by=by, sample=offer.sample, whole=whole, justification=why, **masses)
        attachments.attach(application, by=by, upload=kept())
        declarations.declare(application, by=by, answers={one.code: "Said." for one in call.declarations.all()})
        places.put_place(application, by=by, institution=application.institution)
        for mission in {offer.sample.mission for offer in call.offers.select_related("sample__mission")}:
            facts = {"mission": mission, "institution": application.institution, "state": AuthorisationState.NONE}
            statements.state_authorisation(application, by=by, **facts)
    return application


def aside(application: Application, status: Status, moment: datetime) -> None:
    """Return, reject or withdraw a submitted application; or leave it as it is."""
    screener, code = application.call.announced_by, ScreeningReason.INCOMPLETE
    with clock.set_to(moment):
        if status == Status.RETURNED:
            due_at = moment + 3650 * DAY
            screening.return_(application, by=screener, reason_code=code, reason="Page two is missing.", due_at=due_at)
        elif status == Status.INELIGIBLE:
            screening.reject(application, by=screener, reason_code=code, reason="Nothing can be read.")
        elif status == Status.WITHDRAWN:
            following.withdraw(application, by=application.principal_investigator, reason="The instrument is broken.")


def to_the_panel(application: Application, moment: datetime) -> None:
    """Advise on every request and pass the application on."""
    curator = UserFactory(roles=["curator"])
    with clock.set_to(moment):
        for request in requests_of(application):
            screening.advise(request, by=curator, feasibility=Feasibility.FEASIBLE)
        screening.pass_on(application, by=application.call.announced_by)
        for member in PanelMember.objects.filter(call=application.call, until=None).select_related("user"):
            if member.pledged_at is None:
                conflicts.pledge(application.call, by=member.user)
            conflicts.answer(application.call, by=member.user, said={}, none_for_the_rest=True)


def to_interviews(application: Application, moment: datetime, *, invited: bool = True, score: int = 4) -> None:
    """Let every reviewer score, shortlist, and conclude the review."""
    chair = seated(application.call, PanelRole.CHAIR)[0]
    scores: dict[str, int | None] = {criterion.code: score for criterion in application.call.criteria.all()}
    with clock.set_to(moment):
        for reviewer in seated(application.call, PanelRole.REVIEWER):
            assignment = panel.assign(application, by=chair, reviewer=reviewer)
            reviewing.submit(assignment, by=reviewer, version=0, scores=scores, for_applicant="A clear plan.")
        panel.shortlist(application, by=chair, invited=invited, reason="" if invited else "Too early.")
        panel.conclude_review(application, by=chair)


def to_deliberation(application: Application, moment: datetime) -> None:
    """Hold the interview of an invited application, each in a slot of its own, and conclude."""
    call, chair = application.call, seated(application.call, PanelRole.CHAIR)[0]
    application.refresh_from_db()
    after = moment
    if application.shortlisting.invited:
        begins_at = moment + HOUR + call.interviews.count() * timedelta(minutes=call.slot_minutes)
        after = begins_at + HOUR
        with clock.set_to(moment):
            interview = interviews.propose(application, by=chair, begins_at=begins_at, place="Room 2")
            interviews.confirm(interview, by=application.principal_investigator)
        with clock.set_to(after):
            interviews.hold(interview, by=chair, minutes="Everything was answered.")
    with clock.set_to(after):
        interviews.conclude(application, by=chair)


def to_decision(
    application: Application, moment: datetime, *, verdict: str = Verdict.AWARD, award_mg: Any = None
) -> None:
    """Decide every request alike, and conclude."""
    chair = seated(application.call, PanelRole.CHAIR)[0]
    with clock.set_to(moment):
        for request in requests_of(application):
            mass_mg = None
            if verdict == Verdict.AWARD and not request.whole:
                mass_mg = request.asked_mg if award_mg is None else Decimal(award_mg)
            decisions.decide(request, by=chair, verdict=verdict, reason="The panel’s reason.", mass_mg=mass_mg)
        decisions.conclude(application, by=chair)


def to_publication(call: Call, moment: datetime) -> None:
    """Prepare the results, let both administrators of the call sign them, and release them."""
    first, second = call.created_by, call.announced_by
    with clock.set_to(moment):
        results = publication.prepare(call, PublicationKind.RESULTS, by=first)
        for signer in (first, second):
            publication.sign(results, by=signer, manifest_sha256=results.manifest_sha256)
        publication.release(results, by=second)


def requests_of(application: Application) -> list[SampleRequest]:
    """Return the requests of the present submission."""
    rows = SampleRequest.objects.filter(submission=application.submission_id)
    return list(rows.select_related("sample", "submission__application"))


@cache
def kept() -> files.Kept:
    """Return a real PDF of the file store, checked and kept once for all tests of this process."""
    return files.keep_pdf(ContentFile(pdf(2), "plan.pdf"))
