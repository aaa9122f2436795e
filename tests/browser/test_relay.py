"""The page behind a real TURN server (coturn), with nothing but that between it and the model."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import OpenTab, serve

pytestmark = pytest.mark.browser

SECRET = "shared by both of them"
RELAY_ONLY = """{
  const plain = RTCPeerConnection.prototype.setConfiguration;
  RTCPeerConnection.prototype.setConfiguration = function (configuration) {
    window.link = this;
    plain.call(this, { ...configuration, iceTransportPolicy: "relay" });
  };
}"""
ROUTE = """async () => {
  const stats = [...(await window.link.getStats()).values()];
  const pair = stats.find((s) => s.type === "candidate-pair" && s.nominated);
  return pair && stats.find((s) => s.id === pair.localCandidateId).candidateType;
}"""


def own_address() -> str:
    """Of this machine in its network: coturn relays nothing to loopback. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine is in no network")
        return str(probe.getsockname()[0])


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[str]:
    """Its address."""
    program = shutil.which("turnserver")
    if program is None:
        pytest.skip("coturn is not installed")
    address = own_address()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
        port = probe.getsockname()[1]
    command = [program, "-n", "--no-cli", "--no-tls", "--no-dtls", "--use-auth-secret"]
    command += ["--listening-ip", address, "--relay-ip", address, "--listening-port", str(port)]
    command += ["--static-auth-secret", SECRET, "--realm", "test", "--log-file", "stdout"]
    command += ["--pidfile", str(tmp_path / "pid"), "--userdb", str(tmp_path / "users")]
    with (tmp_path / "coturn.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        time.sleep(1)
        assert process.poll() is None, (tmp_path / "coturn.log").read_text()
        yield f"turn:{address}:{port}?transport=udp"
    finally:
        process.terminate()
        process.wait(10)


def test_the_edit_comes_through_a_relay(relay: str, open_tab: OpenTab, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    flags = ["--turn", relay, "--turn-secret-file", str(tmp_path / "secret")]
    for url in serve("identity", tmp_path / "server.log", *flags):
        tab = open_tab(url, script=RELAY_ONLY)
        tab.start("camera")
        assert tab.page.wait_for_function(ROUTE).json_value() == "relay"
        assert not tab.errors
