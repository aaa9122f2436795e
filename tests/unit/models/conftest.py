"""Fixtures of the model tests: the real text encoder, loaded once."""

from __future__ import annotations

import pytest
import torch

from egostream.models.text import TextEncoder

torch.set_num_threads(1)  # tiny tensors: more threads only wait for each other


@pytest.fixture(scope="session")
def text_encoder() -> TextEncoder:
    return TextEncoder()
