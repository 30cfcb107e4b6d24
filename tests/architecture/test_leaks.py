"""Everybody opens every address about everything: no confidential word is found where the rules do not have it.

The words and their readers stand in `tests/canaries.py`. That the crawl would see a leak is proved by planting some.
"""

import functools
import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice, product
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from applications import access, pages
from applications.auditing import queries as auditing
from applications.conflicts import overview as conflicts
from applications.discussion import queries as discussing
from applications.exchanges import queries as exchanges
from applications.models import Application, CallQuestion, ChangeReport, OfflinePack, OfflineUpload, Review, Work
from applications.offline import packs, sheet, text_form
from applications.offline import queries as offline
from applications.offline.binding import Binder
from applications.panel import overview as overviews
from applications.panel import queries as panelled
from applications.panel import views as panel
from applications.review import queries as reviewing
from applications.screening import queries as screening
from applications.works import queries as works
from portal.accounts.models import Visitor
from portal.inventory import addresses
from portal.notifications.models import Notice
from portal.office import queries as office
from portal.web import APPLICATION_TEAM
from samples.models import Sample
from tests.canaries import OTHERS, READERS, World
from tests.canaries_of_panels import add_packs, add_upload
from tests.papers import all_words

pytestmark = pytest.mark.django_db
WORD = re.compile(r"zq[a-z]+\d+x|\b91\.\d\d1\b")
WORD_OF_A_FILE = re.compile(r"zq[a-z]+\d+x|91\.\d\d1")  # there is no space in `all_words`
FILES = ("application/pdf", "application/zip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
ABSENT = "00000000-0000-4000-8000-000000000000"
FEWEST = 150  # addresses that anybody opens, at least
# One would end the session; the others say the same to everybody, and slowly.
LEFT_OUT = {"account_logout", "api:schema", "api:docs", "styleguide"}
# What an address shows in other shapes than its page: files, and filters that a hidden row could pass.
QUERIES = {
    "applications:panel-overview": ("", "?format=csv", "?format=xlsx", "?show=disputed", "?show=gaps", "?show=late"),
    "samples:stock-list": ("", "?format=csv", "?format=xlsx"),
}
PARAMETER = re.compile(r"<((?:int:)?)(?:\w+:)?(\w+)>")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Grow a world once for all tests of a process, since that takes longer than most; each takes back its own rows."""
    around = transaction.atomic()
    around._from_testcase = True  # a durable block of the portal may stand inside
    with django_db_blocker.unblock(), around:
        grown = World()
        add_upload(grown)
        add_packs(grown)
        yield grown
        transaction.set_rollback(True)


class Crawl:
    """Every address of the portal, filled with the rows of a world, opened by anybody."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows = {
            "slug": [world.judged.slug, world.decided.slug, world.open.slug],
            "call": [world.judged.slug, world.decided.slug, world.open.slug],
            "number": [each.catalogue_number for each in Sample.objects.order_by("pk")],
            "kind": ["results", "shortlist"],
            "choice": ["dark"],
            "token": ["nothing"],
            "sha256": ["0" * 64],
            "hint": ["parent", "minor"],
            "code": ["eligibility", "science", "methods", "laboratory", "summary"],
            "mission": ["CE5", "CE6"],
            "key": [world.people["principal"].institution.key],
            "app_label": ["applications", "audit"],
        }

    def urls(self, who: str, only: str = "") -> Iterator[str]:
        """Yield every address that answers GET, about each row of the world that this person may want to see.

        Where the declaration keeps somebody out, one row is enough: `test_access.py` tests it for itself.
        """
        for each in addresses():
            if "GET" not in each.methods or each.name in LEFT_OUT or not each.name or not each.name.startswith(only):
                continue
            parameters = PARAMETER.findall(each.pattern)
            names = [name for _kind, name in parameters]
            kept_out = not each.declared.test(self.world.people[who] or Visitor())  # type: ignore[union-attr]
            wanted = self.world.wanted_by(who, each.name, of_a_team=each.declared is APPLICATION_TEAM)
            fillings = self._fillings(each.name, parameters, wanted)
            for values in islice(fillings, 1 if kept_out else None):
                url = reverse(each.name, kwargs=dict(zip(names, values, strict=True)))
                yield from (f"{url}{query}" for query in QUERIES.get(each.name, ("",)))

    def _fillings(
        self, name: str, parameters: list[tuple[str, str]], about: list[Application]
    ) -> Iterator[tuple[Any, ...]]:
        if name == "applications:offline-fetch":
            return OfflinePack.objects.order_by("pk").values_list("call__slug", "uid").iterator()
        every = about if any(one == "reference" for _kind, one in parameters) else [None]
        return chain.from_iterable(
            product(*([1, 2] if kind else self._values(name, one, application) for kind, one in parameters))
            for application in every
        )

    def _values(self, name: str, parameter: str, application: Application | None) -> list[Any]:
        if application is not None and parameter in ("slug", "call"):
            return [application.call.slug]
        if parameter == "reference":
            return [application.reference] if application else []
        if parameter == "object_id":
            return self._ids(name)
        if parameter in ("uid", "reviewer", "person"):
            return self._uids(name, application)
        return self.rows[parameter]

    def _ids(self, name: str) -> list[int]:
        label, _, model = name.removeprefix("admin:").removesuffix("_change").partition("_")
        rows = apps.get_model(label, model)._base_manager.order_by("pk").values_list("pk", flat=True)
        return list({rows.first() or 0, rows.last() or 0})

    def _uids(self, name: str, application: Application | None) -> list[Any]:
        if application is not None and application.submission and ("waive" in name or "advise" in name):
            return [application.submission.requests.first().uid]
        if application is not None and "place" in name:
            return [place.uid for place in application.places.all()[:1]] or [ABSENT]
        if application is not None and "drop" in name:
            return [line.uid for line in application.draft_requests.all()[:1]] or [ABSENT]
        if "panel-reopen" in name and application is not None:
            return list(Review.objects.filter(assignment__application=application).values_list("uid", flat=True))
        if "conflicts-" in name:
            return [self.world.people[one].uid for one in ("other reviewer", "speaker")]
        if "exchanges-change" in name:
            return [change.uid for change in ChangeReport.objects.order_by("pk")]
        if application is not None and "clarification" in name:
            return [question.uid for question in application.clarifications.all()] or [ABSENT]
        if application is not None and "redeclare" in name:
            return [change.uid for change in application.changes.all()] or [ABSENT]
        if application is not None and "team" in name:
            return [member.uid for member in application.team.all()[:1]] or [ABSENT]
        if "questions" in name:
            return [CallQuestion.objects.get().uid]
        if "join" in name:
            return [self.world.applications[0].team.get(confirmed_at=None).uid]
        if "reviewer" in name or "unassign" in name or "person" in name:
            return [self.world.people["reviewer"].uid]
        return [Notice.objects.order_by("pk").first().uid]

    def found(self, who: str, urls: Iterable[str]) -> dict[str, list[str]]:
        """Return each word somebody finds, their own name and address aside, with the addresses it stands at."""
        user, client = self.world.people[who], Client(raise_request_exception=True)
        own = set()
        if user is not None:
            client.force_login(user)
            own = {user.name, user.email.partition("@")[0]}
        seen: dict[str, list[str]] = {}
        for url in urls:
            answer = client.get(url)
            assert answer.status_code < 500, (who, url)
            for word in _words(answer) - own - set(WORD.findall(url)):
                seen.setdefault(word, []).append(url)
        return seen


def _words(answer: Any) -> set[str]:
    """Return the words in body and headers as somebody reads them, their spellings undone."""
    body = b"".join(answer) if answer.streaming else answer.content
    about, kind = str(dict(answer.headers)), answer.get("Content-Type", "")
    if answer.status_code == 200 and kind.startswith(FILES):
        return _words_of_a_file(body) | set(WORD.findall(about))
    raw = body.decode("utf-8", "replace")
    if "json" in kind:
        raw += json.dumps(answer.json(), ensure_ascii=False)
    return set(WORD.findall(html.unescape(raw) + about))


@functools.lru_cache(maxsize=500)
def _words_of_a_file(content: bytes) -> frozenset[str]:
    """Return the words of a file, opened once for everybody who has the very same one."""
    return frozenset(WORD_OF_A_FILE.findall(all_words(content)))


def crawled(world: World, who: str) -> set[str]:
    """Let somebody open everything: they find nothing that is not theirs. Return the kinds of words they find."""
    urls = list(Crawl(world).urls(who))
    found = Crawl(world).found(who, urls)
    assert world.leaked(who, found) == []
    assert len(urls) > FEWEST
    return {kind(word) for word in found}


@pytest.fixture(scope="module")
def met() -> dict[str, set[str]]:
    """Return what the readers have found so far in this process."""
    return {}


@pytest.mark.slow
@pytest.mark.xdist_group("who reads")
@pytest.mark.parametrize("who", READERS)
def test_who_reads_finds_only_the_words_that_the_rules_let_them_read(world, met, who):
    met[who] = crawled(world, who)


@pytest.mark.slow
@pytest.mark.xdist_group("who reads")
def test_every_kind_of_word_is_found_by_somebody(world, met):
    met |= {who: crawled(world, who) for who in READERS if who not in met}
    wanted = {kind(word) for word, readers in world.readers.items() if readers}
    assert wanted - set().union(*met.values()) == set(), "a word that nobody finds proves nothing"


@pytest.mark.slow
@pytest.mark.parametrize("who", OTHERS)
def test_who_does_not_read_finds_only_the_words_that_the_rules_let_them_read(world, who):
    crawled(world, who)


def kind(word: str) -> str:
    """Return what a word stands for, without the number that makes it one of its own."""
    return word.rstrip("x0123456789")


# --- The crawl sees -------------------------------------------------------------------------------------


def _everything(user: Any) -> Any:
    return Application.objects.select_related("call", "submission")


def _no_conflict(user: Any) -> Q:
    return Q(pk=None)


def _everything_since(application: Application) -> dict[str, Any]:
    return {"answers": list(application.clarifications.all()), "needs": []}


def _all_of_them(user: Any, permission: Any) -> Any:
    return Application.objects.filter(submission__isnull=False)


def _under_way(user: Any, *roles: Any) -> Any:
    return Application.objects.filter(status__in=access.IN_PANEL)


def _all_reviews(application: Application) -> list[Any]:
    rows = Review.objects.filter(assignment__application=application).select_related("assignment__reviewer")
    return list(rows.prefetch_related("scores", "mass_opinions__request__sample"))


def _all_works(user: Any) -> Any:
    return Work.objects.all()


def _anybodys_review(assignment: Any) -> Any:
    return Review.objects.filter(assignment__application=assignment.application_id).order_by("-pk").first()


@pytest.mark.parametrize(
    ("where", "name", "instead", "who", "only", "word"),
    [
        (pages, "my_applications", _everything, "stranger", "applications:following-sent", "zqsenttitle"),
        (pages, "my_applications", _everything, "rival", "applications:apply-check", "zqdraftplan"),
        (access, "conflicted_for", _no_conflict, "conflicted chair", "applications:panel-read", "zqforpanel"),
        (access, "conflicted_for", _no_conflict, "conflicted administrator", "applications:screening", "zqsent"),
        (reviewing, "own_review", _anybodys_review, "reviewer", "applications:review-write", "zqnote"),
        (pages, "my_applications", _everything, "rival", "applications:following-status", "zqofficequestion"),
        (pages, "my_applications", _everything, "stranger", "applications:following-clarification", "zqanswer"),
        (pages, "my_applications", _everything, "rival", "applications:following-changes", "zqchange"),
        (pages, "my_applications", _everything, "stranger", "applications:following-status", "zqschedule"),
        (panel, "beside", _everything_since, "chair", "applications:panel-read", "zqofficeanswer"),
        (exchanges, "submitted_for", _all_of_them, "conflicted administrator", "applications:exchanges-c", "zqchange"),
        (office, "without_barred", lambda user, rows: rows, "conflicted auditor", "office:audit", "zqreason"),
        (reviewing, "own_review", _anybodys_review, "reviewer", "applications:review-write", "91."),
        (discussing, "SPEAKING", access.STAFF, "other reviewer", "applications:discussion-read", "zqpost"),
        (overviews, "judged_by", _under_way, "conflicted chair", "applications:panel-overview", "zqsenttitle"),
        (panel, "judged_by", _under_way, "conflicted chair", "applications:panel-assign", "zqsuggestion"),
        (panel, "judged_by", _under_way, "conflicted chair", "applications:panel-read", "zqreopened"),
        (panel, "judged_by", _under_way, "conflicted chair", "applications:panel-read", "zqversion"),
        (conflicts, "judged_by", _under_way, "conflicted chair", "applications:conflicts-chair", "zqruling"),
        (conflicts, "judged_by", _under_way, "conflicted chair", "applications:conflicts-chair", "zqminor"),
        (conflicts, "judged_by", _under_way, "conflicted chair", "applications:conflicts-chair", "zqwaiver"),
        (panelled, "reviews_of", _all_reviews, "chair", "applications:panel-read", "zqforpanel"),
        (screening, "submitted_for", _all_of_them, "conflicted administrator", "applications:screening-n", "zqexcerpt"),
        (screening, "submitted_for", _all_of_them, "conflicted administrator", "applications:screening-n", "zqcleared"),
        (works, "own_works", _all_works, "reviewer", "applications:works-list", "zqwork"),
        (pages, "my_applications", _everything, "rival", "applications:attachments-draft", "zqdraftplan"),
        (auditing, "submitted_for", _all_of_them, "conflicted auditor", "applications:auditing", "zqpost"),
    ],
)
def test_a_planted_leak_is_found(monkeypatch, world, where, name, instead, who, only, word):
    crawl = Crawl(world)
    urls = list(crawl.urls(who, only))
    assert world.leaked(who, crawl.found(who, urls)) == []

    monkeypatch.setattr(where, name, instead)

    leaks = world.leaked(who, crawl.found(who, urls))
    assert any(found.startswith(word) for _who, found, _at in leaks)


# --- The crawl sees into files ------------------------------------------------------------------------------

_save, _put, _sheet, _form = Binder.save, packs._put, sheet.written, text_form.written


def _hidden() -> Review:
    """Return a review that "reviewer" does not read: a draft of somebody else."""
    return Review.objects.select_related("assignment__reviewer").filter(state="draft").latest("pk")


def _signed(binder: Binder, *more: Any) -> None:
    binder.book.docinfo["/Author"] = _hidden().assignment.reviewer.name
    _save(binder, *more)


def _named(archive: Any, name: str, content: bytes) -> None:
    _put(archive, f"{_hidden().assignment.reviewer.name}-{name}", content)


def _with_another_title(lines: Any) -> bytes:
    unseen = Application.objects.filter(status="submitted").select_related("submission").latest("pk")
    return _sheet([replace(line, title=unseen.submission.title) for line in lines])


def _with_a_private_note(*words: Any) -> str:
    return _form(*words) + _hidden().private_note


def _anybodys_pack(user: Any, call: Any, uid: Any) -> Any:
    return OfflinePack.objects.select_related("call").filter(uid=uid).first()


def _anybodys_upload(user: Any, call: Any) -> Any:
    return OfflineUpload.objects.filter(call=call).first()


FETCH = "applications:offline-fetch"


@pytest.mark.parametrize(
    ("where", "name", "instead", "who", "only", "word"),
    [
        (Binder, "save", _signed, "reviewer", FETCH, "zqname"),
        (packs, "_put", _named, "reviewer", FETCH, "zqname"),
        (sheet, "written", _with_another_title, "reviewer", FETCH, "zqsenttitle"),
        (text_form, "written", _with_a_private_note, "reviewer", FETCH, "zqnote"),
        (access, "conflicted_for", _no_conflict, "conflicted reviewer", FETCH, "zqsenttitle"),
        (offline, "judged_by", _under_way, "conflicted chair", FETCH, "zqsentplan"),
        (offline, "ready_pack", _anybodys_pack, "other reviewer", FETCH, "zqnote"),
        (offline, "waiting_upload", _anybodys_upload, "reviewer", "applications:offline-preview", "zqtyped"),
    ],
)
def test_a_leak_planted_in_a_pack_or_an_upload_is_found(monkeypatch, world, where, name, instead, who, only, word):
    crawl = Crawl(world)
    assert world.leaked(who, crawl.found(who, crawl.urls(who, only))) == []

    monkeypatch.setattr(where, name, instead)
    add_packs(world, who)

    leaks = world.leaked(who, crawl.found(who, crawl.urls(who, only)))
    assert any(found.startswith(word) for _who, found, _at in leaks)
