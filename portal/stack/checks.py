"""`make check`: everything that can be told without running the portal. All checks run; each failure is shown whole."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from portal.stack import place

TOOLS = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]
# What the settings see in production; nothing is connected to.
PRODUCTION = {
    "SITE_URL": "https://portal.example.org",
    "ALLOWED_HOSTS": "portal.example.org",
    "SECRET_KEY": "a-key-that-only-the-deployment-check-sees-0123456789-abcdefghijklmnopqrstuvwxyz",
    "DATABASE_URL": "postgres://portal:check@database.invalid/portal",
    "REDIS_URL": "redis://broker.invalid/0",
    "EMAIL_URL": "smtp+tls://portal:check@mail.invalid:587",
    "DEBUG": "0",
    "DEMO": "0",
    "TRUSTED_PROXY_COUNT": "1",
}


def format_everything() -> int:
    """Rewrite code and templates as the checks want them; return 0 only if all rewriting went well."""
    ruff = str(TOOLS / "ruff")
    codes = [
        subprocess.run([ruff, *words, "."], cwd=place.ROOT).returncode for words in (["format"], ["check", "--fix"])
    ]
    # djade ends with 1 where it rewrote something.
    subprocess.run([str(TOOLS / "djade"), "--target-version", "5.2", *_templates()], cwd=place.ROOT)
    return max(codes)


def _templates() -> list[str]:
    return sorted(str(path.relative_to(place.ROOT)) for path in (place.ROOT / "templates").rglob("*.html"))


def checks() -> list[tuple[str, list[str], dict[str, str]]]:
    """Return each check's name, words and what its environment has beyond ours."""
    return [
        ("format", [str(TOOLS / "ruff"), "format", "--check", "."], {}),
        ("lint", [str(TOOLS / "ruff"), "check", "."], {}),
        ("types", [str(TOOLS / "mypy")], {}),
        ("import contracts", [str(TOOLS / "lint-imports"), "--no-cache"], {}),
        ("template format", [str(TOOLS / "djade"), "--target-version", "5.2", "--check", *_templates()], {}),
        ("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], {}),
        ("translations", [*MANAGE, "compile_translations", "--check"], {}),
        ("generated documents", [*MANAGE, "generate_docs", "--check"], {}),
        ("deployment", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
    ]


def run(words: list[str]) -> int:
    """Run those checks whose name contains one of the words, or all; return 0 only if all of them hold."""
    chosen = [check for check in checks() if not words or any(word in check[0] for word in words)]
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        results = list(pool.map(_check, chosen))
    failed = [name for (name, *_), result in zip(chosen, results, strict=True) if not result]
    print(f"\nFailed: {', '.join(failed)}" if failed else f"\nAll {len(chosen)} checks hold.", flush=True)
    return 1 if failed else 0


def _check(check: tuple[str, list[str], dict[str, str]]) -> bool:
    name, words, environment = check
    began = time.monotonic()
    run = subprocess.run(
        words,
        cwd=place.ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    verdict = "holds" if run.returncode == 0 else f"FAILS\n{run.stdout}"
    print(f"{name} ({time.monotonic() - began:.0f} s): {verdict}", flush=True)
    return run.returncode == 0
