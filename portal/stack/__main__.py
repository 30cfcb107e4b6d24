"""`python -m portal.stack run|test|trial|check|format`; `bootstrap.py` calls it once everything is installed."""

import sys

from portal.stack import checks, running, testing


def main(words: list[str]) -> int:
    """Do what the first word says."""
    command, *rest = words
    if command == "run":
        return running.run()
    if command == "test":
        return testing.run(rest)
    if command == "trial":
        return testing.run(rest, trial=True)
    if command == "check":
        return checks.run(rest)
    if command == "format":
        return checks.format_everything()
    raise SystemExit(f"Unknown: {command}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
