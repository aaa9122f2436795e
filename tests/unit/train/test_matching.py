"""Distillation: rollouts are what is served, each turn teaches one alone, gradients flow where they should."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from distill import matching as training
from distill import trainer
from distill.batch import Batch
from distill.compare import compare
from distill.generate import Draws, edit_as_served, edit_at_once, exit_times
from distill.matching import DistributionMatching, Made
from distill.objective import Matching, Precision
from distill.pairs import PairSource
from distill.parallel import recompute_blocks
from distill.recipe import Recipe
from distill.recipes import STAGES
from distill.sample import edit_in_few_steps
from distill.stages import teacher_for
from distill.trainer import Trainer
from egostream.editor import Editor
from egostream.errors import BadCheckpoint
from egostream.flow import few_step_times
from egostream.frames import Frame
from egostream.live_codecs import LiveChangeCodec
from egostream.models.cache import Past
from egostream.models.change_codec import STRIDE_T
from egostream.models.checkpoint import EditModel, load_checkpoint, save_checkpoint
from egostream.models.codec import CodecState
from egostream.models.presets import Context
from egostream.models.text import TextEncoder
from tests.unit.models.tiny import tiny_model, tiny_preset
from tests.unit.train.conftest import any_text, draw_batch

HW = (48, 64)
GRID = (3, 4)


def frames(n: int) -> list[Frame]:
    rng = np.random.default_rng(0)
    return [Frame(rng.integers(0, 255, (*HW, 3), dtype=np.uint8), i) for i in range(n)]


def latents_of(model: EditModel, source: Tensor) -> Tensor:
    latents: Tensor = model.codec.encode(source, CodecState())[0]
    return latents


@pytest.mark.parametrize("num_steps", [1, 3])
@pytest.mark.parametrize(("sink", "context"), [(0, "clean"), (1, "clean"), (0, "last")])
def test_a_rollout_is_the_stream_that_is_served(
    text_encoder: TextEncoder,
    monkeypatch: pytest.MonkeyPatch,
    num_steps: int,
    sink: int,
    context: Context,
) -> None:
    """Seven chunks over a window of two: the very codes that `EditStream` decodes."""
    preset = replace(tiny_preset(num_sink=sink, num_window=2), context=context)
    model = tiny_model(preset=preset)
    editor = Editor(model, engine="eager", precision="fp32", text_encoder=text_encoder)
    editor.set_num_steps(num_steps)
    served: list[Tensor] = []
    assert isinstance(editor.codec, LiveChangeCodec)
    decode = editor.codec._decode

    def keep(code: Tensor, *rest: Tensor) -> Tensor:
        served.append(code)
        edited: Tensor = decode(code, *rest)
        return edited

    monkeypatch.setattr(editor.codec, "_decode", keep)
    instruction = editor.encode_instruction("make it night")
    stream = editor.open(instruction, seed=6)
    pictures = frames(1 + STRIDE_T * 6)
    done = 0
    while done < len(pictures):
        done += len(stream.push(pictures[done : done + stream.num_frames_wanted]))
    source = torch.stack([torch.from_numpy(f.rgb).permute(2, 0, 1) for f in pictures])[None] / 255
    with torch.no_grad():
        rolled = edit_as_served(
            model,
            latents_of(model, source),
            instruction.states,
            few_step_times(num_steps, model.preset.shift),
            Draws([3], 0, torch.device("cpu")),
        )
    assert rolled.shape[1] == 7
    assert torch.allclose(rolled, torch.cat(served, 1), atol=1e-5)
    apart = rolled[:, 1:] - rolled[:, :-1]
    assert float(apart.abs().max()) > 1e-2


def test_rows_do_not_see_each_other_and_their_noise_is_their_own() -> None:
    model = tiny_model()
    latents = torch.randn(3, 4, model.codec.source_channels, *GRID)
    states, mask = any_text(["", "", ""])
    device = torch.device("cpu")
    with torch.no_grad():
        for edit in (edit_as_served, edit_at_once):
            together = edit(model, latents, (states, mask), (1.0, 0.5), Draws([1, 2, 3], 0, device))
            alone = edit(
                model, latents[1:2], (states[1:2], mask[1:2]), (1.0, 0.5), Draws([2], 0, device)
            )
            assert torch.allclose(together[1:2], alone, atol=1e-5)


def test_gradients_flow_through_the_last_pass_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each of the last two chunks; the passes that write the cache have none."""
    model = tiny_model().requires_grad_(True)
    latents = torch.randn(1, 4, model.codec.source_channels, *GRID)
    states, mask = any_text([""])
    graded: list[tuple[float, bool]] = []
    forward = model.transformer.forward

    def watched(noisy: Tensor, source: Tensor, t: Tensor, *rest: Tensor, **more: object) -> object:
        graded.append((float(t[0, 0]), torch.is_grad_enabled()))
        return forward(noisy, source, t, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(model.transformer, "forward", watched)
    draws = Draws([1], 0, torch.device("cpu"))
    codes = edit_as_served(model, latents, (states, mask), (1.0, 0.5), draws, learned=2)
    early = [(1.0, False), (0.5, False), (0.0, False)]
    late = [(1.0, False), (0.5, True), (0.0, False)]
    assert graded == [*early, *early, *late, *late[:2]]
    assert (
        not codes[:, :2].requires_grad
        or not torch.autograd.grad(
            codes[:, :2].sum(), model.transformer.head.weight, retain_graph=True, allow_unused=True
        )[0].any()
    )
    (gradient,) = torch.autograd.grad(codes[:, 3].sum(), model.transformer.head.weight)
    assert bool(gradient.any())


def test_every_pass_of_every_schedule_is_trained() -> None:
    drawn = Counter(exit_times(n, (4, 2, 1), 1.0) for n in range(3000))
    four, two, one = (1.0, 0.75, 0.5, 0.25), (1.0, 0.5), (1.0,)
    # Of four passes any, or half of the time the last; of two likewise; or the one there is.
    shares = {(four, i): 1 / 24 for i in range(3)} | {(four, 3): 1 / 24 + 1 / 6}
    shares |= {(two, 0): 1 / 12, (two, 1): 1 / 12 + 1 / 6, (one, 0): 1 / 3}
    assert set(drawn) == set(shares)
    for times, share in shares.items():
        assert drawn[times] == pytest.approx(3000 * share, rel=0.25)
    assert exit_times(7, (4, 2, 1), 1.0) == exit_times(7, (4, 2, 1), 1.0)


@pytest.mark.parametrize("context", ["clean", "last"])
def test_a_pass_that_learns_early_leaves_the_cache_that_is_served(
    monkeypatch: pytest.MonkeyPatch, context: Context
) -> None:
    """Where the cache holds the last pass's keys, it does so too after a sample of the first pass."""
    model = tiny_model(preset=replace(tiny_preset(), context=context)).requires_grad_(True)
    latents = torch.randn(1, 3, model.codec.source_channels, *GRID)
    text = any_text([""])
    passes: list[tuple[float, bool, Tensor]] = []
    forward = model.transformer.forward

    def watched(*args: Tensor, cache: Past) -> object:
        passes.append((float(args[2][0, 0]), torch.is_grad_enabled(), cache.layer(1)[0].clone()))
        return forward(*args, cache=cache)

    monkeypatch.setattr(model.transformer, "forward", watched)
    found = {}
    for leave in (0, 1):
        passes.clear()
        draws = Draws([1], 0, torch.device("cpu"))
        edit_as_served(model, latents, text, (1.0, 0.5), draws, leave=leave)
        found[leave] = list(passes)
    graded = [[(t, g) for t, g, _ in found[leave]] for leave in (0, 1)]
    if context == "last":
        assert graded == [[(1.0, True), (0.5, False)] * 3, [(1.0, False), (0.5, True)] * 3]
        for (*_, early), (*_, late) in zip(found[0], found[1], strict=True):
            assert torch.equal(early, late)
        assert bool(found[0][-1][2].any())
    else:
        assert graded[0] == [*[(1.0, True), (0.0, False)] * 2, (1.0, True)]


def matching(
    clips: Path, latents: int = 3, precision: Precision = "fp32", **settings: object
) -> tuple[DistributionMatching, Batch]:
    objective = Matching(streaming=True, **settings)  # type: ignore[arg-type]
    model = tiny_model(1).requires_grad_(True).train()
    loss = DistributionMatching(model, objective, tiny_model(2), precision)
    return loss, draw_batch(PairSource(clips / "train"), latents)


def moved(loss: DistributionMatching) -> set[str]:
    return {
        name.split(".")[0]
        for name, p in loss.named_parameters()
        if p.grad is not None and bool(p.grad.any())
    }


def test_each_turn_teaches_one_alone(clips: Path) -> None:
    loss, batch = matching(clips)
    for turn, who in (("critic", "critic"), ("student", "model")):
        loss.zero_grad(set_to_none=True)
        value, parts = loss(batch, turn)
        value.backward()
        assert moved(loss) == {who}
        assert all(bool(p.isfinite()) for p in parts.values())
    assert list(loss.turns(0)) == ["student", "critic"] and list(loss.turns(1)) == ["critic"]
    later, _ = matching(clips, student_every=1, critic_warmup=2)
    assert [len(later.turns(step)) for step in range(4)] == [1, 1, 2, 2]


def test_after_the_student_the_critic_learns_from_its_samples(
    clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very codes: their flow matching costs no second rollout; by itself the critic has its own."""
    loss, batch = matching(clips)
    made: list[Tensor] = []

    def watched(*args: object, **more: object) -> Tensor:
        made.append(edit_as_served(*args, **more))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(training, "edit_as_served", watched)
    learned: list[Tensor] = []
    noised = loss._noised

    def keep(sample: Tensor, *rest: object) -> object:
        learned.append(sample)
        return noised(sample, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(loss, "_noised", keep)
    for turn in ("critic", "student", "critic", "critic"):
        loss(batch, turn)  # type: ignore[arg-type]
    assert len(made) == 3
    assert torch.equal(learned[2], made[1][:, -3:].detach()) and not learned[2].requires_grad
    # No memory of a batch that is past: its own samples, from its own seeds.
    assert torch.equal(learned[3], learned[0]) and not torch.equal(learned[3], learned[2])


def test_rows_whose_cache_is_emptied_are_judged_as_new_edits(
    clips: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loss, batch = matching(clips, switch_share=1.0, long_share=1.0, student_every=1)
    begun: list[Tensor] = []

    def watched(*args: Tensor) -> object:
        begun.append(args[5])
        return compare(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("distill.compare.compare", watched)
    for number in (0, 1):
        loss(replace(batch, number=number), "student")
    wanted = [[False, True, False], [False, False, True]]
    assert [b[0].tolist() for b in begun] == wanted and all(bool((b == b[:1]).all()) for b in begun)
    # The student moves at every tenth step of Wan's recipes: it meets all places too.
    begun.clear()
    loss.objective = replace(loss.objective, student_every=10)
    for number in (0, 10):
        loss(replace(batch, number=number), "student")
    assert [b[0].tolist() for b in begun] == wanted


def test_without_a_pull_there_is_no_critic(clips: Path) -> None:
    loss, batch = matching(clips, matching=0.0, student_every=2, critic_warmup=5)
    assert [list(loss.turns(step)) for step in range(3)] == [["student"]] * 3
    value, parts = loss(batch, "student")
    value.backward()
    assert moved(loss) == {"model"} and "matching" not in parts and parts["pixel_in"] > 0
    # Nothing is left for a critic that there is not.
    assert loss._made is None


def test_a_student_as_good_as_its_teacher_is_not_pulled(clips: Path) -> None:
    """With a critic that says what the teacher says there is no gradient but the truth's."""
    loss, batch = matching(clips, regression=0.0, guidance=1.0)
    value, _ = loss(batch, "student")
    assert float(value.detach()) == 0
    with torch.no_grad():
        loss.critic.head.weight.add_(0.1)
    value, _ = loss(batch, "student")
    assert float(value.detach()) > 0


def test_long_streams_are_learned_from_at_their_end(clips: Path) -> None:
    """The first chunk after the past is only there for the teacher to see."""
    loss, batch = matching(clips, long_share=1.0, regression=0.0, switch_share=0.0)
    seen: list[Tensor] = []
    pull = loss._pull

    def keep(made: Made, *rest: object) -> object:
        made.sample.retain_grad()
        seen.append(made.sample)
        return pull(made, *rest)  # type: ignore[arg-type]

    loss._pull = keep  # type: ignore[method-assign,assignment]
    value, _ = loss(batch, "student")
    value.backward()
    (sample,) = seen
    assert sample.shape[1] == 3 and sample.grad is not None
    assert [bool(g.any()) for g in sample.grad.unbind(1)] == [False, True, True]


def teacher_file(folder: Path) -> Path:
    path = folder / "teacher.safetensors"
    save_checkpoint(path, tiny_model(2))
    return path


def tiny_recipe(stage: str) -> Recipe:
    recipe = STAGES[stage]["smoke"]()  # type: ignore[index]
    phases = tuple(replace(p, steps=2, size_hw=HW) for p in recipe.phases)
    assert isinstance(recipe.objective, Matching)
    objective = replace(recipe.objective, student_every=2)
    return replace(recipe, phases=phases, objective=objective, checkpoint_every=1)


@pytest.mark.parametrize("stage", ["dmd", "self-forcing"])
def test_a_killed_distillation_goes_on_as_if_nothing_had_happened(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    monkeypatch.setattr(trainer, "get_preset", lambda name: tiny_preset())
    recipe, teacher = tiny_recipe(stage), teacher_file(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    def started(name: str) -> Trainer:
        return Trainer(recipe, clips, tmp_path / name, teacher=teacher)

    whole = started("a")
    teacher_now = whole.loss.teacher.state_dict()  # type: ignore[union-attr]
    for key, value in whole.model.state_dict().items():
        assert torch.equal(value, teacher_now[key]), key  # without --init it starts as its teacher
    before = {k: v.clone() for k, v in whole.loss.teacher.state_dict().items()}  # type: ignore[union-attr]
    wanted = list(whole.train(recipe.num_steps))
    first = started("b")
    found = list(first.train(1))
    first.save()
    second = started("b")
    found += list(second.train(recipe.num_steps - 1))
    exact = ("loss", "critic", "matching", "grad_norm", "critic_grad_norm")
    assert [[r.get(k) for k in exact] for r in found] == [[r.get(k) for k in exact] for r in wanted]
    assert "loss" in wanted[0] and "loss" not in wanted[1] and wanted[1]["critic"] > 0
    for key, value in whole.loss.state_dict().items():
        assert torch.equal(second.loss.state_dict()[key], value), key
    for key, value in whole.loss.teacher.state_dict().items():  # type: ignore[union-attr]
        assert torch.equal(before[key], value), key
    state = torch.load(tmp_path / "b" / "state.pt", weights_only=True)
    made = load_checkpoint(tmp_path / "b" / "model.safetensors")
    assert made.preset.context == ("last" if stage == "self-forcing" else "clean")
    assert not any(k.startswith("teacher") for k in state["heads"])
    assert any(k.startswith("critic") for k in state["heads"])


def test_a_teacher_must_be_there_and_fit(tmp_path: Path) -> None:
    model, path = tiny_model(), teacher_file(tmp_path)
    with pytest.raises(BadCheckpoint, match="--teacher"):
        teacher_for(model.preset, None)
    assert teacher_for(model.preset, path).preset == model.preset
    other = replace(tiny_preset(), transformer=replace(tiny_preset().transformer, patch=2))
    with pytest.raises(BadCheckpoint, match="other codes"):
        teacher_for(other, path)


def test_few_steps_for_a_whole_clip_start_at_the_source() -> None:
    torch.manual_seed(0)
    model = EditModel(tiny_preset()).eval()
    source = torch.rand(9, 3, *HW)
    states, mask = any_text([""])
    edited = edit_in_few_steps(model, source, (states, mask), 4, seed=3)
    assert float((edited - source).abs().max()) < 1e-3


def test_an_emptied_cache_is_a_new_start_for_its_rows_alone() -> None:
    model = tiny_model()
    latents = torch.randn(2, 4, model.codec.source_channels, *GRID)
    text, device = any_text(["", ""], 1), torch.device("cpu")

    def run(rows: list[bool], latents: Tensor, skipped: int = 0) -> Tensor:
        draws = Draws([1, 2], 0, device)
        for _ in range(skipped):
            draws.normal(1, model.codec.code_channels, *GRID)
        with torch.no_grad():
            return edit_as_served(
                model, latents, text, (1.0,), draws, emptied=(2, torch.tensor(rows))
            )

    plain, emptied = run([False, False], latents), run([True, False], latents)
    assert torch.equal(emptied[1], plain[1]) and torch.equal(emptied[0, :2], plain[0, :2])
    anew = run([False, False], latents[:, 2:], skipped=2)
    assert torch.allclose(emptied[0, 2:], anew[0], atol=1e-5)
    assert not torch.allclose(emptied[0, 2:], plain[0, 2:], atol=1e-4)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_recomputing_past_the_window_changes_no_gradient(clips: Path, precision: Precision) -> None:
    """The ring has been written over by the time that the backward pass computes its reads again."""
    found = []
    for recompute in (False, True):
        loss, batch = matching(clips, 4, precision, long_share=1.0)
        if recompute:
            recompute_blocks(loss)
        value, _ = loss(batch, "student")
        value.backward()
        blocks = {k: p.grad for k, p in loss.named_parameters() if "model.transformer.blocks" in k}
        assert all(g is not None and bool(g.any()) for g in blocks.values())
        found.append(blocks)
    for name, gradient in found[0].items():
        again = found[1][name]
        assert gradient is not None and again is not None
        assert torch.allclose(gradient, again, rtol=1e-3, atol=1e-6), name
