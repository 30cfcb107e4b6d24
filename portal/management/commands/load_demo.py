"""`load_demo [--reset]`: the demonstration, relative to today; never beside other people's data."""

import time

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.demonstration import loading
from portal.errors import Refused


class Command(BaseCommand):
    """Load the demonstration, or keep the one that is there."""

    help = "Load the demonstration, unless it is there. Refused on https and beside other people's data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="empty the portal's tables and load it anew")

    def handle(self, *args: str, **options: bool) -> None:
        begun = time.monotonic()
        try:
            loaded = loading.load(reset=options["reset"])
        except Refused as refusal:
            raise CommandError(f"{refusal.message} Nothing was changed.") from None
        if options["verbosity"]:
            seconds = time.monotonic() - begun
            done = f"The demonstration is loaded ({seconds:.1f} s)." if loaded.anew else "The demonstration is there."
            self.stdout.write(done)
