"""The `egostream` command: what it says, what it prints where, and its exit codes.

Run: pytest tests/unit/test_cli.py
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from media import make_audio, make_clip, read_clip, regular

from egostream.announce import page_addresses
from egostream.cli import EXIT_BAD_INPUT, EXIT_INTERRUPTED, build_parser, main
from egostream.errors import EgostreamError
from egostream.recording.flags import chosen_recording
from egostream.recording.settings import RecordSettings
from egostream.server.editors import build_editor
from egostream.server.security import security_of
from egostream.server.settings import ServerSettings

ROOT = Path(__file__).parents[2]
JSON_KEYS = {
    "preset",
    "instruction",
    "seed",
    "input",
    "output",
    "size",
    "frames",
    "fps_edit",
    "fps_total",
    "first_frame_ms",
    "chunk_ms_p50",
    "chunk_ms_p95",
}


def edit(source: Path, target: Path, *more: str, instruct: str = "make it night") -> int:
    return main(
        ["edit", str(source), str(target), "--instruct", instruct, "--preset", "identity", *more]
    )


@pytest.mark.parametrize("command", [[], ["edit"], ["serve"], ["doctor"], ["presets"]])
def test_help_teaches(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([*command, "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert f"usage: egostream {' '.join(command)}".strip() in text
    if command != ["presets"]:
        assert "examples:" in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from egostream.cli import build_parser; build_parser().format_help();"
        "sys.exit(bool({'torch', 'av', 'cv2', 'aiortc', 'numpy'} & sys.modules.keys()))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_json_is_one_object_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = make_clip(tmp_path / "in.mp4", regular(9))
    assert edit(source, tmp_path / "out.mp4", "--json", "--seed", "7") == 0
    report = json.loads(capsys.readouterr().out)
    assert report.keys() >= JSON_KEYS
    assert (report["frames"], report["seed"], report["preset"]) == (9, 7, "identity")
    assert report["size"] == [96, 64]


def test_summary_and_progress(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = make_clip(tmp_path / "in.mp4", regular(9))
    assert edit(source, tmp_path / "out.mp4") == 0
    shown = capsys.readouterr()
    assert "9 frames, 96×64" in shown.out
    assert "9/9" in shown.err
    assert edit(source, tmp_path / "out.mp4", "--quiet") == 0
    assert capsys.readouterr().err == ""


def test_bad_input_is_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = make_clip(tmp_path / "good.mp4", regular(5))
    (tmp_path / "text.mp4").write_text("no video at all")
    sound = make_audio(tmp_path / "sound.m4a")
    out = tmp_path / "out.mp4"
    cases: list[tuple[list[str], str]] = [
        ([str(tmp_path / "none.mp4"), str(out), "--instruct", "x"], "no such file"),
        ([str(tmp_path / "text.mp4"), str(out), "--instruct", "x"], "not a video"),
        ([str(sound), str(out), "--instruct", "x"], "no video stream"),
        ([str(good), str(tmp_path / "no" / "out.mp4"), "--instruct", "x"], "no such folder"),
        ([str(good), str(good), "--instruct", "x"], "the input itself"),
        ([str(good), str(out), "--instruct", " "], "instruction is empty"),
        ([str(good), str(out), "--instruct", "x" * 501], "501 characters"),
        ([str(good), str(out), "--instruct", "x", "--start", "9"], "from second 9"),
        ([str(good), str(out), "--instruct", "x", "--preset", "nanno"], "nano"),
        ([str(good), str(out), "--instruct", "x", "--engine", "steam"], "known: auto"),
    ]
    for arguments, words in cases:
        assert main(["edit", *arguments]) == EXIT_BAD_INPUT, arguments
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith("egostream: ") and shown.err.count("\n") == 1, shown.err
        assert words in shown.err
    assert not out.exists()


def test_weights_and_steps_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = make_clip(tmp_path / "in.mp4", regular(9))
    assert edit(clip, tmp_path / "x.mp4", "--steps", "2") == EXIT_BAD_INPUT
    assert "identity preset has no model" in capsys.readouterr().err
    missing, nano = tmp_path / "mine.safetensors", ("--preset", "nano", "--quiet")
    assert edit(clip, tmp_path / "x.mp4", *nano, "--weights", str(missing)) == EXIT_BAD_INPUT
    assert f"no weights at {missing}" in capsys.readouterr().err
    shutil.copy(ROOT / "egostream" / "weights" / "nano.safetensors", missing)
    found = []
    for steps in ("1", "3"):
        target = tmp_path / f"{steps}.mp4"
        assert edit(clip, target, *nano, "--weights", str(missing), "--steps", steps) == 0
        found.append(target.read_bytes())
    assert found[0] != found[1]
    with pytest.raises(EgostreamError, match="identity preset has no model"):
        build_editor(ServerSettings(preset="identity", num_steps=2))


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["edit"],
        ["edit", "in.mp4", "out.mp4"],
        ["serve", "--port", "0"],
        ["serve", "--port", "70000"],
        ["serve", "--max-sessions", "0"],
        ["serve", "--record-limit-gb", "0"],
        ["serve", "--record", "sound"],
        ["serve", "--log-level", "loud"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == EXIT_BAD_INPUT
    assert "usage:" in capsys.readouterr().err


def test_recording_is_off_and_its_flags_say_how_much(tmp_path: Path) -> None:
    def said(*words: str) -> RecordSettings | None:
        return chosen_recording(build_parser().parse_args(["serve", *words]))

    assert said() is None
    folder = str(tmp_path)
    assert said("--record-dir", folder) == RecordSettings(tmp_path, "edit")
    limits = ("--record-limit-gb", "0.5", "--record-max-minutes", "2")
    assert said("--record-dir", folder, "--record", "both", *limits) == RecordSettings(
        tmp_path, "both", 500_000_000, 120.0
    )


@pytest.mark.parametrize("how", [["--record", "both"], ["--record-dir", "file/films"]])
def test_serve_says_what_keeps_it_from_recording(
    how: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert main(["serve", "--preset", "identity", *how]) == EXIT_BAD_INPUT
    assert "egostream: " in capsys.readouterr().err


@pytest.mark.parametrize("command", [["serve"], ["edit", "a", "b", "--instruct", "night"]])
def test_native_is_the_default_and_can_be_turned_off(command: list[str]) -> None:
    parser = build_parser()
    assert parser.parse_args(command).native
    assert not parser.parse_args([*command, "--no-native"]).native


def test_serve_prints_where_it_is_ready() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "egostream", "serve", "--preset", "identity"]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline(), process.stdout.readline()]
        assert lines[0] == "egostream: loading identity …\n"
        assert lines[1].endswith(f"Open http://127.0.0.1:{port}\n")
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=20)[0] == ""
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def test_serve_says_when_the_port_is_taken(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        command = [sys.executable, "-m", "egostream", "serve", "--port", port]
        done = subprocess.run(command, timeout=60, check=False, cwd=ROOT)
    assert done.returncode == EXIT_BAD_INPUT
    assert f"port {port}" in capfd.readouterr().err


def test_page_addresses() -> None:
    def pages(host: str, **more: Any) -> list[str]:
        settings = ServerSettings(host=host, port=80, no_auth=True, insecure_http=True, **more)
        return page_addresses(settings, security_of(settings))

    assert pages("0.0.0.0")[0] == pages("::")[0] == "http://localhost:80"
    assert "http://studio.local:80" in pages("0.0.0.0", san=("studio.local",))
    assert pages("::1") == ["http://[::1]:80"]
    assert pages("studio.local") == ["http://studio.local:80"]


def test_presets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    assert "nano" in capsys.readouterr().out
    assert main(["presets", "--json"]) == 0
    names = [row["name"] for row in json.loads(capsys.readouterr().out)]
    assert names[0] == "nano" and "identity" in names


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_leaves_the_older_output(tmp_path: Path, how: signal.Signals) -> None:
    source = make_clip(tmp_path / "in.mp4", regular(48))
    target = tmp_path / "out.mp4"
    target.write_bytes(b"old")
    command = [sys.executable, "-m", "egostream", "edit", str(source), str(target)]
    slow = [*command, "--instruct", "make it night", "--preset", "identity:300"]
    process = subprocess.Popen(slow, stderr=subprocess.PIPE, cwd=ROOT)
    try:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".*.part")):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(process.pid, how)
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == EXIT_INTERRUPTED
    assert b"Traceback" not in errors and b"interrupted" in errors
    assert target.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_a_real_clip(tmp_path: Path) -> None:
    cup = Path(__file__).parents[1] / "data" / "cup.mp4"
    assert edit(cup, tmp_path / "out.mp4", "--seconds", "1") == 0
    before, after = read_clip(cup), read_clip(tmp_path / "out.mp4")
    assert after.pts_s == before.pts_s[: len(after.pts_s)]
    assert len(after.pts_s) == 27
    assert after.audio_codec == before.audio_codec
