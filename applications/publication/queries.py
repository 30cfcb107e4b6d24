"""What the administrators' pages of publications show: the list now, what changed since, and who has signed."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Count, Prefetch, Q

from applications.access import publishable_calls
from applications.enums import Outcome, PublicationKind, PublicationStatus, Status
from applications.models import Call, Publication, Signature
from applications.publication import manifest
from applications.publication.manifest import Manifest
from portal.paging import Page, page

ORDER = ("-closes_at", "slug")
RELEASED = (PublicationStatus.RELEASED_TO_APPLICANTS, PublicationStatus.RELEASED_TO_PUBLIC)


def calls(user: Any, cursor: str | None = None) -> Page:
    """Return one page of the calls this person may publish, with their publications and how far applications are."""
    going = Q(applications__submission__isnull=False) & ~Q(applications__status__in=manifest.OUT)
    live = Publication.objects.exclude(status=PublicationStatus.RECALLED).defer("manifest").order_by("prepared_at")
    rows = publishable_calls(user).annotate(
        going=Count("applications", filter=going),
        decided=Count("applications", filter=Q(applications__status__in=[Status.DECIDED, Status.PUBLISHED])),
    )
    return page(rows.prefetch_related(Prefetch("publications", live, to_attr="live")), ORDER, cursor)


def live(call: Call, kind: str) -> Publication | None:
    """Return the publication of a call that is under way or released; None where none is."""
    found = Publication.objects.filter(call=call, kind=kind).exclude(status=PublicationStatus.RECALLED)
    return found.select_related("call", "prepared_by").first()


def would_list(call: Call, kind: str) -> Manifest:
    """Return what a publication would list if it were prepared now."""
    return manifest.build(Publication(call=call, kind=kind))


@dataclass
class Line:
    """One row of the public record, with the mass that was signed before where it differs."""

    entry: dict[str, Any]
    award: dict[str, Any] | None
    was_mg: str = ""
    is_new: bool = False


@dataclass
class Sheet:
    """A publication as its page shows it."""

    publication: Publication
    document: dict[str, Any]
    sha256: str
    present: Manifest | None  # None once it is released
    signatures: list[Signature] = field(default_factory=list)

    @property
    def is_released(self) -> bool:
        return self.publication.status in RELEASED

    @property
    def has_changed(self) -> bool:
        """Whether the list is another one than was prepared or signed last."""
        return self.sha256 != self.publication.manifest_sha256

    @property
    def live_signatures(self) -> list[Signature]:
        """The signatures that count: not void, and on the list shown."""
        return [one for one in self.signatures if one.voided_at is None and one.manifest_sha256 == self.sha256]

    @cached_property
    def lines(self) -> list[Line]:
        """The public record line by line; an award whose mass was another one before says so."""
        before = {
            (entry["reference"], award["sample"]): award["mass_mg"]
            for entry in self.publication.manifest.get("public", [])
            for award in entry.get("awards", [])
        }
        found = []
        for entry in self.document["public"]:
            for award in entry.get("awards") or [None]:
                was = before.get((entry["reference"], award["sample"])) if award else None
                changed = self.has_changed and award is not None
                found.append(
                    Line(
                        entry,
                        award,
                        was_mg=was if changed and was and was != award["mass_mg"] else "",
                        is_new=changed and was is None,
                    )
                )
        return found

    @cached_property
    def differences(self) -> list[tuple[str, str]]:
        """Each reference whose document is another one than before: added, removed or changed."""
        if not self.has_changed:
            return []
        before, now = _told(self.publication.manifest), _told(self.document)
        both = before.keys() & now.keys()
        found = [(reference, "added") for reference in now.keys() - both]
        found += [(reference, "removed") for reference in before.keys() - both]
        found += [(reference, "changed") for reference in both if now[reference] != before[reference]]
        return sorted(found)

    @property
    def counts(self) -> dict[str, int]:
        """How many documents say what, and how many messages leave."""
        outcomes = [one.get("outcome") for one in self.document["documents"]]
        return {
            "documents": len(outcomes),
            "public": len(self.document["public"]),
            "named": sum(1 for one in self.document["public"] if one.get("principal_investigator")),
            "reserve": outcomes.count(Outcome.RESERVE),
            "not_selected": outcomes.count(Outcome.NOT_SELECTED),
            "not_public": len(outcomes) - len(self.document["public"]),
            "holds": sum(len(one["holds"]) for one in self.document["movements"]),
            "samples": len(self.document["movements"]),
            "notices": sum(one["recipients"] for one in self.document["notices"]),
            "pages": len(self.document["pages"]),
        }


def _told(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each document by its reference, its proof left out: that changes with everybody else's."""
    return {one["reference"]: {**one, "record": None} for one in document.get("documents", [])}


def sheet(publication: Publication) -> Sheet:
    """Return what the page of a publication shows: the list as it is now, or as it was released."""
    signatures = list(publication.signatures.select_related("by").order_by("at", "pk"))
    if publication.status in RELEASED:
        return Sheet(publication, publication.manifest, publication.manifest_sha256, None, signatures)
    present = manifest.build(publication)
    return Sheet(publication, present.document, present.sha256, present, signatures)


def letter(shown: Sheet, reference: str) -> dict[str, Any] | None:
    """Return the document that one applicant is told by a publication."""
    return next((one for one in shown.document["documents"] if one["reference"] == reference), None)


def of_kinds(call: Call) -> list[tuple[str, Publication | None]]:
    """Return what can be published of a call, each with what is under way; a shortlist where the call announces one."""
    by_kind = {one.kind: one for one in call.live}  # type: ignore[attr-defined]  # fetched with the calls
    wanted = [kind for kind in PublicationKind if call.announces_shortlist or kind != PublicationKind.SHORTLIST]
    return [(str(kind), by_kind.get(kind)) for kind in wanted]
