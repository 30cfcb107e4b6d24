"""How the words of a sample are indexed, and with the same expressions found (`samples/catalogue/searching.py`).

PostgreSQL cuts text into words at spaces, which Chinese has not: every Chinese character becomes a word of its own, and
words typed together are looked for as a phrase. Parts of numbers, which are no words, are found by their trigrams.
"""

from typing import Any

from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.search import SearchVector
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Concat, Upper

CHINESE = "㐀-鿿豈-﫿"


class Apart(Func):
    """A text with a space around every Chinese character."""

    function = "regexp_replace"
    template = f"%(function)s(%(expressions)s, '([{CHINESE}])', ' \\1 ', 'g')"
    output_field: Any = TextField()


_SPACE = Value(" ")
WORDS = SearchVector(
    Apart(
        Concat(F("catalogue_number"), _SPACE, F("description"), _SPACE, F("description_zh"), output_field=TextField())
    ),
    config="simple",
)
NUMBER_PARTS = OpClass(Upper("catalogue_number"), name="gin_trgm_ops")
