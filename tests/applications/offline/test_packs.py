"""Packs and booklets: what is inside, what never is, and that every right is asked again when they are fetched."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.utils import translation
from openpyxl import load_workbook

from applications import access
from applications.enums import Anonymity, PackState, PanelRole, Status
from applications.models import Application, OfflinePack, OfflineUpload
from applications.offline import actions, making, packs, queries
from applications.offline.queries import BOOKLET, REVIEWS
from applications.pledging import PLEDGE
from portal import clock, files, shelf, typesetting
from portal.accounts.models import User
from portal.errors import NotNow
from tests.applications.offline.desks import Desk
from tests.factories.accounts import InstitutionFactory, UserFactory
from tests.factories.applications import application_of, assignment_of, chair_of
from tests.factories.files import pdf
from tests.factories.review import opinion_of, review_of
from tests.papers import all_words, text_of, without_space

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def desk() -> Desk:
    return Desk(2)


def made(desk: Desk, kind: str = REVIEWS, user: User | None = None, language: str = "en") -> OfflinePack:
    """Return a pack as the worker makes it."""
    pack = actions.ask(desk.call, by=user or desk.reviewer, kind=kind, language=language)
    while making.make_next():
        pass
    pack.refresh_from_db()
    assert pack.state == PackState.READY
    return pack


def members(pack: OfflinePack) -> dict[str, bytes]:
    with shelf.opened(pack.file_sha256) as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def bytes_of(pack: OfflinePack) -> bytes:
    with shelf.opened(pack.file_sha256) as file:
        return bytes(file.read())


# --- What is inside ----------------------------------------------------------------------------------------


def test_pack_holds_papers_forms_sheet_and_instructions(desk: Desk) -> None:
    review_of(desk.assignments[0], 4, 3, sent=False, for_panel="Half a thought")
    first, second = (one.reference for one in desk.applications)
    pack = made(desk)
    found = members(pack)
    assert set(found) == {
        *(f"{reference}{ending}" for reference in (first, second) for ending in (".pdf", "-review.txt")),
        "reviews.xlsx",
        "README.txt",
    }
    assert "Half a thought" in found[f"{first}-review.txt"].decode()
    assert all(str(sentence) in found["README.txt"].decode() for sentence in PLEDGE)
    rows = load_workbook(io.BytesIO(found["reviews.xlsx"]))["Reviews"].iter_rows(min_row=2, max_col=1, values_only=True)
    assert [row[0] for row in rows] == sorted([first, second])
    assert sorted(pack.references) == sorted([first, second])
    assert (pack.done, pack.file_bytes) == (2, len(bytes_of(pack)))


def test_every_page_has_the_name_of_its_reader_and_metadata_name_nobody(desk: Desk) -> None:
    attached = files.keep_pdf(ContentFile(pdf(pages=3), "figures.pdf"))
    reference = desk.add(file_sha256=attached.sha256, file_pages=3).reference
    found = {name: content for name, content in members(made(desk)).items() if name.endswith(".pdf")}
    assert len(found) == 4
    for content in found.values():
        with pikepdf.open(io.BytesIO(content)) as paper:
            assert "/Author" not in paper.docinfo
            pages = len(paper.pages)
        assert text_of(content).count("CopyofRosaReader,") == pages
    with pikepdf.open(io.BytesIO(found[f"{reference}-attachment.pdf"])) as paper:
        assert (len(paper.pages), dict(paper.docinfo)) == (3, {})


def test_pack_is_in_the_language_in_which_it_was_asked_for(desk: Desk) -> None:
    with translation.override("en"):
        form = next(content for name, content in members(made(desk, language="zh-hans")).items() if "review" in name)
    assert "分值 3" in form.decode() and "point 3" not in form.decode()


def test_pack_of_a_call_without_names_names_nobody() -> None:
    desk = Desk(1, anonymity=Anonymity.DUAL)
    head = desk.applications[0].principal_investigator
    found = "".join(all_words(content) for content in members(made(desk)).values())
    assert without_space(head.name) not in found
    assert without_space(head.institution.name) not in found
    open_desk = Desk(1)
    head = open_desk.applications[0].principal_investigator
    assert without_space(head.name) in "".join(all_words(content) for content in members(made(open_desk)).values())


def test_nothing_about_the_team_is_inside_until_the_science_is_scored() -> None:
    desk = Desk(1, science_first=True)
    desk.call.criteria.filter(code="feasibility").update(about_team=True)
    head, form = desk.applications[0].principal_investigator, f"{desk.applications[0].reference}-review.txt"
    found = members(made(desk))
    assert without_space(head.name) not in "".join(all_words(content) for content in found.values())
    assert "score feasibility" not in found[form].decode()
    review_of(desk.assignments[0], 4, 3, sent=False, team_opened_at=clock.now())
    found = members(made(desk))
    assert without_space(head.name) in "".join(all_words(content) for content in found.values())
    assert "score feasibility" in found[form].decode()


# --- What never is -----------------------------------------------------------------------------------------


def planted(desk: Desk) -> list[str]:
    """Put words into everything that is not this reviewer's: another review, another application, its title."""
    nosy = UserFactory(name="Zqnosy Other")
    review = review_of(
        assignment_of(desk.applications[0], nosy),
        1,
        2,
        for_panel="Zqpanel",
        for_applicant="Zqapp",
        private_note="Zqnote",
    )
    opinion_of(review, "13.375", "Zqbecause")
    hidden = application_of(desk.call, status=Status.UNDER_REVIEW, title="Zqtitle")
    review_of(assignment_of(hidden, nosy), 5, 5, for_panel="Zqelse")
    return [
        "Zqnosy",
        "Zqpanel",
        "Zqapp",
        "Zqnote",
        "Zqbecause",
        "Zqtitle",
        "Zqelse",
        "13.375",
        review.label,
        hidden.reference,
    ]


@pytest.mark.parametrize("kind", [REVIEWS, BOOKLET])
def test_nothing_of_other_reviewers_or_applications_is_anywhere_inside(desk: Desk, kind: str) -> None:
    words = planted(desk)
    pack = made(desk, kind)
    found = all_words(bytes_of(pack))
    assert [word for word in words if word in found] == []
    assert all(word not in str(pack.references) for word in words)
    assert desk.applications[0].reference in found
    assert without_space(desk.applications[0].submission.title) in found


def test_control_a_leak_into_the_pack_would_be_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    words = planted(desk)
    everyone = Application.objects.filter(call=desk.call).select_related("submission", "call").order_by("reference")
    monkeypatch.setattr(queries, "contents", lambda user, call, kind: everyone)
    found = all_words(bytes_of(made(desk, BOOKLET)))
    assert [word for word in words if word in found] == ["Zqtitle", words[-1]]


# --- The booklet --------------------------------------------------------------------------------------------


def test_booklet_lists_what_is_inside_with_its_pages_and_nothing_else(desk: Desk) -> None:
    barred = application_of(
        desk.call, status=Status.UNDER_REVIEW, by=UserFactory(institution=chair_of(desk.call).institution)
    )
    content = bytes_of(made(desk, BOOKLET, chair_of(desk.call)))
    said = text_of(content)
    assert barred.reference not in said
    assert without_space(barred.submission.title) not in said
    with pikepdf.open(io.BytesIO(content)) as booklet, booklet.open_outline() as outline:
        marks = [str(item.title) for item in outline.root]
        total = len(booklet.pages)
        assert str(booklet.docinfo["/Title"]) == f"Booklet: {desk.call.title}"
        assert set(booklet.docinfo.keys()) == {"/Title"}
    assert [mark.split()[0] for mark in marks] == sorted(one.reference for one in desk.applications)
    numbers = [int(one) for one in re.findall(rf"confidential·(\d+)/{total}", said)]
    assert numbers == list(range(1, total + 1))


def test_booklet_of_a_chair_has_all_they_judge_and_of_a_reviewer_what_is_theirs(desk: Desk) -> None:
    third = application_of(desk.call, status=Status.UNDER_REVIEW)
    mine = sorted(one.reference for one in desk.applications)
    assert made(desk, BOOKLET).references == mine
    assert made(desk, BOOKLET, chair_of(desk.call)).references == sorted([*mine, third.reference])


# --- Asking, making, fetching ---------------------------------------------------------------------------------


def test_asking_twice_while_one_is_made_gives_the_same(desk: Desk, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as woken:
        first = actions.ask(desk.call, by=desk.reviewer, kind=REVIEWS, language="en")
        assert actions.ask(desk.call, by=desk.reviewer, kind=REVIEWS, language="en") == first
    assert woken == [actions.wake_worker]
    assert actions.ask(desk.call, by=desk.reviewer, kind=BOOKLET, language="en") != first


def test_who_has_nothing_open_cannot_ask(desk: Desk) -> None:
    with pytest.raises(NotNow):
        actions.ask(desk.call, by=chair_of(desk.call), kind=REVIEWS, language="en")


def test_a_new_pack_takes_the_place_of_the_old_one(desk: Desk) -> None:
    first = made(desk)
    second = made(desk)
    assert list(OfflinePack.objects.values_list("uid", flat=True)) == [second.uid]
    assert desk.client.get(desk.path("fetch", first.uid)).status_code == 404


def test_two_workers_never_make_the_same_and_one_that_died_is_followed(desk: Desk) -> None:
    pack = actions.ask(desk.call, by=desk.reviewer, kind=REVIEWS, language="en")
    assert making._taken_up() == pack
    assert making._taken_up() is None
    OfflinePack.objects.update(begun_at=clock.now() - making.TAKEN_UP_AGAIN)
    assert making._taken_up() == pack
    OfflinePack.objects.update(asked_at=clock.now() - making.GIVEN_UP)
    assert making._taken_up() is None
    assert OfflinePack.objects.get().state == PackState.ASKED  # somebody is at it
    OfflinePack.objects.update(begun_at=clock.now() - making.TAKEN_UP_AGAIN)
    assert making.make_next() is False
    assert OfflinePack.objects.get().state == PackState.FAILED


def test_pack_that_nobody_began_waits_however_long_the_queue_is(desk: Desk) -> None:
    pack = actions.ask(desk.call, by=desk.reviewer, kind=REVIEWS, language="en")
    OfflinePack.objects.update(asked_at=clock.now() - 2 * making.GIVEN_UP)
    assert making._taken_up() == pack


def test_paper_that_cannot_be_set_is_a_failure_that_the_page_tells(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*words: Any, **more: Any) -> bytes:
        raise typesetting.NotSet("no")

    monkeypatch.setattr(packs.papers, "application_pdf", broken)
    actions.ask(desk.call, by=desk.reviewer, kind=REVIEWS, language="en")
    assert making.make_next() is True
    assert OfflinePack.objects.get().state == PackState.FAILED
    assert "It could not be made." in desk.client.get(desk.path()).content.decode()


def test_pack_is_fetched_as_a_download_that_is_recorded(desk: Desk) -> None:
    pack = made(desk)
    answer = desk.client.get(desk.path("fetch", pack.uid))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == f'attachment; filename="{desk.call.slug}-reviews.zip"'
    assert answer["Cache-Control"] == "private, no-store"
    assert b"".join(answer.streaming_content) == bytes_of(pack)
    booklet = made(desk, BOOKLET)
    assert desk.client.get(desk.path("fetch", booklet.uid))["Content-Type"] == "application/pdf"


def closings(desk: Desk) -> Iterator[tuple[str, Any]]:
    one = desk.assignments[0]
    yield "taken off", lambda: type(one).objects.filter(pk=one.pk).update(ended_at=clock.now())
    institution = InstitutionFactory()
    yield (
        "a conflict",
        lambda: (
            User.objects.filter(pk=desk.reviewer.pk).update(institution=institution),
            Application.objects.filter(pk=one.application_id).update(institution=institution),
        ),
    )
    yield "another seat", lambda: desk.call.panel.filter(user=desk.reviewer).update(since=clock.now() + DAY)
    yield "no seat", lambda: desk.call.panel.filter(user=desk.reviewer).update(until=clock.now())
    yield "no pledge", lambda: desk.call.panel.filter(user=desk.reviewer).update(pledged_at=None)
    yield "a day", lambda: OfflinePack.objects.update(asked_at=clock.now() - DAY)


@pytest.mark.parametrize("number", range(6))
def test_pack_is_gone_as_soon_as_one_right_in_it_has_closed(desk: Desk, number: int) -> None:
    pack = made(desk)
    assert desk.client.get(desk.path("fetch", pack.uid)).status_code == 200
    why, close = list(closings(desk))[number]
    close()
    answer = desk.client.get(desk.path("fetch", pack.uid))
    assert answer.status_code == 404, why
    if why != "no seat":
        assert "Ask for a new pack" in answer.content.decode()
        assert str(pack.uid) not in desk.client.get(desk.path()).content.decode()


def test_pack_of_somebody_else_is_absent(desk: Desk) -> None:
    pack, other = made(desk), Desk(1)
    absent = other.client.get(other.path("fetch", "00000000-0000-4000-8000-000000000000"))
    foreign = other.client.get(other.path("fetch", pack.uid))
    assert (absent.status_code, foreign.status_code) == (404, 404)
    assert other.client.get(desk.path("fetch", pack.uid)).status_code == 404
    assert other.client.get(desk.path()).status_code == 404


def test_packs_and_uploads_are_forgotten_in_time(desk: Desk) -> None:
    made(desk)
    desk.send(("a.txt", desk.form()))
    assert actions.forget_old() == 0
    OfflinePack.objects.update(asked_at=clock.now() - DAY)
    OfflineUpload.objects.update(at=clock.now() - queries.UPLOAD_KEPT_FOR)
    assert desk.client.get(desk.path("preview")).status_code == 404
    assert actions.forget_old() == 2


def test_who_speaks_by_a_waiver_has_a_booklet_and_no_pack(desk: Desk) -> None:
    speaker = UserFactory(institution=desk.applications[0].institution)
    pledged = {"pledged_at": clock.now() - DAY, "pledged_version": 1}
    desk.call.panel.create(user=speaker, role=PanelRole.REVIEWER, since=clock.now() - DAY, **pledged)
    desk.applications[0].waivers.create(user=speaker, reason="Needed.", by=chair_of(desk.call), at=clock.now())
    assert access.spoken_on_by(speaker).count() == 1
    assert made(desk, BOOKLET, speaker).references == [desk.applications[0].reference]
    with pytest.raises(NotNow):
        actions.ask(desk.call, by=speaker, kind=REVIEWS, language="en")
