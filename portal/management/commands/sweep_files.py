"""Deletes the kept PDFs to which nothing refers: `manage.py sweep_files`. The portal does it by itself every hour."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal import orphans


class Command(BaseCommand):
    """Sweep."""

    help = "Delete the files that were kept more than 24 hours ago and to which nothing refers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="delete nothing, count the same")

    def handle(self, *args: Any, **options: Any) -> None:
        done = orphans.sweep(dry_run=options["dry_run"], whole=True)
        ending = " Nothing was deleted: this was a dry run." if options["dry_run"] else ""
        self.stdout.write(f"{done.seen} files seen, {done.files} swept, {done.bytes} bytes.{ending}")
