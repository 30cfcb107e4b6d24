"""Takes a catalogue in CSV into the stock and prints what became of each row. Documented in `docs/importing.md`."""

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from portal.errors import Refused
from samples.stock.importing import Outcome, Totals, load
from samples.stock.mapping import ENCODINGS, Mapping, read_mapping


class Command(BaseCommand):
    """Import."""

    help = "Take the samples of a CSV file into the stock: all of them or, where a row is refused, none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mapping", type=Path, help="JSON: columns, units, value maps, constants")
        parser.add_argument("--encoding", choices=ENCODINGS, help="of the file, instead of the mapping's")
        self.add_common(parser)

    def add_common(self, parser: ArgumentParser) -> None:
        """Add what every import of a file takes."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="write nothing, report the same")
        parser.add_argument("--keep-good", action="store_true", help="import the good rows although others are refused")
        parser.add_argument("--by", metavar="EMAIL", help="the curator who imports; the portal itself if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            common = {name: options[name] for name in ("dry_run", "keep_good")}
            with options["file"].open("rb") as file:
                totals = self.load(file, options, {**common, "by": _person(options["by"]), "tell": self._tell})
        except Refused as refusal:
            raise CommandError(f"Nothing was imported. {refusal.message}") from None
        except OSError as error:
            raise CommandError(f"Nothing was imported. {error}") from None
        self._sum_up(totals, options)

    def load(self, file: BinaryIO, options: dict[str, Any], common: dict[str, Any]) -> Totals:
        """Read the file; `common` is what every import takes."""
        return load(file, _mapping(options["mapping"], options["encoding"]), **common)

    def _tell(self, outcome: Outcome) -> None:
        reason = f": {outcome.reason}" if outcome.reason else ""
        self.stdout.write(f"row {outcome.row}: {outcome.result} {outcome.number}{reason}")

    def _sum_up(self, totals: Totals, options: dict[str, Any]) -> None:
        counts = f"{totals.accepted} accepted, {totals.unchanged} unchanged, {totals.refused} refused."
        if totals.refused and not options["keep_good"]:
            raise CommandError(f"{counts} Nothing was imported; --keep-good imports the rest.")
        ending = " Nothing was imported: this was a dry run." if options["dry_run"] else ""
        self.stdout.write(self.style.SUCCESS(f"{counts}{ending}"))


def _mapping(path: Path | None, encoding: str | None) -> Mapping:
    mapping = read_mapping(path.read_text(encoding="utf-8-sig")) if path else Mapping()
    return replace(mapping, encoding=encoding) if encoding else mapping


def _person(email: str | None) -> Any:
    if email is None:
        return None
    person = get_user_model().objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise CommandError(f"Nobody here has the address {email}.")
    return person
