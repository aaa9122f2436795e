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
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from distill.batch import Batch
from distill.coding import coding_of
from distill.dmd import guided, judging_times, matching_gradient, matching_loss
from distill.generate import Draws, edit_as_served, edit_at_once, exit_times, rewound
from distill.loss import numbers
from distill.objective import Matching, Precision
from distill.turns import TrainingLoss, Turn
from egostream import flow
from egostream.models.change_codec import ChangeCodec
from egostream.models.checkpoint import EditModel

GOLDEN = 0.6180339887  # its multiples fill 0..1 evenly
SALTS: dict[Turn, int] = {"critic": 0, "student": 1}


@dataclass(frozen=True, slots=True)
class Made:
    """Samples of the student: codes (B, T, C, H, W), the source as its teacher sees it (B, T, S, H, W), what the codes'
    values count (as codes), how much latent frames do, (B, T), and which start a new edit, (B, T).
    """

    sample: Tensor
    seen: Tensor
    weight: Tensor
    counts: Tensor
    begins: Tensor


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
        if objective.streaming:
            model.preset = replace(model.preset, context=objective.context)
        self.model: EditModel = model
        self.objective = objective
        self.precision = precision
        if not isinstance(model.codec, ChangeCodec):
            # The same frozen network (see `stages.teacher_for`): one is enough.
            teacher.codec = model.codec
        self.coding, self.seeing = coding_of(model.codec), coding_of(teacher.codec)
        self.coding.keep_codes()
        self.teacher = teacher.requires_grad_(False)
        self.critic = deepcopy(teacher.transformer).requires_grad_(True)
        self._made: Made | None = None  # in the student's turn, for the critic's

    def turns(self, step: int) -> Sequence[Turn]:
        """See `TrainingLoss`. After the student's turn the critic learns from the samples of that turn."""
        o = self.objective
        if not o.matching:
            return ("student",)
        both = step >= o.critic_warmup and step % o.student_every == 0
        return ("student", "critic") if both else ("critic",)

    def forward(self, batch: Batch, turn: Turn = "student") -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of whose turn it is, and its parts: means over examples."""
        objective, device = self.objective, batch.source.device
        draws = Draws(batch.seeds, SALTS[turn], device)
        made, self._made = self._made, None
        if made is None or turn == "student":
            with (
                numbers(self.precision, device),
                torch.no_grad() if turn == "critic" else nullcontext(),
            ):
                made = self._sample(batch, draws)
        if turn == "critic":
            loss = self._learn_samples(made, batch, draws)
            return loss, {"critic": loss.detach()}
        loss = made.sample.new_zeros(())
        parts: dict[str, Tensor] = {}
        if objective.matching:
            self._made = replace(made, sample=made.sample.detach())
            gradient, parts = self._pull(made, batch, draws)
            pull = matching_loss(made.sample, gradient, made.weight)
            loss, parts = objective.matching * pull, parts | {"matching": pull.detach()}
        if objective.regression:
            with torch.no_grad():
                truth = self.coding.truth(batch)
            paired, more = self.coding.compare(made.sample, truth, batch, made.counts, made.begins)
            loss, parts = loss + objective.regression * paired, more | parts
        return loss, {**parts, "loss": loss.detach()}

    def _sample(self, batch: Batch, draws: Draws) -> Made:
        objective, preset = self.objective, self.model.preset
        times, leave = exit_times(batch.number, objective.num_steps, preset.shift)
        text = (batch.text, batch.text_mask)
        B, T = batch.clocks.shape
        counts = torch.ones(B, T, device=batch.source.device)
        begins = torch.zeros_like(counts, dtype=torch.bool)
        source = batch.source
        if objective.streaming and (batch.number * GOLDEN) % 1 < objective.long_share:
            # The first chunk that is learned from has a past that the teacher does not see.
            source, counts[:, 0] = rewound(source), 0
        latents = self.coding.source(source)
        if objective.streaming:
            past, emptied = latents.shape[1] - T, None
            if T > 1:
                # Every place in turn, counted in moves of the student.
                place = 1 + batch.number // objective.student_every % (T - 1)
                rows = draws.uniform() < objective.switch_share
                emptied = (past + place, rows)
                begins[:, place] = rows
            codes = edit_as_served(
                self.model, latents, text, times, draws, leave=leave, learned=T, emptied=emptied
            )[:, past:]
        else:
            codes = edit_at_once(self.model, latents, text, times[: leave + 1], draws)
        seen = latents
        if objective.matching and not (
            self.model.codec is self.teacher.codec and source is batch.source
        ):
            with torch.no_grad():
                seen = self.seeing.source(batch.source)
        # The teacher minded codes by the same weights.
        weight = counts[:, :, None, None, None] * self.coding.weights(batch.mask)
        return Made(codes, seen, weight, counts, begins)

    def _noised(self, sample: Tensor, draws: Draws) -> tuple[Tensor, Tensor, Tensor]:
        """Samples at random times, one for all frames of each: x_t, t (B, T), and the noise in them."""
        o = self.objective
        t = judging_times(draws.uniform(), o.shift, o.lowest, o.highest)
        t = t[:, None].expand(sample.shape[:2])
        noise = draws.normal(*sample.shape[1:])
        return flow.interpolate(sample, noise, t), t, noise

    def _pull(self, made: Made, batch: Batch, draws: Draws) -> tuple[Tensor, dict[str, Tensor]]:
        """Where the teacher's distribution is, seen from the student's (see `dmd.matching_gradient`); and how far
        the teacher's guess is from the sample, and from the critic's.
        """
        kind, guidance = self.teacher.preset.prediction, self.objective.guidance
        sample, seen = made.sample.detach(), made.seen
        with torch.no_grad(), numbers(self.precision, sample.device):
            x_t, t, _ = self._noised(sample, draws)
            fake = self.critic(x_t, seen, t, batch.text, batch.text_mask).prediction
            real = self.teacher.transformer(x_t, seen, t, batch.text, batch.text_mask).prediction
            if guidance != 1:
                text, mask = batch.instructed(torch.zeros_like(batch.text_mask[:, :1]))
                null = self.teacher.transformer(x_t, seen, t, text, mask).prediction
                real = guided(real, null, guidance)
            real, fake = (flow.to_x0(x.float(), x_t, t, kind) for x in (real, fake))
            away, apart = (real - sample).abs().mean(), (fake - real).abs().mean()
            found = matching_gradient(sample, real, fake, made.weight)
            return found, {"from_teacher": away, "critic_from_teacher": apart}

    def _learn_samples(self, made: Made, batch: Batch, draws: Draws) -> Tensor:
        """The critic's loss: flow matching on what the student makes."""
        x_t, t, noise = self._noised(made.sample, draws)
        with numbers(self.precision, made.sample.device):
            out = self.critic(x_t, made.seen, t, batch.text, batch.text_mask)
        guess = flow.as_code(
            out.prediction.float(), made.sample, noise, self.teacher.preset.prediction
        )
        # The mean square by rows.
        return 2 * matching_loss(guess, guess.detach() - made.sample, made.weight)
