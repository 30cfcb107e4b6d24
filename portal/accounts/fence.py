"""The fence around signing in: failures are counted, successes are not.

Three counts, each a row that one atomic upsert adds to: of an address (10 in a minute), of an account from an
address (5 in five minutes), of an account from everywhere (50 in an hour). The last one refuses nobody by itself:
it lowers the second to 1, so that whoever guesses from many addresses gets slow and the owner still gets in.
A count is of what was typed, whether or not such an account exists, so the fence tells nobody which ones do.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.db import connection
from django.http import HttpRequest

from portal import clock
from portal.accounts.models import LoginFailures

MINUTE, FIVE_MINUTES, HOUR = timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1)
OF_ADDRESS, OF_PAIR, OF_PAIR_UNDER_ATTACK, OF_ACCOUNT = 10, 5, 1, 50
KEPT_FOR = timedelta(days=1)
SWEPT_AT_ONCE = 100

ADD = """
INSERT INTO accounts_loginfailures AS kept (key, until, failures)
SELECT key, %(now)s + seconds * interval '1 second', 1
FROM unnest(%(keys)s::text[], %(seconds)s::integer[]) AS wanted (key, seconds) ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN kept.until <= %(now)s THEN 1 ELSE kept.failures + 1 END,
    until = CASE WHEN kept.until <= %(now)s THEN excluded.until ELSE kept.until END
RETURNING key, failures
"""
SWEEP = """
DELETE FROM accounts_loginfailures WHERE key IN (
    SELECT key FROM accounts_loginfailures WHERE until < %s LIMIT %s FOR UPDATE SKIP LOCKED)
"""


def ip_of(request: HttpRequest) -> str:
    """Return the address from which a request comes, behind as many proxies as are trusted."""
    return str(get_adapter().get_client_ip(request))


@dataclass(frozen=True)
class Counts:
    """Failures lately: of the address, of the account from the address, of the account."""

    address: int
    pair: int
    account: int

    @property
    def most_of_pair(self) -> int:
        """How many failures an address has for one account before it waits."""
        return OF_PAIR_UNDER_ATTACK if self.account >= OF_ACCOUNT else OF_PAIR

    @property
    def are_full(self) -> bool:
        """Tell whether another try must wait."""
        return self.address >= OF_ADDRESS or self.pair >= self.most_of_pair

    @property
    def are_beyond(self) -> bool:
        """Tell whether the failure just counted was one too many to be answered as a failure."""
        return self.address > OF_ADDRESS or self.pair > self.most_of_pair


def must_wait(login: str, address: str) -> bool:
    """Tell whether this address has failed too often to be heard about this account now."""
    keys = _keys(login, address)
    rows = LoginFailures.objects.filter(key__in=keys, until__gt=clock.now()).values_list("key", "failures")
    return _counts(keys, dict(rows)).are_full


def count_failure(login: str, address: str) -> bool:
    """Count a failure; tell whether it came too late to be answered (guesses sent at the same moment)."""
    keys, moment = _keys(login, address), clock.now()
    windows = [int(window.total_seconds()) for window in (MINUTE, FIVE_MINUTES, HOUR)]
    with connection.cursor() as cursor:
        cursor.execute(ADD, {"now": moment, "keys": list(keys), "seconds": windows})
        counts = _counts(keys, dict(cursor.fetchall()))
        cursor.execute(SWEEP, [moment - KEPT_FOR, SWEPT_AT_ONCE])
    return counts.are_beyond


def forget(login: str) -> None:
    """Forget the failures of an account: its owner has just set a new password."""
    LoginFailures.objects.filter(key=_key("account", login)).delete()


def _counts(keys: Sequence[str], found: dict[str, int]) -> Counts:
    return Counts(*(found.get(key, 0) for key in keys))


def _keys(login: str, address: str) -> tuple[str, str, str]:
    network = _network(address)
    return _key("address", network), _key("pair", login, network), _key("account", login)


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(part.strip().lower() for part in parts).encode()).hexdigest()


def _network(address: str) -> str:
    """Take a household's IPv6 network as one address."""
    parsed = ipaddress.ip_address(address)
    return str(ipaddress.ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else str(parsed)
