"""Damaged files in numbers, each alone and each beside a good form: what went wrong is counted, by kind."""

from collections import Counter

from applications.models import Review
from tests.applications.offline.damaged import Sent, damaged
from tests.applications.offline.desks import Desk, filled, typed_into

SCORES = {"score significance": "4", "score feasibility": "NA"}
GOOD = "Good words."


class Trial:
    """A reviewer of three applications: files about two of them are damaged, that about the third is good."""

    def __init__(self) -> None:
        self.desk = Desk(3)
        self.answers: Counter[int] = Counter()
        self.saved = 0
        self.wrong: list[str] = []

    def run(self, count: int) -> list[str]:
        """Send so many damaged files; return what went wrong: faults of the portal, and good rows that were lost."""
        form = filled(self.desk.form(0), SCORES)
        book = typed_into(self.desk.workbook(2), 2, {"text for_panel": "From the sheet."})
        for sent in damaged(form, book, count):
            self._alone(sent)
            self._beside_a_good_one(sent)
        return self.wrong

    def _alone(self, sent: Sent) -> None:
        status = self.desk.send((sent.name, sent.content)).status_code
        self.answers[status] += 1
        if status not in (303, 422):
            self.wrong.append(f"{sent.kind}: answered with {status}")

    def _beside_a_good_one(self, sent: Sent) -> None:
        Review.objects.filter(assignment=self.desk.assignments[2]).delete()
        good = filled(self.desk.form(2), {"text for_panel": GOOD})
        self.desk.send(("good.txt", good), (sent.name, sent.content))
        page = self.desk.client.get(self.desk.path("preview")).status_code
        status = self.desk.save().status_code if page == 200 else page
        if page != 200 or status != 303:
            self.wrong.append(f"{sent.kind}: shown with {page}, saved with {status}")
        kept = Review.objects.filter(assignment=self.desk.assignments[2], for_panel=GOOD)
        if not kept.exists():
            self.wrong.append(f"{sent.kind}: the good row is lost")
        self.saved += kept.count()
