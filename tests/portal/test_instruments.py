"""The template tags: what people read of times, masses, hemispheres and errors. Forms are in `test_fields.py`."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.html import strip_tags

from applications.waits import Past
from portal import clock, drawing, zones
from portal.templatetags import instruments

CLOSES = datetime(2026, 12, 22, 15, 59, tzinfo=UTC)


def render(source: str, zone: str = "Europe/Berlin", **context: Any) -> str:
    with timezone.override(ZoneInfo(zone)):
        return Template(source).render(Context(context)).strip()


def text(source: str, zone: str = "Europe/Berlin", **context: Any) -> str:
    return " ".join(strip_tags(render(source, zone, **context)).split())


def test_when_shows_the_calls_zone_and_the_readers() -> None:
    assert render("{% when at %}", at=CLOSES) == (
        '<span class="when"><time datetime="2026-12-22T23:59+08:00">2026-12-22 23:59 (UTC+08:00, Beijing)</time> '
        '<span><time datetime="2026-12-22T16:59+01:00">2026-12-22 16:59 (UTC+01:00, Berlin, your time)</time></span>'
        "</span>"
    )


def test_when_shows_one_time_where_both_zones_agree() -> None:
    assert text("{% when at %}", "Asia/Singapore", at=CLOSES) == "2026-12-22 23:59 (UTC+08:00, Beijing)"


def test_when_writes_midnight_as_the_start_of_a_day() -> None:
    midnight = datetime(2026, 12, 22, 16, 0, tzinfo=UTC)
    assert text("{% when at %}", "Asia/Shanghai", at=midnight) == "2026-12-23 00:00 (UTC+08:00, Beijing)"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "2026-12-22 15:59 (UTC)"),
        ("Asia/Kolkata", "2026-12-22 21:29 (UTC+05:30, Kolkata)"),
        ("America/New_York", "2026-12-22 10:59 (UTC−05:00, New York)"),
        ("Pacific/Auckland", "2026-12-23 04:59 (UTC+13:00, Auckland)"),
    ],
)
def test_moment_shows_the_readers_zone_alone(zone: str, shown: str) -> None:
    assert text("{% moment at %}", zone, at=CLOSES) == shown


@pytest.mark.parametrize("tag", ["when", "moment", "day"])
def test_time_tags_show_a_dash_where_there_is_no_time(tag: str) -> None:
    assert text(f"{{% {tag} nothing %}}", nothing=None) == "–"


def test_day_of_a_moment_is_the_day_in_the_offices_zone() -> None:
    late = datetime(2026, 12, 22, 16, 30, tzinfo=UTC)
    assert render("{% day at %}", at=late) == '<time datetime="2026-12-23">23 Dec 2026</time>'


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (datetime(2026, 11, 22, 10, 32, tzinfo=UTC), "30 d 5 h 27 min"),
        (datetime(2026, 12, 22, 15, 0, 30, tzinfo=UTC), "0 h 58 min"),
        (datetime(2026, 12, 22, 15, 59, tzinfo=UTC), "closed"),
    ],
)
def test_clocks_show_the_calls_time_the_readers_and_what_is_left(now: datetime, left: str) -> None:
    call = SimpleNamespace(closes_at=CLOSES, zone="Asia/Shanghai")
    with clock.arrived(now):
        shown = text("{% clocks call %}", call=call)
    assert shown == (
        "Closes, Beijing time22 Dec 2026, 23:59Tuesday, UTC+08:00 "
        f"Closes, your time22 Dec 2026, 16:59Tuesday, UTC+01:00, Berlin Time left{left}"
    )


@pytest.mark.parametrize(
    ("closes", "zone", "mine", "theirs", "yours"),
    [
        ((2026, 12, 22, 16, 0), "Asia/Shanghai", "Europe/Berlin", "22 Dec 2026, 23:59Tuesday", "17:00Tuesday"),
        ((2026, 12, 22, 15, 59), "Asia/Shanghai", "UTC", "22 Dec 2026, 23:59Tuesday", "22 Dec 2026, 15:59Tuesday"),
        ((2026, 12, 31, 16, 0), "Asia/Shanghai", "Asia/Shanghai", "31 Dec 2026, 23:59Thursday", "23:59Thursday"),
        ((2026, 12, 23, 0, 0), "Asia/Shanghai", "UTC", "23 Dec 2026, 08:00Wednesday", "22 Dec 2026, 23:59Tuesday"),
        (
            (2027, 3, 27, 23, 0),
            "Asia/Shanghai",
            "Europe/Berlin",
            "28 Mar 2027, 07:00Sunday",
            "27 Mar 2027, 23:59Saturday",
        ),
    ],
)
def test_a_deadline_at_midnight_reads_as_the_last_minute_of_its_day(closes, zone, mine, theirs, yours) -> None:
    call = SimpleNamespace(closes_at=datetime(*closes, tzinfo=UTC), zone=zone)
    with clock.arrived(datetime(2026, 11, 22, tzinfo=UTC)):
        shown = text("{% clocks call %}", mine, call=call)
    assert theirs in shown
    assert yours in shown
    assert "24:00" not in shown and "00:00 " not in shown and "CST" not in shown


@pytest.mark.parametrize(("mine", "said"), [("Europe/Berlin", True), ("Asia/Tokyo", False)])
def test_clocks_say_when_the_readers_clock_changes_before_the_deadline(mine: str, said: bool) -> None:
    call = SimpleNamespace(closes_at=datetime(2027, 4, 2, 15, 59, tzinfo=UTC), zone="Asia/Shanghai")
    with clock.arrived(datetime(2027, 3, 20, tzinfo=UTC)):
        shown = text("{% clocks call %}", mine, call=call)
    assert ("your clock changes before then" in shown) is said
    assert "13 d 15 h 59 min" in shown


def test_deadline_shows_midnight_as_the_day_it_ends_in_each_zone() -> None:
    midnight = datetime(2026, 12, 22, 16, 0, tzinfo=UTC)
    assert text("{% deadline at 'Asia/Shanghai' %}", at=midnight) == (
        "2026-12-22 23:59 (UTC+08:00, Beijing) 2026-12-22 17:00 (UTC+01:00, Berlin, your time)"
    )
    assert text("{% deadline nothing %}", nothing=None) == "–"
    assert text("{% deadline_day at %} {% deadline_day nothing %}", at=midnight, nothing=None) == "22 Dec 2026 –"


def test_names_of_zones_never_are_letter_codes() -> None:
    assert {"CST", "EST", "GMT", "PRC"}.isdisjoint(zones.names())
    assert not zones.is_known("EST") and not zones.is_known("../etc/passwd")
    assert zones.is_known("America/Port_of_Spain") and zones.place("America/Port_of_Spain") == "Port of Spain"


@pytest.mark.parametrize(
    ("zone", "city"),
    [("Europe/Berlin", "柏林"), ("Asia/Kolkata", "加尔各答"), ("Asia/Shanghai", "北京"), ("UTC", "UTC")],
)
def test_names_of_zones_are_chinese_on_a_chinese_page(zone: str, city: str) -> None:
    with translation.override("zh-hans"):
        assert zones.place(zone) == city


def test_a_zone_without_a_chinese_name_keeps_its_own() -> None:
    with translation.override("zh-hans"):
        assert zones.place("America/Coyhaique") == "Coyhaique"


@pytest.mark.parametrize(
    ("mass", "shown"), [(Decimal("3000.000"), "3000"), ("12500.500", "12\u202f500.5"), (None, "–"), ("0.000", "0")]
)
def test_amount_writes_the_number_alone(mass: Decimal | str | None, shown: str) -> None:
    assert instruments.amount(mass) == shown


def test_a_moment_in_a_mail_names_its_zone_and_no_deadline_is_at_midnight() -> None:
    midnight = datetime(2026, 12, 22, 23, 0, tzinfo=UTC)
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert instruments.stamp(midnight) == "2026-12-23 00:00 (UTC+01:00, Berlin)"
        assert instruments.last_stamp(midnight) == "2026-12-22 23:59 (UTC+01:00, Berlin)"
    assert instruments.stamp(None) == instruments.last_stamp(None) == "–"


def test_side_says_its_word_beside_its_colour() -> None:
    assert render('{% side "far" "Chang’e-6" %}') == '<span class="side side--far">Far side · Chang’e-6</span>'


def test_state_escapes_its_word() -> None:
    assert render('{% state word "warn" %}', word="<b>") == '<span class="state state--warn">&lt;b&gt;</span>'


def test_massbar_says_every_mass_in_its_label_and_below() -> None:
    shown = render("{% massbar 250 50 50 'near' %}")
    assert 'aria-label="Near side. Of 250 mg: 50 mg allocated, 50 mg your request, 150 mg free beside it."' in shown
    assert '<rect class="mine-near" x="20.00%" y="1" width="20.00%" height="9"/>' in shown
    assert " ".join(strip_tags(shown).split()) == "allocated 50 mgyour request 50 mgfree beside it 150 mg"


def test_massbar_never_draws_over_its_end() -> None:
    bar = drawing.mass_bar(Decimal(250), Decimal(50), Decimal(500))
    assert (bar.gone, bar.mine, bar.rest_mg, bar.mine_mg) == ("20.00%", "80.00%", Decimal(0), Decimal(500))


def test_massbar_of_a_whole_piece_names_no_empty_part() -> None:
    assert text("{% massbar 36.2 None None 'far' part='free' %}") == "free 36.2 mg"


@pytest.mark.parametrize("initial", [None, Decimal(0)])
def test_massbar_draws_nothing_for_a_number_known_from_publications(initial: Decimal | None) -> None:
    shown = render("{% massbar initial %}", initial=initial)
    assert "<svg" not in shown
    assert strip_tags(shown).strip() == "Known from publications: no balance here, not requestable, in no total."


def test_a_site_is_projected_onto_its_hemisphere() -> None:
    near = drawing.aim(drawing.Site("Chang’e-5", 43.0576, -51.9161), "near")
    far = drawing.aim(drawing.Site("Chang’e-6", -41.63, -153.98), "far")
    assert near and far
    assert (near.x, near.y, near.anchor) == (-159.9, -189.8, "start")
    assert (far.x, far.y, far.anchor) == (91.2, 184.7, "end")


def test_a_site_of_the_other_hemisphere_is_not_drawn() -> None:
    assert drawing.aim(drawing.Site("Chang’e-6", -41.63, -153.98), "near") is None


def test_moon_says_what_it_shows() -> None:
    site = drawing.Site("Chang’e-5", 43.0576, -51.9161)
    assert 'aria-label="Near side of the Moon, landing site of Chang’e-5 marked"' in render(
        "{% moon 'near' site %}", site=site
    )


def test_timeline_labels_never_overlap() -> None:
    marks = [drawing.Mark(number, date(2026, 1, 1), "interviews and questions") for number in (0, 5, 10, 489)]
    labels = drawing.days(marks).labels
    assert [label.words_y for label in labels] == [96, 64, 32, 96]


def test_timeline_of_the_first_international_call_has_its_days() -> None:
    record = Past("first", "First call", "/calls/first/", date(2023, 12, 22), date(2024, 4, 26), date(2025, 4, 24))
    shown = render("{% timeline record|marks 'First call' today=300 %}", record=record)
    label = "First call: deadline; interviews, day 126; selection published, day 489; today, day 300"
    assert f'aria-label="{label}"' in shown
    in_order = re.findall(r"<span>([^<]+)</span></li>", shown)
    assert in_order == ["deadline", "interviews, day 126", "today, day 300", "selection published, day 489"]
    drawn = drawing.days(instruments.marks(record))
    assert [(span.x, span.width, span.last) for span in drawn.spans] == [(0.0, 282.2, False), (282.2, 813.1, True)]
    assert [number for _x, number in drawn.numbers] == [0, 100, 200, 300, 400, 500]


def test_facts_leave_out_what_is_not_known() -> None:
    assert text("{% facts rows %}", rows=[("Kind", "Powder"), ("IGSN", None), ("Depth", "")]) == "KindPowder"


def test_crumbs_name_the_way_from_home() -> None:
    assert text("{% crumbs '/calls/' 'Calls' 'Call 2026' %}") == "HomeCallsCall 2026"
