"""Publications: prepare the list, sign it twice, release it once, or recall it before.

A release is one transaction: documents, allocations, public entries, notices and statuses, all or none. Before it
nothing of a decision exists outside the deciding staff; after it nothing is unpublished.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import chain, notices
from applications.access import publishable_calls
from applications.enums import PublicationKind, PublicationStatus
from applications.models import ApplicantDocument, Application, Call, Publication, PublicEntry, Signature
from applications.publication import manifest
from applications.publication.manifest import Manifest
from applications.workflow import APPLICATION, PUBLICATION
from portal import clock
from portal.audit.trail import record
from portal.errors import Denied, Invalid, NotNow
from samples import ledger

SIGNED = (PublicationStatus.SIGNED_ONCE, PublicationStatus.SCHEDULED)


def prepare(call: Call, kind: str, *, by: Any) -> Publication:
    """Begin a publication of a call's shortlist or results, with the list as it is now.

    Raises:
        Denied: `by` is no administrator, or a conflict in this call bars them.
        Invalid: there is no such kind.
        NotNow: one is under way or released already.
    """
    _check_may_publish(call, by)
    if kind not in PublicationKind.values:
        raise Invalid(_("Publish the shortlist or the results."), code="unknown-kind")
    with transaction.atomic():
        Call.objects.select_for_update(no_key=True).get(pk=call.pk)
        live = Publication.objects.filter(call=call, kind=kind).exclude(status=PublicationStatus.RECALLED)
        if live.exists():
            raise NotNow(_("This publication is under way or released already."), code="exists")
        publication = Publication(call=call, kind=kind, prepared_by=by, prepared_at=clock.now())
        _keep(publication, manifest.build(publication))
        publication.save()
        record("publication.prepare", publication, by=by, facts={"sha256": publication.manifest_sha256})
        return publication


def sign(publication: Publication, *, by: Any, manifest_sha256: str) -> Signature:
    """Sign the list with this hash, first or second; the second signature sets the time of the release.

    Raises:
        Denied: `by` may not publish, or has signed already.
        NotNow: the list is another one by now (code `changed`; both signatures are void), or something is undecided.
    """
    _check_may_publish(publication.call, by)
    if void_if_changed(publication, by=by):
        raise _changed()
    with transaction.atomic():
        publication = _locked(publication)
        present = manifest.build(publication)
        signed_once = publication.status == PublicationStatus.SIGNED_ONCE
        if manifest_sha256 != present.sha256 or (signed_once and present.sha256 != publication.manifest_sha256):
            raise _changed()
        _check_is_ready(present)
        if _live_signatures(publication).filter(by=by).exists():
            raise Denied(_("You have signed already; somebody else has to sign second."), code="signed-already")
        moment = clock.now()
        changes: dict[str, Any]
        if signed_once:
            verb, changes = "countersign", {"release_at": moment + timedelta(minutes=publication.call.hold_minutes)}
        else:
            verb, changes = "sign", {"manifest": present.document, "manifest_sha256": present.sha256}
        PUBLICATION.advance(publication, verb, by=by, changes=changes, facts={"sha256": present.sha256})
        return Signature.objects.create(publication=publication, by=by, manifest_sha256=present.sha256, at=moment)


def void_if_changed(publication: Publication, *, by: Any) -> bool:
    """Void both signatures where the list is another one by now; say whether it was.

    The list that was signed is kept beside, so that the page can show what changed.
    """
    with transaction.atomic():
        publication = _locked(publication)
        if publication.status not in SIGNED:
            return False
        if manifest.build(publication).sha256 == publication.manifest_sha256:
            return False
        _live_signatures(publication).update(voided_at=clock.now())
        PUBLICATION.advance(publication, "void", by=by, changes={"release_at": None}, facts={"why": "changed"})
        return True


def release(publication: Publication, *, by: Any) -> Publication:
    """Release to applicants and public together, in one transaction.

    Raises:
        Denied: `by` may not publish.
        NotNow: not signed twice, on hold, released or recalled, or the list is another one by now (code `changed`).
    """
    _check_may_publish(publication.call, by)
    if void_if_changed(publication, by=by):
        raise _changed()
    with transaction.atomic():
        chain.lock()
        publication = _locked(publication)
        PUBLICATION.check_can_advance(publication, "release", by)
        listed = Application.objects.filter(call=publication.call).order_by("pk")
        list(listed.select_for_update(of=("self",)).values_list("pk", flat=True))
        present = manifest.build(publication)
        if present.sha256 != publication.manifest_sha256:
            raise _changed()
        _check_is_ready(present)
        _write(publication, present, clock.now(), by)
        return publication


def recall(publication: Publication, *, by: Any, reason: str) -> None:
    """Take a publication back before its release; decisions stay as they are, under embargo.

    Raises:
        Denied: `by` may not publish.
        NotNow: it was released or recalled, or no reason is given.
    """
    _check_may_publish(publication.call, by)
    with transaction.atomic():
        publication = _locked(publication)
        _live_signatures(publication).update(voided_at=clock.now())
        PUBLICATION.advance(publication, "recall", by=by, reason=reason, changes={"release_at": None})


def due() -> list[tuple[Publication, Any]]:
    """Return the publications whose hold time is over, each with who signed second: in whose name it is released."""
    waiting = Publication.objects.filter(
        status=PublicationStatus.SCHEDULED, release_at__lte=clock.now(), call__hold_minutes__gt=0
    ).select_related("call")
    found = []
    for publication in waiting.order_by("release_at", "pk"):
        last = _live_signatures(publication).select_related("by").order_by("-at", "-pk").first()
        if last is not None:
            found.append((publication, last.by))
    return found


# --- What a release writes ------------------------------------------------------------------------------------------


def _write(publication: Publication, present: Manifest, moment: datetime, by: Any) -> None:
    PUBLICATION.advance(
        publication,
        "release",
        by=by,
        changes={
            "released_to_applicants_at": moment,
            "released_to_public_at": moment,
            "unselected_root": present.document["remainder"]["root"],
        },
        facts={"sha256": present.sha256},
    )
    ledger.allocate(present.holds, by=by)
    hashes = _publish(publication, present, moment)
    _tell_applicants(publication, present, moment, hashes)
    for application in present.applications:
        if publication.kind == PublicationKind.RESULTS:
            APPLICATION.advance(application, "publish", by=by, facts={"publication": str(publication.uid)})
        else:
            facts = {"publication": str(publication.uid)}
            event = record("application.tell-shortlist", application, by=by, facts=facts)
            notices.tell("shortlist-released", application, event)


def _publish(publication: Publication, present: Manifest, moment: datetime) -> dict[str, str]:
    """Append the public entries and the root of the rest; return the hash of each reference."""
    results = publication.kind == PublicationKind.RESULTS
    kind = PublicEntry.Kind.SELECTION if results else PublicEntry.Kind.SHORTLISTED
    lines = [
        chain.Line(
            one["reference"] if results else f"{one['reference']}/shortlisted",
            kind,
            {**one, "published_at": chain.time_text(moment)},
        )
        for one in present.document["public"]
    ]
    rest = {
        "publication": str(publication.uid),
        "call": publication.call.slug,
        "kind": str(publication.kind),
        "manifest_sha256": present.sha256,
        "root": present.document["remainder"]["root"],
        "published_at": chain.time_text(moment),
    }
    lines.append(chain.Line(f"remainder/{publication.uid}", PublicEntry.Kind.REMAINDER, rest))
    on = moment.astimezone(publication.call.timezone).date()
    entries = chain.append(publication, lines, on)
    return {entry.document["reference"]: entry.entry_hash for entry in entries if entry.kind == kind}


def _tell_applicants(publication: Publication, present: Manifest, moment: datetime, hashes: dict[str, str]) -> None:
    by_reference = {application.reference: application for application in present.applications}
    ApplicantDocument.objects.bulk_create(
        ApplicantDocument(
            publication=publication,
            application=by_reference[one["reference"]],
            document={**one, "published_at": chain.time_text(moment), "entry_hash": hashes.get(one["reference"])},
            at=moment,
        )
        for one in present.document["documents"]
    )


# --- Checks --------------------------------------------------------------------------------------------------


def _check_may_publish(call: Call, by: Any) -> None:
    if not publishable_calls(by).filter(pk=call.pk).exists():
        raise Denied(_("Only an administrator without a conflict in this call may do this."))


def _check_is_ready(present: Manifest) -> None:
    if present.call_is_open:
        raise NotNow(_("The call is still open."), code="call-open")
    if present.blockers:
        raise NotNow(_("Not every application of the call has come this far."), code="undecided")
    if not present.applications:
        raise NotNow(_("There is nothing to publish."), code="nothing-listed")


def _changed() -> NotNow:
    return NotNow(
        _("What is listed has changed meanwhile; signatures given before are void. Read the list again."),
        code="changed",
    )


def _locked(publication: Publication) -> Publication:
    return Publication.objects.select_for_update(of=("self",)).select_related("call").get(pk=publication.pk)


def _live_signatures(publication: Publication) -> Any:
    return Signature.objects.filter(publication=publication, voided_at__isnull=True)


def _keep(publication: Publication, present: Manifest) -> None:
    publication.manifest, publication.manifest_sha256 = present.document, present.sha256
