"""The rows of the applications domain, one file per idea."""

from applications.models.application import (
    Application,
    DraftRequest,
    RequestLine,
    SampleRequest,
    Submission,
    TeamMember,
)
from applications.models.call import (
    SCALE_POINTS,
    Call,
    CallDeclaration,
    CallSample,
    Criterion,
    PanelMember,
    RecordFigure,
)
from applications.models.decision import Award, Decision, Shortlisting
from applications.models.interview import Interview
from applications.models.publication import ApplicantDocument, Publication, PublicEntry, Signature
from applications.models.review import Assignment, Conflict, MassOpinion, Review, ReviewTally, Score
from applications.models.screening import Advice, Screening

__all__ = [
    "SCALE_POINTS",
    "Advice",
    "ApplicantDocument",
    "Application",
    "Assignment",
    "Award",
    "Call",
    "CallDeclaration",
    "CallSample",
    "Conflict",
    "Criterion",
    "Decision",
    "DraftRequest",
    "Interview",
    "MassOpinion",
    "PanelMember",
    "PublicEntry",
    "Publication",
    "RecordFigure",
    "RequestLine",
    "Review",
    "ReviewTally",
    "SampleRequest",
    "Score",
    "Screening",
    "Shortlisting",
    "Signature",
    "Submission",
    "TeamMember",
]
