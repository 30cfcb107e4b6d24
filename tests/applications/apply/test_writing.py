"""Writing a draft: saved with anything empty, no text lost, nobody's text overwritten, nothing of others reached."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.enums import Status
from applications.models import Application, Call
from portal import clock
from portal.accounts.models import User
from portal.audit.models import Event
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory
from tests.factories.applications import DAY, application_of, call_of, member_of

Send = Callable[..., Any]


def powder_of(call: Call) -> str:
    return call.offers.get(sample__preparation="powder").sample.catalogue_number


def piece_of(call: Call) -> str:
    return call.offers.get(sample__preparation="clast").sample.catalogue_number


# --- Start --------------------------------------------------------------------------------------------


def test_start_makes_a_draft_with_random_digits(visitor: Client, call: Call, applicant: User, send: Send) -> None:
    url = reverse("applications:apply-start", args=[call.slug])
    assert visitor.get(url).status_code == 200
    answer = send(visitor, url)
    application = Application.objects.get(call=call, principal_investigator=applicant)
    assert (answer.status_code, answer["Location"]) == (303, page("apply-tasks", application))
    year = clock.now().astimezone(call.timezone).year
    assert application.reference.startswith(f"LSA-{year}-") and len(application.reference) >= 14
    assert application.institution == applicant.institution
    assert Event.objects.get(verb="application.start").about_reference == application.reference


def test_start_twice_with_the_same_key_makes_one_draft(visitor: Client, call: Call) -> None:
    url, key = reverse("applications:apply-start", args=[call.slug]), str(uuid.uuid4())
    answers = [visitor.post(url, {"_once": key}) for _ in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Application.objects.filter(call=call).count() == 1


@pytest.mark.parametrize("shift", [{"closes_at": -1}, {"opens_at": 1}])
def test_start_in_a_call_that_is_not_open_is_refused(visitor: Client, shift: dict[str, int], send: Send) -> None:
    call = call_of(**{name: clock.now() + days * DAY for name, days in shift.items()})
    answer = send(visitor, reverse("applications:apply-start", args=[call.slug]))
    assert answer.status_code == 409
    assert "This call is not open." in answer.content.decode()
    assert not Application.objects.filter(call=call).exists()


# --- Texts --------------------------------------------------------------------------------------------


def test_save_keeps_anything_empty_and_says_who_saved(visitor: Client, draft: Application, send: Send) -> None:
    answer = send(
        visitor, page("apply-section", draft, "science"), version=draft.version, title="", question="Why?", plan=""
    )
    assert answer.status_code == 303
    draft.refresh_from_db()
    assert (draft.title, draft.question, draft.plan, draft.version) == ("", "Why?", "", 2)
    assert draft.saved_by == draft.principal_investigator
    event = Event.objects.get(verb="application.save")
    assert event.facts == {"fields": ["plan", "question", "title"], "version": 2}
    assert not hasattr(event, "text")
    assert "Fill in: title." in visitor.get(page("apply-tasks", draft)).content.decode()


def test_save_over_what_a_colleague_saved_meanwhile_shows_both_texts(
    visitor: Client, draft: Application, send: Send
) -> None:
    colleague = signed_in(member_of(draft).user)
    url = page("apply-section", draft, "methods")
    assert send(colleague, url, version=1, methods="Theirs: six runs.").status_code == 303
    answer = send(visitor, url, version=1, methods="Mine: <eight> runs.")
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "<del>Theirs:</del> <del>six</del> runs." in shown and "Mine: &lt;eight&gt; runs." in shown
    assert 'name="version" value="2"' in shown
    draft.refresh_from_db()
    assert draft.methods == "Theirs: six runs."
    assert send(visitor, url, version=2, methods="Mine: <eight> runs.").status_code == 303
    draft.refresh_from_db()
    assert draft.methods == "Mine: <eight> runs."


def test_save_of_another_section_is_not_stale(visitor: Client, draft: Application, send: Send) -> None:
    colleague = signed_in(member_of(draft).user)
    send(colleague, page("apply-section", draft, "methods"), version=1, methods="Six runs.")
    answer = send(visitor, page("apply-section", draft, "summary"), version=1, public_summary="For everybody.")
    assert answer.status_code == 303
    draft.refresh_from_db()
    assert (draft.methods, draft.public_summary) == ("Six runs.", "For everybody.")


@pytest.mark.parametrize("text", ["NUL \x00 inside"])
def test_save_of_what_cannot_be_kept_loses_no_text(visitor: Client, draft: Application, text: str, send: Send) -> None:
    answer = send(visitor, page("apply-section", draft, "methods"), version=1, methods=text)
    assert answer.status_code == 422
    assert text.replace("\x00", "\x00") in answer.content.decode()
    assert 'class="problem"' in answer.content.decode()
    draft.refresh_from_db()
    assert draft.version == 1


def test_save_takes_strange_bytes_as_replacement_characters(visitor: Client, draft: Application) -> None:
    body = f"version=1&_once={uuid.uuid4()}&methods=lone%ED%A0%80surrogate%FF".encode()
    answer = visitor.post(
        page("apply-section", draft, "methods"), data=body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 303
    draft.refresh_from_db()
    assert draft.methods.startswith("lone\ufffd") and draft.methods.endswith("surrogate\ufffd")


def test_line_breaks_count_once(visitor: Client, draft: Application, send: Send) -> None:
    text = "a\r\n" * 4000
    assert send(visitor, page("apply-section", draft, "methods"), version=1, methods=text).status_code == 303
    draft.refresh_from_db()
    assert draft.methods == ("a\n" * 4000).strip()


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999"])
def test_forged_version_is_a_refusal(visitor: Client, draft: Application, version: str, send: Send) -> None:
    assert send(visitor, page("apply-section", draft, "methods"), version=version, methods="x").status_code == 422


def test_readers_read_and_do_not_write(draft: Application, send: Send) -> None:
    reader = signed_in(member_of(draft, role="reader").user)
    assert "You take part as a reader" in reader.get(page("apply-section", draft, "methods")).content.decode()
    answer = send(reader, page("apply-section", draft, "methods"), version=1, methods="Not mine to write")
    assert answer.status_code == 403
    assert "Not mine to write" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.methods != "Not mine to write"


def test_nothing_is_written_into_somebody_elses_application(draft: Application, send: Send) -> None:
    stranger = signed_in(UserFactory())
    urls = [
        page("apply-section", draft, "methods"),
        page("requests-list", draft),
        page("apply-check", draft),
        page("following-withdraw", draft),
    ]
    urls += [
        page("requests-edit", draft, powder_of(draft.call)),
        page("team-list", draft),
        page("attachments-file", draft),
    ]
    for url in urls:
        assert send(stranger, url, version=1, methods="x").status_code == 404, url


def test_save_after_submission_is_refused_and_keeps_the_text(
    visitor: Client, call: Call, applicant: User, send: Send
) -> None:
    application = application_of(call, applicant, Status.UNDER_REVIEW)
    answer = send(visitor, page("apply-section", application, "methods"), version=1, methods="Too late")
    assert answer.status_code == 409
    assert "Too late" in answer.content.decode()
    application.refresh_from_db()
    assert application.methods != "Too late"


def test_expired_session_keeps_what_was_typed(draft: Application, send: Send) -> None:
    answer = send(Client(), page("apply-section", draft, "methods"), version=1, methods="Long text")
    assert answer.status_code == 403
    assert "Long text" in answer.content.decode()


def test_institution_is_typed_or_found(visitor: Client, draft: Application, send: Send) -> None:
    place = draft.principal_investigator.institution
    url = page("apply-section", draft, "laboratory")
    known = {"institution_name": place.name.upper(), "country_or_region": place.country_or_region}
    assert send(visitor, url, version=draft.version, **known).status_code == 303
    draft.refresh_from_db()
    assert draft.institution == place
    answer = send(visitor, url, version=1, institution_name="Half an institution", country_or_region="")
    assert answer.status_code == 422 and "Half an institution" in answer.content.decode()
    new = {"institution_name": "Institute of Tests", "country_or_region": "NO"}
    assert send(visitor, url, version=1, **new).status_code == 303
    draft.refresh_from_db()
    assert (draft.institution.name, draft.institution.verified) == ("Institute of Tests", False)


# --- What cannot be read ------------------------------------------------------------------------------


def test_request_that_is_too_large_is_refused_and_no_fault(visitor: Client, draft: Application, send: Send) -> None:
    url = page("apply-section", draft, "methods")
    assert send(visitor, url, version=1, methods="x" * 3 * 1024 * 1024).status_code == 400
    assert send(visitor, url, version=1, **{f"field{number}": "x" for number in range(3000)}).status_code == 400
    draft.refresh_from_db()
    assert draft.version == 1


def test_text_that_is_kept_is_shown_under_the_names_of_the_form(draft: Application, send: Send) -> None:
    typed = {"version": 1, "question": "Why <two>?", "rows-0-plan": "In a row", "unknown": "Also kept"}
    answer = send(Client(), page("apply-section", draft, "science"), **typed, _by_itself="1")
    shown = answer.content.decode()
    assert answer.status_code == 403
    labels = [part.partition("<")[0] for part in shown.split('<label for="typed-')[1:]]
    assert [label.partition(">")[2] for label in labels] == ["Scientific question", "Research plan", "unknown"]
    assert "Why &lt;two&gt;?</textarea>" in shown and 'name="version"' not in shown.partition("<form")[0]


def test_an_expired_token_keeps_the_text_too(draft: Application) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(draft.principal_investigator)
    answer = client.post(page("apply-section", draft, "science"), {"version": "1", "plan": "Long plan"})
    shown = answer.content.decode()
    assert answer.status_code == 403
    assert ">Research plan</label>" in shown and "Long plan</textarea>" in shown
    draft.refresh_from_db()
    assert draft.plan != "Long plan"
