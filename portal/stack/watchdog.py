"""Ends what the supervisor started when the supervisor itself is gone. Standard library only; run by path.

Reads lines from a pipe whose other end only the supervisor holds: `+<group> <signal>`, `-<group>`, `rm <directory>`.
The end of the pipe is the end of the supervisor. Holds the inherited lock until everything is gone, so that the next
start waits for it. `processes.py` writes the lines.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

GRACE_SECONDS = 6.0


def lives(group: int) -> bool:
    """Say whether a process of this group still runs; one that only waits to be buried does not."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if not os.path.isdir("/proc/self"):
        return True
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat") as file:
                state, _, its_group = file.read().rpartition(")")[2].split()[:3]
                if int(its_group) == group and state != "Z":
                    return True
    return False


def end(groups: dict) -> None:
    """Ask every group to stop, wait a little, then kill what is left."""
    for group, number in groups.items():
        with contextlib.suppress(OSError):
            os.killpg(group, number)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(lives(group) for group in groups):
        time.sleep(0.05)
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)


def main() -> None:
    """Remember what is running until the supervisor is gone, then end it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict = {}
    directories = []
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "rm":
            directories.append(rest)
        elif word.startswith("+"):
            groups[int(word[1:])] = int(rest)
        elif word.startswith("-"):
            groups.pop(int(word[1:]), None)
    end(groups)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
