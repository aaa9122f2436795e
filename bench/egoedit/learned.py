"""Scores by published networks: PickScore, ViCLIP's text alignment, CLIP's temporal consistency.

A network that is not on this machine is `ModelMissing`, and the table says so. Shapes: N pictures, E features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from PIL import Image
from torch import Tensor

from bench.egoedit.errors import ItemFailed
from bench.egoedit.networks import CLIP, PICKSCORE, PICKSCORE_PROCESSOR, VICLIP
from egostream.errors import EgostreamError
from egostream.frames import Rgb

LONGEST_SIDE, TEXT_TOKENS = 672, 77  # for PickScore
NUM_ALIGNED = 8
VOCABULARY = "bpe_simple_vocab_16e6.txt.gz"
BATCH = 8


class ModelMissing(EgostreamError):
    """A network is not on this machine, or does not load."""

    code = "model_missing"


@dataclass(frozen=True, slots=True)
class Where:
    """Where networks are looked for. `folder` holds one sub-folder a network; None: the hub's cache alone."""

    folder: Path | None = None
    download: bool = False
    trust_code: bool = False
    device: str = "cpu"


class Score(Protocol):
    """One figure for one output."""

    def __call__(self, frames: Sequence[Rgb], caption: str) -> float:
        """Raises ItemFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of the table. `load` raises ModelMissing."""

    key: str
    title: str
    needs_caption: bool
    model: str
    load: Callable[[Where], Score]


def find_model(name: str, where: Where) -> Path:
    """The folder of a network's files. Raises ModelMissing, naming the ways out."""
    looked = []
    if where.folder is not None:
        for folder in (where.folder / name, where.folder / name.rpartition("/")[2]):
            if folder.is_dir():
                return folder
        looked.append(str(where.folder))
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=not where.download))
    except (OSError, ValueError, RuntimeError) as error:
        looked.append("the hub" if where.download else "the hub's cache")
        raise ModelMissing(
            f"model {name} not found in {' or '.join(looked)}; fetch it (`hf download {name}`, or --download), "
            "or name a folder that holds it with --models"
        ) from error


@contextmanager
def _loading(name: str) -> Iterator[None]:
    """Whatever goes wrong while a network loads is ModelMissing, with the reason."""
    from transformers.utils import logging as chatter

    level = chatter.get_verbosity()
    chatter.set_verbosity_error()
    chatter.disable_progress_bar()
    try:
        yield
    except ModelMissing:
        raise
    except Exception as error:  # foreign code and foreign files: anything may come
        reason = (str(error).strip().splitlines() or [repr(error)])[0]
        raise ModelMissing(f"model {name} does not load: {reason}") from error
    finally:
        chatter.set_verbosity(level)


def _unit(features: Any) -> Tensor:
    """Features (N, E) of length 1; transformers 5 wraps what 4 returned bare."""
    found = features if isinstance(features, Tensor) else features.pooler_output
    return torch.nn.functional.normalize(found.float(), dim=-1)


def _batches(frames: Sequence[Rgb]) -> Iterator[list[Image.Image]]:
    for start in range(0, len(frames), BATCH):
        yield [Image.fromarray(rgb) for rgb in frames[start : start + BATCH]]


def load_pickscore(where: Where) -> Score:
    """PickScore_v1 with CLIP-H's processor: the mean over all frames of scale * cos(caption, frame)."""
    with _loading(PICKSCORE):
        from transformers import CLIPModel, CLIPProcessor

        folder = find_model(PICKSCORE, where)
        processor = CLIPProcessor.from_pretrained(find_model(PICKSCORE_PROCESSOR, where))
        model = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval().to(where.device)

    @torch.inference_mode()
    def score(frames: Sequence[Rgb], caption: str) -> float:
        tokens = processor.tokenizer(
            [caption], padding=True, truncation=True, max_length=TEXT_TOKENS, return_tensors="pt"
        )
        text = _unit(model.get_text_features(**tokens.to(where.device)))
        cosines = []
        for pictures in _batches(frames):
            small = [_at_most(p, LONGEST_SIDE) for p in pictures]
            pixels = processor.image_processor(images=small, return_tensors="pt")["pixel_values"]
            features = _unit(model.get_image_features(pixel_values=pixels.to(where.device)))
            cosines.append((features @ text.T)[:, 0])
        return float(model.logit_scale.exp() * torch.cat(cosines).mean())

    return score


def _at_most(picture: Image.Image, side: int) -> Image.Image:
    longest = max(picture.size)
    if longest <= side:
        return picture
    width, height = (max(1, int(side / longest * length)) for length in picture.size)
    return picture.resize((width, height))


def load_consistency(where: Where) -> Score:
    """CLIP ViT-L/14's pooled vision features: mean cosine of neighbouring frames, not below 0, times 100."""
    with _loading(CLIP):
        from transformers import CLIPImageProcessor, CLIPVisionModel

        folder = find_model(CLIP, where)
        processor = CLIPImageProcessor.from_pretrained(folder)
        model = CLIPVisionModel.from_pretrained(folder, dtype=torch.float32).eval()
        model = model.to(where.device)

    @torch.inference_mode()
    def score(frames: Sequence[Rgb], caption: str) -> float:
        if len(frames) < 2:
            raise ItemFailed("too_short", "one frame has no neighbour")
        found = []
        for pictures in _batches(frames):
            pixels = processor(images=pictures, return_tensors="pt")["pixel_values"]
            found.append(_unit(model(pixel_values=pixels.to(where.device))))
        features = torch.cat(found)
        cosines = (features[1:] * features[:-1]).sum(-1)
        return 100 * float(cosines.clamp(min=0).mean())

    return score


def load_alignment(where: Where) -> Score:
    """ViCLIP: cosine of the caption and eight frames, times 100.

    Its code comes with its weights: it is run only where that was allowed. Its interface: `encode_text(str)` and
    `encode_vision((1, 8, 3, 224, 224), test=True)`.
    """
    with _loading(VICLIP):
        folder = find_model(VICLIP, where)
        if not where.trust_code:
            raise ModelMissing(
                f"model {VICLIP} brings its own code; --trust-code runs what lies in {folder}"
            )
        from transformers import AutoConfig, AutoModel, CLIPImageProcessor

        config = AutoConfig.from_pretrained(folder, trust_remote_code=True)
        # What it names is relative to wherever the program was started.
        config.tokenizer_path = str(folder / VOCABULARY)
        model = AutoModel.from_pretrained(folder, config=config, trust_remote_code=True).eval()
        model = model.to(where.device)
        processor = CLIPImageProcessor()

    @torch.inference_mode()
    def score(frames: Sequence[Rgb], caption: str) -> float:
        if not frames:
            raise ItemFailed("too_short", "no frames")
        chosen = [frames[int(i * len(frames) / NUM_ALIGNED)] for i in range(NUM_ALIGNED)]
        pictures = [Image.fromarray(rgb) for rgb in chosen]
        pixels = processor(images=pictures, return_tensors="pt")["pixel_values"].to(where.device)
        text = _unit(model.encode_text(caption).reshape(1, -1))
        return 100 * float(_unit(model.encode_vision(pixels[None], test=True)) @ text.T)

    return score


# The columns, in the paper's order.
MEASURES = (
    Measure("pickscore", "PickScore", True, PICKSCORE, load_pickscore),
    Measure("text_alignment", "text alignment", True, VICLIP, load_alignment),
    Measure("temporal_consistency", "temporal consistency", False, CLIP, load_consistency),
)
