"""What the renderer knows of a picture, as a second task: cells in their places, unknown ones left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from distill.naming import NAMES, UNKNOWN, Naming, name_cells, see, unknown
from distill.pairs import PairSource, only
from distill.world.compose import HAND, TWIN
from tests.unit.train.conftest import describe_clip


def test_cells_are_in_their_places() -> None:
    info = describe_clip(0)
    seg = np.zeros((1, 64, 96), np.uint8)
    seg[0, :16, :24], seg[0, 48:, :], seg[0, 20:28, 80:], seg[0, 20:28, :16] = 1, HAND, 9, TWIN
    seen = torch.from_numpy(see(seg, info, (32, 48), flip=False))
    assert seen.shape == (1, 32, 48)
    cells = name_cells(seen)[0]
    cup, vase, hand, nothing = (NAMES.index(n) for n in ("cup", "vase", "a hand", "nothing"))
    assert cells.shape == (4, 6)
    assert cells[0].tolist() == [cup, nothing, nothing, nothing, nothing, nothing]
    assert cells[1].tolist() == [vase, *[nothing] * 4, UNKNOWN]  # 9 is nobody's number
    assert cells[3].tolist() == [hand] * 6
    assert torch.equal(torch.from_numpy(see(seg, info, (32, 48), flip=True)), seen.flip(-1))


@pytest.mark.parametrize("latents", [1, 3])
def test_pairs_bring_their_names(clips: Path, latents: int) -> None:
    for i in range(6):
        pair = PairSource(clips / "train", only("recolor")).draw((4, i), latents, (48, 64))
        assert pair.seen.shape == (latents, 4, 48, 64)
        names = ("nothing", "a hand", "cup", "bottle")
        assert {int(n) for n in pair.seen.unique()} <= {NAMES.index(n) for n in names}
        # The named cells are those that a recolouring changes.
        if pair.task == "recolor":
            assert pair.shot is not None
            named = pair.seen == NAMES.index(pair.shot.thing.kind)
            assert float(((pair.mask[:, :, 0] > 0) == named).float().mean()) > 0.8


def test_unknown_cells_cost_nothing() -> None:
    naming = Naming(16, 16)
    tokens = torch.randn(2, 1, 12, 16, requires_grad=True)
    nobody = name_cells(torch.from_numpy(unknown(2, (48, 64))))[:, None]
    assert float(naming(tokens, nobody).detach()) == 0
    known = nobody.clone()
    known[0, 0, 5, 7] = 3
    naming(tokens, known).backward()
    assert tokens.grad is not None
    assert tokens.grad[0, 0, :11].abs().sum() == 0 and tokens.grad[0, 0, 11].abs().sum() > 0
    assert tokens.grad[1].abs().sum() == 0
