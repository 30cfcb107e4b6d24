"""The form of works to add: texts and a file, read by `parsing.py`."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.works.parsing import Reading, read_bibtex, read_dois, read_file

MOST_BYTES = 2_000_000
LONGEST = 500_000


class WorksForm(forms.Form):
    """DOIs, BibTeX, or a file of one's own works."""

    use_required_attribute = False
    dois = forms.CharField(
        label=_("DOIs, one in each line"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        max_length=LONGEST,
        help_text=_("For example 10.1000/182, with or without https://doi.org/ before it."),
    )
    bibtex = forms.CharField(
        label=_("BibTeX"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        max_length=LONGEST,
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        help_text=_("BibTeX, or the JSON record of ORCID’s public API. At most 2 MB."),
    )

    def clean_file(self) -> str:
        """Return the text of the file."""
        sent = self.cleaned_data.get("file")
        if not sent:
            return ""
        if sent.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB."), code="too-large")
        try:
            return sent.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise forms.ValidationError(
                _("Line %(line)s of the file is no text in UTF-8."), code="encoding", params={"line": line}
            ) from None

    def readings(self) -> dict[str, Reading]:
        """Return what was read, by field; of fields left empty nothing."""
        read = {"dois": read_dois, "bibtex": read_bibtex, "file": read_file}
        return {name: parse(self.cleaned_data[name]) for name, parse in read.items() if self.cleaned_data[name].strip()}
