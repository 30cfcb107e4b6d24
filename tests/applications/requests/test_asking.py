"""Asking for a sample: masses as people type them, runs that argue for them, bad input refused where it was typed."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags
from django.utils.translation import override

from applications.documents import lines, snapshot
from applications.models import Application, Call, DraftRequest
from applications.requests import actions
from applications.rules.masses import Run
from portal import clock
from portal.accounts.models import User
from portal.audit.models import Event
from portal.errors import Invalid, NotNow
from samples.models import Sample
from tests.applications.apply.conftest import page, signed_in
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, draft_of, member_of, stock

Send = Callable[..., Any]
EFFECT = {"effect": "consuming"}
WORDS = {"justification": "Kept words", "contaminants": "No epoxy", "alternatives": "Sections are too thin"}


def powder_of(call: Call) -> str:
    return call.offers.get(sample__preparation="powder").sample.catalogue_number


def piece_of(call: Call) -> str:
    return call.offers.get(sample__preparation="clast").sample.catalogue_number


def run(number: int, technique: Any = "", mass: Any = "", runs: Any = "", loss: Any = "") -> dict[str, Any]:
    """Return a row of the calculator as a browser sends it."""
    row = f"runs-{number}"
    return {
        f"{row}-technique": technique,
        f"{row}-mass_mg": mass,
        f"{row}-runs": runs,
        f"{row}-loss_percent": loss,
    }


@pytest.fixture
def empty(call: Call, applicant: User) -> Application:
    """A draft that asks for nothing yet."""
    return draft_of(call, applicant, complete=False)


# --- One request --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "mass"), [("1.25", "1.250"), ("1,25", "1.250"), (" 12 mg ", "12.000"), ("500", "500")]
)
def test_mass_is_read_as_people_type_it_and_echoed(
    visitor: Client, call: Call, empty: Application, typed: str, mass: str, send: Send
) -> None:
    data = {"asked_mg": typed, "least_mg": "1", **EFFECT}
    answer = send(visitor, page("requests-edit", empty, powder_of(call)), version=1, **data)
    assert (answer.status_code, answer["Location"]) == (303, page("requests-list", empty))
    line = empty.draft_requests.get()
    assert (line.asked_mg, line.least_mg, line.whole) == (Decimal(mass), Decimal(1), False)
    echo = f"{Decimal(mass).normalize():f} mg"
    shown = visitor.get(page("requests-list", empty)).content.decode()
    assert f"Saved: {powder_of(call)}, {echo}, at least 1 mg." in shown
    assert shown.count(echo) >= 3  # said once, in the tray, in the sum


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1,250", "can be read in two ways. Write 1.250 or 1250"),
        ("-5", "Enter a mass in mg"),
        ("0", "is more than zero"),
        ("501", "The call offers 500 mg"),
        ("five", "Enter a mass in mg"),
        ("1e9", "Enter a mass in mg"),
        ("0.0001", "Enter a mass in mg"),
        ("NaN", "Enter a mass in mg"),
        ("9" * 40, "Enter a mass in mg"),
    ],
)
def test_mass_that_cannot_be_is_refused_beside_the_field(
    visitor: Client, call: Call, empty: Application, typed: str, words: str, send: Send
) -> None:
    data = {"asked_mg": typed, "least_mg": "", **EFFECT, **WORDS, **run(0, "SEM", "4", "8", "10")}
    answer = send(visitor, page("requests-edit", empty, powder_of(call)), version=1, **data)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert words in shown and 'href="#id_asked_mg"' in shown
    assert all(said in shown for said in WORDS.values()) and f'value="{typed}"' in shown
    assert 'name="runs-0-mass_mg" value="4"' in shown
    assert not empty.draft_requests.exists()


def test_least_mass_above_the_asked_one_is_refused(visitor: Client, call: Call, empty: Application, send: Send) -> None:
    data = {"asked_mg": "5", "least_mg": "6", **EFFECT}
    answer = send(visitor, page("requests-edit", empty, powder_of(call)), version=1, **data)
    assert answer.status_code == 422 and 'href="#id_least_mg"' in answer.content.decode()


def test_request_is_saved_half_finished_and_shown_as_a_gap(
    visitor: Client, call: Call, empty: Application, send: Send
) -> None:
    data = {"asked_mg": "", "least_mg": "", **EFFECT}
    assert send(visitor, page("requests-edit", empty, powder_of(call)), version=1, **data).status_code == 303
    gap = f"Give the mass and the least useful mass of {powder_of(call)} in mg."
    for name in ("requests-list", "apply-tasks"):
        assert gap in visitor.get(page(name, empty)).content.decode()


def test_a_piece_is_asked_for_whole(visitor: Client, call: Call, empty: Application, send: Send) -> None:
    url = page("requests-edit", empty, piece_of(call))
    assert send(visitor, url, version=1, **EFFECT, asked_mg="5").status_code == 422
    assert send(visitor, url, version=1, **EFFECT, whole="on", asked_mg="5", least_mg="5").status_code == 303
    line = empty.draft_requests.get()
    assert (line.whole, line.asked_mg, line.least_mg) == (True, None, None)


def test_a_piece_with_a_mass_is_refused_whoever_asks(empty: Application, applicant: User, call: Call) -> None:
    piece = Sample.objects.get(catalogue_number=piece_of(call))
    with pytest.raises(Invalid, match="only as a whole piece"):
        actions.put(empty, by=applicant, sample=piece, whole=True, asked_mg=Decimal(5), least_mg=Decimal(5))
    assert not empty.draft_requests.exists()


def test_sample_that_is_not_offered_is_absent(visitor: Client, draft: Application, send: Send) -> None:
    other = stock()
    url = page("requests-edit", draft, other.catalogue_number)
    assert visitor.get(url).status_code == 404
    assert send(visitor, url, version=1, asked_mg="1").status_code == 404
    assert not DraftRequest.objects.filter(sample=other).exists()


def test_request_is_removed_after_asking(visitor: Client, draft: Application, send: Send) -> None:
    line = draft.draft_requests.first()
    url = page("requests-drop", draft, line.uid)
    assert visitor.get(url).status_code == 200
    assert draft.draft_requests.count() == 2
    assert send(visitor, url, version=draft.version).status_code == 303
    assert draft.draft_requests.count() == 1
    assert send(visitor, url, version=draft.version).status_code == 404
    foreign = draft_of(draft.call).draft_requests.first()
    assert send(visitor, page("requests-drop", draft, foreign.uid), version=1).status_code == 404


def test_what_a_colleague_wrote_meanwhile_is_not_removed_unseen(
    visitor: Client, draft: Application, call: Call, send: Send
) -> None:
    line = draft.draft_requests.get(whole=False)
    colleague = signed_in(member_of(draft).user)
    edited = send(colleague, page("requests-edit", draft, powder_of(call)), version=1, asked_mg="40", **EFFECT)
    assert edited.status_code == 303
    assert send(visitor, page("requests-drop", draft, line.uid), version=1).status_code == 409
    assert DraftRequest.objects.filter(pk=line.pk).exists()


def test_contaminants_alternatives_and_runs_go_into_the_submission(
    visitor: Client, draft: Application, call: Call, send: Send
) -> None:
    data = {"asked_mg": "50", "least_mg": "30", **EFFECT, **WORDS, "technique": "Transmission electron microscopy"}
    data |= (
        run(0, "电子探针分析", "4", "8", "10") | run(1) | run(2, "", "1,5", "2", "") | run(3, "Own method", "1", "1")
    )
    assert send(visitor, page("requests-edit", draft, powder_of(call)), version=1, **data).status_code == 303
    document = snapshot(draft, lines(draft), number=1, received_at=clock.now())
    [said] = [one for one in document["requests"] if one["sample"] == powder_of(call)]
    assert {name: said[name] for name in (*WORDS, "effect", "technique", "runs")} == {
        **WORDS,
        **EFFECT,
        "technique": "TEM",
        "runs": [
            {"technique": "EMPA", "mass_mg": "4.000", "runs": "8", "loss_percent": "10"},
            {"technique": "TEM", "mass_mg": "1.500", "runs": "2", "loss_percent": "0"},
            {"technique": "Own method", "mass_mg": "1.000", "runs": "1", "loss_percent": "0"},
        ],
    }
    json.dumps(document)
    shown = visitor.get(page("requests-edit", draft, powder_of(call))).content.decode()
    assert 'value="Electron microprobe analysis"' in shown
    with override("zh-hans"):
        assert 'value="电子探针分析"' in visitor.get(page("requests-edit", draft, powder_of(call))).content.decode()


# --- The calculator -----------------------------------------------------------------------------------


def test_calculate_says_what_the_runs_need_keeps_what_was_typed_and_saves_nothing(
    visitor: Client, draft: Application, call: Call, send: Send
) -> None:
    data = {"asked_mg": "50", "least_mg": "30", **EFFECT, **WORDS, **run(0, "SEM", "39", "1", "5")}
    answer = send(visitor, page("requests-edit", draft, powder_of(call)), version=1, do="calculate", **data)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "Your runs need 41.053 mg; you ask for 50 mg; 8.947 mg are left: say why." in shown
    assert "With your least mass, 30 mg, runs that need 11.053 mg would not be done: say which." in shown
    assert all(said in shown for said in WORDS.values()) and 'name="runs-0-mass_mg" value="39"' in shown
    draft.refresh_from_db()
    assert (draft.version, draft.draft_requests.get(whole=False).runs) == (1, [])
    assert not Event.objects.filter(about_reference=draft.reference).exists()


def test_another_row_is_given_with_what_was_typed(visitor: Client, draft: Application, call: Call, send: Send) -> None:
    data = {"asked_mg": "50", "least_mg": "30", **EFFECT, **run(0, "SEM", "39", "1", "5")}
    shown = send(visitor, page("requests-edit", draft, powder_of(call)), version=1, do="more", **data).content.decode()
    assert 'name="runs-0-mass_mg" value="39"' in shown and 'name="runs-1-mass_mg"' in shown
    assert 'name="runs-2-mass_mg"' not in shown


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        (("", "4", "8", "100"), "loss_percent", "from 0 to less than 100"),
        (("", "4", "8", "1,250"), "loss_percent", "from 0 to less than 100"),
        (("", "4", "8", "-1"), "loss_percent", "from 0 to less than 100"),
        (("", "4", "8", "NaN"), "loss_percent", "from 0 to less than 100"),
        (("", "4", "0", ""), "runs", "a whole number from 1 to 9999"),
        (("", "4", "2.5", ""), "runs", "a whole number from 1 to 9999"),
        (("", "4", "10000", ""), "runs", "a whole number from 1 to 9999"),
        (("", "4", "", ""), "runs", "Say how many runs you plan."),
        (("", "", "8", ""), "mass_mg", "Say how much one run needs"),
        (("SEM", "", "", ""), "mass_mg", "Say how much one run needs"),
        (("", "0", "8", ""), "mass_mg", "The mass of one run is more than zero."),
        (("", "1,250", "8", ""), "mass_mg", "can be read in two ways"),
        (("", "Infinity", "8", ""), "mass_mg", "Enter a mass in mg"),
        (("x" * 121, "4", "8", ""), "technique", "at most 120 characters"),
    ],
)
@pytest.mark.parametrize("do", ["", "calculate"])
def test_run_that_cannot_be_is_refused_at_its_field(
    visitor: Client, draft: Application, call: Call, row: Any, field: str, words: str, do: str, send: Send
) -> None:
    data = {"asked_mg": "50", "least_mg": "30", **EFFECT, **WORDS, **run(0, "SEM", "1", "1"), **run(1, *row)}
    answer = send(visitor, page("requests-edit", draft, powder_of(call)), version=1, do=do, **data)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert words in shown and f'href="#id_runs-1-{field}"' in shown
    assert all(said in shown for said in WORDS.values())
    draft.refresh_from_db()
    assert draft.version == 1


def test_a_difference_warns_and_stops_nothing(visitor: Client, draft: Application, call: Call, send: Send) -> None:
    data = {"asked_mg": "500", "least_mg": "30", **EFFECT, **run(0, "SEM", "5", "1")}
    assert send(visitor, page("requests-edit", draft, powder_of(call)), version=1, **data).status_code == 303
    assert "differs" in visitor.get(page("requests-list", draft)).content.decode()
    shown = visitor.get(page("requests-edit", draft, powder_of(call))).content.decode()
    assert "That is 100 times as much: is the decimal point where you want it?" in shown
    assert visitor.get(page("apply-check", draft)).status_code == 200


def test_runs_of_a_piece_stand_beside_its_mass(visitor: Client, draft: Application, call: Call, send: Send) -> None:
    data = {"whole": "on", **EFFECT, **run(0, "SEM", "40", "1")}
    answer = send(visitor, page("requests-edit", draft, piece_of(call)), version=1, do="calculate", **data)
    assert "Your runs need 40 mg; the piece has 36.2 mg: plan fewer runs." in answer.content.decode()


# --- Together -----------------------------------------------------------------------------------------


def test_two_people_in_one_request_keep_both_texts(visitor: Client, draft: Application, call: Call, send: Send) -> None:
    colleague = signed_in(member_of(draft).user)
    url = page("requests-edit", draft, powder_of(call))
    theirs = {
        "asked_mg": "40",
        "least_mg": "20",
        **EFFECT,
        "justification": "Theirs: six runs.",
        **run(0, "TEM", "4", "6"),
    }
    assert send(colleague, url, version=1, **theirs).status_code == 303
    mine = {
        "asked_mg": "45",
        "least_mg": "20",
        **EFFECT,
        "justification": "Mine: <nine> runs.",
        **run(0, "SEM", "5", "9"),
    }
    answer = send(visitor, url, version=1, **mine)
    shown = strip_tags(answer.content.decode())
    assert answer.status_code == 409
    assert "six" in shown and "40.000" in shown and "6 × 4 mg" in shown
    shown = answer.content.decode()
    assert "Mine: &lt;nine&gt; runs." in shown and 'value="45"' in shown and 'name="runs-0-mass_mg" value="5"' in shown
    assert draft.draft_requests.get(whole=False).justification == "Theirs: six runs."
    assert send(visitor, url, version=2, **mine).status_code == 303
    assert draft.draft_requests.get(whole=False).justification == "Mine: <nine> runs."


def test_another_request_is_not_stale(visitor: Client, draft: Application, call: Call, send: Send) -> None:
    colleague = signed_in(member_of(draft).user)
    send(colleague, page("requests-edit", draft, piece_of(call)), version=1, whole="on", **EFFECT)
    data = {"asked_mg": "45", "least_mg": "20", **EFFECT}
    assert send(visitor, page("requests-edit", draft, powder_of(call)), version=1, **data).status_code == 303


def test_request_saves_itself_and_says_why_it_cannot(
    visitor: Client, draft: Application, call: Call, send: Send
) -> None:
    url = page("requests-edit", draft, powder_of(call))
    data = {"asked_mg": "45", "least_mg": "20", **EFFECT, "_by_itself": "1"}
    assert send(visitor, url, version=1, **data).json()["state"] == "saved"
    refused = send(visitor, url, version=2, **data, **run(0, "SEM", "4")).json()
    assert (refused["state"], refused["words"]) == ("refused", "A planned measurement is not complete.")
    assert draft.draft_requests.get(whole=False).asked_mg == 45


def test_a_reader_writes_no_request(draft: Application, call: Call, send: Send) -> None:
    reader = signed_in(member_of(draft, role="reader").user)
    shown = reader.get(page("requests-list", draft)).content.decode()
    assert "Add to your request" not in shown
    url = page("requests-edit", draft, powder_of(call))
    assert send(reader, url, version=1, asked_mg="1", least_mg="1", **EFFECT).status_code == 403
    assert send(reader, page("requests-group-new", draft), version=1, name="x", kind="needs-all").status_code == 403


def test_nothing_is_asked_after_submission(call: Call, applicant: User) -> None:
    call.closes_at = clock.now()
    call.save()
    sent = application_of(call, applicant)
    with pytest.raises(NotNow):
        actions.pick(sent, by=applicant, asked={})
    powder = Sample.objects.get(catalogue_number=powder_of(call))
    with pytest.raises(NotNow):
        actions.put(sent, by=applicant, sample=powder, whole=False, runs=[Run("SEM", Decimal(1), 1)])


# --- From the catalogue -------------------------------------------------------------------------------


def test_catalogue_leads_into_the_one_open_draft(visitor: Client, draft: Application, call: Call) -> None:
    number = powder_of(call)
    answer = visitor.get(f"/my/add/{number}/")
    assert (answer.status_code, answer["Location"]) == (303, page("requests-edit", draft, number))
    second = draft_of(call, draft.principal_investigator)
    shown = visitor.get(f"/my/add/{number}/").content.decode()
    assert draft.reference in shown and second.reference in shown


def test_catalogue_offers_a_start_where_there_is_no_draft_and_hides_what_is_unpublished(call: Call) -> None:
    client = signed_in(UserFactory())
    shown = client.get(f"/my/add/{powder_of(call)}/").content.decode()
    assert f"/calls/{call.slug}/apply/" in shown
    assert "No open call offers this sample." in client.get(f"/my/add/{stock().catalogue_number}/").content.decode()
    assert client.get(f"/my/add/{stock(published_at=None).catalogue_number}/").status_code == 404
    assert client.get("/my/add/no-such/").status_code == 404
    assert Client().get(f"/my/add/{powder_of(call)}/").status_code == 302
