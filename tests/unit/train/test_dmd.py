"""The gradient of distribution matching: against a case that can be worked out by hand, and at work."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from distill.dmd import guided, judging_times, matching_gradient, matching_loss
from egostream import flow


def gaussian_x0(x_t: Tensor, t: Tensor, mean: float, std: float) -> Tensor:
    """The best guess at x_0 where x_0 is normal: E[x_0 | x_t], in closed form."""
    kept, noise = 1 - t, t
    gain = kept * std**2 / (kept**2 * std**2 + noise**2)
    return mean + gain * (x_t - kept * mean)


@pytest.mark.parametrize("t", [0.1, 0.5, 0.9])
def test_gradient_is_that_of_the_divergence_between_two_gaussians(t: float) -> None:
    """d KL(student at t || teacher at t) / d mean, worked out, has the sign and size of what DMD computes."""
    mine, theirs, std = 1.5, -0.5, 0.8
    generator = torch.Generator().manual_seed(0)
    x0 = mine + std * torch.randn(200_000, 1, generator=generator)
    noise = torch.randn(x0.shape, generator=generator)
    time = torch.full((1,), t)
    x_t = flow.interpolate(x0, noise, time.expand(len(x0)))
    real, fake = (gaussian_x0(x_t, time, mean, std) for mean in (theirs, mine))
    # score = ((1 - t) E[x_0 | x_t] - x_t) / t^2, so a difference of guesses is one of scores times t^2 / (1 - t).
    scores = (fake - real) * (1 - t) / t**2
    variance = (1 - t) ** 2 * std**2 + t**2
    # By the mean of x_t, not of x_0.
    by_hand = (1 - t) * (mine - theirs) / variance
    assert float(scores.mean()) == pytest.approx(by_hand, rel=1e-3)
    gradient = matching_gradient(x0, real, fake)
    assert torch.equal(gradient.sign(), (fake - real).sign())
    distance = (x0 - real).abs()
    far = distance > 1e-2
    wanted = ((fake - real) / distance)[far]
    assert torch.allclose(gradient[far], wanted, rtol=1e-3)


def test_loss_has_that_gradient_where_it_counts() -> None:
    generator = torch.Generator().manual_seed(1)
    sample, gradient = torch.randn(2, 3, 4, 5, generator=generator).unbind()
    sample.requires_grad_(True)
    (found,) = torch.autograd.grad(matching_loss(sample, gradient), sample)
    assert torch.allclose(found, gradient / sample.numel())
    # Rows count alike, whatever share of them counts.
    weight = torch.ones(3, 4, 1)
    weight[1, 1:] = 0
    (found,) = torch.autograd.grad(matching_loss(sample, gradient, weight), sample)
    assert torch.allclose(found[0], gradient[0] / sample.numel())
    assert torch.allclose(found[1, 0], 4 * gradient[1, 0] / sample.numel())
    assert not found[1, 1:].any()
    real, fake = torch.randn(2, 3, 4, 5, generator=generator).unbind()
    alone = matching_gradient(sample[1:2, :1], real[1:2, :1], fake[1:2, :1])
    assert torch.allclose(matching_gradient(sample, real, fake, weight)[1:2, :1], alone)


def test_a_row_that_is_no_number_moves_nothing_and_others_still_move() -> None:
    sample, real, fake = torch.randn(3, 4, 8, generator=torch.Generator().manual_seed(2)).unbind()
    fake[1, 3] = math.nan
    gradient = matching_gradient(sample, real, fake)
    assert gradient.isfinite().all() and not gradient[1].any() and gradient[0].all()
    same = matching_gradient(real, real, real)
    assert not same.any()


def test_rows_do_not_see_each_other() -> None:
    sample, real, fake = torch.randn(3, 4, 8, generator=torch.Generator().manual_seed(3)).unbind()
    alone = torch.cat(
        [matching_gradient(sample[i : i + 1], real[i : i + 1], fake[i : i + 1]) for i in range(4)]
    )
    assert torch.allclose(alone, matching_gradient(sample, real, fake))


def test_guidance_and_times() -> None:
    a, b = torch.tensor([1.0]), torch.tensor([0.0])
    assert guided(a, b, 1.0) == 1 and guided(a, b, 3.0) == 3
    times = judging_times(torch.linspace(0, 1, 101), 5.0, 0.02, 0.98)
    assert times.min() == pytest.approx(0.02) and times.max() == pytest.approx(0.98)
    assert times[50] == pytest.approx(5 * 0.5 / (1 + 4 * 0.5))


class Guess(nn.Module):
    """A tiny network for points of the plane: x_t and t to x_0."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(4, 96), nn.SiLU(), nn.Linear(96, 96), nn.SiLU(), nn.Linear(96, 2)
        )

    def forward(self, x_t: Tensor, t: Tensor) -> Tensor:
        return self.net(torch.cat([x_t, t[:, None], t[:, None].square()], 1))


CORNERS = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
SPREAD = 0.15


def four_spots(x_t: Tensor, t: Tensor) -> Tensor:
    """The teacher, exactly: E[x_0 | x_t] where x_0 is near one of four corners."""
    kept, noise = (1 - t)[:, None], t[:, None]
    variance = (kept * SPREAD).square() + noise.square()
    away = (x_t[:, None] - kept[:, None] * CORNERS).square().sum(-1)
    which = torch.softmax(-away / (2 * variance), dim=1)
    gain = kept * SPREAD**2 / variance
    near = CORNERS + gain[:, None] * (x_t[:, None] - kept[:, None] * CORNERS)
    return (which[..., None] * near).sum(1)


def learn(
    guess: Guess, optimizer: torch.optim.Optimizer, x0: Tensor, generator: torch.Generator
) -> None:
    """A step of flow matching (on x_0) on these samples."""
    t = torch.rand(len(x0), generator=generator)
    x_t = flow.interpolate(x0, torch.randn(x0.shape, generator=generator), t)
    loss = (guess(x_t, t) - x0).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def test_a_one_step_student_is_moved_onto_its_teachers_distribution() -> None:
    """Regression would answer with the middle of the four spots; distribution matching finds the spots."""
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(4)
    critic = Guess()
    student = nn.Sequential(
        nn.Linear(2, 96), nn.SiLU(), nn.Linear(96, 96), nn.SiLU(), nn.Linear(96, 2)
    )
    adam = partial(torch.optim.Adam, betas=(0.0, 0.9))
    optimizers = [adam(critic.parameters()), adam(student.parameters())]

    def far() -> tuple[Tensor, Tensor]:
        """How far the student's points are from the nearest spot, and the least visited spot's share."""
        with torch.no_grad():
            points = student(torch.randn(2000, 2, generator=generator))
        distance, nearest = (points[:, None] - CORNERS).norm(dim=-1).min(1)
        return distance.mean(), torch.bincount(nearest, minlength=4).min() / len(points)

    before, _ = far()
    num_steps = 1200
    for step in range(num_steps):
        for optimizer in optimizers:
            optimizer.param_groups[0]["lr"] = 1e-2 * (1 - step / num_steps)
        sample = student(torch.randn(256, 2, generator=generator))
        learn(critic, optimizers[0], sample.detach(), generator)
        t = judging_times(torch.rand(256, generator=generator), 1.0, 0.3, 0.98)
        with torch.no_grad():
            x_t = flow.interpolate(sample, torch.randn(sample.shape, generator=generator), t)
            gradient = matching_gradient(sample, four_spots(x_t, t), critic(x_t, t))
        optimizers[1].zero_grad()
        matching_loss(sample, gradient).backward()
        optimizers[1].step()
    after, least = far()
    # Points of the spots themselves are 0.19 from their middle.
    assert before > 0.9 and after < 0.3, (before, after)
    assert least > 0.1, least
