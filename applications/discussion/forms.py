"""The form of the discussion: one text. Shape only."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_POST = 8000


class PostForm(forms.Form):
    """What somebody says."""

    use_required_attribute = False
    text = forms.CharField(label=_("Your words"), max_length=LONGEST_POST, widget=forms.Textarea(attrs={"rows": 4}))
