"""The page of samples: what is asked above what is offered, ticks and masses as one form, filters, sums, cost."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from applications.enums import GroupKind
from applications.models import Application, Call, DraftGroup
from applications.requests.queries import field_of
from portal.accounts.models import User
from samples.enums import Hemisphere, Preparation
from samples.models import Sample
from tests.applications.apply.conftest import page, signed_in
from tests.counting import MOST_QUERIES, queries_of
from tests.factories.applications import call_of, draft_of, member_of, request_of, stock

Send = Callable[..., Any]


@pytest.fixture
def empty(call: Call, applicant: User) -> Application:
    """A draft that asks for nothing yet."""
    return draft_of(call, applicant, complete=False)


def samples_of(call: Call) -> tuple[Sample, Sample]:
    """Return the powder and the piece that a call offers."""
    rows = {offer.sample.is_divisible: offer.sample for offer in call.offers.select_related("sample")}
    return rows[True], rows[False]


def picked(*samples: Sample, mass: str = "1,25") -> dict[str, str]:
    return {field_of(one.catalogue_number): mass if one.is_divisible else "on" for one in samples}


def test_pieces_are_ticked_and_powders_given_by_mass_in_one_form(
    visitor: Client, empty: Application, call: Call, send: Send
) -> None:
    powder, piece = samples_of(call)
    assert send(visitor, page("requests-list", empty), **picked(powder, piece)).status_code == 303
    found = {line.sample: (line.whole, line.asked_mg) for line in empty.draft_requests.select_related("sample")}
    assert found == {powder: (False, Decimal("1.25")), piece: (True, None)}
    assert "1.25 mg" in visitor.get(page("requests-list", empty)).content.decode()


def test_a_mass_that_can_be_read_in_two_ways_is_asked_about_and_no_tick_is_lost(
    visitor: Client, empty: Application, call: Call, send: Send
) -> None:
    powder, piece = samples_of(call)
    answer = send(visitor, page("requests-list", empty), **picked(powder, piece, mass="1,250"))
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Write 1.250 or 1250" in shown and 'value="1,250"' in shown and "checked" in shown
    assert f'href="#id_{field_of(powder.catalogue_number)}"' in shown
    assert not empty.draft_requests.exists()


@pytest.mark.parametrize("mass", ["501", "0", "-1", "NaN"])
def test_more_than_offered_or_nothing_is_refused_at_its_field(
    visitor: Client, empty: Application, call: Call, mass: str, send: Send
) -> None:
    powder, piece = samples_of(call)
    answer = send(visitor, page("requests-list", empty), **picked(powder, piece, mass=mass))
    assert answer.status_code == 422
    assert f'href="#id_{field_of(powder.catalogue_number)}"' in answer.content.decode()
    assert not empty.draft_requests.exists()


def test_what_is_not_offered_or_asked_for_already_is_not_added(
    visitor: Client, draft: Application, call: Call, send: Send
) -> None:
    powder, piece = samples_of(call)
    url = page("requests-list", draft)
    assert send(visitor, url, **picked(stock())).status_code == 422
    answer = send(visitor, url, **picked(powder, mass="7"))
    assert answer.status_code == 422
    assert f"{powder.catalogue_number} is asked for already: change it on its own page." in answer.content.decode()
    assert draft.draft_requests.get(sample=powder).asked_mg == 50
    assert send(visitor, url).status_code == 422
    assert send(visitor, page("requests-list", draft_of(call)), **picked(piece)).status_code == 404


def test_offer_is_narrowed_by_side_kind_and_words(visitor: Client, applicant: User) -> None:
    near = stock(description="Grey basalt powder", catalogue_number="NEAR-1")
    far = stock("9", Preparation.CLAST, Hemisphere.FAR, description_zh="玄武岩", catalogue_number="FAR-1")
    draft = draft_of(call_of(samples=[near, far]), applicant, complete=False)
    url = page("requests-list", draft)

    def found(query: str) -> set[str]:
        return {
            one.catalogue_number
            for one in (near, far)
            if f"samples/{one.catalogue_number}/" in visitor.get(f"{url}?{query}").content.decode()
        }

    assert {
        query: found(query) for query in ("", "side=far", "kind=powder", "q=basalt", "q=玄武岩", "q=ar-1", "side=x")
    } == {
        "": {"NEAR-1", "FAR-1"},
        "side=far": {"FAR-1"},
        "kind=powder": {"NEAR-1"},
        "q=basalt": {"NEAR-1"},
        "q=玄武岩": {"FAR-1"},
        "q=ar-1": {"NEAR-1", "FAR-1"},
        "side=x": {"NEAR-1", "FAR-1"},
    }
    assert "Nothing offered fits this filter." in visitor.get(f"{url}?q=nothing-like-it").content.decode()


def test_what_is_picked_comes_back_to_the_same_filter(
    visitor: Client, empty: Application, call: Call, send: Send
) -> None:
    url = page("requests-list", empty) + "?side=far"
    answer = send(visitor, url, **picked(samples_of(call)[1]))
    assert (answer.status_code, answer["Location"]) == (303, url)


def test_of_alternatives_only_the_largest_counts(visitor: Client, applicant: User) -> None:
    powders = [stock() for _ in range(3)]
    draft = draft_of(call_of(samples=powders), applicant, complete=False)
    group = DraftGroup.objects.create(application=draft, name="Either", kind=GroupKind.EITHER_OR)
    for sample, mass, inside in zip(powders, ("50", "30", "7"), (group, group, None), strict=True):
        line = request_of(draft, sample, mass, "1")
        line.group = inside
        line.save()
    shown = visitor.get(page("requests-list", draft)).content.decode()
    assert '<b><span class="nowrap">57 mg</span></b>' in shown
    assert "Of “Either” only the largest alternative counts: one of them is enough." in shown


def test_request_that_is_not_offered_any_more_is_said_and_can_be_removed(
    visitor: Client, draft: Application, call: Call
) -> None:
    powder, _piece = samples_of(call)
    call.offers.filter(sample=powder).delete()
    shown = visitor.get(page("requests-list", draft)).content.decode()
    assert f"{powder.catalogue_number} is not offered in this call." in shown
    assert page("requests-drop", draft, draft.draft_requests.get(sample=powder).uid) in shown


def test_list_costs_the_same_with_one_offer_and_with_thirty(visitor: Client, applicant: User) -> None:
    samples = [stock() for _ in range(30)]
    few, many = draft_of(call_of(samples=samples[:1]), applicant), draft_of(call_of(samples=samples), applicant)
    for draft in (few, many):
        group = DraftGroup.objects.create(application=draft, name="All", kind=GroupKind.NEEDS_ALL)
        draft.draft_requests.update(group=group)
    urls = [
        [
            page("requests-list", draft),
            page("requests-edit", draft, samples[0].catalogue_number),
            page("requests-group-edit", draft, draft.draft_groups.get().uid),
            page("requests-group-new", draft),
            page("requests-pair", draft),
        ]
        for draft in (few, many)
    ]
    visitor.get(urls[0][0])
    costs = [[len(queries_of(visitor, url)) for url in of_draft] for of_draft in urls]
    assert costs[0] == costs[1]
    assert max(costs[0]) <= MOST_QUERIES, costs


def test_pages_answer_to_the_team_alone(draft: Application) -> None:
    group = DraftGroup.objects.create(application=draft, name="All", kind=GroupKind.NEEDS_ALL)
    urls = [page("requests-list", draft), page("requests-group-new", draft), page("requests-pair", draft)]
    urls += [page(f"requests-group-{verb}", draft, group.uid) for verb in ("edit", "drop")]
    member, stranger = signed_in(member_of(draft).user), signed_in(draft_of(draft.call).principal_investigator)
    for url in urls:
        assert member.get(url).status_code == 200, url
        assert stranger.get(url).status_code == 404, url
        assert stranger.post(url, {"version": 1}).status_code == 404, url
        assert Client().get(url).status_code == 302, url


def test_page_of_a_large_call_stays_light(visitor: Client, applicant: User) -> None:
    samples = [
        stock("36.2", Preparation.CLAST, description="Clast of anorthositic norite, whole only") for _ in range(60)
    ]
    draft = draft_of(call_of(samples=samples), applicant, complete=False)
    for sample in samples[:12]:
        request_of(draft, sample)
    shown = visitor.get(page("requests-list", draft)).content
    assert len(shown) <= 60_000
    assert b'rel="next"' in shown
