"""A few hundred made-up calls to every operation: no fault, and no answer that is not described."""

import pytest

from tests.factories.accounts import UserFactory, token_of
from tests.factories.applications import call_of, draft_of
from tests.factories.samples import powder
from tests.portal.fuzzing import OPERATIONS, fuzz

EXAMPLES = 15


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["anonymous", "owner", "somebody"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_made_up_is_answered_as_described(name: str, who: str) -> None:
    application = draft_of(call_of())
    known = {
        "reference": application.reference,
        "slug": application.call.slug,
        "number": powder(10, catalogue_number="TEST 1/a").catalogue_number,
    }
    asks = {"owner": application.principal_investigator, "somebody": UserFactory()}.get(who)
    headers = {"Authorization": f"Bearer {token_of(asks, 'read', 'apply')}"} if asks else {}
    assert fuzz(name, headers, EXAMPLES, known) > 0
