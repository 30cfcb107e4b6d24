"""Writes the documentation that stands in code, or checks that it is current."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.reference import pages


class Command(BaseCommand):
    help = "Writes docs/workflow.md and docs/roles.md from the tables in code."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail where a page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        stale = []
        for path, write in pages().items():
            text = write()
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            stale.append(path.name)
            if not options["check"]:
                path.write_text(text, encoding="utf-8")
        if stale and options["check"]:
            raise CommandError(f"Out of date: {', '.join(stale)}. Run: manage.py generate_docs")
        self.stdout.write(f"Written: {', '.join(stale)}" if stale else "The documentation is current.")
