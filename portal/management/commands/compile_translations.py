"""Compiles `portal/locale/*/LC_MESSAGES/*.po` without gettext; `--check` only says whether the committed files hold.

The compiled files are committed, so that translations work on a machine without gettext. New messages are collected by
Django's `makemessages`, which does need it; where it is installed, the check also looks for uncollected ones.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

COLLECTED = ("portal", "samples", "applications", "templates")
LOCALE = "zh_Hans"


class Command(BaseCommand):
    """Compile, or check."""

    help = "Compile the translations without gettext; --check reports what is missing, unsure or not compiled."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail where something is not whole")

    def handle(self, *args: Any, **options: Any) -> None:
        sources = sorted(path for place in settings.LOCALE_PATHS for path in Path(place).glob("*/LC_MESSAGES/*.po"))
        if not options["check"]:
            for source in sources:
                polib.pofile(str(source)).save_as_mofile(str(source.with_suffix(".mo")))
                self.stdout.write(f"{source.with_suffix('.mo')} written")
            return
        problems = [problem for source in sources for problem in problems_of(source)]
        problems += uncollected_messages(sources)
        if not sources:
            problems.append("There is no translation at all.")
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(f"{len(sources)} translation files are whole and compiled.")


def problems_of(source: Path) -> list[str]:
    """Return a sentence for each entry that is not translated or not sure, and for a file that is not compiled."""
    catalogue = polib.pofile(str(source))
    problems = [f"{source}: not translated: {entry.msgid!r}" for entry in catalogue.untranslated_entries()]
    problems += [f"{source}: unsure: {entry.msgid!r}" for entry in catalogue.fuzzy_entries()]
    compiled = source.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != catalogue.to_binary():
        problems.append(f"{compiled}: differs from {source.name}; run manage.py compile_translations")
    return problems


def uncollected_messages(sources: list[Path]) -> list[str]:
    """Return a sentence for each message of code or templates that no file holds; none where gettext is missing."""
    if not shutil.which("xgettext") or not sources:
        return []
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        for name in COLLECTED:
            shutil.copytree(settings.BASE_DIR / name, copy / name, ignore=shutil.ignore_patterns("*.pyc", "locale"))
        (copy / "portal" / "locale").mkdir(exist_ok=True)
        # Django's command collects from where it is started.
        program = (
            "import sys; from django.conf import settings; from django.core.management import call_command; "
            "settings.configure(LOCALE_PATHS=[sys.argv[1]]); import django; django.setup(); "
            f"call_command('makemessages', locale=[{LOCALE!r}], no_obsolete=True, verbosity=0)"
        )
        words = [sys.executable, "-c", program, str(copy / "portal" / "locale")]
        made = subprocess.run(words, cwd=copy, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ""})
        if made.returncode:
            return [f"makemessages failed: {made.stderr[-500:]}"]
        used = polib.pofile(str(copy / "portal" / "locale" / LOCALE / "LC_MESSAGES" / "django.po"))
    held = {
        (entry.msgctxt, entry.msgid) for source in sources for entry in polib.pofile(str(source)) if not entry.obsolete
    }
    return [f"not collected: {entry.msgid!r}" for entry in used if (entry.msgctxt, entry.msgid) not in held]
