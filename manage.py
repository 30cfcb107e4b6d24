#!/usr/bin/env python
"""Every management command of the portal."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from portal.stack.endpoints import NO_PORTAL


def main() -> None:
    """Run the command; where it needs a database and none is known, say so and exit 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # What the dummy database, which stands where none is known, answers to every query.
        if "settings.DATABASES is improperly configured" not in str(error):
            raise
        print(NO_PORTAL, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
