"""The days of the demonstration, counted from the day of loading in the zone of its calls."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Days:
    """Moments relative to `today`: negative days have passed."""

    today: date

    @classmethod
    def from_moment(cls, moment: datetime) -> "Days":
        """Count from the day that a moment falls on."""
        return cls(moment.astimezone(ZoneInfo(ZONE)).date())

    def on(self, day: int) -> date:
        """Return a day."""
        return self.today + timedelta(days=day)

    def at(self, day: int, hour: int = 0, minute: int = 0) -> datetime:
        """Return a moment of a day; midnight is its beginning."""
        return datetime.combine(self.on(day), time(hour, minute), ZoneInfo(ZONE))
