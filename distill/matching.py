"""Distillation: a student that takes few steps is pulled towards its teacher's distribution (see `dmd`).

Two take turns. The critic learns what the student's samples look like, by flow matching on them; the student moves
against the difference between the critic's and the teacher's guesses, and towards the truth that paired data has.
The samples are made as the student will be run: a clip at once (DMD, EgoEdit section 4.3), or as a stream over its
own past (Self-Forcing, EgoEdit section 4.4 and arXiv 2506.08009). Shapes: see `generate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor

from distill.batch import Batch
from distill.compare import compare
from distill.dmd import guided, judging_times, matching_gradient, matching_loss
from distill.generate import Draws, Switch, edit_as_served, edit_at_once, exit_times, rewound
from distill.loss import numbers
from distill.objective import Matching, Precision
from distill.turns import TrainingLoss, Turn
from egostream import flow
from egostream.models.change_codec import encode_change
from egostream.models.checkpoint import EditModel

GOLDEN = 0.6180339887  # its multiples fill 0..1 evenly
SALTS: dict[Turn, int] = {"critic": 0, "student": 1}


class DistributionMatching(TrainingLoss):
    """Wraps a student and its teacher; the critic starts as the teacher, whose weights never move."""

    takes_turns = True

    def __init__(
        self,
        model: EditModel,
        objective: Matching,
        teacher: EditModel,
        precision: Precision = "bf16",
    ) -> None:
        super().__init__()
        self.model = model
        self.objective = objective
        self.precision = precision
        self.teacher = teacher.requires_grad_(False)
        self.critic = deepcopy(teacher.transformer).requires_grad_(True)

    def turns(self, step: int) -> Sequence[Turn]:
        """See `TrainingLoss`."""
        both = step % self.objective.student_every == 0
        return ("critic", "student") if both else ("critic",)

    def forward(self, batch: Batch, turn: Turn = "student") -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of whose turn it is, and its parts: means over examples."""
        objective = self.objective
        with torch.no_grad():
            truth = encode_change(batch.source, batch.target, batch.clocks, batch.mask)
        draws = Draws(batch.seeds, SALTS[turn], truth.device)
        with (
            numbers(self.precision, truth.device),
            torch.no_grad() if turn == "critic" else nullcontext(),
        ):
            sample, counts = self._sample(batch, truth, draws)
        # What a teacher judges is what follows the instruction: before a switch that is the truth.
        sample = torch.where(counts[:, :, None, None, None] > 0, sample.float(), truth)
        if turn == "critic":
            loss = self._learn_samples(sample, batch, counts, draws)
            return loss, {"critic": loss.detach()}
        pull = matching_loss(
            sample, self._pull(sample, batch, draws), counts[:, :, None, None, None]
        )
        paired, parts = compare(self.model.codec, sample, truth, batch, counts)
        loss = objective.matching * pull + objective.regression * paired
        return loss, parts | {"loss": loss.detach(), "matching": pull.detach()}

    def _sample(self, batch: Batch, truth: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """Codes like `truth`, and which of them (B, T) follow the batch's instructions: 1, else 0."""
        objective, preset = self.objective, self.model.preset
        times = exit_times(batch.number, objective.num_steps, preset.shift)
        text = (batch.text, batch.text_mask)
        B, T = truth.shape[:2]
        counts = torch.ones(B, T, device=truth.device)
        if not objective.streaming:
            latents, _ = self.model.codec.encode_groups(batch.source, None)
            return edit_at_once(self.model, latents, text, times, draws), counts
        source = batch.source
        if (batch.number * GOLDEN) % 1 < objective.long_share:
            # The first chunk that is learned from has a past that the teacher does not see.
            source, counts[:, 0] = rewound(source), 0
        latents, _ = self.model.codec.encode_groups(source, None)
        switch = self._switch(batch, draws)
        past = latents.shape[1] - T
        if switch is not None:
            counts[:, : switch.at] = torch.where(switch.rows[:, None], 0.0, counts[:, : switch.at])
            switch = replace(switch, at=past + switch.at)
        codes = edit_as_served(self.model, latents, text, times, draws, learned=T, switch=switch)
        return codes[:, past:], counts

    def _switch(self, batch: Batch, draws: Draws) -> Switch | None:
        """Some rows begin by another example's instruction; a neighbour's is nearly always another."""
        B, T = batch.clocks.shape
        rows = draws.uniform() < self.objective.switch_share
        if T < 2 or B < 2:
            return None
        states, mask = batch.text, batch.text_mask
        before = (
            torch.where(rows[:, None, None], states.roll(1, 0), states),
            torch.where(rows[:, None], mask.roll(1, 0), mask),
        )
        return Switch(rows, 1 + batch.number % (T - 1), before)

    def _noised(self, sample: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """Samples at random times, one for all frames of each: x_t, and t (B, T)."""
        o = self.objective
        t = judging_times(draws.uniform(), o.shift, o.lowest, o.highest)
        t = t[:, None].expand(sample.shape[:2])
        return flow.interpolate(sample, draws.normal(*sample.shape[1:]), t), t

    def _pull(self, sample: Tensor, batch: Batch, draws: Draws) -> Tensor:
        """Where the teacher's distribution is, seen from the student's: see `dmd.matching_gradient`."""
        kind, guidance = self.teacher.preset.prediction, self.objective.guidance
        with torch.no_grad(), numbers(self.precision, sample.device):
            sample = sample.detach()
            x_t, t = self._noised(sample, draws)
            latents, _ = self.teacher.codec.encode_groups(batch.source, None)
            fake = self.critic(x_t, latents, t, batch.text, batch.text_mask).prediction
            real = self.teacher.transformer(x_t, latents, t, batch.text, batch.text_mask).prediction
            if guidance != 1:
                nothing = torch.zeros_like(batch.text_mask)
                null = self.teacher.transformer(x_t, latents, t, batch.text, nothing).prediction
                real = guided(real, null, guidance)
            real, fake = (flow.to_x0(x.float(), x_t, t, kind) for x in (real, fake))
            return matching_gradient(sample, real, fake)

    def _learn_samples(self, sample: Tensor, batch: Batch, counts: Tensor, draws: Draws) -> Tensor:
        """The critic's loss: flow matching on what the student makes."""
        x_t, t = self._noised(sample, draws)
        with numbers(self.precision, sample.device):
            with torch.no_grad():
                latents, _ = self.teacher.codec.encode_groups(batch.source, None)
            out = self.critic(x_t, latents, t, batch.text, batch.text_mask)
        guess = flow.to_x0(out.prediction.float(), x_t, t, self.teacher.preset.prediction)
        error = (guess - sample).square().mean((2, 3, 4))
        return (error * counts).sum() / counts.sum().clamp(min=1)
