"""What may name somebody is found in every spelling; a text that names nobody stays without a finding."""

import time

import pytest

from applications.rules.naming import MOST_ALIKE, Kind, Name, possible_names

NAMES = [
    Name("Wei-Ming Li", Kind.PERSON),
    Name("李维明", Kind.PERSON),
    Name("Ánna Stone", Kind.PERSON),
    Name("anna@stone.example", Kind.ADDRESS),
    Name("0000-0002-1825-0097", Kind.ADDRESS),
    Name("Institute of Grain & Dust", Kind.PLACE),
    Name("尘埃研究所", Kind.PLACE),
    Name("IGD", Kind.ACRONYM),
    Name("Clean Room 7", Kind.PLACE),
]
CLEAN = (
    "Measure noble gases in single grains; He and Li are implanted by the wind. We first heat a stone in steps, "
    "then compare with the results of others [4]. The data of Apollo 11 (https://doi.org/10.1000/182) hold 2.5 mg. "
    "The institute that keeps the grains is not told; an igd of dust settles. "
    "我们测量单颗粒中的惰性气体，本工作比较两侧样品。"
)


def found(text: str) -> list[str]:
    return [one.name for one in possible_names([("plan", text)], NAMES)]


@pytest.mark.parametrize(
    "text, name",
    [
        ("as Wei-Ming Li has shown", "Wei-Ming Li"),
        ("Li Wei-Ming", "Wei-Ming Li"),
        ("weiming LI", "Wei-Ming Li"),
        ("W.-M. Li and others", "Wei-Ming Li"),
        ("Li, W. M. (2024)", "Wei-Ming Li"),
        ("with Weiming’s instrument", "Wei-Ming Li"),
        ("李维明等", "李维明"),
        ("由李 维 明完成", "李维明"),
        ("李教授的仪器", "李维明"),
        ("Stone et al. [3]", "Ánna Stone"),
        ("ANNA STONE", "Ánna Stone"),
        ("Anna\u00adSto-\nne, Stone's line", "Ánna Stone"),
        ("in stone_plan_v3.pdf", "Ánna Stone"),
        ("write to ANNA@stone.example", "anna@stone.example"),
        ("id 0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("at the institute of grain and dust", "Institute of Grain & Dust"),
        ("at the institute of grain & dust", "Institute of Grain & Dust"),
        ("在尘埃研究所测量", "尘埃研究所"),
        ("the IGD line", "IGD"),
        ("in clean room 7", "Clean Room 7"),
        ("somebody@elsewhere.example", "somebody@elsewhere.example"),
        ("see 0000-0001-5000-0007", "0000-0001-5000-0007"),
        ("www.dust.example/people", "www.dust.example/people"),
        ("grains.ac.cn holds it", "grains.ac.cn"),
        ("in our previous work [12] we", "our previous work [12]"),
        ("as we have previously shown (2021)", "we have previously shown (2021)"),
        ("our own noble-gas study", None),
        ("我们之前的工作[3]。", "我们之前的工作[3]"),
        ("本课题组前期研制的仪器", "本课题组前期研制的仪器"),
    ],
)
def test_a_possible_name_is_found(text: str, name: str | None) -> None:
    assert found(text)[:1] == ([name] if name else [])


def test_a_text_that_names_nobody_is_clean() -> None:
    assert found(CLEAN) == []
    assert found(CLEAN + " Stone.") == ["Ánna Stone"]  # the same text with a name in it is not


def test_a_finding_says_where_and_shows_the_words_around_it() -> None:
    text = f"{'x ' * 200}as Stone writes{' y' * 200}"
    (one,) = possible_names([("plan", "Nothing."), ("methods", text)], NAMES)
    assert one.where == "methods"
    assert "as Stone writes" in one.excerpt
    assert len(one.excerpt) < 150
    assert one.excerpt.startswith("…") and one.excerpt.endswith("…")


def test_one_name_is_shown_a_few_times_in_one_place() -> None:
    assert len(found("Stone said. " * 50)) == MOST_ALIKE


@pytest.mark.parametrize("sign", ["a", "a.", "a@", "our ", "我们", "李", "-\n", "\u200b", "http://", "Li "])
def test_a_long_and_odd_text_is_searched_in_little_time(sign: str) -> None:
    begun = time.monotonic()
    found(sign * (300_000 // len(sign)))
    assert time.monotonic() - begun < 10
