"""The demonstration is never loaded into a portal that is somebody's."""

import pytest
from django.core.management import CommandError, call_command

from applications.models import Call
from portal.accounts.models import User
from portal.demonstration import people
from tests.factories.accounts import UserFactory
from tests.factories.applications import stock
from tests.scenarios import panel_call

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reset", [[], ["--reset"]])
def test_load_is_refused_beside_accounts_of_other_people(reset):
    UserFactory(email="somebody@institute.example")

    with pytest.raises(CommandError, match="accounts of other people"):
        call_command("load_demo", *reset)
    assert [user.email for user in User.objects.all()] == ["somebody@institute.example"]


@pytest.mark.parametrize("reset", [[], ["--reset"]])
def test_load_is_refused_beside_stock_that_is_not_its_own(reset):
    sample = stock()

    with pytest.raises(CommandError, match="samples in stock"):
        call_command("load_demo", *reset)
    sample.refresh_from_db()
    assert sample.free_mg == 1000


@pytest.mark.parametrize("reset", [[], ["--reset"]])
def test_load_is_refused_beside_calls_that_are_not_its_own(reset):
    panel_call()
    for number, user in enumerate(User.objects.all(), start=1):
        User.objects.filter(pk=user.pk).update(email=people.NUMBERED[number].email)

    with pytest.raises(CommandError, match="calls that are not"):
        call_command("load_demo", *reset)
    assert Call.objects.count() == 1
