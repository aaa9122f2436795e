"""Training: the loss knows copying from editing, a run resumes exactly, two workers are one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from distill import trainer
from distill.loss import FlowMatching
from distill.pairs import Mix, PairSource
from distill.recipe import Recipe, smoke
from distill.trainer import Trainer, collate
from egostream.models.change_codec import encode_change
from egostream.models.text import TextEncoder
from tests.unit.models.tiny import tiny_model, tiny_preset

HW = (48, 64)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "get_preset", lambda name: tiny_preset())


def recipe() -> Recipe:
    phases = tuple(replace(p, steps=2, batch=2, size_hw=HW) for p in smoke().phases)
    return replace(smoke(), phases=phases, checkpoint_every=1)


def losses(run: Trainer, steps: int) -> list[float]:
    return [run.train_step()["loss"] for _ in range(steps)]


def test_a_killed_run_goes_on_as_if_nothing_had_happened(clips: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole = losses(Trainer(recipe(), clips, tmp_path / "a", 0, 1), 6)
    first = Trainer(recipe(), clips, tmp_path / "b", 0, 1)
    start = losses(first, 3)
    first.save()
    second = Trainer(recipe(), clips, tmp_path / "b", 0, 1)
    assert second.step == 3
    assert start + losses(second, 3) == whole


def test_phases_follow_each_other(clips: Path, tmp_path: Path) -> None:
    run = Trainer(recipe(), clips, tmp_path, 0, 1)
    assert [run.recipe.at(i)[0].num_latents for i in range(6)] == [1, 1, 4, 4, 1, 1]
    with pytest.raises(IndexError):
        run.recipe.at(6)


def test_two_workers_step_together(clips: Path, tmp_path: Path) -> None:
    """Two processes, half a batch each: the run ends, and its log has every step once."""
    import torch.multiprocessing as mp

    mp.spawn(_worker, (clips, tmp_path), nprocs=2)
    rows: list[dict[str, Any]] = [
        json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()
    ]
    assert [r["step"] for r in rows] == [1, 2]
    assert (tmp_path / "model.safetensors").is_file() and (tmp_path / "curves.png").is_file()


def _worker(rank: int, data: Path, out: Path) -> None:
    from distill import report

    trainer.get_preset = lambda name: tiny_preset()  # type: ignore[assignment]
    report.FULL = HW
    short = replace(recipe(), phases=recipe().phases[:1])
    trainer.work(rank, 2, short, data, out, 29_517)


def test_copying_costs_one_and_the_truth_costs_little(clips: Path) -> None:
    model = tiny_model()
    source = PairSource(clips / "train", Mix(0.0, 0.0, 1.0, photo_share=0.0))
    pairs = [source.draw((3, i), 1, HW, only_filter="night") for i in range(4)]
    pictures = collate(pairs)
    loss = FlowMatching(model, at_noise=1.0, context_noise=0.0)
    code = encode_change(pictures[0], pictures[1], pictures[3], pictures[2])
    _, copied = loss._compare(torch.zeros_like(code), code, *pictures, picked=[0, 2])
    _, perfect = loss._compare(code, code, *pictures, picked=[0, 2])
    assert 0.9 < float(copied["pixel_in"]) <= 1.0
    assert float(perfect["pixel_in"]) < 0.1
    assert float(perfect["code"]) == 0 < float(copied["code"])


def test_text_is_encoded_once() -> None:
    calls: list[int] = []
    encoder = TextEncoder()

    def counting(texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
        calls.append(len(texts))
        return encoder(texts)

    cache = trainer.TextCache(counting)  # type: ignore[arg-type]
    states, mask = cache(["night", "snow", "night"])
    again, _ = cache(["snow"])
    assert calls == [2]
    assert torch.equal(states[1], again[0]) and torch.equal(states[0], states[2])
