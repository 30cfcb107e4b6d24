"""What `make run` tells a person exists."""

import re

from portal.demonstration import people
from portal.stack import running


def test_the_accounts_that_are_printed_are_those_of_the_demonstration() -> None:
    printed = {address for line, _ in running.ACCOUNTS for address in re.findall(r"\S+@example\.org", line)}
    everybody = {one.email for one in people.EVERYBODY}
    reviewers = {one.email for one in people.REVIEWERS}
    numbered = {one.email for one in people.NUMBERED}
    # The line of the reviewers names the first and the last.
    assert printed | reviewers == everybody - numbered
    assert running.PASSWORD == people.PASSWORD
