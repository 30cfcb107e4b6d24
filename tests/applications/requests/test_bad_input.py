"""Whatever is sent to the forms of requests and groups: never a fault, and what is refused changes no row."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application, DraftGroup
from applications.requests.queries import field_of
from tests.applications.apply.conftest import page
from tests.factories.applications import draft_of

POSTS = 160
VALUES = (
    "", "0", "1", "-1", "1.25", "1,25", "1,250", "NaN", "Infinity", "1e400", "9" * 400, "²", "１", "\x00",
    "on", "up:", "down:nothing", "needs-all", "either-or", "in-order", "consuming", "near", "far", "<script>", "%s%n{}",
    "00000000-0000-4000-8000-000000000000", "x" * 5000, "ا" * 50, "中" * 200, "calculate", "more", "tell",
)  # fmt: skip


def names_of(draft: Application) -> list[str]:
    """Return every field of the room, and some that it does not have."""
    rows = [
        f"runs-{number}-{name}"
        for number in (0, 1, 19, 20)
        for name in ("technique", "mass_mg", "runs", "loss_percent")
    ]
    picks = [field_of(offer.sample.catalogue_number) for offer in draft.call.offers.select_related("sample")]
    texts = ["name", "kind", "members", "least", "matching", "first", "least_set", "comparison", "move", "way"]
    own = ["version", "whole", "asked_mg", "least_mg", "technique", "effect", "justification", "contaminants"]
    forged = ["application", "sample", "group", "rank", "in_least_set", "position", "runs-TOTAL_FORMS", "runs-x-runs"]
    return [*rows, *picks, *texts, *own, *forged, "alternatives", "do", "near", "far", "_by_itself", "_once"]


def state_of(draft: Application) -> Any:
    """Return everything the room writes."""
    draft.refresh_from_db()
    groups = list(draft.draft_groups.values().order_by("pk"))
    return draft.version, groups, list(draft.draft_requests.values().order_by("pk"))


@pytest.fixture
def urls(draft: Application) -> list[str]:
    group = DraftGroup.objects.create(application=draft, name="One", kind="needs-all")
    DraftGroup.objects.create(application=draft, name="Two", kind="needs-all", position=2)
    offers = [offer.sample.catalogue_number for offer in draft.call.offers.select_related("sample")]
    verbs = ("edit", "move", "drop")
    return [
        page("requests-list", draft),
        page("requests-group-new", draft),
        page("requests-pair", draft),
        *(page("requests-edit", draft, number) for number in offers),
        *(page(f"requests-group-{verb}", draft, group.uid) for verb in verbs),
    ]


def test_random_posts_are_no_faults_and_a_refused_one_changes_nothing(
    visitor: Client, draft: Application, urls: list[str]
) -> None:
    chance = random.Random(20261122)  # noqa: S311 -- repeatable, not secret
    names = names_of(draft)
    uids = [str(line.uid) for line in draft.draft_requests.all()]
    foreign = [str(line.uid) for line in draft_of(draft.call).draft_requests.all()]
    numbers = [offer.sample.catalogue_number for offer in draft.call.offers.select_related("sample")]
    values = (*VALUES, *uids, *foreign, *numbers)
    seen = set()
    for _ in range(POSTS):
        data = {name: chance.choice(values) for name in chance.sample(names, chance.randint(0, len(names) // 2))}
        data.setdefault("version", str(draft.version))
        before = state_of(draft)
        answer = visitor.post(chance.choice(urls), data)
        seen.add(answer.status_code)
        assert answer.status_code in (200, 303, 404, 409, 422), (answer.status_code, data)
        if answer.status_code >= 400:
            assert state_of(draft) == before, data
    assert seen >= {303, 422}


def test_posts_of_somebody_else_change_nothing(draft: Application, urls: list[str], send: Callable[..., Any]) -> None:
    stranger = Client()
    stranger.force_login(draft_of(draft.call).principal_investigator)
    before = state_of(draft)
    for url in urls:
        data = {"version": draft.version, "asked_mg": "1", "least_mg": "1", "effect": "consuming", "whole": "on"}
        assert send(stranger, url, name="x", kind="needs-all", way="down", **data).status_code == 404, url
    assert state_of(draft) == before
    assert stranger.get(reverse("applications:requests-add", args=["no/such"])).status_code == 404
