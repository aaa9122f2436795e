"""The file command keeps what is not the picture: frames, timestamps, sound, and an older output.

Run: pytest tests/unit/test_file_edit.py
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from media import distance, make_audio, make_clip, picture, read_clip, regular, uneven

from egostream.contract import EditedChunk, Instruction
from egostream.errors import BadInstruction, BadVideo
from egostream.file_edit import EditJob, EditReport, edit_file
from egostream.frames import Frame
from egostream.identity import IdentityEditor, IdentityStream


class InvertStream(IdentityStream):
    """One frame, then four at a time, each inverted; refuses a chunk of any other length."""

    @property
    def num_frames_wanted(self) -> int:
        return 4 if self.chunk_index else 1

    def generate(self, frames: Sequence[Frame]) -> EditedChunk:
        assert len(frames) == self.num_frames_wanted
        edited = [Frame(255 - frame.rgb, frame.pts) for frame in frames]
        chunk = EditedChunk(edited, self.chunk_index, self._instruction, {})
        self._index += 1
        return chunk


class InvertEditor(IdentityEditor):
    name = "invert"
    chunk_frames = 4

    def open(self, instruction: Instruction, seed: int = 0) -> IdentityStream:
        return InvertStream(instruction, 0.0)


class BrokenStream(InvertStream):
    """Fails at its third chunk with the given exception."""

    failure: BaseException = RuntimeError("the model broke")

    def generate(self, frames: Sequence[Frame]) -> EditedChunk:
        if self.chunk_index == 2:
            raise self.failure
        return super().generate(frames)


def run(
    source: Path,
    target: Path,
    instruction: str = "invert it",
    start_s: float = 0.0,
    seconds: float | None = None,
    side_by_side: bool = False,
) -> EditReport:
    job = EditJob(source, target, instruction, 0, start_s, seconds, side_by_side)
    return edit_file(job, InvertEditor)


@pytest.mark.parametrize("num_frames", [1, 2, 5, 23])
def test_keeps_every_frame_and_its_time(tmp_path: Path, num_frames: int) -> None:
    source = make_clip(tmp_path / "in.mp4", uneven(num_frames))
    report = run(source, tmp_path / "out.mp4")
    assert report.frames == num_frames
    before, after = read_clip(source), read_clip(tmp_path / "out.mp4")
    assert after.pts_s == before.pts_s
    assert after.rate == before.rate
    assert after.size == before.size
    assert distance(after.first, 255 - before.first) < 4
    assert distance(after.last, 255 - before.last) < 4


def test_keeps_a_late_first_frame(tmp_path: Path) -> None:
    pts = [at + 7211 for at in uneven(9)]
    source = make_clip(tmp_path / "in.mp4", pts)
    run(source, tmp_path / "out.mp4")
    assert read_clip(tmp_path / "out.mp4").pts_s == read_clip(source).pts_s


@pytest.mark.parametrize("extension", ["mkv", "webm", "mov", "m4v"])
def test_formats(tmp_path: Path, extension: str) -> None:
    source = make_clip(tmp_path / "in.mp4", uneven(9), audio="aac")
    target = tmp_path / f"out.{extension}"
    run(source, target)
    before, after = read_clip(source), read_clip(target)
    off_s = [abs(a - b) for a, b in zip(after.pts_s, before.pts_s, strict=True)]
    # Matroska and WebM count in milliseconds.
    assert max(off_s) <= (Fraction(1, 2000) if extension in ("mkv", "webm") else 0)
    assert after.codec == ("vp9" if extension == "webm" else "h264")
    assert after.audio_codec == ("opus" if extension == "webm" else "aac")
    assert after.audio_s[-1] == pytest.approx(float(before.audio_s[-1]), abs=0.06)


def test_copies_sound_bit_for_bit(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "in.mp4", regular(24), audio="aac")
    run(source, tmp_path / "out.mp4")
    before, after = read_clip(source), read_clip(tmp_path / "out.mp4")
    assert len(before.audio_s) > 40
    assert after.audio_bytes == before.audio_bytes
    assert after.audio_s == before.audio_s


def test_reencodes_sound_the_container_cannot_hold(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "in.mov", regular(24), audio="pcm_mulaw")
    run(source, tmp_path / "out.mp4")
    after = read_clip(tmp_path / "out.mp4")
    assert after.audio_codec == "aac"
    assert after.audio_s[-1] == pytest.approx(1.0, abs=0.06)


def test_start_and_seconds_cut_picture_and_sound_alike(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "in.mp4", regular(72), audio="aac")
    report = run(source, tmp_path / "out.mp4", start_s=1.0, seconds=0.5)
    after = read_clip(tmp_path / "out.mp4")
    assert report.frames == len(after.pts_s) == 12
    assert after.pts_s == [Fraction(index, 24) for index in range(12)]
    assert distance(after.first, 255 - picture(24, 96, 64)) < 6
    assert after.audio_s[0] < 0.03
    assert after.audio_s[-1] == pytest.approx(0.5, abs=0.03)


def test_side_by_side(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "in.mp4", regular(6))
    report = run(source, tmp_path / "out.mp4", side_by_side=True)
    before, after = read_clip(source), read_clip(tmp_path / "out.mp4")
    assert report.size == after.size == (192, 64)
    assert distance(after.first[:, :96], before.first) < 4
    assert distance(after.first[:, 96:], 255 - before.first) < 4


def test_odd_sizes_gain_a_line(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "in.mkv", regular(5), size=(97, 65), codec="ffv1")
    report = run(source, tmp_path / "out.mp4")
    after = read_clip(tmp_path / "out.mp4")
    assert report.size == after.size == (98, 66)
    assert distance(after.first[:65, :97], 255 - picture(0, 97, 65)) < 6


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_rotation_becomes_upright_pixels(tmp_path: Path, rotation: int) -> None:
    source = make_clip(tmp_path / "in.mp4", regular(5), rotation=rotation)
    run(source, tmp_path / "out.mp4")
    upright = np.rot90(picture(0, 96, 64), rotation // 90)
    after = read_clip(tmp_path / "out.mp4")
    assert after.size == (upright.shape[1], upright.shape[0])
    assert distance(after.first, 255 - np.ascontiguousarray(upright)) < 6


def test_report_has_the_promised_keys(tmp_path: Path) -> None:
    report = run(make_clip(tmp_path / "in.mp4", regular(9)), tmp_path / "out.mp4").as_dict()
    assert report["preset"] == "invert"
    assert report["instruction"] == "invert it"
    for key in ("fps_edit", "fps_total", "first_frame_ms", "chunk_ms_p50", "chunk_ms_p95"):
        assert isinstance(report[key], float) and report[key] > 0
    assert {"seed", "input", "output", "size", "frames"} <= report.keys()


def test_overwrites_through_a_link_and_keeps_permissions_of_new_files(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "in.mp4", regular(5))
    (tmp_path / "real.mp4").write_bytes(b"old")
    (tmp_path / "link.mp4").symlink_to("real.mp4")
    run(source, tmp_path / "link.mp4")
    assert (tmp_path / "link.mp4").is_symlink()
    assert len(read_clip(tmp_path / "real.mp4").pts_s) == 5


# Bad input. Each case: the files it needs, what to edit into what, and a word the error must have.


def test_bad_sources(tmp_path: Path) -> None:
    good = make_clip(tmp_path / "good.mp4", regular(24), audio="aac").read_bytes()
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("this is no video\n" * 50)
    (tmp_path / "cut.mp4").write_bytes(good[: len(good) // 3])
    make_audio(tmp_path / "sound.m4a")
    (tmp_path / "folder.mp4").mkdir()
    cases = {
        "missing.mp4": "no such file",
        "empty.mp4": "empty",
        "text.mp4": "not a video",
        "cut.mp4": "cut off",
        "sound.m4a": "no video stream",
        "folder.mp4": "not a file",
    }
    for name, words in cases.items():
        with pytest.raises(BadVideo, match=words):
            run(tmp_path / name, tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()
    assert not list(tmp_path.glob(".*.part"))


def test_bad_targets(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "in.mp4", regular(5))
    (tmp_path / "folder.mp4").mkdir()
    cases = {
        tmp_path / "missing" / "out.mp4": "no such folder",
        tmp_path / "folder.mp4": "is a folder",
        tmp_path / "out.avi2": "cannot tell the format",
        tmp_path / "out": "cannot tell the format",
        source: "the input itself",
        source / "out.mp4": "no such folder",
    }
    for target, words in cases.items():
        with pytest.raises(BadVideo, match=words):
            run(source, target)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_no_permission(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "in.mp4", regular(5))
    (tmp_path / "locked").mkdir(mode=0o555)
    with pytest.raises(BadVideo, match="permission"):
        run(source, tmp_path / "locked" / "out.mp4")


def test_bad_times_and_instructions(tmp_path: Path) -> None:
    source, target = make_clip(tmp_path / "in.mp4", regular(24)), tmp_path / "out.mp4"
    with pytest.raises(BadVideo, match=r"from second 5 on; it is 1\.00 s long"):
        run(source, target, start_s=5)
    for seconds in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(BadVideo, match="above 0"):
            run(source, target, seconds=seconds)
    for start_s in (-1.0, float("nan")):
        with pytest.raises(BadVideo, match="0 s or later"):
            run(source, target, start_s=start_s)
    for instruction in ("", "  \n ", "x" * 501):
        with pytest.raises(BadInstruction):
            run(source, target, instruction=instruction)


def test_the_model_is_not_loaded_for_a_bad_file(tmp_path: Path) -> None:
    def load() -> IdentityEditor:
        raise AssertionError("loaded a model for nothing")

    with pytest.raises(BadVideo):
        edit_file(EditJob(tmp_path / "none.mp4", tmp_path / "out.mp4", "invert it"), load)


@pytest.mark.parametrize("failure", [RuntimeError("broke"), KeyboardInterrupt()])
def test_failure_keeps_the_older_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    source, target = make_clip(tmp_path / "in.mp4", regular(24)), tmp_path / "out.mp4"
    run(source, target)
    old = target.read_bytes()
    stream = BrokenStream(Instruction("invert it"), 0.0)
    stream.failure = failure
    monkeypatch.setattr(InvertEditor, "open", lambda self, instruction, seed: stream)
    with pytest.raises(type(failure)):
        run(source, target)
    assert target.read_bytes() == old
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_full_disk_is_a_named_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import egostream.video_writer as video_writer

    def refuse(a: object, b: object) -> None:
        raise OSError(28, "No space left on device")

    source, target = make_clip(tmp_path / "in.mp4", regular(5)), tmp_path / "out.mp4"
    target.write_bytes(b"old")
    monkeypatch.setattr(video_writer.os, "replace", refuse)
    with pytest.raises(BadVideo, match="No space left"):
        run(source, target)
    assert target.read_bytes() == b"old"
    assert not list(tmp_path.glob(".*.part"))


def test_codecs_that_nobody_knows(tmp_path: Path) -> None:
    """Of the sound: it is left out. Of the picture: a named error."""
    good = make_clip(tmp_path / "in.mp4", regular(24), audio="aac").read_bytes()
    source = tmp_path / "other.mp4"
    # an MP4 names its sound twice: by four letters, and by a number before the stream type 0x15
    source.write_bytes(good.replace(b"mp4a", b"zzzz").replace(b"\x40\x15", b"\x7f\x15"))
    assert run(source, tmp_path / "out.mp4").frames == 24
    assert not read_clip(tmp_path / "out.mp4").audio_s
    source.write_bytes(good.replace(b"avc1", b"zzzz"))
    with pytest.raises(BadVideo, match="does not know"):
        run(source, tmp_path / "out.mp4")


def test_sizes_that_nobody_films_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make_clip(tmp_path / "in.mp4", regular(4), size=(64, 48))
    monkeypatch.setattr("egostream.video_open.MAX_PIXELS", 64 * 47)
    with pytest.raises(BadVideo, match="64x48: too large"):
        run(source, tmp_path / "out.mp4")


def test_damage_in_mid_file_costs_only_what_it_hits(tmp_path: Path) -> None:
    for extension in ("ts", "mkv"):
        source = make_clip(tmp_path / f"in.{extension}", regular(48), size=(192, 128))
        data = bytearray(source.read_bytes())
        middle = len(data) // 2
        data[middle : middle + 400] = bytes(400)
        source.write_bytes(data)
        report = run(source, tmp_path / "out.mp4")
        assert 6 <= report.frames <= 48
        assert report.warnings
        assert len(read_clip(tmp_path / "out.mp4").pts_s) == report.frames


def test_a_file_cut_off_at_its_end_is_edited_as_far_as_it_goes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    whole = tmp_path / "whole.mp4"
    run(make_clip(tmp_path / "in.mp4", regular(96), size=(192, 128)), whole)
    data = whole.read_bytes()  # its index stands at the front
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) * 2 // 3])
    report = run(cut, tmp_path / "out.mp4")
    assert 24 <= report.frames < 96
    assert report.warnings
    assert len(read_clip(tmp_path / "out.mp4").pts_s) == report.frames
