"""Asking and answering: until when, how often, who is told what, and that nobody learns who asked."""

from datetime import timedelta

import pytest

from applications import exchange_notices, notices
from applications.calls import actions as calls
from applications.models import CallQuestion
from applications.questions import actions
from applications.questions.queries import version_of
from applications.rules.questions import questions_close_at
from portal import clock
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow
from portal.notifications import letters
from portal.notifications.models import Notice
from tests.factories import applications as rows
from tests.factories.accounts import UserFactory, administrator

pytestmark = pytest.mark.django_db
WORDS = {"question": "May we?", "question_zh": "可以吗？", "answer": "Yes.", "answer_zh": "可以。"}


@pytest.fixture
def call():
    return rows.call_of()


def answered(call, *askers, by=None, **texts):
    """Ask by each of these people, word every question and publish them together."""
    by = by or administrator()
    asked = [actions.ask(call, by=asker, asked=f"Question {number}?") for number, asker in enumerate(askers)]
    for one in asked:
        actions.write(one, by=by, **(WORDS | texts))
    actions.publish(call, by=by, chosen={one.uid: version_of(one) for one in asked})
    return asked


def test_a_question_is_kept_with_its_asker_for_the_auditor_alone(call):
    asker = UserFactory()

    question = actions.ask(call, by=asker, asked="  May we?  ")

    assert (question.asked, question.asker, question.answered_at) == ("May we?", asker, None)
    event = Event.objects.get(verb="call.ask")
    assert (event.actor, event.about_id, event.facts) == (asker, call.pk, {"question": str(question.uid)})


def test_administrators_are_told_that_there_is_a_question_and_not_by_whom(call):
    office, asker = administrator(), UserFactory(name="Ninetieth applicant", email="ninety@example.org")

    actions.ask(call, by=asker, asked="May we?")

    letter = letters.write(Notice.objects.get(kind="question-asked", recipient=office))
    assert not any(word in letter.subject + letter.body for word in ("Ninetieth", "ninety@", "May we"))


def test_a_question_is_refused_after_its_time_and_an_extension_takes_it_again(call):
    until, asker, office = questions_close_at(call), UserFactory(), call.created_by
    with clock.set_to(until - timedelta(microseconds=1)):
        actions.ask(call, by=asker, asked="Just in time?")
    with clock.set_to(until):
        with pytest.raises(NotNow) as refusal:
            actions.ask(call, by=asker, asked="Too late?")
        assert refusal.value.code == "closed"
        later = call.closes_at + timedelta(days=10)

        calls.extend(call, by=office, closes_at=later, reason="A day without power.")
        actions.ask(call, by=asker, asked="Too late?")
    assert CallQuestion.objects.count() == 2


@pytest.mark.parametrize("asked", ["", "  \n ", "x" * 2001])
def test_an_empty_or_endless_question_is_refused(call, asked):
    with pytest.raises(Invalid):
        actions.ask(call, by=UserFactory(), asked=asked)
    assert not CallQuestion.objects.exists()


def test_the_same_words_of_the_same_person_are_one_question_until_they_are_answered(call):
    asker, other = UserFactory(), UserFactory()

    first, again = (actions.ask(call, by=asker, asked="May we?") for _ in range(2))
    actions.ask(call, by=other, asked="May we?")

    assert first == again
    assert CallQuestion.objects.count() == 2


def test_nobody_asks_more_than_twenty_questions_within_a_day(call):
    asker, elsewhere = UserFactory(), rows.call_of()
    for number in range(20):
        actions.ask(call if number % 2 else elsewhere, by=asker, asked=f"Question {number}?")

    with pytest.raises(NotNow) as refusal:
        actions.ask(call, by=asker, asked="One more?")
    actions.ask(call, by=UserFactory(), asked="One more?")
    with clock.set_to(clock.now() + timedelta(days=1, seconds=1)):
        actions.ask(call, by=asker, asked="One more?")

    assert refusal.value.code == "too-many"
    assert CallQuestion.objects.count() == 22


@pytest.mark.parametrize("missing", WORDS)
def test_nothing_is_published_that_lacks_a_part_in_one_language(call, missing):
    office = administrator()
    question = actions.ask(call, by=UserFactory(), asked="May we?")
    actions.write(question, by=office, **(WORDS | {missing: ""}))

    with pytest.raises(Invalid) as refusal:
        actions.publish(call, by=office, chosen={question.uid: version_of(question)})

    assert refusal.value.code == "incomplete"
    assert not CallQuestion.objects.exclude(answered_at=None).exists()


def test_everybody_who_applies_is_told_once_for_all_answers_published_together(call):
    drafting, submitted = rows.draft_of(call), rows.application_of(call)
    withdrawn = rows.application_of(call, status="withdrawn")
    member = rows.member_of(drafting).user
    stranger = rows.draft_of().principal_investigator
    first, second = UserFactory(), drafting.principal_investigator

    answered(call, first, second)

    told = Notice.objects.filter(kind="question-answered")
    expected = {first, second, member, submitted.principal_investigator}
    assert sorted(notice.recipient.pk for notice in told) == sorted(person.pk for person in expected)
    assert {withdrawn.principal_investigator, stranger}.isdisjoint(expected)
    subjects = {notice.recipient: letters.write(notice).subject for notice in told}
    assert {person: "Your question" in subject for person, subject in subjects.items()} == {
        first: True,
        second: True,
        member: False,
        submitted.principal_investigator: False,
    }


@pytest.mark.parametrize("everybody", [notices.everybody_who_applies, exchange_notices.everybody_who_waits])
def test_all_teams_of_a_call_are_found_in_one_query_however_many_apply(call, everybody, django_assert_num_queries):
    people = set()
    for number in (1, 29):
        for _each in range(number):
            application = rows.application_of(call)
            people |= {application.principal_investigator, rows.member_of(application).user}
            rows.member_of(application, confirmed=False)
        with django_assert_num_queries(1):
            told = everybody(call)
        assert (set(told), len(told)) == (people, len(people))


def test_who_stops_applying_is_not_told_any_more(call):
    draft = rows.draft_of(call)
    answered(call, UserFactory())
    notice = Notice.objects.get(kind="question-answered", recipient=draft.principal_investigator)
    draft.delete()

    with pytest.raises(letters.NotToBeSent):
        letters.write(notice)


def test_only_administrators_answer_and_none_in_a_call_in_which_they_apply(call):
    question = actions.ask(call, by=UserFactory(), asked="May we?")
    applying = administrator()
    rows.draft_of(call, applying)

    for person in (UserFactory(), UserFactory(roles=["curator"]), UserFactory(roles=["auditor"]), applying):
        with pytest.raises(Denied):
            actions.write(question, by=person, **WORDS)
        with pytest.raises(Denied):
            actions.publish(call, by=person, chosen={question.uid: 0})

    question.refresh_from_db()
    assert (question.answer, question.answered_at) == ("", None)


def test_two_administrators_never_overwrite_each_other(call):
    one, other = administrator(), administrator()
    question = actions.ask(call, by=UserFactory(), asked="May we?")
    seen = version_of(question)

    actions.write(question, by=one, seen=seen, **WORDS)
    with pytest.raises(NotNow) as refusal:
        actions.write(question, by=other, seen=seen, answer="No.")
    actions.write(question, by=other, seen=version_of(question), answer="No.")

    assert refusal.value.code == "stale"
    assert question.answer == "No."


def test_what_was_changed_after_it_was_read_is_not_published(call):
    office = administrator()
    question = actions.ask(call, by=UserFactory(), asked="May we?")
    actions.write(question, by=office, **WORDS)
    read = version_of(question)
    actions.write(question, by=administrator(), answer="No.")

    with pytest.raises(NotNow) as refusal:
        actions.publish(call, by=office, chosen={question.uid: read})

    assert refusal.value.code == "stale"
    assert not CallQuestion.objects.exclude(answered_at=None).exists()


def test_an_answer_is_published_once(call):
    office = administrator()
    question = answered(call, UserFactory(), by=office)[0]
    question.refresh_from_db()

    with pytest.raises(NotNow):
        actions.publish(call, by=office, chosen={question.uid: version_of(question)})

    assert Event.objects.filter(verb="call.answer-questions").count() == 1


def test_a_published_answer_is_corrected_whole_and_told_again(call):
    office, asker = administrator(), UserFactory()
    question = answered(call, asker, by=office)[0]

    with pytest.raises(Invalid):
        actions.write(question, by=office, answer_zh="")
    actions.write(question, by=office, answer="Yes, both.")

    question.refresh_from_db()
    assert (question.answer, question.answer_zh) == ("Yes, both.", "可以。")
    assert Notice.objects.filter(kind="question-answered", recipient=asker).count() == 2
    assert Event.objects.filter(verb="question.write").last().text.old == {"answer": "Yes."}


def test_questions_of_another_call_are_not_published_here(call):
    office, elsewhere = administrator(), rows.call_of()
    question = actions.ask(elsewhere, by=UserFactory(), asked="May we?")
    actions.write(question, by=office, **WORDS)

    with pytest.raises(NotNow):
        actions.publish(call, by=office, chosen={question.uid: version_of(question)})
