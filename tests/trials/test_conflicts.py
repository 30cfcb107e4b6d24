"""10,000 generated pairs of people and applications: check, bulk check and query of conflicts say the same of each.

The control is a query that forgets what chairs have ruled: it has to be found out.
"""

import time

import pytest

from applications.enums import ConflictKind
from tests.conflicting import Cases, without_rulings

pytestmark = pytest.mark.django_db
PEOPLE, APPLICATIONS = 40, 250


def test_check_and_query_agree_on_ten_thousand_cases() -> None:
    began = time.monotonic()
    outcome = Cases(people=PEOPLE, applications=APPLICATIONS, seed=20261122).compare()
    seconds = time.monotonic() - began
    control = Cases(people=5, applications=30, seed=20261122).compare(without_rulings)
    print(
        f"\nConflicts: {outcome.tries} tries in {seconds:.1f} s: {outcome.barred} barred, {len(outcome.violations)} "
        f"violations; control without rulings: {control.tries} tries, {len(control.violations)} violations"
    )
    assert (outcome.tries, outcome.violations) == (PEOPLE * APPLICATIONS, [])
    assert outcome.kinds == set(ConflictKind)
    assert control.violations
