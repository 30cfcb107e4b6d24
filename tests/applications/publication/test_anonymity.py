"""Who reviewed is told to applicants where a call says so, and else by no page, file, mail, time or order."""

import io
import json
import re
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from applications import reviewing
from applications.enums import Anonymity, PanelRole, Status
from applications.models import ApplicantDocument, Application, Review
from applications.panel import actions as panel
from portal import clock
from portal.inventory import addresses
from portal.notifications import letters
from portal.notifications.models import Notice
from tests import scenarios
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, assignment_of, call_of, seat
from tests.factories.decisions import closed_call, decided, released, review_of
from tests.papers import text_of

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
APPLICATIONS = 50
CHANCE = 40  # of fifty guesses with two answers no more than these, but for one time in eighty thousand


def told(anonymity: str) -> tuple[Application, Review, dict[str, Any]]:
    call = closed_call(anonymity=anonymity)
    application = decided(call, 40)
    review = review_of(application, "A convincing plan.")
    released(call)
    return application, review, ApplicantDocument.objects.get(application=application).document


def test_an_open_call_signs_what_reviewers_wrote() -> None:
    application, review, document = told(Anonymity.OPEN)
    name = review.assignment.reviewer.name
    assert document["panel"] == [{"label": review.label, "text": "A convincing plan.", "name": name}]
    client = Client()
    client.force_login(application.principal_investigator)
    assert name in client.get(reverse("applications:following-decision", args=[application.reference])).content.decode()


@pytest.mark.parametrize("anonymity", [Anonymity.REVIEWERS_HIDDEN, Anonymity.DUAL])
def test_another_call_tells_the_text_and_a_label_alone(anonymity: str) -> None:
    _application, review, document = told(anonymity)
    assert document["panel"] == [{"label": review.label, "text": "A convincing plan."}]
    reviewer = review.assignment.reviewer
    for word in (reviewer.name, reviewer.email, str(reviewer.uid), str(review.uid), str(review.sort_key)):
        assert word not in json.dumps(document)


@pytest.mark.slow
def test_labels_and_order_link_no_two_applications() -> None:
    """Whoever collects fifty documents guesses no better than by a coin which text is whose."""
    call = call_of(closes_at=clock.now() - DAY)
    people = [seat(call, UserFactory()) for _ in range(2)]
    scores = {criterion.code: 4 for criterion in call.criteria.all()}
    for _ in range(APPLICATIONS):
        application = application_of(call, status=Status.UNDER_REVIEW)
        for person in people:
            assignment = assignment_of(application, person)
            reviewing.submit(assignment, by=person, version=0, scores=scores, for_applicant=person.name)

    rows = list(Review.objects.select_related("assignment").order_by("pk"))
    as_written = [row.assignment.reviewer_id == people[0].pk for row in rows[::2]]
    assert sum(as_written) == APPLICATIONS  # the control: in the order of writing every guess is right

    pages: dict[int, list[Review]] = {}
    for row in sorted(rows, key=lambda one: one.sort_key):
        pages.setdefault(row.submission_id, []).append(row)
    first = sum(page[0].assignment.reviewer_id == people[0].pk for page in pages.values())
    assert APPLICATIONS - CHANCE < first < CHANCE
    by_label = sum(
        min(page, key=lambda one: one.label).assignment.reviewer_id == people[0].pk for page in pages.values()
    )
    assert APPLICATIONS - CHANCE < by_label < CHANCE
    for person in people:
        labels = [row.label for row in rows if row.assignment.reviewer_id == person.pk]
        assert max(map(labels.count, labels)) <= 6
    assert all(page[0].label != page[1].label for page in pages.values())


# --- Everything an applicant can open or is sent --------------------------------------------------------------------


def judged(anonymity: str) -> tuple[Application, list[Any], list[str]]:
    """Walk one application to its release, reviewed at odd moments; return it, its reviewers, and these moments."""
    call = scenarios.panel_call(closes_in=-30, anonymity=anonymity)
    assert call.opens_at is not None and call.closes_at is not None
    application = scenarios.draft(call, UserFactory(), call.opens_at + HOUR)
    with clock.set_to(call.opens_at + 2 * HOUR):
        scenarios.apply.submit(application, by=application.principal_investigator)
    scenarios.to_the_panel(application, call.closes_at + HOUR)
    chair = scenarios.seated(call, PanelRole.CHAIR)[0]
    reviewers, moments = scenarios.seated(call, PanelRole.REVIEWER), []
    scores = {criterion.code: 4 for criterion in call.criteria.all()}
    for number, reviewer in enumerate(reviewers, start=1):
        reviewer.name = f"Zqreviewer Number{number}"
        reviewer.save(update_fields=["name"])
        moment = (call.closes_at + 2 * DAY).replace(hour=3, minute=17 + number, second=41)
        moments += [f"{moment:%Y-%m-%dT%H:%M}", f"{moment:%Y-%m-%d %H:%M}", f"{moment + 8 * HOUR:%Y-%m-%d %H:%M}"]
        with clock.set_to(moment):
            assignment = panel.assign(application, by=chair, reviewer=reviewer)
            reviewing.submit(assignment, by=reviewer, version=0, scores=scores, for_applicant="A clear plan.")
    with clock.set_to(call.closes_at + 4 * DAY):
        panel.shortlist(application, by=chair, invited=True)
        panel.conclude_review(application, by=chair)
    scenarios.to_deliberation(application, call.closes_at + 5 * DAY)
    scenarios.to_decision(application, call.closes_at + 7 * DAY)
    scenarios.to_publication(call, call.closes_at + 9 * DAY)
    return application, reviewers, moments


def opened_by(applicant: Any, application: Application) -> dict[str, str]:
    """Return everything the applicant can open about this application, as it is read, with heads and names of files."""
    client, found = Client(), {}
    client.force_login(applicant)
    values = {"reference": application.reference, "slug": application.call.slug, "call": application.call.slug}
    for address in addresses():
        names = re.findall(r"<(?:\w+:)?(\w+)>", address.pattern)
        if "GET" not in address.methods or not address.name or not set(names) <= set(values) or not names:
            continue
        url = reverse(address.name, kwargs={name: values[name] for name in names})
        answer = client.get(url)
        if answer.status_code != 200:
            continue
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found[url] = _read(body, answer.get("Content-Type", "")) + str(dict(answer.headers))
    return found


def _read(body: bytes, kind: str) -> str:
    if "pdf" not in kind:
        return body.decode("utf-8", "replace")
    with pikepdf.open(io.BytesIO(body)) as opened:
        beside = str(dict(opened.docinfo)) + str(opened.Root.get("/Metadata", ""))
    try:
        return text_of(body) + beside
    except (AttributeError, KeyError):
        return beside  # what the applicant attached, which says nothing in its pages


def mails_to(applicant: Any) -> list[str]:
    found = []
    for notice in Notice.objects.filter(recipient=applicant).order_by("pk"):
        try:
            letter = letters.write(notice)
        except letters.NotToBeSent:
            continue
        found.append(f"{letter.subject}\n{letter.body}\n{letter.thread}")
    return found


def test_nothing_an_applicant_opens_or_is_sent_tells_of_a_reviewer() -> None:
    application, reviewers, moments = judged(Anonymity.REVIEWERS_HIDDEN)
    applicant = application.principal_investigator
    everything = opened_by(applicant, application) | {str(n): one for n, one in enumerate(mails_to(applicant))}
    reviews = Review.objects.filter(submission=application.submission)
    words = [*moments, *(str(one.sort_key) for one in reviews), *(str(one.uid) for one in reviews)]
    for one in reviewers:
        words += [one.name, one.email, str(one.uid), one.name.replace(" ", "")]

    assert len(everything) > 15
    assert len(mails_to(applicant)) >= 3
    assert any("A clear plan." in text for text in everything.values())
    assert [(where, word) for where, text in everything.items() for word in words if word in text] == []


def test_the_search_sees_a_reviewer_whom_an_open_call_names() -> None:
    """The control of the test above: the same search over a call that signs its reviews."""
    application, reviewers, _moments = judged(Anonymity.OPEN)
    found = opened_by(application.principal_investigator, application)
    assert [one.name for one in reviewers if any(one.name in text for text in found.values())] == [
        one.name for one in reviewers
    ]
