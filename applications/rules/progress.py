"""When an application, call, interview or publication may go on: the guards of `applications/workflow.py`."""

from django.utils.translation import gettext_lazy as _

from applications.enums import Anonymity, InterviewState
from applications.models import (
    SCALE_POINTS,
    Application,
    Call,
    Decision,
    Interview,
    NameScan,
    Publication,
    SampleRequest,
    Shortlisting,
)
from portal import clock
from portal.errors import NotNow


def check_is_final(application: Application) -> None:
    """The deadline has passed: until then the applicant may replace what was submitted, so nobody judges it."""
    if application.call.is_open(clock.now()):
        raise NotNow(_("The call is still open: the applicant may replace this submission."), code="call-open")


def check_can_pass(application: Application) -> None:
    """The submission is final, advised on, and names nobody where the call hides names."""
    check_is_final(application)
    check_is_advised(application)
    check_is_nameless(application)


def check_is_advised(application: Application) -> None:
    """Every sample request has the curator's advice or a recorded waiver."""
    requests = SampleRequest.objects.filter(submission=application.submission_id)
    open_requests = requests.filter(advice__isnull=True).count()
    if open_requests:
        raise NotNow(_("The curator has not yet advised on every sample request."), code="advice-missing")


def check_is_nameless(application: Application) -> None:
    """Where reviewers read without names, the submission was searched for names, and what was found was looked at.

    Source: portal policy (dual-anonymous review).
    """
    if application.call.anonymity != Anonymity.DUAL:
        return
    scan = NameScan.objects.filter(submission=application.submission_id).first()
    if scan is None:
        raise NotNow(
            _("The portal has not searched this submission for names yet; it does so within a minute."),
            code="names-not-searched",
        )
    if scan.found and scan.cleared_at is None:
        raise NotNow(_("Possible names were found in it: look at them, and release or return it."), code="names-found")


def check_is_shortlisted(application: Application) -> None:
    """The chair has said whether the application is invited, and at least one review is in."""
    sent = application.assignments.filter(ended_at__isnull=True, review__submitted_at__isnull=False)
    check_can_be_concluded(said=Shortlisting.objects.filter(application=application).exists(), reviewed=sent.exists())


def check_can_be_concluded(*, said: bool, reviewed: bool) -> None:
    """As `check_is_shortlisted`, for a page that knows both already."""
    if not said:
        raise NotNow(_("Say first whether the application is invited to an interview."), code="not-shortlisted")
    if not reviewed:
        raise NotNow(_("No review has been submitted yet."), code="no-review")


def check_is_interviewed(application: Application) -> None:
    """The interview of an invited application was held or missed; one not invited needs none."""
    if application.shortlisting.invited:
        over = {InterviewState.HELD, InterviewState.NO_SHOW}
        if not Interview.objects.filter(application=application, status__in=over).exists():
            raise NotNow(_("The interview has not been held yet."), code="no-interview")


def check_is_decided(application: Application) -> None:
    """Every sample request of the present submission has an effective decision."""
    requests = SampleRequest.objects.filter(submission=application.submission_id)
    decided = Decision.objects.filter(request__in=requests, is_effective=True).count()
    if decided < requests.count():
        raise NotNow(_("Not every sample request is decided."), code="undecided")


def check_can_announce(call: Call) -> None:
    """The call has texts in both languages, dates ahead, samples, criteria that sum to 100 with words, and a panel.

    A practice call needs neither agreement nor panel: nothing is lent in it and nobody judges.
    """
    gaps = []
    if not (call.title and call.title_zh and call.summary and call.summary_zh and call.terms and call.terms_zh):
        gaps.append(_("title, summary and loan terms in both languages"))
    if not call.is_practice and not (call.agreement and call.agreement_zh):
        gaps.append(_("the agreement text in both languages"))
    if call.opens_at is None or call.closes_at is None or call.closes_at <= clock.now():
        gaps.append(_("a deadline that lies ahead"))
    if not call.offers.exists():
        gaps.append(_("offered samples"))
    criteria = list(call.criteria.all())
    if sum(criterion.weight for criterion in criteria) != 100:
        gaps.append(_("criteria whose weights make 100"))
    if any(
        len([word for word in points if word]) != SCALE_POINTS for c in criteria for points in (c.words, c.words_zh)
    ):
        gaps.append(_("words on every point of every scale, in both languages"))
    if not call.declarations.exists():
        gaps.append(_("declarations"))
    seats = set(call.panel.filter(until__isnull=True).values_list("role", flat=True))
    if seats != {"chair", "reviewer"} and not call.is_practice:
        gaps.append(_("a chair and at least one reviewer"))
    if gaps:
        listed = "; ".join(str(gap) for gap in gaps)
        raise NotNow(_("Still missing: %(gaps)s.") % {"gaps": listed}, code="call-incomplete")


def check_has_begun(interview: Interview) -> None:
    """The interview's slot has begun."""
    if interview.slot.lower > clock.now():
        raise NotNow(_("The interview has not begun."), code="not-begun")


def check_may_be_released(publication: Publication) -> None:
    """Two different persons have signed the present manifest, and the call's hold time is over."""
    signers = publication.signatures.filter(voided_at__isnull=True, manifest_sha256=publication.manifest_sha256)
    if signers.values("by").distinct().count() != 2:
        raise NotNow(_("Two administrators must sign what is listed now."), code="signatures-missing")
    if publication.release_at is None or publication.release_at > clock.now():
        raise NotNow(_("The time set for the release has not come."), code="on-hold")
