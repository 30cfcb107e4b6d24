"""A portal in which every confidential text is a word of its own, and who may read which: written from the rules.

`World` grows the rows; `World.readers` maps each word to the people who may ever see it. The crawl of every address
by everybody is in `tests/architecture/test_leaks.py`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from applications.enums import CallStatus, ChangeState, ConflictKind, PanelRole, Status, TeamRole
from applications.models import (
    Advice,
    Application,
    AuthorisationRecord,
    Award,
    Call,
    Conflict,
    Decision,
    InterestStatement,
    Interview,
    Shortlisting,
    Standing,
)
from portal import clock
from portal.accounts.models import User
from portal.audit.trail import record
from portal.notifications.outbox import notify_account
from samples.models import Sample
from tests.canaries_of_panels import (
    add_after_reviews,
    add_before_reviews,
    add_blind,
    add_waiver,
    add_works,
)
from tests.factories.accounts import InstitutionFactory, UserFactory
from tests.factories.applications import (
    application_of,
    assignment_of,
    award_of,
    call_of,
    call_question_of,
    draft_of,
    member_of,
    seat,
    stock,
)
from tests.factories.decisions import closed_call
from tests.factories.exchanges import change_of, note_of, question_of
from tests.factories.review import opinion_of, review_of

HOUR = timedelta(hours=1)
TEXTS = ("title", "question", "plan", "methods", "public_summary")
TEAM, RIVAL = frozenset({"principal", "member", "reader"}), frozenset({"rival"})
PANEL = frozenset({"reviewer", "other reviewer"})
OFFICE = frozenset({"administrator", "second administrator"})
# Who may read something, and who stands near it and may not; who may do just the same as another is left out.
READERS = ("principal", "rival", "reviewer", "other reviewer", "chair", "administrator", "curator", "auditor")
OTHERS = ("anonymous", "stranger", "member", "invited", "chair elsewhere", "conflicted reviewer", "speaker") + tuple(
    f"conflicted {role}" for role in ("chair", "administrator", "auditor")
)
CLEAN = {"chair": {"chair"}, "administrator": OFFICE, "curator": {"curator"}, "auditor": {"auditor"}}
JUDGES = {"chair", "conflicted chair", "conflicted administrator", "auditor", "conflicted auditor"} | OFFICE


class World:
    """Two rivals in every state, the panel, the staff, and conflicts with the first of the two."""

    def __init__(self) -> None:
        self.readers: dict[str, frozenset[str]] = {}
        self.numbers = 0
        self.people: dict[str, User | None] = {"anonymous": None}
        self.applications: list[Application] = []
        self._make_people()
        samples = [stock(location=self.word("location", 1, "curator", "conflicted curator", *JUDGES - {"chair"}))]
        samples.append(stock("36.2", "clast", "far"))
        self.samples = samples
        self.open, self.judged, self.decided = (call_of(samples=samples), closed_call(samples=samples), None)
        self.decided = closed_call(samples=samples)
        self.elsewhere = closed_call(samples=[], chair=self.people["chair elsewhere"])
        for call in (self.open, self.judged, self.decided):
            self.seat_panel(call)
        for team in (TEAM, RIVAL):
            self._draft(team)
            self._submitted(team)
            self._in_review(team)
            self._decided(team)
            add_blind(self, team)
        add_works(self)
        self._seat_late()
        self._told()
        self._hidden_rows()

    # --- People ----------------------------------------------------------------------------------------

    def _make_people(self) -> None:
        home = InstitutionFactory()
        self._person("principal", institution=home)
        for name in ("member", "reader", "invited", "rival", "stranger", "chair", "chair elsewhere"):
            self._person(name)
        self._person("speaker")
        for name in ("reviewer", "other reviewer", "conflicted reviewer", "declining reviewer"):
            user = self._person(name)
            for word in (user.name, user.email.partition("@")[0]):
                self.readers[word] = frozenset(JUDGES | {name})
        for name in ("administrator", "second administrator", "curator", "auditor"):
            self._person(name, roles=[name.rpartition(" ")[2]])
        for name in ("administrator", "curator", "auditor"):
            self._person(f"conflicted {name}", roles=[name], institution=home)
        self._person("conflicted chair", institution=home)

    def _person(self, name: str, **fields: Any) -> User:
        number = len(self.people)
        user = UserFactory(name=f"zqname{number}x", email=f"zqmail{number}x@example.org", **fields)
        self.people[name] = user
        return user

    def word(self, what: str, about: Any, *readers: str) -> str:
        """Make a word of its own that these people may read."""
        word = f"zq{what.replace('_', '')}{getattr(about, 'pk', about)}x"
        self.readers[word] = frozenset(readers)
        return word

    def number(self, *readers: str) -> str:
        """Make a mass in mg of its own that these people may read."""
        self.numbers += 1
        number = f"91.{10 * self.numbers + 1:03}"
        self.readers[number] = frozenset(readers)
        return number

    def wanted_by(self, who: str, address: str, *, of_a_team: bool = False) -> list[Application]:
        """Return the applications somebody asks after: the own ones and some of others; the staff about all of them.

        What is `of_a_team` alone the others try on a draft and on what is furthest.
        """
        ours, theirs = self.applications[:5], self.applications[5:]
        if who in TEAM:
            return [*ours, theirs[3]]
        if who in RIVAL:
            return [*theirs, ours[0], ours[3]]
        if ":apply-" in address or address.startswith("api:") or who in ("anonymous", "stranger", "chair elsewhere"):
            return [ours[0], ours[3]] if who in ("stranger", "invited", "auditor") else [ours[3]]
        return [ours[0], ours[3]] if of_a_team else [*ours, theirs[3]]

    def leaked(self, who: str, found: Mapping[str, list[str]]) -> list[tuple[str, str, str]]:
        """Return the words that somebody found and must not, with an address of each."""
        known = self.readers
        return [(who, word, at[0]) for word, at in found.items() if word in known and who not in known[word]]

    def staff(self, team: frozenset[str], *parts: str) -> set[str]:
        """Who of the staff reads these parts: who is in conflict with the first team reads the rival's alone."""
        found = set().union(*(CLEAN[part] for part in parts))
        return found | ({f"conflicted {part}" for part in parts} if team == RIVAL else set())

    def seat_panel(self, call: Call) -> None:
        call.panel.filter(role=PanelRole.CHAIR).update(user=self.people["chair"])
        for name in ("reviewer", "other reviewer", "conflicted reviewer", "declining reviewer", "speaker"):
            seat(call, self.people[name])  # type: ignore[arg-type]

    def _seat_late(self) -> None:
        """Let somebody of the principal investigator's own institution chair, too."""
        for call in (self.judged, self.decided):
            seat(call, self.people["conflicted chair"], PanelRole.CHAIR)  # type: ignore[arg-type]

    # --- Applications ------------------------------------------------------------------------------------

    def made(self, call: Call, team: frozenset[str], status: str, readers: set[str]) -> Application:
        """Make a submission of texts that `readers` read; nobody reads any more what the working text says since."""
        number = 10 * len(self.applications)
        texts = {name: self.word(f"sent{name}", number, *team, *readers) for name in TEXTS}
        head = self.people["rival" if team == RIVAL else "principal"]
        application = application_of(call, head, status, **texts)
        replacing = team if status == Status.SUBMITTED else ()  # its team may still submit these instead
        later = {name: self.word(f"later{name}", number, *replacing) for name in TEXTS}
        Application.objects.filter(pk=application.pk).update(**later)
        self._teamed(application, team)
        return application

    def _teamed(self, application: Application, team: frozenset[str]) -> None:
        self.applications.append(application)
        if team == TEAM:
            member_of(application, self.people["member"])
            member_of(application, self.people["reader"], role=TeamRole.READER)
            member_of(application, self.people["invited"], confirmed=False)

    def _draft(self, team: frozenset[str]) -> None:
        number = 10 * len(self.applications)
        texts = {name: self.word(f"draft{name}", number, *team) for name in TEXTS}
        application = draft_of(self.open, self.people["rival" if team == RIVAL else "principal"], **texts)
        application.draft_requests.update(justification=self.word("line", number, *team))
        self._teamed(application, team)

    def _submitted(self, team: frozenset[str]) -> None:
        staff = self.staff(team, "administrator", "curator", "auditor")
        application = self.made(self.open, team, Status.SUBMITTED, staff)
        reason = self.word("reason", application, *self.staff(team, "auditor"))
        record("application.note", application, by=self.people["administrator"], reason=reason)

    def _in_review(self, team: frozenset[str]) -> None:
        staff = self.staff(team, "chair", "administrator", "curator", "auditor") | PANEL
        speaking = {"speaker"} if team == TEAM else set()
        application = self.made(self.judged, team, Status.UNDER_REVIEW, staff | speaking)
        self._advised(application, staff)
        self._stated(application, team)
        add_before_reviews(self, application, team)
        self._reviewed(application, team, drafted=True)
        if speaking:
            add_waiver(self, application, team)
        add_after_reviews(self, application, team, ("reviewer",))

    def _decided(self, team: frozenset[str]) -> None:
        staff = self.staff(team, "chair", "administrator", "curator", "auditor") | PANEL
        application = self.made(self.decided, team, Status.DECIDED, staff)
        self._advised(application, staff)
        self._stated(application, team)
        self._reviewed(application, team, drafted=False)
        add_after_reviews(self, application, team, ("reviewer", "other reviewer"))
        self._settled(application, team)
        self._exchanged(application, team)

    def _advised(self, application: Application, readers: set[str]) -> None:
        note = self.word("advice", application, *readers)
        Advice.objects.filter(request__submission=application.submission_id).update(note=note)

    def _stated(self, application: Application, team: frozenset[str]) -> None:
        """Add whom the team asks not to judge, and what the agency's own side has of an authorisation."""
        head, readers = application.principal_investigator, self.staff(team, "chair", "administrator")
        own = "rival" if team == RIVAL else "principal"
        text = self.word("interest", application, own, *readers)
        InterestStatement.objects.create(application=application, user=head, text=text, at=clock.now())
        row = application.authorisations.first()
        for side, others in (("applicant", team), ("agency", ())):
            note = self.word(f"{side}note", application, *others, *self.staff(team, "administrator"))
            names = ("mission", "institution", "occasion", "state")
            said = {name: getattr(row, name) for name in names} | {"side": side, "note": note}
            AuthorisationRecord.objects.create(application=application, by=head, at=clock.now(), **said)

    def _reviewed(self, application: Application, team: frozenset[str], *, drafted: bool) -> None:
        """Add two reviews, the second perhaps a draft, and a reviewer whom a declared conflict has barred."""
        judges = self.staff(team, "chair", "auditor")
        letters = self.staff(team, "administrator") if not drafted else set()  # the list of a publication shows them
        for number, name in enumerate(("reviewer", "other reviewer")):
            sent, about = not (drafted and number), f"{application.pk}{number}"
            others = judges | (set() if drafted else PANEL) if sent else set()  # who has sent reads what others sent
            review = review_of(
                assignment_of(application, self.people[name]),
                5 - number,
                2,
                sent=sent,
                for_applicant=self.word("forapplicant", about, name, *others, *letters),
                for_panel=self.word("forpanel", about, name, *others),
                private_note=self.word("note", about, name),
            )
            opinion_of(review, self.number(name, *others), self.word("opinion", about, name, *others))
        barred = self.people["conflicted reviewer"]
        assert barred is not None
        assignment_of(application, barred)
        Conflict.objects.create(
            application=application, user=barred, kind=ConflictKind.DECLARED, by=barred, at=clock.now()
        )

    def _exchanged(self, application: Application, team: frozenset[str]) -> None:
        """Add what team and office tell each other: a question of the panel and one of the office, a change, a word."""
        office, head = self.people["administrator"], application.principal_investigator
        readers = team | self.staff(team, "administrator", "auditor")
        panel = self.staff(team, "chair") | PANEL
        for number, for_panel in enumerate((True, False)):
            about, others = f"{application.pk}{number}", panel if for_panel else set()
            question_of(
                application,
                office,
                for_panel=for_panel,
                question=self.word("question" if for_panel else "officequestion", about, *readers, *others),
                answer=self.word("answer" if for_panel else "officeanswer", about, *readers, *others),
            )
        text, answer = (self.word(name, application, *readers) for name in ("change", "settled"))
        settled = {"state": ChangeState.ACCEPTED, "answer": answer, "answered_by": office, "answered_at": clock.now()}
        change_of(application, "laboratory", text=text, **settled)
        Standing.objects.create(submission=application.submission, by=head, at=clock.now())

    def _told(self) -> None:
        """Tell the applicants of a call news of its schedule: nobody but them and the office reads the sentence."""
        office = {"administrator", "second administrator", "conflicted administrator"}
        text = self.word("schedule", 1, *TEAM, *RIVAL, *office)
        note_of(self.decided, text, text_zh=text)

    def _settled(self, application: Application, team: frozenset[str]) -> None:
        """Add interview, shortlisting and an award that waits for something: everything under embargo."""
        judges = self.staff(team, "chair", "administrator", "auditor")
        begins = clock.now() - (len(self.applications) + 2) * HOUR
        Interview.objects.create(
            application=application,
            call=application.call,
            status="held",
            slot=DateTimeTZRange(begins, begins + HOUR / 2, "[)"),
            place=self.word("place", application, *team, *judges),
            minutes=self.word("minutes", application, *self.staff(team, "chair", "auditor")),
            by=self.people["chair"],
            at=begins,
        )
        Shortlisting.objects.filter(application=application).update(reason=self.word("shortlist", application, *judges))
        award = award_of(application.submission.requests.filter(whole=False).first(), "37.219")  # type: ignore[union-attr]
        Award.objects.filter(pk=award.pk).update(waits_for=self.word("waits", application, *judges))
        reason = self.word("decision", application, *judges)
        Decision.objects.filter(request__submission=application.submission_id).update(reason=reason)

    def _hidden_rows(self) -> None:
        """Add a call, a sample, a mail and an answer that have not come out."""
        office = {"administrator", "second administrator", "conflicted administrator"}
        words = {name: self.word(f"call{name}", 1, *office) for name in ("question", "question_zh", "answer")}
        asked = self.word("asked", 1, "stranger", *office)
        call_question_of(self.open, self.people["stranger"], answered=False, asked=asked, **words)
        draft = call_of(samples=[], status=CallStatus.DRAFT, title=self.word("call", 1, *office))
        draft.panel.all().delete()
        stockists = office | {"curator", "conflicted curator", "auditor", "conflicted auditor"}
        number = self.word("sample", 1, *stockists)
        Sample.objects.filter(pk=stock(catalogue_number=number).pk).update(published_at=None)
        body = self.word("code", 1)
        notify_account("password_reset_code", "zq@example.org", user=self.people["rival"], subject=body, body=body)
