"""Who knows which technique: the vocabulary, its broader concepts, and what an application wants measured.

Reviewers are matched by it in `applications/rules/matching.py`.
"""

from collections.abc import Iterable
from functools import cache

from applications.models import SampleRequest
from samples.rules.techniques import code_of, technique


def wanted_by(requests: Iterable[SampleRequest]) -> frozenset[str]:
    """Return the techniques of an application's sample requests and of the runs planned, as codes or plain words."""
    named = {one.technique for one in requests} | {run.get("technique", "") for one in requests for run in one.runs}
    return frozenset(code_of(words) for words in named if words.strip())


def known(expert_in: Iterable[str], wanted: Iterable[str]) -> int:
    """Return how many of the techniques wanted somebody knows who is expert in these: `knows`."""
    return len(knows(expert_in, wanted))


def knows(expert_in: Iterable[str], wanted: Iterable[str]) -> frozenset[str]:
    """Return which of the techniques wanted somebody knows who is expert in these.

    Whoever knows a concept knows what stands below it; and where only a broad concept is wanted, whoever knows one
    technique of it counts. What no code names is known by nobody.

    Source: portal policy.
    """
    own = set(expert_in)
    above = {broader for code in own for broader in lineage(code)}
    return frozenset(one for one in wanted if lineage(one) & own or one in above)


@cache
def lineage(code: str) -> frozenset[str]:
    """Return a code of the vocabulary with every concept above it; nothing for what is no code."""
    found = technique(code)
    if found is None:
        return frozenset()
    return frozenset({code}) | (lineage(found.broader) if found.broader else frozenset())
