"""The editor: chunks, determinism, instruction changes, sizes, and that what is served is what is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from distill.chance import draw_chance
from distill.loss import FlowMatching
from distill.objective import Objective
from egostream.contract import EditorLike, Stream
from egostream.editor import Editor
from egostream.errors import (
    BadCheckpoint,
    BadFrames,
    BadInstruction,
    EgostreamError,
    EngineError,
    UnknownPreset,
)
from egostream.frames import Frame
from egostream.identity import IdentityEditor
from egostream.live_codecs import LiveChangeCodec
from egostream.loading import load_editor
from egostream.model_choice import ModelChoice
from egostream.models.change_codec import FILL, MAP
from egostream.models.checkpoint import EditModel
from egostream.models.codec import CodecState
from egostream.models.text import TextEncoder
from engines import EngineError as BuildError
from tests.unit.models.tiny import tiny_model, tiny_preset


@pytest.fixture(scope="module")
def editor(text_encoder: TextEncoder) -> Editor:
    return Editor(tiny_model(), engine="eager", precision="fp32", text_encoder=text_encoder)


def frames(n: int, hw: tuple[int, int] = (48, 64), seed: int = 0) -> list[Frame]:
    rng = np.random.default_rng(seed)
    return [Frame(rng.integers(0, 255, (*hw, 3), dtype=np.uint8), 3000 * i) for i in range(n)]


def run(stream: Stream, source: Sequence[Frame]) -> list[Frame]:
    out: list[Frame] = []
    while len(out) < len(source):
        wanted = stream.num_frames_wanted
        out += stream.generate(source[len(out) : len(out) + wanted]).frames
        stream.finalize()
    return out


def same(a: Sequence[Frame], b: Sequence[Frame]) -> bool:
    return all(np.array_equal(x.rgb, y.rgb) for x, y in zip(a, b, strict=True))


def test_first_chunk_is_one_frame_then_four(editor: Editor) -> None:
    stream = editor.open(editor.encode_instruction("night"))
    assert (stream.chunk_index, stream.num_frames_wanted) == (0, 1)
    chunk = stream.generate(frames(1))
    assert len(chunk.frames) == 1 and set(chunk.stage_ms) == {"encode", "denoise", "latent_decode"}
    stream.finalize()
    assert (stream.chunk_index, stream.num_frames_wanted) == (1, 4)
    assert editor.chunk_frames == 4


def test_edits_keep_timestamps_and_change_something(editor: Editor) -> None:
    source = frames(9)
    out = run(editor.open(editor.encode_instruction("night")), source)
    assert [f.pts for f in out] == [f.pts for f in source]
    assert not same(out, source)


def test_same_seed_same_pictures(editor: Editor) -> None:
    night, source = editor.encode_instruction("night"), frames(13)
    first = run(editor.open(night, seed=5), source)
    assert same(first, run(editor.open(night, seed=5), source))
    assert not same(first, run(editor.open(night, seed=6), source))


def test_streams_do_not_disturb_each_other(editor: Editor) -> None:
    night, source = editor.encode_instruction("night"), frames(9)
    alone = run(editor.open(night), source)
    a, b = editor.open(night), editor.open(editor.encode_instruction("snow"))
    out: list[Frame] = []
    while len(out) < len(source):
        wanted = a.num_frames_wanted
        out += a.generate(source[len(out) : len(out) + wanted]).frames
        b.generate(frames(b.num_frames_wanted, seed=9))
        a.finalize()
        b.finalize()
    assert same(alone, out)


def test_reset_starts_anew(editor: Editor) -> None:
    night, source = editor.encode_instruction("night"), frames(9)
    stream = editor.open(night)
    first = run(stream, source)
    stream.reset()
    assert stream.num_frames_wanted == 1
    assert same(first, run(stream, source))


def test_instruction_changes_at_the_next_chunk_without_a_reset(editor: Editor) -> None:
    night, snow = (editor.encode_instruction(t) for t in ("make it night", "make it snow"))
    source = frames(13)
    plain = run(editor.open(night), source)
    stream = editor.open(night)
    out = run(stream, source[:5])
    stream.set_instruction(snow)
    assert stream.num_frames_wanted == 4
    chunk = stream.generate(source[5:9])
    assert chunk.instruction is snow and chunk.index == 2
    assert same(plain[:5], out)
    assert not same(plain[5:9], chunk.frames)


def test_the_old_edit_is_not_in_the_cache_after_a_change(editor: Editor) -> None:
    """Whatever was edited before, the first chunk of a new instruction is the same."""
    texts = ("make it night", "turn it grey", "make it snow")
    night, grey, snow = (editor.encode_instruction(t) for t in texts)
    source, ends = frames(9), []
    for before in (night, grey):
        stream = editor.open(before)
        run(stream, source[:5])
        stream.set_instruction(snow)
        ends.append(stream.generate(source[5:9]).frames)
    assert same(*ends)


def test_a_new_edit_follows_the_chunk_before_edited_again(editor: Editor) -> None:
    """Once: then its own chunks follow. Before a stream's first chunk there is none to follow."""
    night, snow = (editor.encode_instruction(t) for t in ("make it night", "make it snow"))
    source = frames(13)
    streams = [editor.open(night, on_switch=way) for way in ("rebuild", "drop")]
    for stream in streams:
        run(stream, source[:5])
        stream.set_instruction(snow)
        assert int(stream._rows._cache.count_B) == 0
    shown = [stream.generate(source[5:9]).frames for stream in streams]
    assert not same(*shown)
    for stream, count in zip(streams, (2, 1), strict=True):
        stream.finalize()
        assert int(stream._rows._cache.count_B) == count
        stream.push(source[9:13])
        assert int(stream._rows._cache.count_B) == count + 1
    fresh = editor.open(night)
    fresh.set_instruction(snow)
    assert same(run(fresh, source), run(editor.open(snow), source))


def test_a_stream_shows_what_its_codec_decodes(
    text_encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunk by chunk, with the code before each carried on: as the clip decoded at once, where the gate is open."""
    model = tiny_model()
    last = model.codec.gate_net[-1]
    assert isinstance(last, torch.nn.Conv2d) and last.bias is not None
    last.bias += 1.0
    editor = Editor(model, engine="eager", precision="fp32", text_encoder=text_encoder)
    codes: list[Tensor] = []
    assert isinstance(editor.codec, LiveChangeCodec)
    decode = editor.codec._decode

    def keep(code: Tensor, *rest: Tensor) -> Tensor:
        # Covered all over, each chunk a little otherwise.
        code[:, :, MAP + FILL :] = 1 + 0.1 * len(codes)
        codes.append(code)
        edited: Tensor = decode(code, *rest)
        return edited

    monkeypatch.setattr(editor.codec, "_decode", keep)
    source = frames(17)
    shown = run(editor.open(editor.encode_instruction("night")), source)
    clip = torch.stack([torch.from_numpy(f.rgb).permute(2, 0, 1) for f in source])[None] / 255
    whole, _ = model.codec.decode(torch.cat(codes, 1), CodecState(), clip)
    served = torch.stack([torch.from_numpy(f.rgb).permute(2, 0, 1) for f in shown])[None] / 255
    assert float((whole - clip).abs().mean()) > 0.05
    assert float((whole - served).abs().max()) < 1.01 / 255


@pytest.mark.parametrize("num_steps", [1, 2])
def test_the_last_pass_can_be_what_is_remembered(text_encoder: TextEncoder, num_steps: int) -> None:
    """One pass a chunk less, a past all the same, and another stream in between leaves it alone."""
    preset = replace(tiny_preset(), context="last")
    editor = Editor(tiny_model(preset=preset), engine="auto", text_encoder=text_encoder)
    editor.set_num_steps(num_steps)
    passes, denoise = [0], editor._denoise[1, False]

    def counted(*tensors: Tensor) -> tuple[Tensor, ...]:
        passes[0] += 1
        out: tuple[Tensor, ...] = denoise(*tensors)
        return out

    editor._denoise[1, False] = counted
    night, source = editor.encode_instruction("make it night"), frames(13)
    alone = run(editor.open(night), source)
    assert passes[0] == 4 * num_steps
    a, b = editor.open(night), editor.open(editor.encode_instruction("snow"), seed=3)
    out: list[Frame] = []
    while len(out) < len(source):
        wanted = a.num_frames_wanted
        out += a.generate(source[len(out) : len(out) + wanted]).frames
        b.generate(frames(b.num_frames_wanted, seed=9))
        b.finalize()
        a.finalize()
    assert same(alone, out)
    # The past is read: without it the same frames look otherwise.
    fresh = editor.open(night, seed=0)
    fresh.generate(source[:1])
    assert not same(fresh.generate(source[1:5]).frames, alone[1:5])


def test_repeating_an_instruction_keeps_the_cache(editor: Editor) -> None:
    night, source = editor.encode_instruction("make it night"), frames(13)
    plain = run(editor.open(night), source)
    stream = editor.open(night)
    out = run(stream, source[:5])
    stream.set_instruction(editor.encode_instruction("make it night"))
    assert same(plain, out + run(stream, source[5:]))


@pytest.mark.parametrize("hw", [(48, 64), (96, 128), (37, 91), (120, 40), (1, 1), (480, 640)])
def test_any_size_is_fitted_and_restored(editor: Editor, hw: tuple[int, int]) -> None:
    out = run(editor.open(editor.encode_instruction("night")), frames(5, hw))
    assert {f.rgb.shape for f in out} == {(*hw, 3)}


def test_native_draws_on_the_cameras_own_pixels(editor: Editor, text_encoder: TextEncoder) -> None:
    """At the model's size nothing is different; above it the source's detail is there."""
    soft = Editor(
        tiny_model(), engine="eager", precision="fp32", text_encoder=text_encoder, native=False
    )
    for hw, is_same in (((48, 64), True), ((180, 240), False)):
        shown = [run(e.open(e.encode_instruction("night")), frames(5, hw)) for e in (editor, soft)]
        assert same(*shown) == is_same


def test_where_the_model_changes_nothing_not_a_byte_changes(text_encoder: TextEncoder) -> None:
    """A network whose last layer is still zero edits nothing."""
    torch.manual_seed(0)
    untrained = EditModel(tiny_preset()).eval().requires_grad_(False)
    idle = Editor(untrained, engine="eager", precision="fp32", text_encoder=text_encoder)
    for hw in ((48, 64), (181, 240), (720, 1280), (200, 90)):
        source = frames(5, hw)
        assert same(run(idle.open(idle.encode_instruction("night")), source), source)


def test_size_changes_in_mid_stream(editor: Editor) -> None:
    source = frames(3) + frames(3, (30, 50)) + frames(3, (100, 60))
    out = run(editor.open(editor.encode_instruction("night")), source)
    assert [f.rgb.shape for f in out] == [f.rgb.shape for f in source]


@pytest.mark.parametrize("count", [0, 2, 4])
def test_wrong_number_of_frames(editor: Editor, count: int) -> None:
    stream = editor.open(editor.encode_instruction("night"))
    with pytest.raises(BadFrames, match="takes 1 frames"):
        stream.generate(frames(count))
    assert len(run(stream, frames(5))) == 5  # the stream is still good


@pytest.mark.parametrize(
    "rgb",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_frames_that_are_not_pictures(editor: Editor, rgb: np.ndarray) -> None:
    stream = editor.open(editor.encode_instruction("night"))
    with pytest.raises(BadFrames, match="uint8"):
        stream.generate([Frame(rgb, 0)])


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 501, "\udcff"])
def test_bad_instructions(editor: Editor, text: str) -> None:
    with pytest.raises(BadInstruction):
        editor.encode_instruction(text)


def test_shapes_never_change_on_the_hot_path(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes: set[tuple[tuple[int, ...], ...]] = set()
    denoise = editor._denoise[1, False]

    def recording(*inputs: Tensor) -> tuple[Tensor, ...]:
        shapes.add(tuple(tuple(i.shape) for i in inputs))
        return denoise(*inputs)

    monkeypatch.setitem(editor._denoise, (1, False), recording)
    run(editor.open(editor.encode_instruction("night")), frames(41))
    assert len(shapes) == 1


def test_served_is_what_is_trained(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every prediction of a stream equals the training pass [clean past; noisy present]."""
    calls: list[tuple[Tensor, Tensor, float, Tensor]] = []
    denoise = editor._denoise[1, False]

    def recording(*inputs: Tensor) -> tuple[Tensor, ...]:
        out = denoise(*inputs)
        calls.append((inputs[0], inputs[1], float(inputs[2]), out[0]))
        return out

    monkeypatch.setitem(editor._denoise, (1, False), recording)
    night = editor.encode_instruction("night")
    run(editor.open(night), frames(21))
    clean = [c for c in calls if c[2] == 0.0]
    first = [c for c in calls if c[2] == 1.0]
    assert len(clean) == len(first) == 6
    code = torch.cat([c[0] for c in clean], 1)
    noisy = torch.cat([c[0] for c in first], 1)
    source = torch.cat([c[1] for c in first], 1)
    loss = FlowMatching(editor.model, Objective(at_noise=1.0, context_noise=0.0))
    text, mask = night.states
    chance = draw_chance([0], code.shape[1:], loss.objective)
    trained, _ = loss._teacher_forced(code, noisy, source, torch.ones(1, 6), text, mask, chance)
    served = torch.cat([c[3] for c in first], 1)
    assert float((trained - served).abs().max()) < 1e-4


def test_a_preset_that_cannot_be_streamed_is_refused(text_encoder: TextEncoder) -> None:
    preset = replace(tiny_preset(), frame_hw=(40, 64), latents_per_chunk=4)
    with pytest.raises(BadCheckpoint, match=r"64 x 40.*4 latent frames a chunk"):
        Editor(tiny_model(preset=preset), engine="eager", text_encoder=text_encoder)


def test_an_engine_that_fails_is_a_named_error(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*inputs: Tensor) -> Tensor:
        raise BuildError("out of order")

    stream = editor.open(editor.encode_instruction("night"))
    monkeypatch.setattr(editor.codec, "_decode", broken)
    with pytest.raises(EngineError, match="out of order"):
        stream.generate(frames(1))


@pytest.mark.parametrize("engine", ["openvino"])
def test_engines_give_the_same_pictures(text_encoder: TextEncoder, engine: str) -> None:
    """Served (OpenVINO, bf16 where the CPU has it) against eager fp32, streamed: above 35 dB."""
    model, source = tiny_model(), frames(13)
    outs = []
    for kind, precision in (("eager", "fp32"), (engine, "bf16")):
        one = Editor(model, engine=kind, precision=precision, text_encoder=text_encoder)
        outs.append(
            np.stack([f.rgb for f in run(one.open(one.encode_instruction("night")), source)])
        )
    error = np.square(outs[0].astype(float) - outs[1]).mean()
    assert 10 * np.log10(255**2 / error) > 35


def test_load_editor_names() -> None:
    assert isinstance(load_editor(ModelChoice("identity")), IdentityEditor)
    slow: EditorLike = load_editor(ModelChoice("identity:200"))
    assert isinstance(slow, IdentityEditor) and slow.delay_ms == 200
    for bad in ("none-such", "identity:fast", "identity:-5", "identity:nan", "identity:inf"):
        with pytest.raises(UnknownPreset):
            load_editor(ModelChoice(bad))
    with pytest.raises(EgostreamError, match="engine"):
        load_editor(ModelChoice(engine="steam"))
