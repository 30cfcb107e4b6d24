"""Nobody moves the portal's clock but the load of the demonstration, and tests."""

import ast
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import clock, settings

ROOT = Path(__file__).parents[2]
MOVES = {"set_to", "moving_the_clock"}


def test_only_the_demonstration_moves_the_clock():
    movers = {
        path.relative_to(ROOT).parts[:2]
        for room in ("portal", "applications", "samples")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.alias)
        and (getattr(node, "attr", None) or node.__dict__.get("name")) in MOVES
    }

    assert movers == {("portal", "demonstration")}


@pytest.mark.django_db
def test_set_to_is_refused_where_nobody_allowed_it(settings):
    settings.CLOCK_MAY_BE_SET = False
    moment = clock.now()

    with pytest.raises(ImproperlyConfigured), clock.set_to(moment):
        pass
    with clock.moving_the_clock(), clock.set_to(moment):
        assert clock.now() == moment
    with pytest.raises(ImproperlyConfigured), clock.set_to(moment):
        pass


def test_the_portal_itself_never_allows_it():
    assert settings.CLOCK_MAY_BE_SET is False
