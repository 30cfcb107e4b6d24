"""Every place of the material: named, changed, taken out; sums and days are looked at."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from applications.enums import PlaceKind
from applications.models import Application, Place
from applications.team import places
from applications.team.places import MOST_PLACES
from portal.errors import Denied, NotNow
from tests.applications.apply.conftest import page, signed_in
from tests.counting import queries_of
from tests.factories.accounts import InstitutionFactory
from tests.factories.applications import draft_of, member_of

Send = Callable[..., Any]
DAY = timedelta(days=1)


def said(draft: Application, **changes: Any) -> dict[str, Any]:
    after = draft.call.closes_at.date() + 30 * DAY
    place = InstitutionFactory(country_or_region="NO")
    return {
        "institution_name": place.name,
        "country_or_region": place.country_or_region,
        "kind": "visited",
        "facility": "Beamline 3",
        "mass_mg": "1,25",
        "pieces": "1",
        "from_on": after.isoformat(),
        "until_on": (after + 10 * DAY).isoformat(),
        "carrier": "The principal investigator",
        "version": draft.version,
    } | changes


def test_place_is_named_and_stands_in_the_snapshot(visitor: Client, draft: Application, send: Send) -> None:
    typed = said(draft)
    assert send(visitor, page("team-places", draft), **typed).status_code == 303
    place = draft.places.get(kind=PlaceKind.VISITED)
    assert (place.mass_mg, place.pieces, place.facility) == (Decimal("1.250"), 1, "Beamline 3")
    assert place.institution.name == typed["institution_name"]
    shown = visitor.get(page("team-places", draft)).content.decode()
    assert "1.25 mg" in shown and "Beamline 3" in shown


def test_there_are_as_many_places_as_may_be_and_no_more(visitor: Client, draft: Application, send: Send) -> None:
    have = draft.places.count()
    visited = {"application": draft, "institution": draft.institution, "kind": PlaceKind.VISITED}
    Place.objects.bulk_create(Place(**visited) for _each in range(MOST_PLACES - have - 1))
    assert send(visitor, page("team-places", draft), **said(draft)).status_code == 303
    answer = send(visitor, page("team-places", draft), **said(draft))
    assert answer.status_code == 422
    assert f"at most {MOST_PLACES} places" in answer.content.decode()
    assert draft.places.count() == MOST_PLACES


def test_place_is_changed(visitor: Client, draft: Application, send: Send) -> None:
    place = draft.places.get()
    url = page("team-place", draft, place.uid)
    assert place.institution.name in visitor.get(url).content.decode()
    assert send(visitor, url, **said(draft, kind="holder", mass_mg="")).status_code == 303
    place.refresh_from_db()
    assert (place.kind, place.mass_mg, place.facility, draft.places.count()) == ("holder", None, "Beamline 3", 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"institution_name": ""}, "institution_name"),
        ({"country_or_region": "QQ"}, "country_or_region"),
        ({"kind": "nowhere"}, "kind"),
        ({"mass_mg": "1,250"}, "mass_mg"),
        ({"mass_mg": "much"}, "mass_mg"),
        ({"pieces": "-1"}, "pieces"),
        ({"pieces": "1000"}, "pieces"),
        ({"from_on": "03/04/2027"}, "from_on"),
        ({"from_on": "2020-01-01"}, "from_on"),
        ({"until_on": "9999-12-31"}, "until_on"),
        ({"facility": "x" * 201}, "facility"),
        ({"version": "x"}, "version"),
    ],
)
def test_what_cannot_be_is_said_at_the_field_and_nothing_typed_is_lost(
    visitor: Client, draft: Application, send: Send, change: dict[str, str], field: str
) -> None:
    before = list(Place.objects.values())
    answer = send(visitor, page("team-places", draft), **said(draft, **change))
    assert (answer.status_code, field in answer.context["form"].errors) == (422, True)
    assert answer.context["form"]["carrier"].value() == "The principal investigator"
    assert list(Place.objects.values()) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pieces": "-1"}, "Write the whole pieces as a number from 0 to 999."),
        ({"from_on": "03/04/2027"}, "Write “From” as a day, such as 2027-03-01."),
    ],
)
def test_a_complaint_names_its_field(
    visitor: Client, draft: Application, send: Send, change: dict[str, str], words: str
) -> None:
    answer = send(visitor, page("team-places", draft), **said(draft, **change))
    assert answer.content.decode().count(words) == 2  # in the summary and at the field


def test_material_does_not_leave_before_it_came(visitor: Client, draft: Application, send: Send) -> None:
    day = draft.call.closes_at.date() + 30 * DAY
    answer = send(
        visitor, page("team-places", draft), **said(draft, from_on=day.isoformat(), until_on=(day - DAY).isoformat())
    )
    assert list(answer.context["form"].errors) == ["until_on"]


def test_more_at_the_holders_than_is_asked_for_warns_and_forbids_nothing(
    visitor: Client, draft: Application, send: Send
) -> None:
    assert "The holding places take" not in visitor.get(page("team-places", draft)).content.decode()
    more = said(draft, kind="holder", mass_mg="50.001", pieces="2")
    assert send(visitor, page("team-places", draft), **more).status_code == 303
    shown = visitor.get(page("team-places", draft)).content.decode()
    assert "The holding places take 50.001 mg together, and you ask for 50 mg." in shown
    assert "The holding places take 2 whole pieces together, and you ask for 1." in shown


def test_two_people_at_one_place_are_told_and_at_two_places_are_not(
    visitor: Client, draft: Application, send: Send
) -> None:
    colleague, place = signed_in(member_of(draft).user), draft.places.get()
    other = Place.objects.create(application=draft, institution=InstitutionFactory())
    version = draft.version
    assert send(colleague, page("team-place", draft, place.uid), **said(draft, facility="Theirs")).status_code == 303

    mine = said(draft, facility="Mine", version=version)
    answer = send(visitor, page("team-place", draft, place.uid), **mine)
    assert answer.status_code == 409
    assert "Theirs" in answer.content.decode() and "Mine" in answer.content.decode()
    assert send(visitor, page("team-place", draft, other.uid), **mine).status_code == 303
    place.refresh_from_db()
    assert place.facility == "Theirs"


def test_place_of_another_application_is_out_of_reach(visitor: Client, draft: Application, send: Send) -> None:
    foreign = draft_of(draft.call).places.get()
    for name in ("team-place", "team-place-remove"):
        assert send(visitor, page(name, draft, foreign.uid), **said(draft)).status_code == 404
    with pytest.raises(NotNow):
        places.put_place(draft, by=draft.principal_investigator, institution=foreign.institution, place=foreign)
    with pytest.raises(Denied):
        places.drop_place(foreign, by=draft.principal_investigator)
    foreign.refresh_from_db()


def test_place_is_taken_out_once(visitor: Client, draft: Application, send: Send) -> None:
    place = draft.places.get()
    remove = page("team-place-remove", draft, place.uid)
    assert send(visitor, page("team-place", draft, place.uid), **said(draft)).status_code == 303
    assert send(visitor, remove, version=draft.version).status_code == 409  # it says something else by now
    draft.refresh_from_db()
    assert send(visitor, remove, version=draft.version).status_code == 303
    with pytest.raises(NotNow):
        places.drop_place(place, by=draft.principal_investigator)


def test_readers_and_the_late_change_nothing(draft: Application, send: Send) -> None:
    reader = signed_in(member_of(draft, role="reader").user)
    assert send(reader, page("team-places", draft), **said(draft)).status_code == 403
    Application.objects.filter(pk=draft.pk).update(status="withdrawn")
    with pytest.raises(NotNow):
        places.put_place(draft, by=draft.principal_investigator, institution=draft.institution)


def test_pages_cost_the_same_with_one_row_and_with_many(visitor: Client, draft: Application) -> None:
    urls = [page(name, draft) for name in ("team-places", "team-list", "declarations-authorisations")]
    member_of(draft)
    visitor.get(urls[0])
    costs = [[len(queries_of(visitor, url)) for url in urls]]
    for _each in range(19):
        Place.objects.create(application=draft, institution=InstitutionFactory())
        member_of(draft)
    costs.append([len(queries_of(visitor, url)) for url in urls])
    assert costs[0] == costs[1], costs
