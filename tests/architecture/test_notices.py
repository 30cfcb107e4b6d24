"""Every kind of notice has its words, and no words stand without a kind."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from portal.notifications import kinds

PARTS = ("subject", "body", "line")
FOLDER = Path(settings.BASE_DIR) / "templates" / "notifications"


def test_kinds_and_folders_of_words_are_the_same():
    folders = {
        folder.name: sorted(part.name for part in folder.iterdir()) for folder in FOLDER.iterdir() if folder.is_dir()
    }
    assert folders == {kind.code: ["body.txt", "line.txt", "subject.txt"] for kind in kinds.registered()}


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("part", PARTS)
def test_words_of_every_kind_can_be_read_in_each_language(language, part):
    for kind in kinds.registered():
        with translation.override(language):
            template = get_template(f"notifications/{kind.code}/{part}.txt").template
            words = template.render(Context({"url": "/somewhere/"}, autoescape=False)).strip()
        assert words, kind.code
        assert part == "body" or "\n" not in words, kind.code
