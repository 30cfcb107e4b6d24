"""Science before people: what is about the team is absent everywhere until the science is scored, by one rule."""

from typing import Any

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from applications import reviewing
from applications.enums import Anonymity, Status
from applications.models import Assignment, Call, Review, ReviewVersion
from applications.offline import actions, making
from applications.offline.queries import BOOKLET, REVIEWS
from applications.reading import reads_science_alone, reads_without_names
from portal import files, shelf
from portal.audit.models import Event
from portal.errors import Invalid, NotNow
from tests.factories.accounts import InstitutionFactory
from tests.factories.applications import application_of, assignment_of, chair_of, member_of
from tests.factories.files import pdf
from tests.factories.review import typed
from tests.papers import all_words, without_space

pytestmark = pytest.mark.django_db
SCIENCE = {"significance": 4}
NAMES = ("Member of the team", "Institute of the member")


@pytest.fixture
def assignment() -> Assignment:
    call_fields = {"laboratory": "A line with a known blank, zqlab."}
    application = application_of(status=Status.UNDER_REVIEW, **call_fields)
    member_of(application, name=NAMES[0], institution=InstitutionFactory(name=NAMES[1]))
    Call.objects.filter(pk=application.call_id).update(science_first=True)
    application.call.criteria.filter(code="feasibility").update(about_team=True)
    application.refresh_from_db()
    return assignment_of(application)


def path_of(assignment: Assignment) -> str:
    return reverse(
        "applications:review-write", args=[assignment.application.call.slug, assignment.application.reference]
    )


def page_of(client: Client, assignment: Assignment) -> str:
    return client.get(path_of(assignment)).content.decode()


def file_of(assignment: Assignment) -> str:
    sha256 = assignment.application.submission.document["file"]["sha256"]
    return reverse("applications:attachments-download", args=[assignment.application.reference, sha256])


def test_the_team_is_absent_until_the_science_is_scored_and_the_part_is_opened(assignment: Assignment) -> None:
    client = Client()
    client.force_login(assignment.reviewer)
    application = assignment.application
    hidden = [
        application.principal_investigator.name,
        application.institution.name,
        "zqlab",
        "Feasibility",
        "score_feasibility",
    ]
    page = page_of(client, assignment)
    assert [word for word in hidden if word in page] == []
    assert application.submission.document["question"] in page
    assert file_of(assignment) not in page
    assert client.get(file_of(assignment)).status_code == 404
    assert reads_science_alone(assignment.reviewer, application)
    assert reads_without_names(assignment.reviewer, application)  # the PDF asks this

    refused = client.post(path_of(assignment), typed(act="open-team", for_panel="Typed with care."))
    assert refused.status_code == 422
    assert "Typed with care." in refused.content.decode()
    assert [word for word in hidden if word in refused.content.decode()] == []

    done = client.post(path_of(assignment), typed(act="open-team", score_significance="4", for_panel="Half."))
    assert done.status_code == 303
    page = page_of(client, assignment)
    assert [word for word in hidden if word not in page] == []
    assert file_of(assignment) in page
    assert "Half." in page
    assert not reads_science_alone(assignment.reviewer, application)
    assert not reads_without_names(assignment.reviewer, application)


def everything_fetched(client: Client, assignment: Assignment) -> str:
    """Return all that this reader can have of it, without white space: page, paper with and without names, pack."""
    reference = assignment.application.reference
    found = [without_space(page_of(client, assignment))]
    for name in ("paper", "paper-anonymous"):
        answer = client.get(reverse(f"applications:attachments-{name}", args=[reference]))
        found += [without_space(str(dict(answer.headers))), all_words(answer.content)]
    for kind in (REVIEWS, BOOKLET):
        pack = actions.ask(assignment.application.call, by=assignment.reviewer, kind=kind, language="en")
        while making.make_next():
            pass
        pack.refresh_from_db()
        with shelf.opened(pack.file_sha256) as file:
            found.append(all_words(file.read()))
    return "".join(found)


def test_nothing_tells_of_the_attached_file_until_the_team_is_open(assignment: Assignment) -> None:
    """The file has bookmarks that name the team, and a length that nothing else in the portal has."""

    def named(paper: pikepdf.Pdf) -> None:
        with paper.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem(f"Laboratory_of_{NAMES[0]}.pdf", 0))

    attached = files.keep_pdf(ContentFile(pdf(pages=37, change=named, filler=700_000), "figures.pdf"))
    facts = {"file_sha256": attached.sha256, "file_pages": 37, "file_bytes": 703_488}
    application = application_of(assignment.application.call, status=Status.UNDER_REVIEW, **facts)
    assignment = assignment_of(application, assignment.reviewer)
    client = Client()
    client.force_login(assignment.reviewer)
    told = ["Attachedfile", "37pages", "687.0KB", "-attachment", attached.sha256]
    assert [word for word in told if word in everything_fetched(client, assignment)] == []
    reviewing.open_team(assignment, by=assignment.reviewer, version=0, scores=SCIENCE)
    assert [word for word in told if word not in everything_fetched(client, assignment)] == []


def test_opening_keeps_the_scores_of_that_moment_and_is_recorded(assignment: Assignment) -> None:
    reviewing.open_team(assignment, by=assignment.reviewer, version=0, scores=SCIENCE)
    kept = ReviewVersion.objects.get()
    assert (kept.number, kept.document) == (1, {"stage": "science", "scores": SCIENCE})
    assert Event.objects.filter(verb="review.open-team").count() == 1
    with pytest.raises(NotNow, match="open already"):
        reviewing.open_team(assignment, by=assignment.reviewer, version=1, scores=SCIENCE)
    reviewing.submit(assignment, by=assignment.reviewer, version=1, scores={"significance": 5, "feasibility": 2})
    assert list(ReviewVersion.objects.values_list("number", "document__stage")) == [(1, "science"), (2, "sent")]
    client = Client()
    client.force_login(chair_of(assignment.application.call))
    read = reverse("applications:panel-read", args=[assignment.application.call.slug, assignment.application.reference])
    page = client.get(read).content.decode()
    assert "Scores of the science, before the team was shown" in page


def test_nothing_about_the_team_is_scored_or_sent_before(assignment: Assignment) -> None:
    by = assignment.reviewer
    with pytest.raises(Invalid, match="no such criterion"):
        reviewing.save(assignment, by=by, version=0, scores={"feasibility": 3})
    with pytest.raises(Invalid) as refusal:
        reviewing.submit(assignment, by=by, version=0, scores=SCIENCE)
    assert refusal.value.code == "team-closed"
    with pytest.raises(Invalid) as refusal:
        reviewing.open_team(assignment, by=by, version=0, scores={})
    assert list(refusal.value.errors) == ["score_significance"]
    assert not Review.objects.exists()
    assert not ReviewVersion.objects.exists()


def test_a_reviewer_who_has_sent_still_reads_without_names_where_the_call_says_so(assignment: Assignment) -> None:
    Call.objects.update(science_first=False, anonymity=Anonymity.DUAL)
    assignment = Assignment.objects.select_related("application__call").get(pk=assignment.pk)
    reviewing.submit(assignment, by=assignment.reviewer, version=0, scores={"significance": 5, "feasibility": 2})
    assert reads_without_names(assignment.reviewer, assignment.application)
    client = Client()
    client.force_login(assignment.reviewer)
    assert NAMES[0] not in page_of(client, assignment)


def test_control_a_call_that_does_not_ask_for_it_shows_everything_at_once(assignment: Assignment) -> None:
    Call.objects.update(science_first=False)
    client = Client()
    client.force_login(assignment.reviewer)
    page = page_of(client, assignment)
    assert [
        word for word in (assignment.application.institution.name, "zqlab", "Feasibility") if word not in page
    ] == []
    assert file_of(assignment) in page


def test_page_stays_within_its_sql(assignment: Assignment, django_assert_max_num_queries: Any) -> None:
    client = Client()
    client.force_login(assignment.reviewer)
    with django_assert_max_num_queries(28):
        page_of(client, assignment)
