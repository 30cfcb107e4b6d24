"""Translations are compiled without gettext, and the check sees what is missing, unsure or old."""

from pathlib import Path
from typing import Any

import polib
import pytest
from django.core.management import CommandError, call_command

from portal.management.commands import compile_translations


@pytest.fixture
def source(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A translation of two messages, not compiled; what the code uses is another test's matter."""
    settings.LOCALE_PATHS = [tmp_path]
    monkeypatch.setattr(compile_translations, "uncollected_messages", lambda sources: [])
    path = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=utf-8"}
    catalogue.append(polib.POEntry(msgid="sample", msgstr="样品"))
    catalogue.append(polib.POEntry(msgid="call", msgstr="征集"))
    catalogue.save(str(path))
    return path


def failure() -> str:
    with pytest.raises(CommandError) as caught:
        call_command("compile_translations", "--check")
    return str(caught.value)


def change(source: Path, **values: object) -> None:
    catalogue = polib.pofile(str(source))
    for name, value in values.items():
        setattr(catalogue.find("call"), name, value)
    catalogue.save(str(source))


def test_compile_writes_what_gettext_reads(source: Path) -> None:
    call_command("compile_translations")
    assert polib.mofile(str(source.with_suffix(".mo"))).find("sample").msgstr == "样品"
    call_command("compile_translations", "--check")


def test_check_fails_where_nothing_was_compiled(source: Path) -> None:
    compiled = source.with_suffix(".mo")
    assert failure() == f"{compiled}: differs from django.po; run manage.py compile_translations"


def test_check_fails_when_the_compiled_file_is_old(source: Path) -> None:
    call_command("compile_translations")
    change(source, msgstr="徵集")
    assert "differs from django.po" in failure()


def test_check_names_what_is_not_translated(source: Path) -> None:
    change(source, msgstr="")
    call_command("compile_translations")
    assert failure() == f"{source}: not translated: 'call'"


def test_check_names_what_is_unsure(source: Path) -> None:
    change(source, flags=["fuzzy"])
    call_command("compile_translations")
    assert failure() == f"{source}: unsure: 'call'"


def test_check_fails_without_any_translation(tmp_path: Path, settings: Any) -> None:
    settings.LOCALE_PATHS = [tmp_path]
    assert failure() == "There is no translation at all."
