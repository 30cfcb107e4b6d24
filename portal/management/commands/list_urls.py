"""Lists every address with who may open it."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.inventory import addresses


class Command(BaseCommand):
    help = "Lists every address: pattern, name, methods, who may."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = [address.plain() for address in addresses()]
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
            return
        for address in found:
            self.stdout.write(f"{','.join(address['methods']):10} {address['pattern']:60} {address['who']}")
