"""Takes in the registry of research organisations, or the few of the public record; see `docs/importing.md`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.accounts import ror
from portal.errors import Refused


class Command(BaseCommand):
    """Import."""

    help = (
        "Take in institutions: those of a ROR data file (JSON, schema 2, zipped or not), else the few that come along."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            totals = ror.take_in(options["file"]) if options["file"] else ror.take_in_named()
        except Refused as refusal:
            raise CommandError(f"{refusal.message} What was read before that stays.") from None
        except OSError as error:
            raise CommandError(f"Nothing was imported. {error}") from None
        words = [f"{totals[what]} {what}" for what in ("new", "changed", "unchanged", "not active", "unreadable")]
        self.stdout.write(self.style.SUCCESS(f"{', '.join(words)}; {totals['parents']} parents set."))
