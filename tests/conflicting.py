"""Generated cases of conflicts of interest: every kind, in drafts and submissions that have changed since.

Shared by the suite (`tests/applications/rules/test_conflicts.py`) and the trial (`tests/trials/test_conflicts.py`).
"""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q

from applications.enums import CallStatus, ConflictKind, HintKind, PlaceKind, Status
from applications.models import Application, Conflict, Place, Ruling, TeamMember
from applications.rules.conflicts import conflicted_for, conflicts_among, conflicts_of
from portal import clock
from portal.accounts.models import User
from tests.factories.accounts import InstitutionFactory, UserFactory
from tests.factories.applications import call_of, draft_of, member_of, request_of, stock, submission_of

SENT = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.PUBLISHED, Status.WITHDRAWN, Status.INELIGIBLE)
_orcids = itertools.count()  # an ORCID iD belongs to one person, in however many cases


@dataclass
class Outcome:
    """What comparing check, query and bulk check over every pair gave."""

    tries: int = 0
    violations: list[tuple[int, int]] = field(default_factory=list)
    barred: int = 0
    kinds: set[ConflictKind] = field(default_factory=set)


class Cases:
    """People with and without institution, ORCID iD and second address, and applications around them."""

    def __init__(self, people: int, applications: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.places = [None, *(InstitutionFactory() for _ in range(4 + people // 4))]
        self.orcids = [f"0000-0002-0000-{next(_orcids):04d}" for _ in range(people)]  # compared alone, never checked
        self.people = [self._person(orcid) for orcid in self.orcids]
        self.samples = [stock() for _ in range(applications // 3)]
        over = {"opens_at": clock.now() - timedelta(days=40), "closes_at": clock.now() - timedelta(days=1)}
        self.calls = [
            call_of(samples=[]),
            call_of(samples=[], **over),
            call_of(samples=[], status=CallStatus.CANCELLED),
            call_of(samples=[], is_practice=True),
        ]
        self.applications = [self._application() for _ in range(applications)]

    def compare(self, query: Callable[[User], Q] = conflicted_for) -> Outcome:
        """Ask check, bulk check and query about every pair."""
        outcome, among = Outcome(), conflicts_among(self.people, self.applications)
        for person in self.people:
            found = set(Application.objects.filter(query(person)).values_list("pk", flat=True))
            for application in self.applications:
                kinds = conflicts_of(person, application)
                pair = (application.pk, person.pk)
                outcome.tries += 1
                outcome.barred += bool(kinds)
                outcome.kinds |= set(kinds)
                if bool(kinds) != (application.pk in found) or among.get(pair, []) != kinds:
                    outcome.violations.append(pair)
        return outcome

    def _person(self, orcid: str) -> User:
        person = UserFactory(institution=self.chance.choice(self.places), orcid=self.chance.choice(["", orcid]))
        if self.chance.random() < 0.5:
            proved = self.chance.random() < 0.5
            EmailAddress.objects.create(user=person, email=f"second-{person.email}", primary=False, verified=proved)
        return person

    def _application(self) -> Application:
        chance = self.chance
        call = chance.choice([*self.calls[:2], *self.calls])
        own = {"institution": chance.choice([None, None, *self.places]), "complete": False}
        application = draft_of(call, chance.choice(self.people), **own)
        for person in chance.sample(self.people, chance.choice([0, 0, 1, 2])):
            self._member(application, person)
        for _each in range(chance.choice([0, 0, 1])):
            held = chance.choice([place for place in self.places if place])
            Place.objects.create(application=application, institution=held, kind=chance.choice(PlaceKind.values))
        if chance.random() < 0.4:
            request_of(application, chance.choice(self.samples))
        if chance.random() < 0.6 and not call.is_practice:
            self._submit(application)
        self._say(application)
        return application

    def _member(self, application: Application, person: User) -> None:
        """Put somebody on the team: confirmed, invited by an address in any capitals or an iD, or only named."""
        chance = self.chance
        confirmed = chance.random() < 0.5
        named = chance.choice([person.email, f"second-{person.email}"])
        email = "".join(chance.choice([letter.lower(), letter.upper()]) for letter in named)
        user = person if confirmed or chance.random() < 0.3 else None
        by_orcid = {"email": "", "orcid": self.orcids[self.people.index(person)]}
        whom = by_orcid if chance.random() < 0.3 else {"email": email}
        institution = chance.choice([None, None, *self.places])
        member = member_of(application, user, confirmed=confirmed, **whom, institution=institution)
        if not confirmed and chance.random() < 0.3:
            TeamMember.objects.filter(pk=member.pk).update(invited_at=None)

    def _submit(self, application: Application) -> None:
        """Submit it; afterwards the draft may leave out its team, its places, what it asks for and where it is."""
        application.submission = submission_of(application)
        application.status = self.chance.choice(SENT)
        if self.chance.random() < 0.5:
            application.team.all().delete()
            application.places.all().delete()
            application.draft_requests.all().delete()
            application.institution = self.chance.choice(self.places)
        application.save()

    def _say(self, application: Application) -> None:
        """Let somebody have declared an interest, and a chair have ruled either way."""
        chance, moment = self.chance, clock.now()
        if chance.random() < 0.2:
            person = chance.choice(self.people)
            kind = chance.choice([ConflictKind.DECLARED, ConflictKind.SUPERVISOR])
            Conflict.objects.create(application=application, user=person, kind=kind, by=person, at=moment)
        if chance.random() < 0.2:
            ruling = {"kind": chance.choice(HintKind.values), "bars": chance.random() < 0.6, "reason": "Ruled."}
            by = chance.choice(self.people)
            whom = chance.choice(self.people)
            Ruling.objects.create(application=application, user=whom, by=by, at=moment, **ruling)


def without_rulings(user: User) -> Q:
    """The query as it would be if somebody had forgotten what chairs rule: the control."""
    ruled = Ruling.objects.filter(application=OuterRef("pk"), user=user.pk, bars=True)
    return conflicted_for(user) & ~Q(Exists(ruled))
