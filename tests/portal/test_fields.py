"""Fields, error summaries and actions as people and screen readers meet them."""

import re
from typing import Any

import lxml.html
import pytest
from django import forms
from django.template import Context, Template

from portal.errors import NotNow
from portal.units import MassInput


class RequestForm(forms.Form):
    """A form with one field of every kind the tags tell apart."""

    mass = MassInput(label="Mass", help_text="Write 1.25 or 1,25.")
    after = forms.ChoiceField(
        label="After use", widget=forms.RadioSelect, choices=[("a", "Returned"), ("b", "Consumed")]
    )
    whole = forms.BooleanField(label="The whole piece", required=False)
    why = forms.CharField(label="Why", widget=forms.Textarea, max_length=150)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def render(source: str, **context: Any) -> str:
    return Template(source).render(Context(context)).strip()


def test_field_ties_label_hint_error_and_control_together() -> None:
    page = lxml.html.fromstring(render("{% field form.mass %}", form=RequestForm({"mass": "1,250"})))
    control = page.get_element_by_id("id_mass")
    assert page.find(".//label").get("for") == "id_mass"
    assert control.get("aria-invalid") == "true"
    described = [
        page.get_element_by_id(name).text_content().strip() for name in control.get("aria-describedby").split()
    ]
    assert described[0] == "Write 1.25 or 1,25."
    assert described[1].startswith("Error: “1,250” can be read in two ways.")
    assert page.xpath("//span[@class='measure']/span/text()") == ["mg"]


def test_field_shows_choices_as_a_group_with_a_legend() -> None:
    page = lxml.html.fromstring(render("{% field form.after %}", form=RequestForm()))
    assert page.tag == "fieldset"
    assert page.xpath("//legend/text()") == ["After use"]
    assert page.xpath("//label/@for") == page.xpath("//input/@id") == ["id_after_0", "id_after_1"]


def test_field_says_how_much_fits() -> None:
    shown = render("{% field form.why audience='The panel reads this.' %}", form=RequestForm())
    page = lxml.html.fromstring(shown)
    assert page.get_element_by_id("id_why_helptext").text_content().strip() == "At most 150 characters."
    assert page.get_element_by_id("id_why").get("aria-describedby") == "id_why_helptext id_why_audience"


def test_problem_repeats_the_words_of_each_field_and_links_to_it() -> None:
    form = RequestForm({"mass": "", "after": "", "why": "x"})
    form.is_valid()
    form.add_error(None, "The call is closed.")
    page = lxml.html.fromstring(render("{% problem form %}", form=form))
    assert page.get("tabindex") == "-1" and page.xpath("./div/@role") == ["alert"]
    assert [item.text_content().strip() for item in page.xpath("//li")] == [
        "The call is closed.",
        "“Mass” is missing.",
        "“After use” is missing.",
    ]
    assert page.xpath("//li/a/@href") == ["#id_mass", "#id_after_0"]
    fields = lxml.html.fromstring(render("<div>{{ form }}</div>", form=form))
    assert [words.text_content() for words in fields.xpath("//p[@class='wrong']")] == [
        "Error: “Mass” is missing.",
        "Error: “After use” is missing.",
    ]
    assert all(fields.get_element_by_id(link.removeprefix("#")) is not None for link in page.xpath("//li/a/@href"))


@pytest.mark.parametrize("data", [None, {"mass": "1.25", "after": "a", "why": "x"}])
def test_problem_is_silent_where_nothing_is_wrong(data: dict[str, str] | None) -> None:
    assert render("{% problem form %}", form=RequestForm(data)) == ""


def test_scale_prints_the_word_on_every_point() -> None:
    class Sheet(forms.Form):
        score = forms.ChoiceField(label="Team", widget=forms.RadioSelect, choices=[("1", "No record"), ("2", "Able")])

    page = lxml.html.fromstring(render("{% scale form.score %}", form=Sheet()))
    assert [point.text_content().strip() for point in page.xpath("//label")] == ["1No record", "2Able"]


def test_a_whole_form_is_drawn_with_the_same_fields_and_its_hidden_ones() -> None:
    shown = render("{{ form }}", form=RequestForm())
    assert re.findall(r' name="(\w+)"', shown) == ["mass", "after", "after", "whole", "why", "token"]


def test_once_gives_every_form_a_key_of_its_own() -> None:
    first, second = render("{% once %}"), render("{% once %}")
    pattern = r'<input type="hidden" name="_once" value="[0-9a-f-]{36}">'
    assert re.fullmatch(pattern, first) and re.fullmatch(pattern, second) and first != second


def test_an_action_that_is_closed_says_why_instead_of_vanishing() -> None:
    shown = render("{% action_or_reason 'Submit' '/submit/' why %}", why=NotNow("The call closed yesterday."))
    assert shown == '<p class="unavailable"><b>Submit</b>: The call closed yesterday.</p>'


def test_an_action_that_is_open_is_a_link_or_a_form() -> None:
    assert (
        render("{% action_or_reason 'Open' '/x/' tone='second' %}") == '<a class="btn btn--second" href="/x/">Open</a>'
    )
    form = lxml.html.fromstring(render("{% action_or_reason 'Withdraw' '/x/' tone='danger' post=True about='LSA-1' %}"))
    assert (form.get("method"), form.get("action")) == ("post", "/x/")
    assert form.find(".//button").text_content() == "Withdraw: LSA-1"
    assert len(form.xpath("//input[@name='_once']")) == 1
