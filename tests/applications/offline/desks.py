"""A reviewer at work without a connection: a call with assigned applications, forms to fill in, files to send."""

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from applications.enums import Status
from applications.models import Application, Assignment, Call
from applications.offline import fields, queries, sheet, text_form
from tests.factories.accounts import UserFactory
from tests.factories.applications import application_of, assignment_of, call_of


class Desk:
    """A reviewer with `count` assigned applications of one call."""

    def __init__(self, count: int = 3, **call: Any) -> None:
        self.call: Call = call_of(**call)
        self.reviewer = UserFactory(name="Rosa Reader")
        self.applications: list[Application] = []
        self.assignments: list[Assignment] = []
        for _number in range(count):
            self.add()
        self.client = Client(raise_request_exception=False)
        self.client.force_login(self.reviewer)

    def add(self, **fields: Any) -> Application:
        """Assign one more application."""
        self.applications.append(application_of(self.call, status=Status.UNDER_REVIEW, **fields))
        self.assignments.append(assignment_of(self.applications[-1], self.reviewer))
        return self.applications[-1]

    def path(self, name: str = "pack", *arguments: Any) -> str:
        """Return an address of the room."""
        return reverse(f"applications:offline-{name}", args=[self.call.slug, *arguments])

    def form(self, number: int = 0, user: Any = None) -> str:
        """Return the text form of an application as a pack has it now."""
        one = self.lines(user)[number]
        reference = one.held.application.reference
        return text_form.written(reference, one.title, one.version, one.known, one.values)

    def lines(self, user: Any = None) -> list[sheet.Line]:
        """Return what forms and sheet are written from."""
        held = queries.held(user or self.reviewer, self.call)
        made = [held[one.reference] for one in self.applications if one.reference in held]
        return [
            sheet.Line(one, "A title", fields.version_of(one), fields.asked(one), fields.saved(one)) for one in made
        ]

    def workbook(self, rows: int | None = None) -> bytes:
        """Return the sheet as a pack has it now, or the first rows of it."""
        return sheet.written(self.lines()[:rows])

    def send(self, *files: tuple[str, bytes | str]) -> HttpResponse:
        """Upload files on the page."""
        sent = [
            SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
            for name, content in files
        ]
        return self.client.post(self.path(), {"files": sent})

    def save(self, send: bool = False, **choices: str) -> HttpResponse:
        """Save what waits, as its page shows it."""
        form = self.client.get(self.path("preview")).context["form"]
        seen = {name: field.initial for name, field in form.fields.items() if name.startswith("seen_")}
        chosen = {f"choice_{reference}": choice for reference, choice in choices.items()}
        return self.client.post(self.path("preview"), {**seen, **chosen, **({"send": "on"} if send else {})})

    def look(self) -> Any:
        """Return the outcome of each row that waits, by reference."""
        answer = self.client.get(self.path("preview"))
        assert answer.status_code == 200, answer.status_code
        return {row.reference: row.outcome.value for row in answer.context["form"].rows}


def filled(form: str, values: Mapping[str, str]) -> str:
    """Return a text form in which a person has written values under their fields, instead of what stood there."""
    found: list[str] = []
    for block in re.split(r"(?m)^(?===\*==)", form):
        lines = block.split("\n")
        key = lines[0].removeprefix(text_form.FIELD).strip()
        if key in values:
            said = [line for line in lines if line.startswith("==")]
            block = "\n".join([*said, "", values[key], "", ""])
        found.append(block)
    return "".join(found)


def typed_into(content: bytes, row: int, values: Mapping[str, Any]) -> bytes:
    """Return a workbook in which a person has typed values into a row, by the key of their columns."""
    book = load_workbook(io.BytesIO(content))
    page = book["Reviews"]
    columns = {str(cell.value).rpartition("[")[2].rstrip("]"): cell.column for cell in page[1]}
    for key, value in values.items():
        page.cell(row=row, column=columns[key]).value = value
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def packed(members: Mapping[str, bytes | str]) -> bytes:
    """Return a ZIP."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()
