"""Frechet distance of features between edited and true pictures: what an error in pixels does not see.

An average of all answers wins every error in pixels, and looks like none of them: it is too smooth. Here the
features of all places of all pictures form one cloud, as the truth's do, and two Gaussians fitted to the clouds
are compared (Dowson and Landau 1982, as in the FID of Heusel et al. 2017). The features are those of the frozen
backbone, which never saw an edit. Lower is better; only figures of the same set of examples compare.
"""

from __future__ import annotations

import torch
from torch import Tensor

from egostream.models.backbone import COARSE, FINE, Backbone

WIDTH = FINE + COARSE


class Cloud:
    """Mean and covariance of features, gathered piece by piece."""

    def __init__(self) -> None:
        self.count = 0
        self._sum = torch.zeros(WIDTH, dtype=torch.float64)
        self._outer = torch.zeros(WIDTH, WIDTH, dtype=torch.float64)

    def add(self, features: Tensor) -> None:
        """Features (N, WIDTH)."""
        x = features.double()
        self.count += len(x)
        self._sum += x.sum(0)
        self._outer += x.T @ x

    def gaussian(self) -> tuple[Tensor, Tensor]:
        """Mean (WIDTH,) and covariance (WIDTH, WIDTH) of at least two features."""
        mean = self._sum / self.count
        return mean, self._outer / self.count - torch.outer(mean, mean)


@torch.inference_mode()
def features(backbone: Backbone, pictures: Tensor) -> Tensor:
    """(N, WIDTH) of all 16 x 16 places of pictures (n, 3, h, w)."""
    seen = backbone(pictures)
    fine = seen[:, : 4 * FINE].unflatten(1, (FINE, 4)).mean(2)
    both = torch.cat([fine, seen[:, 4 * FINE :]], dim=1)
    return both.flatten(2).transpose(1, 2).reshape(-1, WIDTH)


def _root(matrix: Tensor) -> Tensor:
    """The square root of a symmetric matrix without negative eigenvalues (but for rounding)."""
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    return root


def frechet_distance(a: Cloud, b: Cloud) -> float:
    """0 for the same Gaussian."""
    (mean_a, cov_a), (mean_b, cov_b) = a.gaussian(), b.gaussian()
    root = _root(cov_a)
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    spread = cov_a.trace() + cov_b.trace() - 2 * cross
    # Rounding may leave a little less than nothing.
    return max(0.0, float((mean_a - mean_b).square().sum() + spread))
