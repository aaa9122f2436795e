"""Streams on a GPU against the same streams on the CPU, where every other test runs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from egostream.editor import Editor
from egostream.frames import Frame
from egostream.models.checkpoint import EditModel
from egostream.models.text import EncodesText, TextEncoder
from egostream.models.umt5 import Umt5Encoder
from egostream.rows import Rows
from engines import BackendChoice, Precision
from tests.unit.models.tiny import tiny_model, tiny_umt5, tiny_wan_preset

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU"),
]
MODELS: dict[str, Callable[[], EditModel]] = {
    "nano": tiny_model,
    "wan": lambda: tiny_model(preset=tiny_wan_preset()),
}


@pytest.fixture(scope="module")
def texts(
    text_encoder: TextEncoder, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, EncodesText]:
    folder = tiny_umt5(tmp_path_factory.mktemp("umt5"))
    return {"nano": text_encoder, "wan": Umt5Encoder(folder, dtype=torch.float32)}


def editor_of(
    kind: str,
    text: EncodesText,
    device: str,
    engine: BackendChoice = "eager",
    precision: Precision = "fp32",
) -> Editor:
    return Editor(
        MODELS[kind](), engine=engine, precision=precision, text_encoder=text, device=device
    )


def shown(editor: Editor, monkeypatch: pytest.MonkeyPatch, num_frames: int = 21) -> np.ndarray:
    """Edited under noise that both devices draw alike: their own generators differ."""
    generator = torch.Generator().manual_seed(3)
    channels = editor.model.codec.code_channels

    def noise(rows: Rows, num_latents: int) -> Tensor:
        drawn = torch.randn(1, num_latents, channels, *editor.grid_hw, generator=generator)
        return drawn.to(editor.device)

    monkeypatch.setattr(Rows, "_draw_noise", noise)
    rng = np.random.default_rng(1)
    frames = [
        Frame(rng.integers(0, 255, (*editor.frame_hw, 3), dtype=np.uint8), i)
        for i in range(num_frames)
    ]
    stream = editor.open(editor.encode_instruction("make it night"))
    out: list[np.ndarray] = []
    while len(out) < num_frames:
        part = frames[len(out) : len(out) + stream.num_frames_wanted]
        out += [f.rgb for f in stream.push(part)]
    return np.stack(out).astype(np.int16)


@pytest.mark.parametrize("kind", ["nano", "wan"])
@pytest.mark.parametrize(
    ("engine", "precision", "most"),
    [("eager", "fp32", 1), ("cudagraph", "fp32", 1), ("cudagraph", "bf16", 40)],
)
def test_a_gpu_shows_what_the_cpu_shows(
    texts: dict[str, EncodesText],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    engine: BackendChoice,
    precision: Precision,
    most: int,
) -> None:
    """Past the window: chunks whose decoding and whose way into the cache overlapped."""
    wanted = shown(editor_of(kind, texts[kind], "cpu"), monkeypatch)
    found = shown(editor_of(kind, texts[kind], "cuda", engine, precision), monkeypatch)
    assert int(np.abs(found - wanted).max()) <= most
    again = shown(editor_of(kind, texts[kind], "cuda", engine, precision), monkeypatch)
    assert np.array_equal(found, again)
