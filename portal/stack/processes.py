"""Starting and ending one process so that nothing of it outlives us; `supervisor.py` keeps several alive.

Two locks against orphans: on Linux the kernel signals each child when we die, and everywhere a watchdog process
(`watchdog.py`) ends the children's process groups, so that their own children go too.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from portal.stack import place

PR_SET_PDEATHSIG = 1
LARGEST_LOG_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Program:
    """What to start: its words, its surroundings, and how it is asked to stop."""

    name: str
    words: list[str]
    environment: dict[str, str]
    log: Path | None = None
    directory: Path = Path("/")
    drops_root: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    # What it gets when nobody is left to wait for it.
    orphan_signal: signal.Signals | None = None
    input: int = field(default=subprocess.DEVNULL)


class Watchdog:
    """The process that outlives us by a moment to end what we started."""

    def __init__(self, held_locks: tuple[int, ...] = ()) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("watchdog.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            text=True,
            start_new_session=True,
            pass_fds=held_locks,
        )

    def watch(self, group: int, number: signal.Signals) -> None:
        """End this process group with this signal when we are gone."""
        self._write(f"+{group} {int(number)}")

    def forget(self, group: int) -> None:
        """Leave this group alone: it has ended."""
        self._write(f"-{group}")

    def remove(self, directory: Path) -> None:
        """Remove this directory when we are gone."""
        self._write(f"rm {directory}")

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()

    def close(self) -> None:
        """Let it end; it still removes the directories it was told of."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()


def start(program: Program, watchdog: Watchdog) -> subprocess.Popen:
    """Start a program in a session of its own. Only from the main thread: the kernel watches the starting thread."""
    output = _open_log(program.log) if program.log else None
    try:
        process = subprocess.Popen(
            program.words,
            env=program.environment,
            cwd=program.directory,
            stdin=program.input,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=_die_with_parent(program.orphan_signal or program.stop_signal),
            **(place.as_nobody() if program.drops_root else {}),
        )
    finally:
        if output:
            os.close(output)
    watchdog.watch(process.pid, program.orphan_signal or program.stop_signal)
    return process


def end_group(process: subprocess.Popen, watchdog: Watchdog) -> None:
    """Kill whatever is left of a process's group once the process itself has ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    watchdog.forget(process.pid)


def signal_quietly(process: subprocess.Popen, number: signal.Signals) -> None:
    """Signal a process that may have ended meanwhile."""
    if process.poll() is None:
        process.send_signal(number)


def tail(path: Path | None, lines: int = 15) -> str:
    """Return the last lines of a log, empty where there is none."""
    if path is None or not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def _open_log(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LARGEST_LOG_BYTES:
        path.replace(path.with_suffix(".old.log"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a new child runs before it becomes the program: ask the kernel for a signal when we die.

    It runs after root was dropped; a change of user would clear the request.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask
