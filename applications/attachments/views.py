"""The one PDF, on a step of its own, so that submitting needs no upload; and its download."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from applications import pages
from applications.access import AUDITOR, fields, relations, visible_to
from applications.attachments import actions, queries
from applications.attachments.forms import FileForm
from applications.draft_forms import button
from portal import files
from portal.audit.trail import record
from portal.web import APPLICATION_TEAM, SIGNED_IN, access, afterwards, attempt

PLACE = "applications/attachments/"


@access(APPLICATION_TEAM, "GET", "POST")
def upload(request: HttpRequest, reference: str) -> HttpResponse:
    """The one PDF, on a step of its own, so that submitting needs no upload."""
    application = pages.draft(request, reference)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    done = attempt(
        request,
        form,
        lambda: actions.attach(application, by=request.user, upload=form.cleaned_data["file"]),
        pages.url("attachments-file", application),
    )
    return done or pages.part(request, f"{PLACE}file.html", application, {"form": form})


@access(APPLICATION_TEAM, "GET", "POST")
def remove(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask, then take the PDF out of the draft."""
    application = pages.draft(request, reference)
    form = button(request)
    done = attempt(
        request, form, lambda: actions.detach(application, by=request.user), pages.url("attachments-file", application)
    )
    return done or pages.part(request, f"{PLACE}remove.html", application, {"form": form})


@access(SIGNED_IN)
def download(request: HttpRequest, reference: str, sha256: str) -> HttpResponse:
    """The PDF of a draft for its team, of a submission for whoever reads submissions; asked anew each time."""
    application = get_object_or_404(visible_to(request.user).select_related("submission"), reference=reference)
    if sha256 not in queries.files_for(fields(request.user, application), application):
        raise Http404
    if AUDITOR in relations(request.user, application):
        facts = {"part": "file", "sha256": sha256}
        afterwards(request, lambda: record("application.read", application, by=request.user, facts=facts))
    return files.download(sha256, f"{application.reference}.pdf")
