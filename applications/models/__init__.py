"""The rows of the applications domain, one file per idea."""

from applications.models.application import Application, Submission
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
from applications.models.declaring import AuthorisationLine, AuthorisationRecord, DraftAuthorisation
from applications.models.exchange import (
    CallQuestion,
    ChangeReport,
    Clarification,
    NamingChoice,
    PartialUpload,
    Redeclaration,
    ScheduleNote,
    Standing,
)
from applications.models.interview import Interview
from applications.models.publication import ApplicantDocument, Publication, PublicEntry, Signature
from applications.models.request import (
    DraftGroup,
    DraftRequest,
    GroupLine,
    RequestLine,
    SampleRequest,
    SampleRequestGroup,
)
from applications.models.review import Assignment, Conflict, MassOpinion, Review, ReviewTally, Score
from applications.models.screening import Advice, Screening
from applications.models.team import InterestStatement, Party, Place, TeamMember

__all__ = [
    "SCALE_POINTS",
    "Advice",
    "ApplicantDocument",
    "Application",
    "Assignment",
    "AuthorisationLine",
    "AuthorisationRecord",
    "Award",
    "Call",
    "CallDeclaration",
    "CallQuestion",
    "CallSample",
    "ChangeReport",
    "Clarification",
    "Conflict",
    "Criterion",
    "Decision",
    "DraftAuthorisation",
    "DraftGroup",
    "DraftRequest",
    "GroupLine",
    "InterestStatement",
    "Interview",
    "MassOpinion",
    "NamingChoice",
    "PanelMember",
    "PartialUpload",
    "Party",
    "Place",
    "PublicEntry",
    "Publication",
    "RecordFigure",
    "Redeclaration",
    "RequestLine",
    "Review",
    "ReviewTally",
    "SampleRequest",
    "SampleRequestGroup",
    "ScheduleNote",
    "Score",
    "Screening",
    "Shortlisting",
    "Signature",
    "Standing",
    "Submission",
    "TeamMember",
]
