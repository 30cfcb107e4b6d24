"""Institutions by any of their names: found exactly, searched in part, made where somebody types a new one.

The registry of institutions is taken in by `portal/accounts/ror.py`; who works where, by `portal/accounts/actions.py`.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from portal import countries
from portal.accounts.models import Institution, InstitutionName
from portal.errors import Invalid

FEWEST_LETTERS, MOST_FOUND, MOST_NAMES, MOST_OFFERED = 2, 10, 200, 100


@dataclass(frozen=True)
class Found:
    """One institution of a search: its row, and the name that matched where it is another one."""

    institution: Institution
    by: str

    @property
    def detail(self) -> str:
        """The matching name, the larger institution, the country or region."""
        place = countries.name_of(self.institution.country_or_region)
        parent = self.institution.parent.label if self.institution.parent else ""
        return " · ".join(part for part in (self.by, parent, place) if part)


def fold(name: str) -> str:
    """Return a name as it is looked for: without capitals, accents, points and doubled spaces."""
    plain = unicodedata.normalize("NFKD", name).casefold().replace("’", "'").replace("\0", "")
    letters = (sign for sign in plain if not unicodedata.combining(sign) and sign not in ".,'\"")
    return " ".join("".join(letters).split())[:250]


def one_line(name: str) -> str:
    """Return a name without line breaks and doubled spaces."""
    return " ".join(name.split())


def institution_named(name: str, country_or_region: str) -> Institution:
    """Return the institution of that name, alias or acronym, or make one that nobody has verified yet.

    Raises:
        Invalid: there is no such country or region, or several institutions are called so.
    """
    if not countries.is_known(country_or_region):
        raise Invalid(_("Choose the country or region of the institution."), field="country_or_region")
    name = one_line(name)
    found = known_as(name, country_or_region)
    if found:
        return found
    try:
        with transaction.atomic():
            return Institution.objects.create(name=name, country_or_region=country_or_region)
    except IntegrityError:  # somebody else named it at the same moment
        typed = Institution.objects.annotate(low=Lower("name")).filter(ror=None, country_or_region=country_or_region)
        return typed.get(low=Lower(Value(name)))


def known_as(name: str, country_or_region: str = "") -> Institution | None:
    """Return the one institution of that name; its own name counts before aliases, and those before acronyms.

    Without a country or region, only an institution that somebody verified is found.

    Raises:
        Invalid: several are called so.
    """
    name = one_line(name)
    if not name:
        return None
    there = Institution.objects.filter(country_or_region=country_or_region) if country_or_region else _verified()
    there = there.annotate(low=Lower("name"))
    own = Q(low=Lower(Value(name))) | Q(name_zh=name)
    other = Q(names__key=fold(name))
    for named in (own, other & ~Q(names__kind="acronym"), other & Q(names__kind="acronym")):
        found = list(there.filter(named).order_by("-verified", "pk").distinct()[:3])
        if len(found) == 1 or (found and not found[1].verified):
            return found[0]
        if found:
            raise Invalid(_ambiguous(name, found), code="ambiguous", field="institution_name")
    return None


def search(words: str) -> list[Found]:
    """Return the verified institutions of which a name is, begins with or contains these words, in this order.

    Those that somebody typed in are not shown: they may tell who works there.
    """
    key = fold(words)[:100]
    if len(key) < FEWEST_LETTERS:
        return []
    names = InstitutionName.objects.filter(institution__verified=True).select_related("institution__parent")
    inside = [Q(key__contains=word) for word in key.split()]
    best: dict[int, Found] = {}
    for matching in ([Q(key=key)], [Q(key__startswith=key)], inside):
        if len(best) < MOST_FOUND:
            rows = names.filter(*matching)
            # What merely contains a common word is plenty: any of it will do, the shortest of that first.
            near = sorted(rows[:MOST_NAMES], key=_shortest) if matching is inside else rows.order_by("key")[:MOST_NAMES]
            for found in _by_name(near):
                best.setdefault(found.institution.pk, found)
    more = _without_names(words) if len(best) < MOST_FOUND else []
    return [*best.values(), *more][:MOST_FOUND]


def _shortest(name: InstitutionName) -> tuple[int, str, int]:
    return len(name.key), name.key, name.pk


def names_offered() -> list[str]:
    """Return the names that a form proposes at once: of verified institutions, as long as the list is short."""
    names = list(_verified().order_by("name", "pk").values_list("name", flat=True)[: MOST_OFFERED + 1])
    return names if len(names) <= MOST_OFFERED else []


def _verified() -> QuerySet[Institution]:
    return Institution.objects.filter(verified=True)


def _by_name(names: Iterable[InstitutionName]) -> list[Found]:
    """Pair institutions with the name that matched, unless it is the one that is shown anyway."""
    pairs = [(name.institution, name.name) for name in names]
    return [Found(place, "" if name in (place.name, place.name_zh) else name) for place, name in pairs]


def _without_names(words: str) -> list[Found]:
    """Find those that no registry has named: they have the one name under which an administrator verified them."""
    named = Q(name__icontains=one_line(words)) | Q(name_zh__contains=one_line(words))
    there = _verified().filter(named, ror=None, names=None).select_related("parent").order_by("name", "pk")
    return [Found(institution, "") for institution in there[:MOST_FOUND]]


def _ambiguous(name: str, found: Iterable[Institution]) -> str:
    full = " / ".join(institution.label for institution in found)
    return _("Several institutions are called “%(name)s”: %(full)s. Write the full name.") % {
        "name": name,
        "full": full,
    }
