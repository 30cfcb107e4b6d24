"""The vocabularies of the applications: statuses of process, outcomes, and the small choices of each stage."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallStatus(models.TextChoices):
    """What an administrator did with a call. Open, closed and later phases are computed from its dates."""

    DRAFT = "draft", _("Draft")
    ANNOUNCED = "announced", _("Announced")
    CANCELLED = "cancelled", _("Cancelled")


class CallOrigin(models.TextChoices):
    """Whether a call was run here, or is compiled from public reports."""

    PORTAL = "portal", _("Run in this portal")
    PUBLIC_RECORD = "public-record", _("Compiled from public reports")


class PanelRole(models.TextChoices):
    """A role held in one call."""

    CHAIR = "chair", _("Chair")
    REVIEWER = "reviewer", _("Reviewer")
    EXPERT = "expert", _("Invited expert")


class Status(models.TextChoices):
    """The process of an application, the same whatever the outcome: the outcome lives in rows of its own."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned for completion")
    INELIGIBLE = "ineligible", _("Not eligible")
    UNDER_REVIEW = "under-review", _("Under review")
    INTERVIEWING = "interviewing", _("Interviewing")
    DELIBERATED = "deliberated", _("Deliberated")
    DECIDED = "decided", _("Decided")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class PublicStatus(models.TextChoices):
    """What the applicant reads until release; what they may do depends on it alone."""

    DRAFT = "draft", _("Draft")
    RECEIVED = "received", _("Received")
    RETURNED = "returned", _("Returned for completion")
    INELIGIBLE = "ineligible", _("Not eligible")
    IN_REVIEW = "in-review", _("In review")
    DECIDED = "decided", _("Decided")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class TeamRole(models.TextChoices):
    """A person's part in an application."""

    PRINCIPAL = "principal-investigator", _("Principal investigator")
    CO_INVESTIGATOR = "co-investigator", _("Co-investigator")
    READER = "reader", _("Reader")


class Effect(models.TextChoices):
    """What a method does to the sample."""

    NON_DESTRUCTIVE = "non-destructive", _("Non-destructive")
    PARTLY = "partly-destructive", _("Partly destructive")
    CONSUMING = "consuming", _("Consuming")


class ScreeningOutcome(models.TextChoices):
    """What screening said."""

    PASS = "pass", _("Passed")
    RETURN = "return", _("Returned for completion")
    REJECT = "reject", _("Not eligible")


class ScreeningReason(models.TextChoices):
    """Why an application was returned or is not eligible. Nothing is computed from nationality."""

    INCOMPLETE = "incomplete", _("Something required is missing or unreadable")
    NOT_OFFERED = "not-offered", _("The samples asked for are not offered for this use")
    OUT_OF_SCOPE = "out-of-scope", _("The work is outside the scope of the call")
    DECLARATION = "declaration", _("A declaration is missing or does not hold")
    DUPLICATE = "duplicate", _("The same application was submitted twice")
    OTHER = "other", _("Another reason")


class Feasibility(models.TextChoices):
    """The curator's advice on one sample request."""

    FEASIBLE = "feasible", _("Feasible")
    PARTLY = "partly", _("Partly feasible")
    INFEASIBLE = "infeasible", _("Not feasible")


class ConflictKind(models.TextChoices):
    """Why somebody may not judge an application."""

    SELF = "self", _("Own application")
    TEAM = "team", _("Member of the team")
    INSTITUTION = "institution", _("Same institution")
    DECLARED = "declared", _("Declared interest")
    SUPERVISOR = "supervisor", _("Supervisor or student")
    COMPETING = "competing", _("Asks for the same samples")
    RULED = "ruled", _("Ruling of the chair")


class HintKind(models.TextChoices):
    """What may be a conflict: the chair rules on it, and the ruling stands."""

    PARENT = "parent", _("Institutions of one parent organisation")
    COAUTHOR = "coauthor", _("Published together in the last three years")
    MINOR = "minor", _("Minor interest declared")


class InterestAnswer(models.TextChoices):
    """What a member of a panel answers of an application before its content opens."""

    NONE = "none", _("No conflict")
    MINOR = "minor", _("A minor interest: the chair decides")
    SUPERVISOR = "supervisor", _("I am or was supervisor or student of somebody on it")
    CANNOT = "cannot", _("I cannot judge it")


class RoundMode(models.TextChoices):
    """How reviewers are found for the applications of a call."""

    SMALL = "small", _("Small round: two lead readers each, and everybody without a conflict may score")
    MATCHED = "matched", _("Matched by expertise, wishes and load")


class RoundState(models.TextChoices):
    """How far a round of assigning is."""

    ASKED = "asked", _("Being worked out")
    READY = "ready", _("Worked out")
    FAILED = "failed", _("Cannot be done")


class AssignmentAnswer(models.TextChoices):
    """What a reviewer said to being asked."""

    WAITING = "waiting", _("Not answered yet")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


class AssignmentEnd(models.TextChoices):
    """Why an assignment has ended."""

    TAKEN_OFF = "taken-off", _("Taken off by the chair")
    DECLINED = "declined", _("Declined")
    RECUSED = "recused", _("Recused")
    CONFLICT = "conflict", _("Suspended: a conflict came up")


class Wish(models.IntegerChoices):
    """What a member of a panel would like to review; it is a wish, and no right."""

    EAGER = 2, _("I would like to")
    WILLING = 1, _("I can")
    RELUCTANT = -1, _("Rather not")


class Confidence(models.IntegerChoices):
    """How sure a reviewer is; shown beside the scores, and it weighs nothing."""

    LOW = 1, _("Outside my field")
    MEDIUM = 2, _("Near my field")
    HIGH = 3, _("My own field")


class PackState(models.TextChoices):
    """How far an offline pack is."""

    ASKED = "asked", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Could not be made")


class ReviewState(models.TextChoices):
    """A review is private until it is submitted."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")


class InterviewState(models.TextChoices):
    """The process of one interview."""

    PROPOSED = "proposed", _("Proposed")
    CONFIRMED = "confirmed", _("Confirmed")
    HELD = "held", _("Held")
    NO_SHOW = "no-show", _("Not attended")
    CANCELLED = "cancelled", _("Cancelled")


class Verdict(models.TextChoices):
    """What a decision says of one sample request."""

    AWARD = "award", _("Award")
    RESERVE = "reserve", _("Reserve list")
    DECLINE = "decline", _("Decline")


class Outcome(models.TextChoices):
    """What an application's document says as a whole. Only the first two may ever be public."""

    SELECTED = "selected", _("Selected")
    SELECTED_IN_PART = "selected_in_part", _("Selected in part")
    RESERVE = "reserve", _("On the reserve list")
    NOT_SELECTED = "not_selected", _("Not selected")


PUBLIC_OUTCOMES = (Outcome.SELECTED, Outcome.SELECTED_IN_PART)


class PublicationKind(models.TextChoices):
    """What is published."""

    SHORTLIST = "shortlist", _("Shortlist")
    RESULTS = "results", _("Results")


class PublicationStatus(models.TextChoices):
    """The way of a publication, from its draft to the public."""

    DRAFT = "draft", _("Draft")
    SIGNED_ONCE = "signed-once", _("Signed once")
    SCHEDULED = "scheduled", _("Signed twice, to be released")
    RELEASED_TO_APPLICANTS = "released-to-applicants", _("Released to applicants")
    RELEASED_TO_PUBLIC = "released-to-public", _("Released to the public")
    RECALLED = "recalled", _("Recalled")


class ApplicationLanguage(models.TextChoices):
    """The language an application is written in, whatever the language of the pages."""

    ENGLISH = "en", _("English")
    CHINESE = "zh-hans", _("Chinese")


class CareerStage(models.TextChoices):
    """Where the principal investigator stands; told freely, never shown to who judges."""

    DOCTORAL = "doctoral", _("Doctoral candidate")
    EARLY = "early", _("Up to eight years after the doctorate")
    ESTABLISHED = "established", _("More than eight years after the doctorate")
    OTHER = "other", _("Another way into research")


class Anonymity(models.TextChoices):
    """Who is named to whom in a call."""

    REVIEWERS_HIDDEN = "reviewers-hidden", _("Applicants are named, reviewers are hidden from them")
    OPEN = "open", _("Applicants and reviewers are named")
    DUAL = "dual", _("Reviewers read the science without names")


class GroupKind(models.TextChoices):
    """How sample requests belong together."""

    NEEDS_ALL = "needs-all", _("Needs all of them")
    EITHER_OR = "either-or", _("One of them is enough")
    IN_ORDER = "in-order", _("In this order of preference")


class PlaceKind(models.TextChoices):
    """What a place is to the material."""

    HOLDER = "holder", _("Holds the material")
    VISITED = "visited", _("Is visited for measurements")


class DeclarationKind(models.TextChoices):
    """What a declaration is about."""

    FUNDING = "funding", _("Funding and its restrictions")
    EXPORT = "export", _("Export and dual use")
    PEACEFUL = "peaceful-use", _("Peaceful use")
    CUSTODY = "custody", _("Custody terms")
    PUBLICITY = "publicity", _("Consent to publicity")
    OTHER = "other", _("Something else")


class AuthorisationState(models.TextChoices):
    """Whether a law or funder rule on one side asks for an authorisation. *Pending* never blocks."""

    NONE = "none", _("None is needed")
    OBTAINED = "obtained", _("Obtained")
    PENDING = "pending", _("Pending")
    UNSURE = "unsure", _("Not sure")


class Side(models.TextChoices):
    """Whose statement it is."""

    APPLICANT = "applicant", _("Applicant’s side")
    AGENCY = "agency", _("Agency’s side")


class Occasion(models.TextChoices):
    """When an authorisation is asked for."""

    SUBMISSION = "submission", _("Submission")
    CHANGE = "change", _("A change reported")
    AWARD = "award", _("Award")
    AGREEMENT = "agreement", _("Agreement")


class ChangeKind(models.TextChoices):
    """What may change after submission."""

    INSTITUTION = "institution", _("The institution")
    INVESTIGATOR = "investigator", _("The principal investigator")
    TEAM = "team", _("The team")
    FUNDING = "funding", _("The funding")
    AUTHORISATION = "authorisation", _("An authorisation")
    LABORATORY = "laboratory", _("The laboratory")
    SMALLER_NEED = "smaller-need", _("Less is needed")


class ChangeState(models.TextChoices):
    """What became of a reported change."""

    OPEN = "open", _("Waits for the office")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Not accepted")
