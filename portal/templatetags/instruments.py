"""The portal's own template tags: time, mass, the Moon, charts and lists. A builtin: no page loads it.

Every one is shown with its call on /styleguide/. Tags of forms are in `fields.py`, of the frame around a page in
`frame.py`, geometry in `portal/drawing.py`, markup in `templates/_parts/`.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from portal import clock, drawing, zones
from portal.units import format_mass, format_number
from portal.words import listed
from portal.zones import last_minute

register = template.Library()

SIDES = {"near": _("Near side"), "far": _("Far side")}
OFFICE_ZONE = "Asia/Shanghai"


# --- Hemispheres and states ---------------------------------------------------------------------


@register.simple_tag
def side(hemisphere: str, mission: Any = "") -> SafeString:
    """Show a hemisphere: word, colour and half-lit disc; with its mission where one is given."""
    words = f"{SIDES[hemisphere]} · {mission}" if mission else SIDES[hemisphere]
    return format_html('<span class="side side--{}">{}</span>', str(hemisphere), words)


@register.simple_tag
def state(word: str, tone: str = "") -> SafeString:
    """Show where something stands. Tones: none, `plain` (done, nothing to see), `ok`, `warn`, `bad`."""
    return format_html('<span class="state{}">{}</span>', f" state--{tone}" if tone else "", word)


# --- Time ---------------------------------------------------------------------------------------


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def _time(local: datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), text)


def _stamp(local: datetime, zone: str, yours: bool = False) -> SafeString:
    words = zones.label(local, zone)
    if yours and zone != "UTC":  # which stands where nobody has said what their zone is
        words = gettext("%(zone)s, your time") % {"zone": words}
    return _time(local, _in_words(local, words))


def _in_words(local: datetime, zone: str) -> str:
    parts = {"moment": f"{local:%Y-%m-%d %H:%M}", "zone": zone}
    return pgettext("moment and zone", "%(moment)s (%(zone)s)") % parts


@register.filter
def stamp(moment: datetime | None) -> str:
    """Write a moment in the reader's zone as plain text, for mails: `2026-11-26 07:00 (UTC+01:00, Paris)`."""
    if not moment:
        return "–"
    local = _local(moment, _mine())
    return _in_words(local, zones.label(local, _mine()))


@register.filter
def last_stamp(moment: datetime | None) -> str:
    """Write a deadline as `stamp` does; midnight is 23:59 of the day before it."""
    return stamp(last_minute(_local(moment, _mine())) if moment else None)


def _mine() -> str:
    return timezone.get_current_timezone_name()


@register.simple_tag
def when(moment: datetime | None, zone: str = OFFICE_ZONE) -> SafeString | str:
    """Show a moment in the call's zone and in the reader's, once where they agree; a dash for none."""
    if moment is None:
        return "–"
    theirs, mine = _local(moment, zone), _local(moment, _mine())
    if theirs.utcoffset() == mine.utcoffset():
        return _stamp(theirs, zone)
    return format_html(
        '<span class="when">{} <span>{}</span></span>', _stamp(theirs, zone), _stamp(mine, _mine(), True)
    )


@register.simple_tag
def deadline(moment: datetime | None, zone: str = OFFICE_ZONE) -> SafeString | str:
    """Show a moment until which something is taken, as `when` does; midnight is 23:59 of the day before it."""
    if moment is None:
        return "–"
    theirs, mine = last_minute(_local(moment, zone)), last_minute(_local(moment, _mine()))
    if theirs.utcoffset() == mine.utcoffset():
        return _stamp(theirs, zone)
    return format_html(
        '<span class="when">{} <span>{}</span></span>', _stamp(theirs, zone), _stamp(mine, _mine(), True)
    )


@register.simple_tag
def deadline_day(moment: datetime | None, zone: str = OFFICE_ZONE) -> SafeString | str:
    """Show the last day on which something is taken; a dash for none."""
    return "–" if moment is None else day(last_minute(_local(moment, zone)), zone)


@register.simple_tag
def moment(moment: datetime | None) -> SafeString | str:
    """Show a moment in the reader's zone alone: records, tables; a dash for none."""
    return "–" if moment is None else _stamp(_local(moment, _mine()), _mine())


@register.simple_tag
def day(value: date | datetime | None, zone: str = OFFICE_ZONE) -> SafeString | str:
    """Show a day: `22 Dec 2026`. Of a moment, the day in the zone given; a dash for none."""
    if value is None:
        return "–"
    local = _local(value, zone).date() if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), date_format(local, _day_format()))


def _day_format() -> str:
    return pgettext("date format", "j M Y")


def _large(local: datetime) -> SafeString:
    return _time(local, date_format(local, pgettext("date format", "j M Y, H:i"), use_l10n=False))


def _weekday(local: datetime) -> str:
    return date_format(local, "l", use_l10n=False)


def time_left(until: datetime) -> str:
    """Return what is left in words: `30 d 5 h 27 min`, and `nothing` once it has passed."""
    left = until - clock.now()
    if left <= timedelta(0):
        return gettext("nothing")
    minutes = int(left.total_seconds() // 60)
    values = {"days": minutes // 1440, "hours": minutes % 1440 // 60, "minutes": minutes % 60}
    if values["days"]:
        return gettext("%(days)s d %(hours)s h %(minutes)s min") % values
    return gettext("%(hours)s h %(minutes)s min") % values


@register.inclusion_tag("_parts/clocks.html")
def clocks(call: Any, note: str = "") -> dict[str, Any]:
    """Show when a call closes on three clocks: its zone, the reader's, what is left.

    `call` has `closes_at` and `zone`. A deadline at midnight reads 23:59 of the day before, with the day's name; where
    the reader's clock changes before it, the page says so.
    """
    zone, mine = call.zone or OFFICE_ZONE, _mine()
    theirs, yours = (last_minute(_local(call.closes_at, each)) for each in (zone, mine))
    return {
        "place": zones.place(zone),
        "theirs": _large(theirs),
        "their_day": _weekday(theirs),
        "their_offset": zones.offset(theirs),
        "yours": _large(yours),
        "your_day": _weekday(yours),
        "your_zone": zones.label(yours, mine),
        "your_clock_changes": clock.now().astimezone(yours.tzinfo).utcoffset() != yours.utcoffset(),
        "closed": call.closes_at <= clock.now(),
        "left": time_left(call.closes_at),
        "note": note,
    }


@register.simple_tag
def zone_now() -> str:
    """Return the zone times are shown in: `Berlin (UTC+01:00)`."""
    mine = _mine()
    offset = zones.offset(timezone.localtime())
    parts = {"moment": zones.place(mine), "zone": offset}
    return "UTC" if mine == "UTC" else pgettext("moment and zone", "%(moment)s (%(zone)s)") % parts


# --- Mass ---------------------------------------------------------------------------------------


@register.filter("mass")
def mass_filter(mass_mg: Decimal | None) -> str:
    """Write a mass with its unit for use inside a sentence."""
    return "–" if mass_mg is None else format_mass(mass_mg)


@register.filter
def amount(mass_mg: Decimal | str | None) -> str:
    """Write a mass without its unit, for a column that names it; also as a document of record has it (a string)."""
    return "–" if mass_mg is None else format_number(Decimal(mass_mg))


@register.simple_tag
def mass(mass_mg: Decimal | None) -> SafeString:
    """Show a mass with its unit, never broken between them; a dash for none."""
    return format_html('<span class="nowrap">{}</span>', mass_filter(mass_mg))


_PARTS = {
    "asked": (_("allocated"), _("your request"), _("free beside it")),
    "wanted": (_("allocated"), _("asked for"), _("free beside it")),
    "offered": (_("allocated or in reserve"), _("offered"), _("free beside it")),
    "awarded": (_("allocated"), _("awarded here"), _("free")),
    "free": (_("allocated"), _("free"), ""),
    "left": (_("allocated, split off or lost"), _("free"), ""),
    "kept": (_("allocated, split off or lost"), _("kept"), ""),
}


@register.inclusion_tag("_parts/massbar.html")
def massbar(
    initial_mg: Decimal | None,
    allocated_mg: Decimal | None = None,
    asked_mg: Decimal | None = None,
    hemisphere: str = "near",
    part: str = "asked",
    key: bool = True,
) -> dict[str, Any]:
    """Draw a mass: grey is gone, the hemisphere's colour is what the page speaks of, pale is free.

    Args:
        initial_mg: the whole; None or 0 where a number is known only from publications (no bar).
        allocated_mg: what published selections took.
        asked_mg: what the page speaks of; all that is free where `part` is `free`, `left` or `kept`.
        hemisphere: near or far.
        part: what the coloured piece is: asked, wanted, offered, awarded, free; `left` where more is gone than lent.
        key: repeat the masses in words below the bar.
    """
    if not initial_mg:
        return {"bar": None}
    if part in ("free", "left", "kept"):
        asked_mg = Decimal(initial_mg) - Decimal(allocated_mg or 0)
    bar = drawing.mass_bar(initial_mg, allocated_mg or Decimal(0), asked_mg or Decimal(0))
    gone_words, mine_words, rest_words = _PARTS[part]
    pieces: list[tuple[Decimal, Any, str]] = [
        (bar.gone_mg, gone_words, "lent"),
        (bar.mine_mg, mine_words, str(hemisphere)),
    ]
    if rest_words:
        pieces.append((bar.rest_mg, rest_words if bar.mine_mg else _("free"), ""))
    shown = [piece for piece in pieces if piece[0]] or pieces[-1:]
    return {
        "bar": bar,
        "hemisphere": str(hemisphere),
        "pieces": shown,
        "key": key,
        "label": gettext("%(side)s. Of %(initial)s: %(pieces)s.")
        % {
            "side": SIDES[hemisphere],
            "initial": format_mass(bar.initial_mg),
            "pieces": listed(f"{format_mass(mass_mg)} {words}" for mass_mg, words, _tone in shown),
        },
    }


# --- The Moon, days, lists ----------------------------------------------------------------------


@register.inclusion_tag("_parts/moon.html")
def moon(
    hemisphere: str,
    sites: Any = (),
    *,
    href: str = "",
    title: str = "",
    hint: str = "",
    label: str = "",
    quiet: bool = False,
) -> dict[str, Any]:
    """Draw a hemisphere under its reticle with landing sites (objects with name, latitude, longitude).

    `title` and `hint` are the caption, `label` says the drawing in words, `quiet` is a side filtered out.
    """
    places = [sites] if hasattr(sites, "latitude") else list(sites)
    aims = [drawing.aim(_site(place), hemisphere) for place in places]
    shown = [aim for aim in aims if aim]
    words = listed(aim.name for aim in shown)
    if not label:
        label = gettext("%(side)s of the Moon") % {"side": SIDES[hemisphere]}
        if words:
            label = gettext("%(moon)s, landing site of %(missions)s marked") % {"moon": label, "missions": words}
    return {
        "hemisphere": str(hemisphere),
        "aims": shown,
        "href": href,
        "title": title or (f"{SIDES[hemisphere]} · {words}" if words else SIDES[hemisphere]),
        "hint": hint,
        "label": label,
        "quiet": quiet,
    }


def _site(place: Any) -> drawing.Site:
    name = getattr(place, "local_name", None) or place.name
    return drawing.Site(str(name), float(place.latitude), float(place.longitude))


@register.filter
def coordinates(place: Any) -> str:
    """Write where a site lies: `43.06° N 51.92° W`."""
    latitude, longitude = float(place.latitude), float(place.longitude)
    values = {"latitude": f"{abs(latitude):.2f}", "longitude": f"{abs(longitude):.2f}"}
    north, east = latitude >= 0, longitude >= 0
    if north and east:
        return gettext("%(latitude)s° N %(longitude)s° E") % values
    if north:
        return gettext("%(latitude)s° N %(longitude)s° W") % values
    if east:
        return gettext("%(latitude)s° S %(longitude)s° E") % values
    return gettext("%(latitude)s° S %(longitude)s° W") % values


@register.inclusion_tag("_parts/timeline.html")
def timeline(marks: Iterable[drawing.Mark], title: str, today: int | None = None) -> dict[str, Any]:
    """Draw days since a deadline: `drawing.Mark(day, date, words)`; `today` marks the running day."""
    chosen = [
        replace(mark, words=gettext("%(what)s, day %(day)s") % {"what": mark.words, "day": mark.day})
        if mark.day
        else mark
        for mark in sorted(marks, key=lambda mark: mark.day)
    ]
    now = None
    if today is not None:
        now = drawing.Mark(today, None, gettext("today, day %(day)s") % {"day": today})
    in_order = sorted([*chosen, now] if now else chosen, key=lambda mark: mark.day)
    return {"days": drawing.days(chosen, now), "marks": chosen, "in_order": in_order, "title": title, "now": now}


@register.filter
def marks(past: Any) -> list[drawing.Mark]:
    """Turn the days of an earlier round into marks: deadline, interviews where known, publication."""
    found = [drawing.Mark(0, past.deadline, gettext("deadline"))]
    if past.interviews:
        found.append(drawing.Mark(past.days_to_interviews, past.interviews, gettext("interviews")))
    return [*found, drawing.Mark(past.days, past.published, gettext("selection published"))]


@register.filter
def short_day(value: date | None) -> str:
    """Write a day inside a drawing, where no element can stand."""
    return date_format(value, _day_format()) if value else ""


@register.filter
def long_count(count: int) -> str:
    """Write a number of days in words of the language: `1 day`, `489 days`."""
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


@register.inclusion_tag("_parts/gauge.html")
def gauge(done: int, all_tasks: int) -> dict[str, Any]:
    """Draw how many tasks are completed, with the sentence below."""
    return {"pieces": drawing.gauge(done, all_tasks), "done": done, "all": all_tasks}


@register.inclusion_tag("_parts/tasks.html")
def tasks(items: Iterable[Any]) -> dict[str, Any]:
    """List tasks (title, url or none, word, tone, hint): the home of an application."""
    return {"items": items}


@register.inclusion_tag("_parts/facts.html")
def facts(rows: Iterable[tuple[Any, Any]], two: bool = False) -> dict[str, Any]:
    """List names and values; rows without a value are left out."""
    return {"rows": [(name, value) for name, value in rows if value not in (None, "")], "two": two}


@register.inclusion_tag("_parts/stages.html")
def stages(steps: Iterable[Any]) -> dict[str, Any]:
    """List the way of an application (title, is: done, now or none; when, text)."""
    return {"steps": steps}
