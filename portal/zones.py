"""Time zones as people read them: place, offset, choice. The zone of a request is set in `portal/web.py`."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale, get_global
from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from portal import words
from portal.paired import is_chinese

# The database of zones names China's only official time after its largest city; people call it Beijing time.
PLACES = {"Asia/Shanghai": _("Beijing"), "UTC": _("UTC")}
_REGIONS = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific"),
}


def place(zone: str) -> str:
    """Return the name people know a zone by, in the language of the page: Beijing, Berlin, 西班牙港."""
    if zone in PLACES:
        return str(PLACES[zone])
    chinese = _city(zone) if is_chinese() else ""
    return chinese or zone.rpartition("/")[2].replace("_", " ")


@cache
def _city(zone: str) -> str:
    """Return the city of a zone in Chinese; none where the Common Locale Data Repository knows it under no name."""
    cities = Locale("zh", script="Hans").time_zones
    names = [zone, *(old for old, new in get_global("zone_aliases").items() if new == zone)]
    return next((cities[name]["city"] for name in names if "city" in cities.get(name, {})), "")


def last_minute(local: datetime) -> datetime:
    """Return midnight as 23:59 of the day that it ends: nobody may take a deadline for one day later."""
    if local.hour or local.minute:
        return local
    return (local.astimezone(UTC) - timedelta(minutes=1)).astimezone(local.tzinfo)


def offset(moment: datetime) -> str:
    """Return the offset of an aware moment: UTC+08:00, UTC."""
    text = moment.isoformat()[-6:] if moment.utcoffset() else ""
    return "UTC" + text.replace("-", "\N{MINUS SIGN}")


def label(moment: datetime, zone: str) -> str:
    """Return offset and place: `UTC+08:00, Beijing`; never a bare letter code, which may mean several zones."""
    return offset(moment) if zone == "UTC" else f"{offset(moment)}{words.MARKS['comma']}{place(zone)}"


def stamp(moment: datetime, zone: str) -> str:
    """Return a moment in a zone as plain text, to the second: `2026-12-22 23:59:00 (UTC+08:00, Beijing)`."""
    local = moment.astimezone(ZoneInfo(zone))
    parts = {"moment": f"{local:%Y-%m-%d %H:%M:%S}", "zone": label(local, zone)}
    return pgettext("moment and zone", "%(moment)s (%(zone)s)") % parts


def names() -> list[str]:
    """Return every zone of a place on Earth, in order, after UTC."""
    return ["UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in _REGIONS)]


def is_known(zone: str) -> bool:
    """Tell whether a zone can be chosen."""
    return zone == "UTC" or (zone.partition("/")[0] in _REGIONS and zone in available_timezones())


class ZoneForm(forms.Form):
    """The choice of a time zone for this browser."""

    zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Deadlines are shown in the call’s zone and in yours."))
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[str, str]]] = {}
        for name in names():
            region, _slash, rest = name.partition("/")
            groups.setdefault(str(_REGIONS.get(region, region)), []).append(
                (name, f"{place(name)} ({name})" if rest else gettext("UTC"))
            )
        field: Any = self.fields["zone"]
        field.choices = [*groups.pop("UTC"), *((region, sorted(zones)) for region, zones in groups.items())]


class MomentInput(forms.DateTimeField):
    """A typed day and time in one zone, such as a call's; cleans to an aware moment in UTC."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S")

    def __init__(self, *args: Any, zone: str = "Asia/Shanghai", **kwargs: Any) -> None:
        self.zone = zone
        kwargs.setdefault("error_messages", {})["invalid"] = _("Enter a day and a time, such as 2026-12-22 23:59.")
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        for style in self.input_formats:
            try:
                typed = datetime.strptime(str(value).strip(), style)
            except ValueError:
                continue
            return self._placed(typed)
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")

    def _placed(self, typed: datetime) -> datetime:
        """Refuse an hour that a change of clocks leaves out or repeats: nobody may have to guess a deadline."""
        early, late = (typed.replace(tzinfo=ZoneInfo(self.zone), fold=fold) for fold in (0, 1))
        if early.utcoffset() != late.utcoffset():
            raise forms.ValidationError(_("The clocks change in this hour. Choose another one."), code="clock-change")
        return early.astimezone(UTC)

    def prepare_value(self, value: Any) -> Any:
        return value.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) if isinstance(value, datetime) else value
