"""`egostream doctor`: what it finds, what it says to do about it, and its exit codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aioice import stun
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from egostream.cli import main
from egostream.doctor import gpu, machine, media, model, network, turn
from egostream.doctor.command import EXIT_UNFIT
from egostream.doctor.report import Check, Finding, as_json, examine, line, ok, verdict, warn
from egostream.errors import EgostreamError
from egostream.model_choice import ModelChoice
from tests.fakes import FakeEditor

NANO = Path(model.__file__).parents[1] / "weights" / "nano.safetensors"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def doctor(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    ports = ("--metrics-port", "0") if "--metrics-port" not in arguments else ()
    port = ("--port", str(free_port())) if "--port" not in arguments else ()
    code = main(["doctor", "--json", *port, *ports, *arguments])
    return code, json.loads(capsys.readouterr().out)


def of(report: dict[str, Any], check: str) -> dict[str, Any]:
    (found,) = [f for f in report["findings"] if f["check"] == check]
    return dict(found)


def test_a_fit_machine(capsys: pytest.CaptureFixture[str]) -> None:
    code, report = doctor(capsys, "--preset", "identity")
    failed = [f for f in report["findings"] if f["status"] == "fail"]
    assert (code, report["ok"], failed) == (0, True, [])
    assert {f["check"] for f in report["findings"]} >= {
        *("python", "packages", "cpu", "memory", "clock", "port", "udp loopback", "udp lan"),
        *("codec VP8", "codec H264", "gpu", "weights", "edit"),
    }
    assert "identity loaded" in of(report, "edit")["detail"]
    for finding in report["findings"]:
        assert finding.keys() == {"check", "status", "detail", "way_out", "seconds"}
        assert (finding["status"] == "ok") == (finding["way_out"] == ""), finding


def test_the_table_is_aligned_and_ends_in_a_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["doctor", "--quick", "--preset", "identity", "--port", str(free_port())]
    assert main(arguments) == 0
    *rows, last = capsys.readouterr().out.splitlines()
    assert last.startswith("fit")
    starts = {row.index(row[20:].split()[0], 20) for row in rows if row[:4].strip()}
    assert len(starts) == 1, rows


def test_a_taken_port(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, report = doctor(capsys, "--quick", "--preset", "identity", "--port", port)
        found = of(report, "port")
        assert code == EXIT_UNFIT and report["ok"] is False and report["num_failures"] == 1
        assert found["status"] == "fail" and port in found["detail"]
        assert "--port" in found["way_out"]
        arguments = ("--quick", "--preset", "identity", "--metrics-port", port)
        code, report = doctor(capsys, *arguments)
        assert code == 0, "a server goes on without its metrics"
        assert of(report, "metrics port")["status"] == "warn"


def test_an_address_of_another_machine() -> None:
    found = network.check_port("192.0.2.77", 8080)
    assert found.status == "fail" and "--host" in found.way_out


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (ModelChoice(weights=Path("/nowhere/mine.safetensors")), "no weights at /nowhere"),
        (ModelChoice(preset="wan2.1-1.3b"), "no weights at"),
        (ModelChoice(preset="nanno"), "nano"),
    ],
)
def test_weights_that_are_not_there(choice: ModelChoice, words: str) -> None:
    found = model.check_weights(choice)
    assert found.status == "fail" and words in found.detail and found.way_out


def test_weights_that_are_there(tmp_path: Path) -> None:
    assert model.check_weights(ModelChoice()).status == "ok"
    assert model.check_weights(ModelChoice(weights=tmp_path)).status == "fail", "an empty folder"
    copy = tmp_path / "mine.safetensors"
    shutil.copy(NANO, copy)
    assert model.check_weights(ModelChoice(weights=copy)).status == "ok"
    if os.geteuid():  # root may read anything
        copy.chmod(0)
        assert model.check_weights(ModelChoice(weights=copy)).status == "fail"


def test_missing_weights_are_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    code, report = doctor(capsys, "--quick", "--weights", "/nowhere/mine.safetensors")
    assert code == EXIT_UNFIT and of(report, "weights")["status"] == "fail"


def test_a_model_that_does_not_load(capsys: pytest.CaptureFixture[str]) -> None:
    choice = ModelChoice(preset="identity", num_steps=3)
    found = model.check_edit(choice)
    assert found.status == "fail" and "identity preset has no model" in found.detail
    assert capsys.readouterr().err == "", "told once, as a finding"


def slow() -> FakeEditor:
    return FakeEditor(delay_ms=250)


def test_a_slow_model_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = model.try_editor(slow)
    assert trial.name == "fake" and 0.2 < trial.chunk_s < 0.5 and trial.fps < 20
    monkeypatch.setattr(model, "try_editor", lambda build: trial)
    found = model.check_edit(ModelChoice(preset="identity"))
    assert found.status == "warn" and "lose frames" in found.way_out


def test_codecs_and_one_that_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in media.CODECS:
        assert media.round_trip_psnr_db(name) > 30

    def broken(name: str) -> float:
        raise EgostreamError("no such codec")

    monkeypatch.setattr(media, "round_trip_psnr_db", broken)
    found = media.check_codec("VP8")
    assert found.status == "fail" and "no such codec" in found.detail


def test_udp_that_does_not_pass() -> None:
    assert network._udp("udp lan", "192.0.2.77").status == "fail"
    assert [f.check for f in network.check_udp()] == ["udp loopback", "udp lan"]


@pytest.fixture
def stun_server() -> Iterator[int]:
    """Answers binding requests until it is closed."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            data, address = server.recvfrom(2048)
            if data == b"end":
                return
            request = stun.parse_message(data)
            response = stun.Message(
                stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=request.transaction_id
            )
            response.attributes["XOR-MAPPED-ADDRESS"] = address
            server.sendto(bytes(response), address)

    thread = threading.Thread(target=answer)
    thread.start()
    yield server.getsockname()[1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
        last.sendto(b"end", server.getsockname())
    thread.join()
    server.close()


def test_ice_servers(stun_server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("stun", "turn"):
        found = network.check_ice_server(f"{kind}:127.0.0.1:{stun_server}")
        assert found.status == "ok" and "sees us as 127.0.0.1" in found.detail
    monkeypatch.setattr(network, "STUN_S", 0.1)
    monkeypatch.setattr(network, "ANSWER_S", 0.05)
    assert network.check_ice_server(f"stun:127.0.0.1:{free_port()}").status == "fail"
    for url in ("http://127.0.0.1", "stun:h:port", "example.org"):
        assert network.check_ice_server(url).status == "fail", url
    assert network.check_ice_server("turns:example.org:5349").status == "warn"


class Relay:
    """A TURN server that hands out one address, to whoever knows the secret."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.lifetimes: list[int] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._answer_all)
        self.thread.start()

    def end(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()

    def _answer_all(self) -> None:
        while True:
            data, address = self.socket.recvfrom(2048)
            if data == b"end":
                return
            request = stun.parse_message(data)
            answer = stun.Message(
                request.message_method, stun.Class.ERROR, transaction_id=request.transaction_id
            )
            user = str(request.attributes.get("USERNAME", ""))
            password = base64.b64encode(
                hmac.new(self.secret, user.encode(), hashlib.sha1).digest()
            ).decode()
            key = hashlib.md5(f"{user}:realm:{password}".encode()).digest()
            try:
                assert user and int(user.partition(":")[0]) > time.time()
                assert request.check_message_integrity(key)
            except AssertionError:
                answer.attributes |= {
                    "ERROR-CODE": (401, "Unauthorized"),
                    "REALM": "realm",
                    "NONCE": b"nonce",
                }
            else:
                answer.message_class = stun.Class.RESPONSE
                self.lifetimes.append(int(request.attributes["LIFETIME"]))
                answer.attributes["LIFETIME"] = request.attributes["LIFETIME"]
                if request.message_method == stun.Method.ALLOCATE:
                    answer.attributes["XOR-RELAYED-ADDRESS"] = ("192.0.2.7", 49_200)
                    answer.attributes["XOR-MAPPED-ADDRESS"] = address
                answer.add_message_integrity(key)
            self.socket.sendto(bytes(answer), address)


def test_turn_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("s" * 32 + "\n")
    bad.write_text("b" * 32)
    relay = Relay(b"s" * 32)
    try:
        url = f"turn:127.0.0.1:{relay.port}"
        found = turn.check_turn(url, good)
        assert found.status == "ok" and "192.0.2.7 port 49200" in found.detail, found
        assert relay.lifetimes == [turn.LASTS_S, 0], "and given back"
        found = turn.check_turn(url, bad)
        assert found.status == "fail" and "401" in found.detail and "secret" in found.way_out
    finally:
        relay.end()
    assert turn.check_turn(url, None).status == "fail"
    assert turn.check_turn(url, tmp_path / "none").status == "fail"
    assert turn.check_turn("stun:127.0.0.1", good).status == "fail"
    assert turn.check_turn("turns:example.org", good).status == "warn"
    monkeypatch.setattr(turn, "ALLOCATE_S", 0.1)
    assert turn.check_turn(f"turn:127.0.0.1:{free_port()}", good).status == "fail"


def test_addresses_of_ice_servers() -> None:
    assert network.ice_address("stun:example.org") == ("example.org", 3478)
    assert network.ice_address("turn:example.org:99?transport=udp") == ("example.org", 99)
    assert network.ice_address("stun:[::1]:99") == ("::1", 99)
    assert network.ice_address("stun:[::1]") == ("::1", 3478)
    for url in ("http://h", "stun:", "stun:h:x", "example.org"):
        assert network.ice_address(url) is None, url


def test_ranges_of_udp_ports() -> None:
    assert network.check_udp_ports("50000-50100").status == "ok"
    assert network.check_udp_ports("50000").status == "fail"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 0))
        port = taken.getsockname()[1]
        assert network.check_udp_ports(f"{port}-{port}").status == "fail"
    assert network.check_udp_ports("50000-50003").status == "warn"


def certificate(folder: Path, days: float, name: str = "server") -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=100))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def test_certificates(tmp_path: Path) -> None:
    good, key = certificate(tmp_path, 90)
    _, other_key = certificate(tmp_path, 90, "other")
    assert network.check_certificate(good, key).status == "ok"
    assert network.check_certificate(good, other_key).status == "fail"
    assert network.check_certificate(good, None).status == "fail", "the key is not in it"
    assert network.check_certificate(tmp_path / "none.pem", key).status == "fail"
    assert network.check_certificate(*certificate(tmp_path, 5)).status == "warn"
    assert network.check_certificate(*certificate(tmp_path, -5)).status == "fail"


def test_token_secrets(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    assert network.check_token_secret(secret).status == "fail"
    secret.write_text("too short")
    assert network.check_token_secret(secret).status == "fail"
    secret.write_text("x" * 32)
    secret.chmod(0o644)
    assert network.check_token_secret(secret).status == "warn"
    secret.chmod(0o600)
    assert network.check_token_secret(secret).status == "ok"


MEMINFO = "MemTotal: 32000000 kB\nMemAvailable:   16000000 kB\n"


def test_memory_is_that_of_the_container_where_it_has_less() -> None:
    assert machine.memory_free(MEMINFO, None, None) == 16_000_000 * 1024
    assert machine.memory_free(MEMINFO, "max", "5") == 16_000_000 * 1024
    assert machine.memory_free(MEMINFO, str(2 << 30), str(1 << 30)) == 1 << 30


@pytest.mark.parametrize(
    ("flags", "cores", "status"),
    [
        ({"amx_bf16"}, 2, "ok"),
        ({"avx2"}, 8, "warn"),
        ({"amx_bf16"}, 1, "warn"),
        (set(), 0.5, "warn"),
    ],
)
def test_processors(
    flags: set[str], cores: float, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_processor", lambda: ("Some CPU", flags))
    monkeypatch.setattr(machine, "usable_cores", lambda: cores)
    assert machine.check_cpu().status == status


class OneGpu:
    """NVML with one GPU."""

    def nvmlDeviceGetCount(self) -> int:
        return 1

    def nvmlSystemGetDriverVersion(self) -> bytes:
        return b"580.1"

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetName(self, gpu: int) -> str:
        return "Some GPU"

    def nvmlDeviceGetMemoryInfo(self, gpu: int) -> Any:
        return type("Memory", (), {"free": 70 << 30, "total": 80 << 30})


def test_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("egostream.server.metrics_gpu.find_nvml", lambda: None)
    assert gpu.check_gpu(needs_one=False).status == "ok"
    assert gpu.check_gpu(needs_one=True).status == "warn"
    monkeypatch.setattr("egostream.server.metrics_gpu.find_nvml", OneGpu)
    found = gpu.check_gpu(needs_one=True)
    assert found.status == "warn" and "Some GPU, 70 of 80 GB free, driver 580.1" in found.detail
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert gpu.check_gpu(needs_one=True).status == "ok"


def test_a_check_that_breaks_is_a_finding_and_the_others_go_on() -> None:
    def broken() -> Finding:
        raise RuntimeError("no such file of the kernel")

    checks = [Check("one", broken), Check("two", lambda: [ok("two", "a"), warn("three", "b", "c")])]
    findings = list(examine(checks))
    assert [f.status for f in findings] == ["fail", "ok", "warn"]
    assert "no such file of the kernel" in findings[0].detail
    assert as_json(findings)["num_failures"] == 1
    assert verdict(findings).startswith("not fit") and verdict(findings[1:]).startswith("fit; warn")
    assert verdict(findings[1:2]) == "fit"
    assert line(findings[2], 7) == "warn  three    b\n               c"
