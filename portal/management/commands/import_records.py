"""Takes history or data of samples in CSV into the stock, as catalogues are. Documented in `docs/importing.md`."""

from argparse import ArgumentParser
from typing import Any, BinaryIO

from portal.management.commands import import_samples
from samples.stock.entries import FIELDS
from samples.stock.entry_files import Headings, load
from samples.stock.importing import Totals
from samples.stock.mapping import ENCODINGS


class Command(import_samples.Command):
    """Import."""

    help = "Write the history or the data of a CSV file about samples: all rows or, where one is refused, none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sort", choices=sorted(FIELDS))
        parser.add_argument("--encoding", choices=ENCODINGS, default="utf-8")
        self.add_common(parser)

    def load(self, file: BinaryIO, options: dict[str, Any], common: dict[str, Any]) -> Totals:
        return load(file, Headings(sort=options["sort"], encoding=options["encoding"]), **common)
