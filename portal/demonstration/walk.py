"""One application of the demonstration on its way, step by step through the real actions, each on its day."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from applications import reviewing
from applications.apply import actions as apply
from applications.attachments import actions as attachments
from applications.conflicts import actions as conflicts
from applications.decisions import actions as decisions
from applications.declarations import actions as declarations
from applications.declarations import statements
from applications.enums import AuthorisationState, Verdict
from applications.interviews import actions as interviews
from applications.models import Application, Assignment, Call, Criterion, Interview, SampleRequest
from applications.panel import actions as panel
from applications.requests import actions as requests
from applications.requests import grouping
from applications.screening import actions as screening
from applications.team import actions as team
from applications.team import interests, places
from portal import clock
from portal.demonstration import opinions
from portal.demonstration.people import People
from portal.demonstration.science import Plan
from portal.files import Kept
from samples.models import Sample
from samples.rules.techniques import code_of

AUTHORISATIONS: tuple[dict[str, Any], ...] = (
    *({"state": AuthorisationState.NONE},) * 4,
    {"state": AuthorisationState.OBTAINED, "reference": "DEMO-17"},
    {"state": AuthorisationState.PENDING, "reference": "DEMO-18"},
)


@dataclass
class Stage:
    """What every step needs: the people, the stock by number, and the one PDF that all attach."""

    people: People
    samples: dict[str, Sample]
    file: Kept


@dataclass
class Walk:
    """An application of `plan` in `call`; the chance of everything said about it is its own."""

    stage: Stage
    call: Call
    plan: Plan
    application: Application = field(init=False)
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.plan.call}: {self.plan.title}")  # noqa: S311 -- repeatable, not secret

    @property
    def applicant(self) -> Any:
        return self.stage.people[self.plan.by]

    @property
    def chair(self) -> Any:
        return self.stage.people["chair"]

    @cached_property
    def requests(self) -> list[SampleRequest]:
        """The submitted sample requests."""
        rows = SampleRequest.objects.filter(submission=self.application.submission_id)
        return list(rows.select_related("sample", "submission"))

    @cached_property
    def criteria(self) -> list[Criterion]:
        """The criteria of the call."""
        return list(self.call.criteria.all())

    # --- The team ---------------------------------------------------------------------------------------

    def write(self, moment: datetime) -> None:
        """Start the draft, write its texts, ask for its samples and invite the team."""
        with clock.set_to(moment):
            application = self.application = apply.start(self.call, by=self.applicant)
            said = {name: text for name, text in self.plan.texts.items() if text}
            apply.save(
                application,
                by=self.applicant,
                version=application.version,
                confirms_eligibility=not self.plan.draft,
                **said,
            )
            self._ask()
            for key in self.plan.co:
                person = self.stage.people[key]
                team.invite(
                    application,
                    by=self.applicant,
                    email=person.email,
                    name=person.name,
                    institution=person.institution,
                )

    def _ask(self) -> None:
        """Ask for the samples, with the runs planned for them, and say which belong together."""
        application, by = self.application, self.applicant
        made = {}
        for asked in self.plan.asked:
            made[asked.number] = requests.put(
                application,
                by=by,
                sample=self.stage.samples[asked.number],
                whole=asked.whole,
                asked_mg=asked.asked_mg,
                least_mg=asked.least_mg,
                technique=code_of(self.plan.technique),
                effect=self.plan.effect,
                justification=self.plan.why,
                contaminants=self.plan.contaminants,
                alternatives=self.plan.alternatives,
                runs=self.plan.planned(asked.number),
            )
        for facts in self.plan.groups:
            members, least = ([made[number].uid for number in facts[name]] for name in ("members", "least"))
            grouping.put_group(application, by=by, **(facts | {"members": members, "least": least}))

    def submit(self, moment: datetime) -> None:
        """Let the team confirm, attach the file, make the declarations, and submit."""
        with clock.set_to(moment):
            for member in self.application.team.select_related("user"):
                team.join(member, by=member.user)
            attachments.attach(self.application, by=self.applicant, upload=self.stage.file)
            said = "Demonstration fund A; no restriction comes with it."
            answers = {one.code: said if one.asks_details else "" for one in self.call.declarations.all()}
            named = self.chance.random() < 0.5
            declarations.declare(self.application, by=self.applicant, answers=answers, names=named)
            self._place()
            self._state_conflicts()
            apply.submit(self.application, by=self.applicant)

    def _place(self) -> None:
        """Name the institution as the one place, and state how the authorisations stand there."""
        by, institution = self.applicant, self.application.institution
        assert institution is not None
        places.put_place(self.application, by=by, institution=institution, carrier="The principal investigator")
        for mission in {self.stage.samples[asked.number].mission for asked in self.plan.asked}:
            said = self.chance.choice(AUTHORISATIONS)
            statements.state_authorisation(self.application, by=by, mission=mission, institution=institution, **said)

    def _state_conflicts(self) -> None:
        """Let everybody on the team say whom they ask not to judge; most know of nobody."""
        for person in (self.applicant, *(member.user for member in self.application.team.select_related("user"))):
            text = "A former adviser of mine, at Demonstration Institute Z." if self.chance.random() < 0.1 else ""
            interests.state(self.application, by=person, text=text)

    # --- Curator and administrators ---------------------------------------------------------------------

    def advise(self, moment: datetime, *, varied: bool = False) -> None:
        """Give the curator's advice on every request: that it is feasible, or `varied`."""
        with clock.set_to(moment):
            for request in self.requests:
                given = opinions.advice(request, self.chance, varied=varied)
                screening.advise(request, by=self.stage.people["curator"], **given)

    def pass_on(self, moment: datetime) -> None:
        """Let it go to the panel."""
        with clock.set_to(moment):
            screening.pass_on(self.application, by=self.stage.people["admin"])

    # --- The panel ----------------------------------------------------------------------------------------

    def assign(self, moment: datetime, reviewers: list[Any]) -> list[Assignment]:
        """Assign reviewers."""
        with clock.set_to(moment):
            return [panel.assign(self.application, by=self.chair, reviewer=reviewer) for reviewer in reviewers]

    def review(self, moment: datetime, assignment: Assignment, quality: int, *, submit: bool = True) -> None:
        """Score and comment around a quality of 1 to 5; kept as a draft, or submitted."""
        act = reviewing.submit if submit else reviewing.save
        with clock.set_to(moment):
            act(
                assignment,
                by=assignment.reviewer,
                version=0,
                scores=opinions.scores(self.criteria, quality, self.chance),
                mass_opinions=opinions.masses(self.requests, self.chance),
                **opinions.texts(quality, self.chance),
            )

    def declare_conflict(self, moment: datetime, reviewer: Any) -> None:
        """Let somebody on the panel declare an interest."""
        with clock.set_to(moment):
            conflicts.declare_conflict(self.application, by=reviewer)

    def shortlist(self, moment: datetime) -> None:
        """Say whether it is invited, and close its review."""
        reason = "" if self.plan.invited else "The panel sees no way to answer the question with this plan."
        with clock.set_to(moment):
            panel.shortlist(self.application, by=self.chair, invited=self.plan.invited, reason=reason)
            panel.conclude_review(self.application, by=self.chair)

    def propose(self, moment: datetime, begins_at: datetime) -> Interview:
        """Propose a slot."""
        with clock.set_to(moment):
            place = "Room 2 of the demonstration, or by video"
            return interviews.propose(self.application, by=self.chair, begins_at=begins_at, place=place)

    def confirm(self, moment: datetime, interview: Interview) -> None:
        """Let the principal investigator confirm the slot."""
        with clock.set_to(moment):
            interviews.confirm(interview, by=self.applicant)

    def hold(self, interview: Interview) -> None:
        """Hold the interview and write its minutes, just after its slot."""
        minutes = "Eight minutes of talk, seven of questions. The masses were explained; no open point is left."
        with clock.set_to(interview.slot.upper + timedelta(minutes=20)):
            interviews.hold(interview, by=self.chair, minutes=minutes)

    def miss(self, interview: Interview) -> None:
        """Record that the applicant did not attend, just after the slot."""
        with clock.set_to(interview.slot.upper + timedelta(minutes=5)):
            interviews.miss(interview, by=self.chair, reason="Nobody joined within the slot; no message came.")

    def cancel(self, moment: datetime, interview: Interview) -> None:
        """Cancel the slot."""
        with clock.set_to(moment):
            interviews.cancel(interview, by=self.chair, reason="The panel is not complete on that day.")

    def conclude_interviews(self, moment: datetime) -> None:
        """Let it go on to deliberation."""
        with clock.set_to(moment):
            interviews.conclude(self.application, by=self.chair)

    def decide(self, moment: datetime) -> None:
        """Decide its requests but those that are left, and close it where none is."""
        with clock.set_to(moment):
            for request in self.requests:
                verdict = self.plan.decided[request.sample.catalogue_number]
                if verdict.word != "left":
                    self._decide(request, verdict.word, verdict.number)
            if all(verdict.word != "left" for verdict in self.plan.decided.values()):
                decisions.conclude(self.application, by=self.chair)

    def _decide(self, request: SampleRequest, word: str, number: Any) -> None:
        mass = number if word == Verdict.AWARD else None
        decisions.decide(
            request,
            by=self.chair,
            verdict=word,
            reason=opinions.reason(word, request, mass),
            mass_mg=mass,
            reserve_rank=int(number) if word == Verdict.RESERVE else None,
            waits_for=self.plan.waits_for if request == self.requests[0] else "",
        )
