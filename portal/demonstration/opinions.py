"""What curator, reviewers and chair say in the demonstration: varied, and the same on every load."""

import random
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from applications.enums import Feasibility, Verdict
from applications.models import Criterion, SampleRequest
from applications.reviewing import Opinion

TO_APPLICANTS = {
    "strong": (
        "The question is clear and the plan can answer it. Please publish the blanks with the data.",
        "A sound plan with a stop rule that convinces. Data already published could serve as the reference.",
        "The comparison is well designed. Say earlier in the text which result would contradict you.",
    ),
    "middling": (
        "The question is useful; the plan should say what happens if half of the grains fail.",
        "The masses are arguable. A test on simulant would show whether fewer runs are enough.",
        "Interesting, but the text leaves open how the two samples are kept apart.",
    ),
    "weak": (
        "The plan does not yet show how the measurement answers the question.",
        "More is asked than the method needs. Please justify every milligram.",
        "The link between the data and the conclusion is thin; a smaller first step would help.",
    ),
}
TO_PANEL = {
    "strong": ("I would give what is asked.", "One of the clearest in my list.", "Ready to begin as written."),
    "middling": ("Worth an interview.", "Good idea, careless with mass.", "I could be persuaded either way."),
    "weak": ("Not this time.", "Better sent back for another round.", "Others need the same piece more."),
}
SMALLER = (
    "The statistics given allow fewer runs.",
    "A first series would show whether the rest is needed.",
    "Two others ask for the same powder.",
)
PARTLY = "The opened part of this portion holds less at the grain size asked."
INFEASIBLE = "The piece is needed as a reference this year. A section of the same rock type can be offered."
REASONS = {
    Verdict.AWARD: "The panel finds the question important and the amount justified.",
    Verdict.RESERVE: "A good plan; it comes next if the piece becomes free.",
    Verdict.DECLINE: "The panel could not see how the measurement would answer the question.",
}
LESS = "The panel supports the question; the mass given is enough for a first series."


def scores(criteria: Iterable[Criterion], quality: int, chance: random.Random) -> dict[str, int | None]:
    """Return scores around a quality of 1 to 5; now and then a criterion does not apply."""
    return {
        criterion.code: None
        if criterion.code == "others" and chance.random() < 0.1
        else min(5, max(1, quality + chance.choice((-1, 0, 0, 0, 1))))
        for criterion in criteria
    }


def texts(quality: int, chance: random.Random) -> dict[str, Any]:
    """Return what a reviewer writes to the applicant and to the panel."""
    tone = "strong" if quality >= 4 else "middling" if quality == 3 else "weak"
    return {"for_applicant": chance.choice(TO_APPLICANTS[tone]), "for_panel": chance.choice(TO_PANEL[tone])}


def masses(requests: Iterable[SampleRequest], chance: random.Random) -> dict[str, Opinion]:
    """Return what a reviewer would give of powders: often less than asked, with the reason."""
    found = {}
    for request in requests:
        if request.asked_mg is None or request.least_mg is None or chance.random() < 0.4:
            continue
        share = chance.choice((Decimal(1), Decimal("0.5"), Decimal(0)))
        wanted = request.least_mg + share * (request.asked_mg - request.least_mg)
        because = "" if wanted == request.asked_mg else chance.choice(SMALLER)
        found[str(request.uid)] = Opinion(wanted.quantize(Decimal("0.1"), ROUND_HALF_UP), because)
    return found


def advice(request: SampleRequest, chance: random.Random, *, varied: bool) -> dict[str, Any]:
    """Return the curator's advice: feasible; where it is `varied`, sometimes less of a powder, rarely not at all."""
    drawn = chance.random() if varied else 1
    if request.asked_mg is not None and drawn < 0.12:
        mass = (request.asked_mg * Decimal("0.6")).quantize(Decimal("0.1"))
        return {"feasibility": Feasibility.PARTLY, "feasible_mg": mass, "note": PARTLY}
    if request.whole and drawn < 0.1:
        return {"feasibility": Feasibility.INFEASIBLE, "note": INFEASIBLE}
    return {"feasibility": Feasibility.FEASIBLE}


def reason(verdict: str, request: SampleRequest, mass_mg: Decimal | None) -> str:
    """Return the reason that the applicant will read with a verdict."""
    if mass_mg is not None and request.asked_mg is not None and mass_mg < request.asked_mg:
        return LESS
    return REASONS[Verdict(verdict)]
