"""Words that wait for the language of the page: nothing puts them together while modules are imported."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAZY = {"_", "gettext_lazy", "pgettext_lazy", "ngettext_lazy"}


def frozen(tree: ast.AST) -> list[int]:
    """Return the lines in which lazy words are formatted outside of any function: for ever in one language."""
    return [
        node.lineno
        for node in _at_import(tree)
        if (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _is_lazy(node.left))
        or (isinstance(node, ast.Attribute) and node.attr == "format" and _is_lazy(node.value))
    ]


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _at_import(child)


def _is_lazy(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LAZY


@pytest.mark.parametrize("domain", ["portal", "applications", "samples"])
def test_no_words_are_put_together_at_import(domain: str) -> None:
    files = [path for path in (ROOT / domain).rglob("*.py") if "migrations" not in path.parts]
    found = [f"{path}:{line}" for path in files for line in frozen(ast.parse(path.read_text(encoding="utf-8")))]
    assert files and found == []


@pytest.mark.parametrize(
    "code", ['WORDS = _("%(n)s days") % {"n": 1}', 'class Form:\n    label = _("{n}").format(n=1)']
)
def test_control_words_put_together_at_import_are_found(code: str) -> None:
    assert frozen(ast.parse(code))


def test_words_put_together_in_a_function_are_in_the_language_of_the_page() -> None:
    assert frozen(ast.parse('def words(): return _("%(n)s days") % {"n": 1}')) == []
