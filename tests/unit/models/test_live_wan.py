"""Wan's shape live: a stream of a small random model against the model itself, called directly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from egostream import flow
from egostream.editor import Editor
from egostream.errors import BadCheckpoint, EgostreamError
from egostream.frames import Frame
from egostream.loading import load_editor
from egostream.model_choice import ModelChoice
from egostream.models.cache import KVCache
from egostream.models.checkpoint import EditModel, save_checkpoint
from egostream.models.codec import CodecState
from egostream.models.text import EncodesText
from egostream.models.tiny_codec import TinyDecoder, TinyDecoderConfig
from egostream.models.umt5 import ENVIRONMENT, Umt5Encoder
from egostream.rollout import new_cache
from tests.unit.models.tiny import tiny_model, tiny_umt5, tiny_wan_preset

HW = (48, 64)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> EncodesText:
    return Umt5Encoder(tiny_umt5(tmp_path_factory.mktemp("umt5")), dtype=torch.float32)


def wan(latents_per_chunk: int = 1, num_window: int = 4) -> EditModel:
    preset = replace(tiny_wan_preset(), latents_per_chunk=latents_per_chunk, num_window=num_window)
    return tiny_model(preset=preset)


def eager(model: EditModel, text: EncodesText, decoder: TinyDecoder | None = None) -> Editor:
    return Editor(model, engine="eager", precision="fp32", text_encoder=text, decoder=decoder)


def clip(num_frames: int) -> Tensor:
    generator = torch.Generator().manual_seed(4)
    low = torch.rand(num_frames, 3, 6, 8, generator=generator)
    return (torch.nn.functional.interpolate(low, HW, mode="bilinear") * 255).round() / 255


def streamed(editor: Editor, pictures: Tensor) -> Tensor:
    """What a stream shows, in 0..1, as the pictures were given."""
    stream = editor.open(editor.encode_instruction("make it night"), seed=5)
    rgb = (pictures * 255).byte().permute(0, 2, 3, 1).numpy()
    shown: list[np.ndarray] = []
    while len(shown) < len(rgb):
        part = rgb[len(shown) : len(shown) + stream.num_frames_wanted]
        shown += [f.rgb for f in stream.push([Frame(x, i) for i, x in enumerate(part)])]
    return torch.from_numpy(np.stack(shown)).permute(0, 3, 1, 2) / 255


def by_hand(editor: Editor, pictures: Tensor, chunks: list[int], num_steps: int) -> Tensor:
    """The same stream: the clip encoded at once, its chunks denoised by the model itself, decoded at once."""
    model = editor.model
    text, mask = editor.encode_instruction("make it night").states
    source = model.codec.encode(pictures[None], CodecState())[0]
    cache: KVCache = new_cache(model.preset, editor.grid_hw)
    noise = torch.Generator().manual_seed(5)
    times, codes = flow.few_step_times(num_steps, model.preset.shift), []
    for part in source.split(chunks, dim=1):

        def passed(x: Tensor, t: float, part: Tensor = part) -> tuple[Tensor, Tensor, Tensor]:
            time = torch.full(part.shape[:2], t)
            out = model.transformer(x, part, time, text, mask, cache=cache.view())
            return x - t * out.prediction, out.keys, out.values

        x0 = torch.zeros_like(part)
        for t in times:
            fresh = torch.randn(part.shape, generator=noise)
            x0 = passed((1 - t) * x0 + t * fresh, t)[0]
        _, keys, values = passed(x0, 0.0)
        for i in range(part.shape[1]):
            cache.write(keys[:, :, :, i], values[:, :, :, i])
        codes.append(x0)
    return model.codec.decode(torch.cat(codes, 1), CodecState(), pictures[None])[0][0]


@pytest.mark.parametrize("per_chunk", [1, 3])
@torch.no_grad()
def test_a_stream_is_the_model_chunk_by_chunk(text: EncodesText, per_chunk: int) -> None:
    """Past the window, with several passes, the first chunk being one frame."""
    editor = eager(wan(per_chunk), text)
    editor.set_num_steps(2)
    num_frames = 1 + 4 * 6
    stream = editor.open(editor.encode_instruction("make it night"))
    assert (stream.num_frames_wanted, editor.chunk_frames) == (1, 4 * per_chunk)
    pictures = clip(num_frames)
    shown = streamed(editor, pictures)
    wanted = by_hand(editor, pictures, [1] + [per_chunk] * (6 // per_chunk), 2)
    assert float((shown - wanted).abs().max()) < 1.01 / 255
    assert float((wanted - pictures).abs().mean()) > 0.02


@torch.no_grad()
def test_openvino_runs_every_network(text: EncodesText) -> None:
    model, pictures = wan(), clip(5)
    compiled = Editor(model, engine="openvino", precision="fp32", text_encoder=text)
    plain = eager(model, text)
    assert (streamed(compiled, pictures) - streamed(plain, pictures)).abs().max() < 2 / 255


def test_restyling_begins_with_the_source(text: EncodesText) -> None:
    """The weaker, the closer to what the codec alone makes of the source; and only the passes that are left."""
    model, pictures = wan(), clip(9)
    latents = model.codec.encode(pictures[None], CodecState())[0]
    alone = model.codec.decode(latents, CodecState(), pictures[None])[0][0]
    apart = []
    for strength in (0.02, 0.3, 0.9):
        editor = eager(model, text)
        editor.set_strength(strength)
        apart.append(float((streamed(editor, pictures) - alone).abs().mean()))
    assert apart[0] < apart[1] < apart[2] and apart[0] < 0.02
    editor = eager(model, text)
    editor.set_strength(0.9)
    assert editor.times == pytest.approx((5 / 6, 0.625))
    for strength in (0.0, 1.0, -2.0, float("nan")):
        with pytest.raises(EgostreamError, match="between 0 and 1"):
            editor.set_strength(strength)


@torch.no_grad()
def test_a_tiny_decoder_draws_instead(text: EncodesText) -> None:
    model, pictures = wan(), clip(9)
    channels = model.codec.code_channels
    torch.manual_seed(3)
    tiny = TinyDecoder(TinyDecoderConfig(channels, (8, 6, 6, 4), (1, 1, 1, 0))).eval()
    shown = streamed(eager(model, text, tiny), pictures)
    assert shown.shape == pictures.shape
    assert not torch.equal(shown, streamed(eager(model, text), pictures))
    other = TinyDecoder(TinyDecoderConfig(channels, (8, 6, 4), (1, 1, 0), (True, True), head=4))
    with pytest.raises(BadCheckpoint, match="draws other latents"):
        eager(model, text, other)


@torch.no_grad()
def test_a_new_instruction_shows_at_the_next_chunk(text: EncodesText) -> None:
    editor = eager(wan(), text)
    night, red = (editor.encode_instruction(x) for x in ("make it night", "make the red"))
    frames = [
        Frame(x, i)
        for i, x in enumerate((clip(13) * 255).byte().permute(0, 2, 3, 1).contiguous().numpy())
    ]
    shown = []
    for change in (False, True):
        stream = editor.open(night)
        for part in (frames[:1], frames[1:5], frames[5:9]):
            if change and part[0].pts == 5:
                stream.set_instruction(red)
            last = stream.push(part)
        shown.append(np.stack([f.rgb for f in last]))
    assert not np.array_equal(*shown)


def test_weights_are_the_users(
    text: EncodesText, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loaded by file, restyling where they know of no source; what is missing is said."""
    folder = tiny_umt5(tmp_path / "umt5")
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    monkeypatch.setenv("EGOSTREAM_CACHE", str(tmp_path / "engines"))
    model = wan()
    save_checkpoint(tmp_path / "edits.safetensors", model, dtype=None)
    model.transformer.patch_source.weight.zero_()
    save_checkpoint(tmp_path / "restyles.safetensors", model, dtype=None)
    edits, restyles = (
        load_editor(ModelChoice("wan2.1-1.3b", "eager", weights=tmp_path / f"{name}.safetensors"))
        for name in ("edits", "restyles")
    )
    assert isinstance(edits, Editor) and isinstance(restyles, Editor)
    assert edits.times[0] == 1 and restyles.times[0] < 1
    monkeypatch.delenv(ENVIRONMENT)
    with pytest.raises(BadCheckpoint, match=ENVIRONMENT):
        load_editor(ModelChoice("wan2.1-1.3b", weights=tmp_path / "edits.safetensors"))
