"""Training as it is run: killed without warning, started by torchrun, sharded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from distill import trainer
from distill.__main__ import check_shares
from distill.parallel import NoDevice, pick_device
from distill.recipe import Recipe
from distill.recipes import STAGES
from distill.trainer import STATE, Trainer
from egostream.errors import EgostreamError
from egostream.models.checkpoint import save_checkpoint
from egostream.models.parts import save_part
from egostream.models.umt5 import ENVIRONMENT
from tests.unit.models.tiny import tiny_model, tiny_umt5
from tests.unit.models.wan import DIFFUSERS_2_1, pair
from tests.unit.train.tiny_run import (
    NUM_LONG,
    tiny_causal,
    tiny_exact,
    tiny_long,
    tiny_preset_of,
    tiny_redrawing,
    tiny_student,
    tiny_wan_student,
)

ROOT = Path(__file__).parents[3]
RUN = [sys.executable, "-m"]
# Against hangs alone: on a busy machine a start of torchrun takes a minute and more.
HANG_S = 280
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]

pytestmark = pytest.mark.timeout(2 * HANG_S)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "get_preset", tiny_preset_of)


@contextmanager
def started(launcher: list[str], out: Path, clips: Path, stage: str, *more: str) -> Iterator[Any]:
    """A run; none of its processes outlives the block."""
    words = [stage, "--data", str(clips), "--out", str(out), "--device", "cpu", *more]
    command = [*launcher, "tests.unit.train.tiny_run", *words]
    # A session of its own: all of its processes can be killed at once.
    run = subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE, text=True
    )
    try:
        yield run
    finally:
        kill_all(run)
        run.communicate()


def kill_all(run: Any) -> None:
    """SIGKILL to all of a run's processes that are left."""
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)


def finish(launcher: list[str], out: Path, clips: Path, stage: str, *more: str) -> None:
    """A run to its end."""
    with started(launcher, out, clips, stage, *more) as run:
        _, errors = run.communicate(timeout=HANG_S)
        assert run.returncode == 0, errors


def rows(out: Path) -> list[dict[str, Any]]:
    """The whole lines of a log that may just be written."""
    path = out / "log.jsonl"
    lines = path.read_text().splitlines(keepends=True) if path.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def kill_after(run: Any, out: Path, num_rows: int) -> None:
    """SIGKILL to all of a run's processes once it has logged so much."""
    deadline = time.monotonic() + HANG_S
    while run.poll() is None and len(rows(out)) < num_rows:
        assert time.monotonic() < deadline, "the run does not get on"
        time.sleep(0.01)
    assert run.poll() is None, run.communicate()[1]
    kill_all(run)


def alone(recipe: Recipe, clips: Path, out: Path) -> tuple[Trainer, list[dict[str, float]]]:
    """The same run, never stopped, in this process."""
    out.mkdir()
    run = Trainer(recipe, clips, out)
    return run, list(run.train(recipe.num_steps))


def test_kill_9_changes_no_later_number(tiny: None, clips: Path, tmp_path: Path) -> None:
    out = tmp_path / "killed"
    with started(RUN, out, clips, "causal", "--recipe", "long", "--workers", "1") as killed:
        kill_after(killed, out, 5)
    assert 5 <= len(rows(out)) < NUM_LONG
    finish(RUN, out, clips, "causal", "--recipe", "long", "--workers", "1")
    whole, wanted = alone(tiny_long(), clips, tmp_path / "whole")
    exact = ("step", "loss", "pixel_in", "gate", "naming", "grad_norm", "lr")
    assert [[r[k] for k in exact] for r in rows(out)] == [[r[k] for k in exact] for r in wanted]
    assert [r["step"] for r in wanted] == list(range(1, NUM_LONG + 1))
    end = torch.load(out / STATE, weights_only=True)["ema"]
    assert all(torch.equal(end[k], v) for k, v in whole.ema.items())


def test_two_workers_learn_what_one_does(tiny: None, clips: Path, tmp_path: Path) -> None:
    """Half a batch each and the mean of their gradients: one run, every step logged once."""
    out = tmp_path / "two"
    finish(RUN, out, clips, "causal", "--workers", "2")
    found = rows(out)
    assert "cores" in found[0] and "machine" in found[0] and "cores" not in found[1]
    assert (out / "model.safetensors").is_file()
    start_of = Trainer(tiny_causal(), clips, tmp_path).model.state_dict()
    whole, wanted = alone(tiny_causal(), clips, tmp_path / "one")
    assert [r["step"] for r in found] == [r["step"] for r in wanted]
    # Sums in bf16 differ a little with the size of the batch.
    assert [r["loss"] for r in found] == pytest.approx([r["loss"] for r in wanted], rel=0.03)
    together = torch.load(out / STATE, weights_only=True)["model"]
    moved, apart = 0.0, 0.0
    for key, value in whole.model.state_dict().items():
        moved += float((value - start_of[key]).square().sum())
        apart += float((value - together[key]).square().sum())
    assert 0 < apart**0.5 < 0.2 * moved**0.5


def test_shards_learn_what_one_process_does(tiny: None, clips: Path, tmp_path: Path) -> None:
    """Two processes of torchrun with FSDP2 against one alone; one process goes on where they stopped."""
    out = tmp_path / "sharded"
    finish([*TORCHRUN, "-m"], out, clips, "teacher", "--parallel", "fsdp")
    whole, wanted = alone(tiny_exact(), clips, tmp_path / "alone")
    found = rows(out)
    for key in ("loss", "pixel_in", "naming", "grad_norm"):
        both = [(r[key], w[key]) for r, w in zip(found, wanted, strict=True)]
        # Adam's first moves are by signs: what sums leave of tiny gradients grows from step to step.
        for (ours, theirs), near in zip(both, (1e-5, 1e-4, 1e-3), strict=True):
            assert ours == pytest.approx(theirs, rel=near, abs=1e-9), key
    again = Trainer(tiny_exact(), clips, out)
    assert again.step == 3
    for key, value in whole.ema.items():
        assert torch.allclose(again.ema[key], value, atol=1e-3), key
    moments = [next(iter(x.optimizers[0].state.values()))["exp_avg"] for x in (again, whole)]
    assert moments[0].shape == moments[1].shape
    assert torch.allclose(*moments, atol=1e-3)


def test_shards_learn_to_draw_what_one_process_does(
    tiny: None, clips: Path, tmp_path: Path
) -> None:
    """A tiny decoder and the full codec that it learns from."""
    out, full = tmp_path / "two", tmp_path / "vae.safetensors"
    save_part(full, pair(DIFFUSERS_2_1)[0])
    words = ["--parallel", "fsdp", "--teacher", str(full)]
    finish([*TORCHRUN, "-m"], out, clips, "codec", "--recipe", "wan2.1-1.3b", *words)
    (tmp_path / "one").mkdir()
    whole = Trainer(tiny_redrawing(), clips, tmp_path / "one", teacher=full)
    wanted, found = list(whole.train(whole.recipe.num_steps)), rows(out)
    for key in ("loss", "db", "grad_norm"):
        both = [(r[key], w[key]) for r, w in zip(found, wanted, strict=True)]
        for (ours, theirs), near in zip(both, (1e-5, 1e-3, 1e-2), strict=False):
            assert ours == pytest.approx(theirs, rel=near), key
    again = Trainer(tiny_redrawing(), clips, out, teacher=full)
    for name, value in whole.model.state_dict().items():
        assert torch.allclose(again.model.state_dict()[name], value, atol=1e-2), name


@pytest.mark.parametrize(
    ("preset", "how"), [("nano", "ddp"), ("nano", "fsdp"), ("wan2.1-1.3b", "fsdp")]
)
def test_two_workers_distill_what_one_does(
    tiny: None, clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preset: str, how: str
) -> None:
    """Student, critic and teacher in replicas or in shards; turns, and the pass that learns, are the same for all."""
    recipe = tiny_student() if preset == "nano" else tiny_wan_student()
    monkeypatch.setenv(ENVIRONMENT, str(tiny_umt5(tmp_path / "umt5")))
    teacher, start = (tmp_path / f"{name}.safetensors" for name in ("teacher", "start"))
    save_checkpoint(teacher, tiny_model(2, tiny_preset_of(preset)))
    save_checkpoint(start, tiny_model(1, tiny_preset_of(preset)))
    out = tmp_path / "two"
    words = ["--parallel", how, "--teacher", str(teacher), "--init", str(start)]
    finish([*TORCHRUN, "-m"], out, clips, "self-forcing", "--recipe", preset, *words)
    (tmp_path / "one").mkdir()
    whole = Trainer(recipe, clips, tmp_path / "one", init=start, teacher=teacher)
    wanted = list(whole.train(recipe.num_steps))
    found = rows(out)
    assert [sorted(r.keys() & {"loss", "critic"}) for r in found] == [
        ["critic", "loss"], ["critic"], ["critic", "loss"],
    ]  # fmt: skip
    for key in ("loss", "critic", "matching", "grad_norm", "critic_grad_norm"):
        both = [(r[key], w[key]) for r, w in zip(found, wanted, strict=True) if key in r]
        for (ours, theirs), near in zip(both, (1e-5, 1e-3, 1e-2), strict=False):
            assert ours == pytest.approx(theirs, rel=near, abs=1e-9), key
    # One process goes on where two have stopped, with the critic that they had.
    again = Trainer(recipe, clips, out, teacher=teacher)
    assert again.step == 3
    for name, value in whole.loss.named_parameters():
        assert torch.allclose(again.loss.state_dict()[name], value, atol=1e-3), name


def test_devices_and_shares_that_cannot_be() -> None:
    assert pick_device("cpu", 3) == torch.device("cpu")
    with pytest.raises(NoDevice, match="no GPU for worker 99"):
        pick_device("cuda", 99)
    odd = replace(
        STAGES["causal"]["nano"](),
        phases=tuple(replace(p, batch=8) for p in STAGES["causal"]["nano"]().phases),
    )
    check_shares(odd, 4)
    with pytest.raises(EgostreamError, match=r"3 workers cannot share batches of \[8\] evenly"):
        check_shares(odd, 3)
