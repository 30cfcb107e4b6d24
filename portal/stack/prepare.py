"""`python -m portal.stack.prepare`: the tables, then the demonstration; in one process, as starting costs seconds."""

import os
import sys

import django
from django.conf import settings
from django.core.management import CommandError, call_command

from portal.stack.commands import WITHOUT_DEMONSTRATION


def main() -> None:
    """Bring the database up to date; a demonstration that is refused is no reason not to start."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    # A migration may take longer than a page; it still must not wait for a lock for long.
    settings.DATABASES["default"].get("OPTIONS", {})["options"] = "-c lock_timeout=5000"
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    if settings.DEMO:
        try:
            call_command("load_demo", verbosity=0)
        except CommandError as refusal:
            print(f"The demonstration was not loaded: {refusal}", flush=True)
            sys.exit(WITHOUT_DEMONSTRATION)


if __name__ == "__main__":
    main()
