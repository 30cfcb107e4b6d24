"""Masses as people type them, as they are kept and as they are shown."""

import string
from decimal import Decimal

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import Invalid
from portal.units import LARGEST_MASS_MG, MassField, MassInput, api_mass, format_mass, parse_mass, plain_mass

MASSES = st.decimals(min_value=0, max_value=LARGEST_MASS_MG, places=3)


class Form(forms.Form):
    mass = MassInput(required=False)


@given(MASSES)
def test_what_is_shown_plainly_is_read_back_as_the_same_mass(mass):
    plain = plain_mass(mass)
    for typed in (plain, plain.replace(".", ","), f" {plain} ", f"{plain} mg", f"{plain}mg"):
        if len(plain.partition(".")[2]) == 3 and "," in typed and len(plain.partition(".")[0]) <= 3:
            continue  # 1,250 can be read in two ways
        assert parse_mass(typed) == mass


@given(MASSES)
def test_three_decimals_after_a_comma_are_refused_where_they_could_be_thousands(mass):
    whole, _point, decimals = api_mass(mass).partition(".")
    if len(whole) > 3:
        assert parse_mass(f"{whole},{decimals}") == mass
    else:
        with pytest.raises(Invalid) as refusal:
            parse_mass(f"{whole},{decimals}")
        assert refusal.value.code == "ambiguous-mass"


@given(st.text(alphabet=string.digits + "., -+eE'mgx\u00a0\u0661\uff11", max_size=12))
def test_whatever_is_typed_is_a_mass_with_three_decimals_or_refused(typed):
    try:
        mass = parse_mass(typed)
    except Invalid:
        return
    assert 0 <= mass <= LARGEST_MASS_MG
    assert mass.as_tuple().exponent == -3


@pytest.mark.parametrize(
    ("typed", "mass"),
    [("1.25", "1.250"), ("1,25", "1.250"), ("0.001", "0.001"), ("500", "500.000"), ("１．２５", "1.250"), ("007", "7")],
)
def test_a_mass_is_read(typed, mass):
    assert parse_mass(typed) == Decimal(mass)


@pytest.mark.parametrize(
    ("typed", "both"),
    [("1,250", ("1.250", "1250")), ("1,250.5", ("1,250.5", "12505")), ("1 250", None), ("1'250", None)]
    + [("1.250.000", None), ("1.250,5", None)],
)
def test_an_ambiguous_mass_is_refused_and_both_readings_are_named(typed, both):
    with pytest.raises(Invalid) as refusal:
        parse_mass(typed)
    assert refusal.value.code == "ambiguous-mass"
    if both and "," in typed and "." not in typed:
        assert all(reading in str(refusal.value.message) for reading in both)


@pytest.mark.parametrize(
    "typed",
    ["", "-1", "+1", "1e3", "NaN", "Infinity", "1.2345", "1234567890", "0x10", ".5", "5.", "1.2.3", "١٢", "1\x00", "g"],
)
def test_what_is_no_mass_is_refused(typed):
    with pytest.raises(Invalid) as refusal:
        parse_mass(typed)
    assert refusal.value.code == "invalid-mass"


def test_a_form_keeps_what_was_typed_and_says_why_it_is_refused():
    form = Form({"mass": "1,250"})
    assert not form.is_valid()
    assert form.errors.as_data()["mass"][0].code == "ambiguous-mass"
    assert 'value="1,250"' in str(form["mass"])
    assert Form({"mass": "1,25"}).is_valid()
    assert 'value="1.25"' in str(Form(initial={"mass": Decimal("1.250")})["mass"])
    empty = Form({"mass": ""})
    assert empty.is_valid()
    assert empty.cleaned_data == {"mass": None}


@pytest.mark.parametrize(
    ("mass", "shown"),
    [
        ("1.250", "1.25 mg"),
        ("500.000", "500 mg"),
        ("0.000", "0 mg"),
        ("9999.5", "9999.5 mg"),
        ("1731000", "1\u202f731\u202f000 mg"),
    ],
)
def test_a_mass_is_shown_with_its_unit(mass, shown):
    with translation.override("en"):
        assert format_mass(Decimal(mass)) == shown


def test_the_api_writes_three_decimals_or_null():
    assert [api_mass(Decimal("1.25")), api_mass(Decimal(0)), api_mass(None)] == ["1.250", "0.000", None]


def test_a_mass_column_has_twelve_digits_three_of_them_decimals():
    field = MassField("mass")
    assert (field.max_digits, field.decimal_places) == (12, 3)
    assert isinstance(field.formfield(), MassInput)
    assert "max_digits" not in field.deconstruct()[3]
