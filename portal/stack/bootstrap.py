"""Installs what a command needs into `.venv`, then runs it there. Standard library only; run by path.

`python3 portal/stack/bootstrap.py run` needs the runtime lock, every other word the development lock. Nothing is done
where the stamp of the last installation fits: it covers the lock, the interpreter and the place of the clone.
Written so that an older Python can at least read it and look for a newer one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
PYTHON = VENV / "bin" / "python"
UV = TOOLS / "bin" / "uv"
STAMP = VENV / "installed.json"
RUNTIME = ROOT / "requirements" / "runtime.lock"
DEVELOPMENT = ROOT / "requirements" / "development.lock"
OLDEST = (3, 11)
# pip's settings and what uv calls them.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}


def main(words: list[str]) -> None:
    """Make sure that the right Python has what it needs, then become the command."""
    if os.name == "nt":
        sys.exit("Native Windows is not supported: use WSL.")
    use_new_enough_python()
    command = words[0] if words else "run"
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ensure(RUNTIME if command == "run" else DEVELOPMENT)
    if command == "install":
        return
    os.chdir(str(ROOT))
    os.environ.pop("PYTHONHOME", None)
    os.execv(str(PYTHON), [str(PYTHON), "-m", "portal.stack", *words])


def use_new_enough_python() -> None:
    """Go on under the newest Python on the PATH where this one is too old or has no pip."""
    if sys.version_info >= OLDEST and has_pip(sys.executable):
        return
    found: set[tuple[int, str]] = set()
    for directory in os.environ.get("PATH", "").split(os.pathsep):
        with contextlib.suppress(OSError):
            for name in os.listdir(directory):
                match = re.fullmatch(r"python3\.(\d+)", name)
                if match and (3, int(match.group(1))) >= OLDEST:
                    found.add((int(match.group(1)), os.path.join(directory, name)))
    for _, path in sorted(found, reverse=True):
        if has_pip(path):
            os.execv(path, [path, *sys.argv])
    sys.exit("Python %d.%d or newer with pip is needed; none was found on the PATH." % OLDEST)


def has_pip(python: str) -> bool:
    """Say whether this Python starts and has pip."""
    try:
        return subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def ensure(lock: Path) -> None:
    """Install this lock unless it, or the larger one that contains it, is what is installed."""
    wanted = stamp_for(lock)
    installed = read_stamp()
    if PYTHON.exists() and installed in (wanted, stamp_for(DEVELOPMENT)):
        return
    same_place = {**installed, "lock": ""} == {**wanted, "lock": ""}
    began = time.monotonic()
    print("Installing %s ..." % lock.relative_to(ROOT), file=sys.stderr, flush=True)
    with contextlib.suppress(FileNotFoundError):
        STAMP.unlink()
    if not same_place and VENV.exists():
        shutil.rmtree(str(VENV))
    try:
        install_with_uv(lock)
    except (subprocess.CalledProcessError, OSError) as error:
        print("uv did not work here (%s); pip does it more slowly." % error, file=sys.stderr, flush=True)
        install_with_pip(lock)
    STAMP.write_text(json.dumps(wanted))
    print("Installed in %.0f s." % (time.monotonic() - began), file=sys.stderr, flush=True)


def stamp_for(lock: Path) -> dict[str, str]:
    """Return what an installation of this lock by this Python at this place is stamped with."""
    return {
        "lock": hashlib.sha256(lock.read_bytes()).hexdigest(),
        "interpreter": "%s %s" % (os.path.realpath(sys.executable), sys.version),
        "place": str(VENV),
    }


def read_stamp() -> dict[str, str]:
    """Return the stamp of the last whole installation."""
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def install_with_uv(lock: Path) -> None:
    """Install by uv, which is fetched into `.tools` at the version and hashes of the development lock."""
    if not UV.exists():
        # --target is allowed where the system's Python is "externally managed".
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as pinned:
            pinned.write(locked_entry("uv"))
            pinned.flush()
            call(
                sys.executable,
                "-m",
                "pip",
                "install",
                "-qq",
                "--disable-pip-version-check",
                "--no-deps",
                "--require-hashes",
                "--upgrade",
                "--target",
                TOOLS,
                "-r",
                pinned.name,
            )
    environment = uv_environment()
    if not PYTHON.exists():
        call(UV, "venv", "-q", "--no-project", "-p", sys.executable, VENV, env=environment)
    call(UV, "pip", "sync", "-q", "-p", PYTHON, "--require-hashes", lock, env=environment)


def locked_entry(name: str) -> str:
    """Return the lines of one package in the development lock."""
    lines = DEVELOPMENT.read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(name + "=="))
    last = first
    while lines[last].endswith("\\"):
        last += 1
    return "\n".join(lines[first : last + 1]) + "\n"


def uv_environment() -> dict[str, str]:
    """Return the environment for uv: the system's certificates, and the index that pip is told to use."""
    environment = {**os.environ, "UV_SYSTEM_CERTS": "1"}
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        name = PIP_TO_UV.get(key.rpartition(".")[2].replace("_", "-").strip(":").lower())
        value = value.strip().strip("'\"").replace("\\n", " ").strip()
        if name and value and not environment.get(name):
            environment[name] = ",".join(value.split()) if name == "UV_FIND_LINKS" else value
    # As pip does: the best version of all indexes. What is installed is held by its hash either way.
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    environment.setdefault("UV_LINK_MODE", "copy")
    return environment


def install_with_pip(lock: Path) -> None:
    """Install by venv and pip."""
    if not PYTHON.exists():
        call(sys.executable, "-m", "venv", VENV)
    call(PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "-r", lock)


def call(*words: object, env: Mapping[str, str] = os.environ) -> None:
    """Run a program that has to succeed; what it says goes to standard error."""
    # In a container, root is all there is.
    environment = {"PIP_ROOT_USER_ACTION": "ignore", **env}
    subprocess.run([str(word) for word in words], check=True, stdout=sys.stderr, env=environment)


if __name__ == "__main__":
    main(sys.argv[1:])
