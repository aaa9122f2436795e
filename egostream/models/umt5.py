"""The instruction's token states for Wan's transformers, from UMT5's encoder (Chung et al. 2023, arXiv 2304.09151).

Wan's transformers see 512 tokens, of which those behind the text are zeros that are attended to like any other.
Weights are the user's: a pipeline's folder as diffusers saves it, with `tokenizer` and `text_encoder` in it (that of
Wan2.1-T2V-1.3B-Diffusers has 5.7 B parameters, 11 GB in bfloat16), named by EGOSTREAM_UMT5.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from egostream.errors import BadCheckpoint
from egostream.models.component import UNREADABLE

UMT5_WIDTH = 4096
NUM_TOKENS = 512
ENVIRONMENT = "EGOSTREAM_UMT5"
PARTS = ("tokenizer", "text_encoder")


def find_pipeline() -> Path:
    """The folder that EGOSTREAM_UMT5 names. Raises BadCheckpoint where it does not hold both parts."""
    named = os.environ.get(ENVIRONMENT)
    if not named:
        raise BadCheckpoint(
            f"Wan's text encoder is not part of egostream: set {ENVIRONMENT} to the folder of a Wan pipeline "
            f"that diffusers can read, with {' and '.join(PARTS)} in it"
        )
    folder = Path(named)
    lacking = [part for part in PARTS if not (folder / part).is_dir()]
    if lacking:
        raise BadCheckpoint(f"{ENVIRONMENT}: {folder} has no {' and no '.join(lacking)}")
    return folder


class Umt5Encoder:
    """Instructions to token states; thread-safe (tokenizers are not re-entrant, so one at a time)."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        dtype: torch.dtype = torch.bfloat16,
        device: torch.device | str = "cpu",
    ) -> None:
        """`folder`: a pipeline's (that of `find_pipeline`). Raises BadCheckpoint for files that cannot be read."""
        from transformers import AutoTokenizer, UMT5EncoderModel

        folder = folder or find_pipeline()
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
            found, report = UMT5EncoderModel.from_pretrained(
                folder / "text_encoder", dtype=dtype, output_loading_info=True
            )
        except UNREADABLE as error:
            raise BadCheckpoint(
                f"{folder} holds no UMT5 encoder that can be read: {error}"
            ) from error
        # transformers fills what it does not find with random numbers.
        if lost := sorted(report["missing_keys"]):
            raise BadCheckpoint(f"{folder}/text_encoder lacks {', '.join(lost[:8])}")
        self._model = found.eval().requires_grad_(False).to(device)
        self._lock = threading.Lock()
        self._nothing: tuple[Tensor, Tensor] | None = None

    @property
    def width(self) -> int:
        return int(self._model.config.d_model)

    def __call__(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """States (B, 512, width), zeros behind the text, and a mask of ones (B, 512); float32, on the CPU."""
        with self._lock, torch.inference_mode():
            tokens = self._tokenizer(
                [_cleaned(text) for text in texts],
                padding="longest",
                truncation=True,
                max_length=NUM_TOKENS,
                add_special_tokens=True,
                return_attention_mask=True,
                return_tensors="pt",
            )
            ids, mask = (tokens[k].to(self._model.device) for k in ("input_ids", "attention_mask"))
            states = (self._model(ids, mask).last_hidden_state.float() * mask[..., None]).cpu()
        # What is behind the text is zero whatever the encoder makes of it.
        rest = NUM_TOKENS - states.shape[1]
        return F.pad(states, (0, 0, 0, rest)), torch.ones(len(texts), NUM_TOKENS)

    def nothing(self) -> tuple[Tensor, Tensor]:
        """The states and mask (1, ...) of no instruction."""
        if self._nothing is None:
            self._nothing = self([""])
        return self._nothing


def _cleaned(text: str) -> str:
    """As Wan's own preprocessing (entities read, white space made single), but for what ftfy repairs there."""
    return re.sub(r"\s+", " ", unescape(unescape(text))).strip()
