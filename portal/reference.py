"""The pages of documentation that are written from code: `docs/workflow.md` and `docs/roles.md`."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import translation

from applications.workflow import WORKFLOWS
from portal.inventory import Address, addresses
from portal.roles import ROLES
from portal.workflow import Transition, Workflow

NOTE = "<!-- Written by `manage.py generate_docs`; do not edit. -->\n"


def pages() -> dict[Path, Callable[[], str]]:
    """Return each page with the function that writes it."""
    docs = settings.BASE_DIR / "docs"
    return {docs / "workflow.md": workflow, docs / "roles.md": roles}


def workflow() -> str:
    """Return the tables of every workflow with a diagram each."""
    with translation.override("en"):
        parts = [
            NOTE,
            "# Workflow\n",
            "Process only: outcomes live in rows of their own (`applications/models/decision.py`).\n",
        ]
        return "\n".join([*parts, *(_workflow(table) for table in WORKFLOWS)])


def roles() -> str:
    """Return every role with its permissions, and every address with who may open it."""
    with translation.override("en"):
        lines = [NOTE, "# Roles\n", "| role | held | what it is for | permissions |", "|---|---|---|---|"]
        for role in ROLES.values():
            permissions = ", ".join(sorted(role.permissions))
            lines.append(f"| {role.name} | {role.scope} | {role.sentence} | {permissions} |")
        lines += ["\n# Addresses\n", "| address | methods | who may |", "|---|---|---|"]
        lines += [
            f"| `{each.pattern}` | {', '.join(each.methods)} | {each.who} |" for each in addresses() if _is_own(each)
        ]
        return "\n".join(lines) + "\n"


def _is_own(address: Address) -> bool:
    """Leave out the many addresses below `/admin/`: they are alike."""
    return not address.pattern.startswith("/admin/") or address.pattern == "/admin/"


def _workflow(table: Workflow) -> str:
    name = table.model._meta.verbose_name
    lines = [f"## {str(name).capitalize()}\n", "```mermaid", "stateDiagram-v2"]
    lines += [
        f"  {_id(source)} --> {_id(row.target)}: {row.verb}"
        for row in table.transitions
        for source in sorted(row.sources)
    ]
    lines += ["```\n", "| verb | from | to | who | guard | notice |", "|---|---|---|---|---|---|"]
    lines += [_row(row) for row in table.transitions]
    return "\n".join(lines) + "\n"


def _row(row: Transition) -> str:
    guard = (row.guard.__doc__ or "").strip().splitlines()[0] if row.guard else ""
    if row.needs_reason:
        guard = f"{guard} A reason is given.".strip()
    cells = (row.verb, ", ".join(sorted(row.sources)), row.target, row.who.sentence, guard, row.notice or "")
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _id(status: str) -> str:
    return str(status).replace("-", "_")
