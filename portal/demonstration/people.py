"""The people of the demonstration: roles and numbered applicants, at institutions in countries that do not exist."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from portal.accounts import actions, people
from portal.accounts.models import Institution, User
from portal.roles import ADMINISTRATOR, AUDITOR, CURATOR

PASSWORD = "moonrock-demo"  # noqa: S105 -- printed at every start, and refused wherever the site is real
APPLICANTS = 20

# Letter of the institution and its country, so that six countries have two or three each.
INSTITUTIONS = {letter: f"X{'ABCDEF'[at % 6]}" for at, letter in enumerate("ABCDEFGHIJKLMNOP")}


@dataclass(frozen=True)
class Someone:
    """One account: name in both scripts, the letter of the institution (none for the office), time zone, role."""

    key: str
    name: str
    native_name: str
    institution: str = ""
    zone: str = "Asia/Shanghai"
    role: str = ""
    language: str = "en"

    @property
    def email(self) -> str:
        return f"{self.key}@example.org"


OFFICE = (
    Someone("admin", "Programme administrator", "项目管理员", role=ADMINISTRATOR.code),
    Someone("director", "Programme director", "项目主任", role=ADMINISTRATOR.code),
    Someone("curator", "Curator", "样品保管员", role=CURATOR.code),
    Someone("auditor", "Auditor", "审计员", zone="Europe/Zurich", role=AUDITOR.code),
)
CHAIR = Someone("chair", "Panel chair", "评审组主席", "P", "Europe/Paris")
# Reviewer 4 works where an application of demo-review comes from: a conflict by institution.
REVIEWERS = tuple(
    Someone(f"reviewer{number}", f"Reviewer {number}", f"评审专家 {number}", letter, zone)
    for number, (letter, zone) in enumerate(
        (
            ("J", "America/New_York"),
            ("K", "Asia/Tokyo"),
            ("L", "Europe/Berlin"),
            ("F", "Asia/Karachi"),
            ("M", "Europe/London"),
            ("N", "Australia/Perth"),
            ("O", "America/Sao_Paulo"),
            ("", "Africa/Nairobi"),
        ),
        start=1,
    )
)
TEAM = (
    Someone("applicant", "Demonstration applicant", "演示申请人", "A", "Europe/Paris"),
    Someone("colleague", "Demonstration colleague", "演示合作者", "B", "America/New_York"),
    Someone("rival", "Second applicant", "第二申请人", "C", "Asia/Tokyo"),
)
ZONES = ("Europe/Rome", "America/Chicago", "Asia/Kolkata", "Africa/Cairo", "America/Lima", "Asia/Shanghai")
NUMBERED = tuple(
    Someone(
        f"applicant{number:02}",
        f"Demonstration applicant {number:02}",
        f"演示申请人 {number:02}",
        "DEFGHI"[number % 6],
        ZONES[number % len(ZONES)],
        language="zh-hans" if number % 5 == 0 else "en",
    )
    for number in range(1, APPLICANTS + 1)
)
EVERYBODY = (*OFFICE, CHAIR, *REVIEWERS, *TEAM, *NUMBERED)
ADDRESSES = frozenset(one.email for one in EVERYBODY)


class People:
    """The accounts by their short names: `people["reviewer3"]`."""

    def __init__(self, users: dict[str, User]) -> None:
        self._users = users

    def __getitem__(self, key: str) -> User:
        return self._users[key]

    @property
    def reviewers(self) -> Iterator[User]:
        """The eight reviewers, in order."""
        return (self._users[one.key] for one in REVIEWERS)


def make() -> People:
    """Make institutions and accounts, grant the roles of the office, and let everybody sign in."""
    places = {
        letter: Institution.objects.create(
            name=f"Demonstration Institute {letter}",
            name_zh=f"演示研究所{letter}",
            country_or_region=country,
            verified=True,
        )
        for letter, country in INSTITUTIONS.items()
    }
    users = {one.key: _account(one, places.get(one.institution)) for one in EVERYBODY}
    # One hash for all: hashing is slow on purpose, and the password is no secret.
    User.objects.update(password=make_password(PASSWORD))
    return People(users)


def _account(one: Someone, institution: Institution | None) -> User:
    user = actions.register(
        one.email,
        one.name,
        native_name=one.native_name,
        zone=one.zone,
        language=one.language,
        institution=institution,
    )
    if one.role:
        people.grant(user, one.role, by=None)
    return user
