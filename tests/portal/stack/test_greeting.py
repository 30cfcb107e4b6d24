"""What `make run` tells a person exists."""

import re

from portal.demonstration import people
from portal.stack import place, running


def test_the_accounts_that_are_printed_are_those_of_the_demonstration() -> None:
    printed = {address for line, _ in running.ACCOUNTS for address in re.findall(r"\S+@example\.org", line)}
    everybody = {one.email for one in people.EVERYBODY}
    reviewers = {one.email for one in people.REVIEWERS}
    numbered = {one.email for one in people.NUMBERED}
    # The line of the reviewers names the first and the last.
    assert printed | reviewers == everybody - numbered
    assert running.PASSWORD == people.PASSWORD


def test_the_first_administrator_is_made_on_the_data_that_run() -> None:
    usual, other = place.ROOT / "var", place.ROOT / "elsewhere"
    command = ".venv/bin/python manage.py create_administrator EMAIL"
    assert running.first_administrator(usual) == command
    assert running.first_administrator(other) == f"DATA_DIR={other} {command}"
