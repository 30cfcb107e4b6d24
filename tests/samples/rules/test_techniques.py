"""The vocabulary of analytical techniques."""

from collections import Counter

import pytest
from django.utils import translation

from samples.rules import techniques as vocabulary
from samples.rules.techniques import choices, is_leaf, label_of, technique, techniques


def test_there_are_55_concepts_each_with_a_name_in_both_languages_and_a_known_place():
    codes = [one.code for one in techniques()]
    assert (len(codes), len(set(codes))) == (55, 55)
    assert [one.code for one in techniques() if not (one.label and one.label_zh)] == []
    assert {one.broader for one in techniques()} - set(codes) == {""}
    assert [one.code for one in techniques() if not one.broader] == ["Analysistechnique"]


@pytest.mark.parametrize("name", ["label", "label_zh"])
def test_no_two_concepts_have_the_same_name(name):
    names = Counter(getattr(one, name) for one in techniques())
    assert [one for one, number in names.items() if number > 1] == []


def test_a_choice_field_offers_every_leaf_once_under_its_group():
    offered = [(group, code) for group, members in choices("en") for code, _ in members]
    assert sorted(code for _, code in offered) == sorted(one.code for one in techniques() if is_leaf(one.code))
    assert {group for group, _ in offered} == {
        "Analysis technique",
        "Electron microscopy",
        "Mass spectrometry",
        "Spectroscopy",
    }
    assert ("Electron microscopy", "TEM") in offered
    assert {group for group, _ in choices("zh-hans")} == {"分析技术", "光谱与波谱", "电子显微术", "质谱"}


def test_a_group_is_no_technique_and_neither_is_an_unknown_code():
    assert [is_leaf(code) for code in ("SIMS", "Massspectrometry", "Analysistechnique", "none", "")] == [
        True,
        False,
        False,
        False,
        False,
    ]


def test_a_label_is_in_the_language_asked_for_and_other_words_come_back():
    assert label_of("SIMS", "en") == "Secondary ion mass spectrometry"
    assert label_of("SIMS", "zh-hans") == "二次离子质谱"
    assert label_of("our own method", "zh-hans") == "our own method"
    with translation.override("zh-hans"):
        assert label_of("TIMS") == "热电离质谱"


def test_a_code_finds_its_concept_or_nothing():
    assert technique("SIMS") == vocabulary.Technique(
        "SIMS", "Secondary ion mass spectrometry", "二次离子质谱", "Massspectrometry", ""
    )
    assert technique("antech:SIMS") is None
