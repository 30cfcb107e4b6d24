"""The files of production say what `make run` does, and `.env.example` says what the settings read."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal.stack import commands

ROOT = Path(__file__).resolve().parent.parent.parent
PORTAL_SERVICES = {"prepare", "web", "worker", "beat"}
# Only the compose file reads these: it starts PostgreSQL and Redis itself.
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def settings_read() -> set[str]:
    """Every name that portal/settings.py asks its environment for."""
    return set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', (ROOT / "portal" / "settings.py").read_text()))


def test_compose_runs_the_commands_of_make_run(compose: dict[str, Any]) -> None:
    written = {name: compose["services"][name]["command"] for name in PORTAL_SERVICES}
    assert written == {
        "prepare": commands.PREPARE,
        "web": commands.web(["0.0.0.0:8000"]),
        "worker": commands.worker(),
        "beat": commands.beat("/data"),
    }


def test_the_image_serves_by_default(dockerfile: str) -> None:
    words = yaml.safe_load(re.findall(r"^CMD (.*)$", dockerfile, re.M)[-1])
    assert words == commands.web(["0.0.0.0:8000"])


def test_compose_has_every_service_with_a_health_check(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == PORTAL_SERVICES | {"postgres", "redis"}
    unchecked = {name for name, service in compose["services"].items() if "healthcheck" not in service}
    # It runs once, and the others wait for its success.
    assert unchecked == {"prepare"}
    for name in ("web", "worker", "beat"):
        condition = compose["services"][name]["depends_on"]["prepare"]["condition"]
        assert condition == "service_completed_successfully"


def test_compose_uses_one_image_without_root_and_never_the_demonstration(compose: dict[str, Any]) -> None:
    services = [compose["services"][name] for name in PORTAL_SERVICES]
    assert {service["image"] for service in services} == {"lunar-sample-access"}
    assert {service["user"] for service in services} == {"10001"}
    assert {service["environment"]["DEMO"] for service in services} == {"0"}
    assert {service["environment"]["DEBUG"] for service in services} == {"0"}
    assert {tuple(service["cap_drop"]) for service in services} == {("ALL",)}


def test_compose_has_no_secret_of_its_own(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if name.endswith(("PASSWORD", "AUTH", "SECRET_KEY")) and not name.startswith("STORAGE"):
                assert value.endswith(":?}"), name


def test_compose_passes_everything_that_is_read_and_nothing_else(compose: dict[str, Any]) -> None:
    passed = set(compose["services"]["web"]["environment"])
    assert passed | {"PORT"} == settings_read()  # the port inside the image is its own


def test_the_image_installs_the_runtime_lock_and_drops_root(dockerfile: str) -> None:
    assert "--require-hashes -r requirements/runtime.lock" in dockerfile
    assert "development" not in dockerfile
    assert re.findall(r"^USER (.*)$", dockerfile, re.M) == ["10001"]
    assert len(set(re.findall(r"^FROM (\S+)", dockerfile, re.M))) == 1


def test_env_example_names_exactly_what_is_read() -> None:
    named = set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert named == settings_read() | COMPOSE_ONLY


def test_continuous_integration_calls_the_two_commands() -> None:
    text = (ROOT / ".ci" / "run").read_text()
    assert re.findall(r"^make (\w+)", text, re.M) == ["check", "test"]


def test_locks_name_no_registry_and_hold_hashes() -> None:
    for name in ("runtime", "development"):
        text = (ROOT / "requirements" / f"{name}.lock").read_text()
        assert "://" not in text
        pins = re.findall(r"^[a-z0-9][\w.-]*(?:\[[\w,]+\])?==", text, re.M)
        assert len(pins) > 30
        assert text.count("--hash=sha256:") >= len(pins)
