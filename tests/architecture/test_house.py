"""The house keeps its own rules: sizes, docstrings, generated pages, one writer for movements and entries."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

from portal.append_only import AppendOnly
from portal.reference import pages

ROOT = Path(__file__).parents[2]
CODE = [
    path
    for room in ("portal", "applications", "samples")
    for path in (ROOT / room).glob("**/*.py")
    if "migrations" not in path.parts
]
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
OWN = [
    model
    for app in ("portal", "accounts", "audit", "notifications", "samples", "applications")
    for model in apps.get_app_config(app).get_models()
]
# Rows that may change; whatever is not here is append-only.
MUTABLE = {
    "Advice",
    "ApiToken",
    "Application",
    "Assignment",
    "AssignmentRound",
    "Award",
    "Bid",
    "Call",
    "CallDeclaration",
    "CallQuestion",
    "CallSample",
    "ChangeReport",
    "Clarification",
    "Conflict",
    "Criterion",
    "Dataset",
    "Decision",
    "DraftAuthorisation",
    "DraftGroup",
    "DraftRequest",
    "EventText",
    "Hold",
    "Institution",
    "InstitutionName",
    "InterestStatement",
    "Interview",
    "Invitation",
    "InvitedFor",
    "KeptAnswer",
    "LoginFailures",
    "MassOpinion",
    "Mission",
    "NameScan",
    "Notice",
    "OfflinePack",
    "OfflineUpload",
    "PanelAnswer",
    "PanelMember",
    "PartialUpload",
    "Place",
    "Proposal",
    "Publication",
    "RecordFigure",
    "Review",
    "ReviewTally",
    "RoleGrant",
    "Ruling",
    "Sample",
    "Score",
    "Shortlisting",
    "Signature",
    "Suspension",
    "TeamMember",
    "Treatment",
    "User",
    "Waiver",
    "Work",
}


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_holds_one_idea(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)

    assert len(text.splitlines()) <= LONGEST_FILE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno + 1 <= LONGEST_FUNCTION, f"{path}:{node.lineno} {node.name}"


@pytest.mark.parametrize("model", OWN, ids=lambda model: model.__name__)
def test_a_model_says_what_it_is_and_whether_it_may_change(model):
    assert model.__doc__
    assert not model.__doc__.startswith(f"{model.__name__}(")
    assert issubclass(model, AppendOnly) != (model.__name__ in MUTABLE)


def test_generated_pages_are_current():
    for path, write in pages().items():
        assert path.read_text(encoding="utf-8") == write(), f"{path.name}: run manage.py generate_docs"


def test_only_the_ledger_writes_movements_and_only_the_chain_appends_entries():
    writers = {"Movement": {"samples/ledger.py"}, "PublicEntry": {"applications/chain.py", "applications/record.py"}}
    for path in CODE:
        place = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("create", "bulk_create", "get_or_create"):
                holder = ast.unparse(node.value)
                for model, allowed in writers.items():
                    if holder == f"{model}.objects":
                        assert place in allowed, f"{place}:{node.lineno} writes {model}"
