"""Whether the demonstration may be loaded, and loading it: all of it in one transaction, or nothing.

Its acts are the real ones, on their days, and send no mail: their notices stand in the lists of the portal.
"""

from dataclasses import dataclass

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.files import File
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from applications import record
from applications.enums import CallOrigin
from applications.models import Call
from portal import clock, files
from portal.accounts.models import User
from portal.demonstration import calls, exchanges, people, rounds
from portal.demonstration.days import Days
from portal.demonstration.science import DATA
from portal.demonstration.walk import Stage
from portal.errors import NotNow
from portal.notifications.outbox import quietly
from samples.enums import Origin
from samples.models import Sample
from samples.stock import seeds

ATTACHMENT = DATA / "plan.pdf"  # of every application here
LOCK = 0xDE30  # one load at a time
PEOPLE_CAME = -420
STOCK_CAME = -400
# What is no row of anybody: facts that every portal knows, and what Django keeps about its own tables.
KEPT = {"samples.mission", "contenttypes.contenttype", "auth.permission"}


@dataclass(frozen=True)
class Loaded:
    """Whether anything was loaded; without it everything was there already."""

    anew: bool


def load(*, reset: bool = False) -> Loaded:
    """Load the demonstration, unless it is there; with `reset`, empty the portal's tables first.

    Raises:
        NotNow: the site is real (https), or the database holds other people's data; nothing was changed.
    """
    if settings.SITE_URL.startswith("https://"):
        raise NotNow(_("A portal on https is no place for a demonstration."), code="https")
    if is_loaded() and not reset:
        return Loaded(anew=False)
    check_is_nobody_elses()
    with ATTACHMENT.open("rb") as plan:
        file = files.keep_pdf(File(plan))
    with transaction.atomic(), quietly(), translation.override("en"), clock.moving_the_clock():
        _be_alone()
        check_is_nobody_elses()
        if reset:
            _empty()
        elif is_loaded():  # by another load, while this one waited
            return Loaded(anew=False)
        _load(file)
    return Loaded(anew=True)


def is_loaded() -> bool:
    """Tell whether the demonstration is in the database, whatever was done with it since."""
    return Call.objects.filter(slug__in=calls.SLUGS, is_demonstration=True).exists()


def check_is_nobody_elses() -> None:
    """Refuse where anybody but the people of the demonstration has an account, or the portal's own work has begun.

    Raises:
        NotNow: naming what is in the way, and never whose it is.
    """
    if User.objects.exclude(email__in=people.ADDRESSES).exists():
        raise NotNow(_("There are accounts of other people."), code="other-people")
    if is_loaded():
        return
    if Call.objects.filter(origin=CallOrigin.PORTAL).exists():
        raise NotNow(_("There are calls that are not the demonstration's."), code="other-calls")
    if Sample.objects.filter(origin=Origin.STOCK, is_demonstration=False).exists():
        raise NotNow(_("There are samples in stock that are not the demonstration's."), code="other-stock")


def _load(file: files.Kept) -> None:
    days = Days.from_moment(clock.now())
    with clock.set_to(days.at(PEOPLE_CAME, 9)):
        everybody = people.make()
    with clock.set_to(days.at(STOCK_CAME, 9)):
        seeds.load_known()
        seeds.load_demonstration(everybody["curator"])
    record.load()
    stock = {sample.catalogue_number: sample for sample in Sample.objects.filter(is_demonstration=True)}
    made = calls.make(everybody, stock, days)
    rounds.make(Stage(everybody, stock, file), made, days)
    exchanges.make(made, everybody, days)


def _be_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _empty() -> None:
    """Delete every row of everybody. Who reads meanwhile reads the old rows until the new ones are there.

    Foreign keys are checked at the commit, so that the order of the tables does not matter.
    """
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    with pgtrigger.ignore(), connection.cursor() as cursor:
        for model in models:
            if model._meta.label_lower not in KEPT and not model._meta.proxy:
                cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
    cache.clear()
