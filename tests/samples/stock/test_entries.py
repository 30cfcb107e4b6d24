"""History and data of samples: written by keepers alone, checked, kept in the trail, never overwritten unseen."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from portal import clock
from portal.audit.trail import trail
from portal.errors import Denied, Invalid, NotNow
from samples.models import Dataset, Treatment
from samples.stock import entries
from tests.factories.accounts import UserFactory
from tests.factories.samples import powder

pytestmark = pytest.mark.django_db
STEP = {"kind": "coating", "description": "Gold coating, 10 nm", "source": "log 7"}
DATA = {"measured": "Pores", "technique": "XCT", "published_in": "A paper"}


@pytest.fixture
def curator() -> Any:
    """Return somebody who keeps the stock."""
    return UserFactory(roles=["curator"])


@pytest.fixture
def keeper(client: Client, curator: Any) -> Client:
    """Return a client signed in as curator."""
    client.force_login(curator)
    return client


def said(sample: Any) -> list[tuple[str, Any, Any]]:
    """Return what the trail says was done to a sample: verb, old words, reason."""
    return [
        (
            event.verb,
            getattr(getattr(event, "text", None), "old", {}),
            getattr(getattr(event, "text", None), "reason", ""),
        )
        for event in trail(sample)
    ]


def test_an_entry_is_added_changed_and_removed_and_the_trail_keeps_every_word(curator: Any) -> None:
    sample = powder()
    entry = entries.add(sample, "history", by=curator, **STEP)
    entries.change(entry, by=curator, version=entries.version_of(entry), description="Gold coating, 20 nm")
    entry.refresh_from_db()
    assert entry.description == "Gold coating, 20 nm"
    entries.remove(entry, by=curator, reason="another sample")
    gone = {"day": "", "description_zh": "", **STEP, "description": "Gold coating, 20 nm"}
    assert said(sample) == [
        ("sample.add-history", {}, ""),
        ("sample.change-history", {"description": "Gold coating, 10 nm"}, ""),
        ("sample.remove-history", gone, "another sample"),
    ]
    assert Treatment.objects.count() == 0


def test_nothing_changed_is_nothing_recorded(curator: Any) -> None:
    sample = powder()
    entry = entries.add(sample, "data", by=curator, **DATA)
    entries.change(entry, by=curator, version=entries.version_of(entry), **DATA)
    assert [verb for verb, _old, _reason in said(sample)] == ["sample.add-data"]


@pytest.mark.parametrize("roles", [[], ["administrator"], ["auditor"]])
def test_only_keepers_of_the_stock_write(roles: list[str]) -> None:
    somebody, sample = UserFactory(roles=roles), powder()
    entry = entries.add(sample, "history", by=None, **STEP)
    for act in (
        lambda: entries.add(sample, "history", by=somebody, **STEP),
        lambda: entries.change(entry, by=somebody, version=entries.version_of(entry), description="x"),
        lambda: entries.remove(entry, by=somebody, reason="x"),
    ):
        with pytest.raises(Denied):
            act()
    assert list(Treatment.objects.values_list("description", flat=True)) == ["Gold coating, 10 nm"]


@pytest.mark.parametrize(
    ("sort", "facts", "field"),
    [
        ("history", STEP | {"description": ""}, "description"),
        ("history", STEP | {"source": ""}, "source"),
        ("history", STEP | {"kind": "magic"}, "kind"),
        ("history", STEP | {"description": "x" * 1001}, "description"),
        ("data", DATA | {"measured": ""}, "measured"),
        ("data", DATA | {"technique": ""}, "technique"),
        ("data", DATA | {"published_in": ""}, "published_in"),
        ("data", DATA | {"doi": "a paper"}, "doi"),
        ("data", DATA | {"url": "javascript:alert(1)"}, "url"),
        ("data", DATA | {"url": "//example.org"}, "url"),
    ],
)
def test_what_cannot_stand_is_refused_at_its_field(curator: Any, sort: str, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        entries.add(powder(), sort, by=curator, **facts)
    assert list(refusal.value.errors) == [field]
    assert (Treatment.objects.count(), Dataset.objects.count()) == (0, 0)


def test_a_day_that_has_not_come_is_refused(curator: Any) -> None:
    today = clock.now().date()
    entries.add(powder(), "history", by=curator, day=today, **STEP)
    with pytest.raises(Invalid) as refusal:
        entries.add(powder(), "history", by=curator, day=today + timedelta(days=1), **STEP)
    assert refusal.value.field == "day"


def test_two_curators_do_not_overwrite_each_other(curator: Any) -> None:
    entry = entries.add(powder(), "history", by=curator, **STEP)
    opened = entries.version_of(entry)
    entries.change(entry, by=curator, version=opened, source="log 8")
    with pytest.raises(NotNow) as refusal:
        entries.change(entry, by=curator, version=opened, source="log 9")
    assert refusal.value.code == "stale"
    entry.refresh_from_db()
    entries.remove(entry, by=curator, reason="twice")
    for act in (
        lambda: entries.change(entry, by=curator, version=opened, source="x"),
        lambda: entries.remove(entry, by=curator, reason="x"),
    ):
        with pytest.raises(NotNow):
            act()


@pytest.mark.parametrize(
    "broken",
    [
        lambda sample: Treatment(sample=sample, **STEP | {"kind": "magic"}),
        lambda sample: Treatment(sample=sample, **STEP | {"description": ""}),
        lambda sample: Treatment(sample=sample, **STEP | {"source": ""}),
        lambda sample: Dataset(sample=sample, **DATA | {"published_in": ""}),
        lambda sample: Dataset(sample=sample, **DATA, doi="x"),
        lambda sample: Dataset(sample=sample, **DATA, url="ftp://x"),
    ],
)
def test_the_database_refuses_the_same(broken: Any) -> None:
    row = broken(powder())
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


# --- The pages ------------------------------------------------------------------------------------------


def test_history_is_written_and_changed_on_its_pages(keeper: Client) -> None:
    sample = powder()
    here = reverse("samples:stock-detail", args=[sample.catalogue_number])
    add = reverse("samples:stock-add-history", args=[sample.catalogue_number])
    assert keeper.post(add, {**STEP, "day": "2024-03-02"})["Location"] == here
    entry = Treatment.objects.get()
    change = reverse("samples:stock-change-history", args=[entry.uid])
    form = keeper.get(change).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {"description": "Carbon", "day": "2024-03-02"}
    assert keeper.post(change, typed).status_code == 303
    page = keeper.get(here).content.decode()
    assert "Carbon" in page
    assert "History changed" in page
    assert (
        keeper.post(reverse("samples:stock-remove-history", args=[entry.uid]), {"reason": "wrong"}).status_code == 303
    )
    assert Treatment.objects.count() == 0


def test_data_take_a_technique_of_the_list_or_words_and_not_both(keeper: Client) -> None:
    sample = powder()
    add = reverse("samples:stock-add-data", args=[sample.catalogue_number])
    typed = {"measured": "Pores", "published_in": "A paper", "doi": "https://doi.org/10.1000/x"}
    assert keeper.post(add, {**typed, "technique": "XCT"}).status_code == 303
    assert keeper.post(add, {**typed, "technique_words": "our own"}).status_code == 303
    assert list(Dataset.objects.values_list("technique", "doi")) == [("XCT", "10.1000/x"), ("our own", "10.1000/x")]
    for wrong in ({}, {"technique": "XCT", "technique_words": "our own"}, {"technique": "Massspectrometry"}):
        answer = keeper.post(add, {**typed, **wrong})
        assert answer.status_code == 422
        assert "Pores" in answer.content.decode()
    change = reverse("samples:stock-change-data", args=[Dataset.objects.last().uid])
    assert keeper.get(change).context["form"]["technique_words"].value() == "our own"


def test_what_somebody_saved_meanwhile_stands_beside_what_was_typed(keeper: Client, curator: Any) -> None:
    entry = entries.add(powder(), "history", by=curator, **STEP)
    change = reverse("samples:stock-change-history", args=[entry.uid])
    typed = {**STEP, "version": entries.version_of(entry), "description": "My words"}
    entries.change(entry, by=curator, version=typed["version"], description="Their words")
    answer = keeper.post(change, typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "My words" in page
    assert "Their words" in page
    again = {**typed, "version": answer.context["form"]["version"].value()}
    assert keeper.post(change, again).status_code == 303
    entry.refresh_from_db()
    assert entry.description == "My words"


@pytest.mark.parametrize(
    ("roles", "status"), [([], 404), (["administrator"], 404), (["auditor"], 404), (["curator"], 200)]
)
def test_who_opens_the_pages_of_entries(client: Client, roles: list[str], status: int) -> None:
    sample = powder()
    step = entries.add(sample, "history", by=None, **STEP)
    data = entries.add(sample, "data", by=None, **DATA)
    client.force_login(UserFactory(roles=roles))
    addresses = [reverse(f"samples:stock-add-{sort}", args=[sample.catalogue_number]) for sort in ("history", "data")]
    for entry, sort in ((step, "history"), (data, "data")):
        addresses += [reverse(f"samples:stock-{verb}-{sort}", args=[entry.uid]) for verb in ("change", "remove")]
    assert [client.get(address).status_code for address in addresses] == [status] * 6


def test_an_entry_of_the_other_sort_is_absent(keeper: Client) -> None:
    step = entries.add(powder(), "history", by=None, **STEP)
    assert keeper.get(reverse("samples:stock-change-data", args=[step.uid])).status_code == 404
