"""Rectified flow against cases with a known answer."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from egostream import flow


def test_conversions_agree_on_the_path() -> None:
    x0, noise = torch.randn(2, 3, 4, 5, 6), torch.randn(2, 3, 4, 5, 6)
    t = torch.rand(2, 3) * 0.9 + 0.1
    x_t = flow.interpolate(x0, noise, t)
    v = flow.velocity(x0, noise)
    assert torch.allclose(flow.to_x0(v, x_t, t, "velocity"), x0, atol=1e-5)
    assert torch.allclose(flow.to_velocity(x0, x_t, t, "x0"), v, atol=1e-4)
    assert flow.to_x0(x0, x_t, t, "x0") is x0


def test_published_schedule() -> None:
    """Self-Forcing's four steps: 1000, 937.5, 833.3, 625 at shift 5."""
    times = flow.few_step_times(4, shift=5.0)
    assert times == pytest.approx((1.0, 0.9375, 0.8333333, 0.625))


@given(st.integers(1, 50), st.floats(0.2, 20))
def test_schedule_descends_from_one(num_steps: int, shift: float) -> None:
    times = flow.few_step_times(num_steps, shift)
    assert times[0] == pytest.approx(1.0)
    assert all(0 < b < a <= 1 for a, b in zip(times, times[1:], strict=False))


def test_no_steps_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        flow.few_step_times(0)


def test_euler_on_the_gaussian_case() -> None:
    """Data N(m, s^2): the exact velocity field carries noise to the data's mean and spread."""
    m, s = 2.0, 0.5
    noise = torch.randn(20_000, generator=torch.Generator().manual_seed(0))

    def v(x: torch.Tensor, t: float) -> torch.Tensor:
        var = (1 - t) ** 2 * s**2 + t**2
        x0 = m + (1 - t) * s**2 / var * (x - (1 - t) * m)
        eps = t / var * (x - (1 - t) * m)
        return eps - x0

    sample = flow.sample_euler(v, noise, 200)
    assert float(sample.mean()) == pytest.approx(m, abs=0.02)
    assert float(sample.std()) == pytest.approx(s, abs=0.02)


def test_few_steps_renoise_with_fresh_noise() -> None:
    seen: list[torch.Tensor] = []
    generator = torch.Generator().manual_seed(1)

    def predict(x: torch.Tensor, t: float) -> torch.Tensor:
        seen.append(x)
        return torch.full_like(x, 3.0)

    out = flow.sample_few_steps(
        predict, torch.zeros(4), (1.0, 0.5), lambda: torch.randn(4, generator=generator)
    )
    expected = 0.5 * 3.0 + 0.5 * torch.randn(4, generator=torch.Generator().manual_seed(1))
    assert torch.equal(out, torch.full((4,), 3.0))
    assert torch.allclose(seen[1], expected)
