"""The life of an application, checked status by status, verb by verb, role by role, against the requirements."""

import ast
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.access import relations
from applications.enums import PublicationStatus, Status
from applications.models import Application
from applications.workflow import APPLICATION, WORKFLOWS
from portal.errors import Denied, NotNow
from tests.factories import applications as rows
from tests.factories.accounts import UserFactory

ROOT = Path(__file__).parents[2]
# Releasing to applicants before the public is recorded from the start; the step between comes later.
NOT_YET_REACHED = {PublicationStatus.RELEASED_TO_APPLICANTS}

# From the requirements, not from the table: verb → who, from where.
EXPECTED = {
    "submit": ("principal", {"draft", "submitted", "returned"}),
    "return": ("administrator", {"submitted"}),
    "reject": ("administrator", {"submitted"}),
    "pass": ("administrator", {"submitted"}),
    "conclude-review": ("chair", {"under-review"}),
    "conclude-interviews": ("chair", {"interviewing"}),
    "decide": ("chair", {"deliberated"}),
    "publish": ("administrator", {"decided"}),
    "withdraw": (
        "principal",
        {
            "draft",
            "submitted",
            "returned",
            "under-review",
            "interviewing",
            "deliberated",
            "decided",
            "published",
        },
    ),
}
PEOPLE = (
    "principal",
    "co-investigator",
    "rival",
    "reviewer",
    "chair",
    "conflicted chair",
    "curator",
    "administrator",
    "conflicted administrator",
    "auditor",
)


@pytest.mark.parametrize("table", WORKFLOWS, ids=lambda table: table.model.__name__)
def test_every_status_is_reached_and_only_terminal_ones_are_left_by_nothing(table):
    field = table.model._meta.get_field("status")
    statuses = {value for value, _label in field.choices} - NOT_YET_REACHED
    first = field.default
    left = {source for row in table.transitions for source in row.sources}

    assert {row.target for row in table.transitions} | {first} == statuses
    assert statuses - left == table.terminal - NOT_YET_REACHED


def person(name: str, application: Application):
    """Return somebody who stands to the application in this way."""
    call = application.call
    if name == "principal":
        return application.principal_investigator
    if name == "co-investigator":
        return rows.member_of(application).user
    if name == "reviewer":
        return rows.assignment_of(application).reviewer
    if name == "chair":
        return rows.seat(call, UserFactory(), "chair")
    if name == "conflicted chair":
        return rows.seat(call, UserFactory(institution=application.institution), "chair")
    if name == "conflicted administrator":
        return UserFactory(roles=["administrator"], institution=application.institution)
    return UserFactory(roles=[name] if name in ("curator", "administrator", "auditor") else [])


@pytest.mark.django_db
@pytest.mark.parametrize("status", Status.values)
def test_each_role_may_in_each_status_exactly_what_the_requirements_say(status):
    application = rows.draft_of() if status == Status.DRAFT else rows.application_of(status=status)
    for name in PEOPLE:
        somebody = person(name, application)
        may = {verb for verb, (who, sources) in EXPECTED.items() if status in sources and who == name}
        if name == "conflicted administrator" and status == Status.DECIDED:
            may = {"publish"}  # signs and releases what the panel decided; reads none of it
        assert set(APPLICATION.available(application, somebody)) == may, name


@pytest.mark.django_db
def test_what_is_available_is_found_with_one_look_at_the_relations():
    application = rows.application_of()
    administrator = UserFactory(roles=["administrator"])
    administrator.may("screen")
    with CaptureQueriesContext(connection) as of_relations:
        relations(administrator, application)
    with CaptureQueriesContext(connection) as of_buttons:
        assert APPLICATION.available(application, administrator) == ["return", "reject", "pass"]

    assert 0 < len(of_buttons) <= len(of_relations)


@pytest.mark.django_db
@pytest.mark.parametrize("verb", EXPECTED)
def test_what_is_not_available_is_refused_and_writes_nothing(verb):
    who, sources = EXPECTED[verb]
    status = next(each for each in ("withdrawn", "ineligible") if each not in sources)
    application = rows.application_of(status=status)

    with pytest.raises(NotNow if who == "principal" else (NotNow, Denied)):
        APPLICATION.advance(application, verb, by=person(who, application), reason="Because.")
    with pytest.raises(Denied):
        APPLICATION.advance(application, verb, by=person("rival", application), reason="Because.")
    application.refresh_from_db()
    assert application.status == status


def test_only_advance_writes_a_status():
    found = []
    for path in [*ROOT.glob("applications/**/*.py"), *ROOT.glob("portal/**/*.py")]:
        if "migrations" in path.parts or path == ROOT / "portal" / "workflow.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            written = [t for t in targets if isinstance(t, ast.Attribute) and t.attr == "status"]
            updated = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "update"
                and any(keyword.arg == "status" for keyword in node.keywords)
            )
            if written or updated:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")

    assert found == []
