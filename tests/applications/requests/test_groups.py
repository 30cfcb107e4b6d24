"""Groups of requests: made, changed, ordered and taken apart; a pair in one step; what is missing is said."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from applications.documents import lines, snapshot
from applications.models import Application, Call, DraftGroup, DraftRequest
from applications.rules import eligibility
from portal import clock
from portal.accounts.models import User
from samples.enums import Hemisphere, Preparation
from tests.applications.apply.conftest import page, signed_in
from tests.factories.applications import call_of, draft_of, member_of, stock

Send = Callable[..., Any]
TEXTS = {
    "matching": "Grain size 45 to 75 µm",
    "first": "Far side first",
    "least_set": "Both",
    "comparison": "A meteorite",
}


def uids(draft: Application) -> list[str]:
    """Return the requests of a draft, the near side first."""
    return [str(line.uid) for line in draft.draft_requests.order_by("-sample__mission__hemisphere")]


def data(draft: Application, **changed: Any) -> dict[str, Any]:
    """Return the form of a group of everything asked for."""
    found = {"version": draft.version, "name": "Both sides", "kind": "needs-all", **TEXTS}
    return found | {"members": uids(draft), "least": uids(draft)} | changed


@pytest.fixture
def group(visitor: Client, draft: Application, send: Send) -> DraftGroup:
    """A group of both requests of the draft."""
    assert send(visitor, page("requests-group-new", draft), **data(draft)).status_code == 303
    draft.refresh_from_db()
    return draft.draft_groups.get()


# --- Make and change ----------------------------------------------------------------------------------


def test_group_is_made_and_goes_into_the_submission(draft: Application, group: DraftGroup) -> None:
    document = snapshot(draft, lines(draft), number=1, received_at=clock.now())
    [said] = document["groups"]
    assert {name: said[name] for name in ("name", "kind", *TEXTS)} == {
        "name": "Both sides",
        "kind": "needs-all",
        **TEXTS,
    }
    in_document = {(one["group"], one["rank"], one["in_least_set"]) for one in document["requests"]}
    assert in_document == {(said["uid"], 1, True), (said["uid"], 2, True)}
    assert eligibility.missing(draft) == {}


def test_group_is_renamed_and_loses_a_request(
    visitor: Client, draft: Application, group: DraftGroup, send: Send
) -> None:
    url = page("requests-group-edit", draft, group.uid)
    answer = send(visitor, url, **data(draft, name="New name", members=uids(draft)[:1], least=[]))
    assert (answer.status_code, answer["Location"]) == (303, page("requests-list", draft) + "#groups")
    group.refresh_from_db()
    assert group.name == "New name"
    found = {str(line.uid): (line.group_id, line.in_least_set) for line in draft.draft_requests.all()}
    assert found == {uids(draft)[0]: (group.pk, False), uids(draft)[1]: (None, True)}
    assert "“New name” needs at least two requests." in visitor.get(page("requests-list", draft)).content.decode()


def test_request_moves_up_and_down_with_everything_typed(
    visitor: Client, draft: Application, group: DraftGroup, send: Send
) -> None:
    url = page("requests-group-edit", draft, group.uid)
    first, second = uids(draft)
    answer = send(visitor, url, **data(draft, kind="in-order", first="Typed on the way", move=f"up:{second}"))
    assert (answer.status_code, answer["Location"]) == (303, f"{url}#members")
    assert [str(line.uid) for line in group.lines.order_by("rank")] == [second, first]
    group.refresh_from_db()
    assert (group.kind, group.first) == ("in-order", "Typed on the way")
    draft.refresh_from_db()
    for move in (f"up:{second}", "up:nothing", "sideways:" + second, "up:"):
        send(visitor, url, **data(draft, members=[second, first], move=move))
        draft.refresh_from_db()
    assert [str(line.uid) for line in group.lines.order_by("rank")] == [second, first]


def test_groups_change_places(visitor: Client, draft: Application, group: DraftGroup, send: Send) -> None:
    other = DraftGroup.objects.create(application=draft, name="Other", kind="either-or", position=2)
    send(visitor, page("requests-group-move", draft, other.uid), way="up")
    assert list(draft.draft_groups.all()) == [other, group]
    send(visitor, page("requests-group-move", draft, other.uid), way="up")
    assert list(draft.draft_groups.all()) == [other, group]
    send(visitor, page("requests-group-move", draft, other.uid), way="down")
    assert list(draft.draft_groups.all()) == [group, other]


def test_group_is_taken_apart_and_its_requests_stay(
    visitor: Client, draft: Application, group: DraftGroup, send: Send
) -> None:
    url = page("requests-group-drop", draft, group.uid)
    assert visitor.get(url).status_code == 200 and DraftGroup.objects.exists()
    assert send(visitor, url, version=draft.version).status_code == 303
    assert not DraftGroup.objects.exists()
    assert draft.draft_requests.filter(group=None).count() == 2
    assert visitor.get(url).status_code == 404


def test_a_request_leaves_its_group_for_another(
    visitor: Client, draft: Application, group: DraftGroup, send: Send
) -> None:
    shown = visitor.get(page("requests-group-new", draft)).content.decode()
    assert "now in “Both sides”" in shown
    one = uids(draft)[:1]
    assert (
        send(visitor, page("requests-group-new", draft), **data(draft, name="Second", members=one)).status_code == 303
    )
    assert group.lines.count() == 1


# --- Bad input ----------------------------------------------------------------------------------------


def test_foreign_groups_and_requests_are_absent(visitor: Client, draft: Application, call: Call, send: Send) -> None:
    other = draft_of(call)
    foreign = DraftGroup.objects.create(application=other, name="Theirs", kind="needs-all")
    for verb in ("edit", "drop"):
        assert visitor.get(page(f"requests-group-{verb}", draft, foreign.uid)).status_code == 404
    for verb in ("edit", "drop", "move"):
        assert send(visitor, page(f"requests-group-{verb}", draft, foreign.uid), **data(draft)).status_code == 404
    answer = send(visitor, page("requests-group-new", draft), **data(draft, members=uids(other)))
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "One of these requests is not in this application any more." in shown and TEXTS["matching"] in shown
    foreign.refresh_from_db()
    assert (foreign.name, draft.draft_groups.count()) == ("Theirs", 0)
    assert not DraftRequest.objects.exclude(group=None).exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "id_name"),
        ({"name": "x" * 121}, "id_name"),
        ({"kind": "all-or-nothing"}, "id_kind_0"),
        ({"members": ["no-uid"]}, "id_members"),
        ({"least": ["no-uid"]}, "id_least"),
        ({"matching": "x" * 2001}, "id_matching"),
        ({"comparison": "NUL \x00"}, "id_comparison"),
    ],
)
def test_group_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    visitor: Client, draft: Application, changed: dict[str, Any], field: str, send: Send
) -> None:
    answer = send(visitor, page("requests-group-new", draft), **data(draft, first="Kept words", **changed))
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#{field}' in shown and "Kept words" in shown
    assert not DraftGroup.objects.exists()


def test_name_is_given_once(visitor: Client, draft: Application, group: DraftGroup, send: Send) -> None:
    answer = send(visitor, page("requests-group-new", draft), **data(draft))
    assert answer.status_code == 422 and "Another group has this name." in answer.content.decode()


def test_groups_are_not_without_number(visitor: Client, draft: Application, send: Send) -> None:
    for number in range(20):
        DraftGroup.objects.create(application=draft, name=str(number), kind="needs-all")
    answer = send(visitor, page("requests-group-new", draft), **data(draft))
    assert answer.status_code == 422 and "At most 20 groups can be made." in answer.content.decode()


# --- Together -----------------------------------------------------------------------------------------


def test_two_people_in_one_group_keep_both_texts(
    visitor: Client, draft: Application, group: DraftGroup, send: Send
) -> None:
    colleague = signed_in(member_of(draft).user)
    url = page("requests-group-edit", draft, group.uid)
    theirs = data(draft, first="Theirs: near", members=uids(draft)[:1])
    assert send(colleague, url, **theirs).status_code == 303
    answer = send(visitor, url, **data(draft, first="Mine: <far>"))
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "near" in shown and "Mine: &lt;far&gt;" in shown and "Requests of this group" in shown
    group.refresh_from_db()
    assert group.first == "Theirs: near"
    draft.refresh_from_db()
    assert send(visitor, url, **data(draft, first="Mine: <far>")).status_code == 303
    group.refresh_from_db()
    assert (group.first, group.lines.count()) == ("Mine: <far>", 2)


def test_words_typed_into_a_group_that_was_taken_apart_meanwhile_are_not_lost(
    visitor: Client, draft: Application, group: DraftGroup, send: Send
) -> None:
    url, uid = page("requests-group-edit", draft, group.uid), group.uid
    colleague = signed_in(member_of(draft).user)
    assert send(colleague, page("requests-group-drop", draft, uid), version=draft.version).status_code == 303
    answer = send(visitor, url, **data(draft, first="Mine"))
    assert answer.status_code == 409 and "Mine" in answer.content.decode()
    draft.refresh_from_db()
    assert send(visitor, url, **data(draft, first="Mine")).status_code == 303
    made = draft.draft_groups.get()
    assert (made.uid, made.first, made.lines.count()) == (uid, "Mine", 2)


# --- A pair in one step -------------------------------------------------------------------------------


@pytest.fixture
def offered(applicant: User) -> tuple[Application, dict[str, str]]:
    """A draft that asks for nothing, in a call that offers powder and a piece of each side."""
    near, far = stock(), stock("200", hemisphere=Hemisphere.FAR)
    pieces = [stock("20", Preparation.CLAST), stock("30", Preparation.CLAST, Hemisphere.FAR)]
    draft = draft_of(call_of(samples=[near, far, *pieces]), applicant, complete=False)
    names = ("near", "far", "near_piece", "far_piece")
    numbers = [one.catalogue_number for one in (near, far, *pieces)]
    return draft, dict(zip(names, numbers, strict=True))


def test_pair_is_made_in_one_step(visitor: Client, offered: Any, send: Send) -> None:
    draft, number = offered
    url = page("requests-pair", draft)
    answer = send(visitor, url, near=number["near"], far=number["far"], asked_mg="1,25", name="Pair")
    group = draft.draft_groups.get()
    assert (answer.status_code, answer["Location"]) == (303, page("requests-group-edit", draft, group.uid))
    assert (group.kind, group.name) == ("needs-all", "Pair")
    masses = {line.asked_mg for line in group.lines.all()}
    assert (group.lines.count(), masses) == (2, {Decimal("1.25")})
    asked = {"near": number["near_piece"], "far": number["far_piece"]}
    assert send(visitor, url, **asked, name="Pieces").status_code == 303
    assert set(draft.draft_groups.get(name="Pieces").lines.values_list("whole", "asked_mg")) == {(True, None)}


@pytest.mark.parametrize(
    ("chosen", "words", "field"),
    [
        ({"far": "far_piece"}, "A pair is of one kind", "id_far"),
        ({"near": "far"}, "valid choice", "id_near"),
        ({"far": "nothing"}, "valid choice", "id_far"),
        ({"far": ""}, "is missing", "id_far"),
        ({"asked_mg": "1,250"}, "can be read in two ways", "id_asked_mg"),
        ({"asked_mg": "150"}, "The call offers 100 mg", "id_asked_mg"),
        ({"asked_mg": "0"}, "is more than zero", "id_asked_mg"),
        ({"name": ""}, "is missing", "id_name"),
    ],
)
def test_pair_that_cannot_be_asks_for_nothing(
    visitor: Client, offered: Any, chosen: dict[str, str], words: str, field: str, send: Send
) -> None:
    draft, number = offered
    typed = {"near": "near", "far": "far", "asked_mg": "5", "name": "Pair"} | chosen
    typed |= {side: number.get(typed[side], typed[side]) for side in ("near", "far")}
    answer = send(visitor, page("requests-pair", draft), **typed)
    assert answer.status_code == 422
    assert words in answer.content.decode() and f'href="#{field}"' in answer.content.decode()
    draft.refresh_from_db()
    assert (draft.version, draft.draft_requests.count(), draft.draft_groups.count()) == (1, 0, 0)


def test_pair_keeps_what_is_asked_already_and_takes_nothing_out_of_a_group(
    visitor: Client, offered: Any, send: Send
) -> None:
    draft, number = offered
    url = page("requests-edit", draft, number["near"])
    send(visitor, url, version=1, asked_mg="40", least_mg="20", effect="consuming", justification="Mine")
    pair = {"near": number["near"], "far": number["far"], "asked_mg": "5", "name": "Pair"}
    assert send(visitor, page("requests-pair", draft), **pair).status_code == 303
    found = {line.sample.catalogue_number: (line.asked_mg, line.justification) for line in draft.draft_requests.all()}
    assert found == {number["near"]: (40, "Mine"), number["far"]: (5, "")}
    answer = send(visitor, page("requests-pair", draft), **pair | {"name": "Second"})
    assert answer.status_code == 422
    assert f"{number['near']} is in the group “Pair” already." in answer.content.decode()


def test_uid_of_a_group_is_no_way_into_another_draft(draft: Application, group: DraftGroup, send: Send) -> None:
    stranger = draft_of(draft.call)
    client = signed_in(stranger.principal_investigator)
    answer = send(client, page("requests-group-edit", stranger, group.uid), **data(stranger))
    assert answer.status_code == 404
    assert UUID(str(DraftGroup.objects.get().uid)) == group.uid
