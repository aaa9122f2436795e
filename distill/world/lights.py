"""The light of a place: an ambient one and one to three directional ones."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

from distill.world.compose import Array
from distill.world.spatial import unit


def add_lights(spec: Any, rng: np.random.Generator, outdoors: bool = False) -> None:
    """One to three directional lights; only the first casts shadows. Outdoors that is the sun.

    Ambient and diffuse light sum to less than 1, so that a white object never saturates and
    recolouring stays linear.
    """
    count = 1 if outdoors else int(rng.integers(1, 4))
    total = rng.uniform(0.78, 0.99) if outdoors or rng.random() < 0.85 else rng.uniform(0.45, 0.75)
    ambient = rng.uniform(0.42, 0.6) if outdoors else rng.uniform(0.4, 0.68)
    tints = [_temperature(rng) for _ in range(count)]
    # Ambient light belongs to the headlight: that of a shadow-casting light would be shadowed too.
    headlight = spec.visual.headlight
    headlight.ambient = tints[0] * total * ambient
    headlight.diffuse, headlight.specular = [0, 0, 0], [0, 0, 0]
    share = rng.dirichlet(np.array([4.0, 1.0, 1.0])[:count])
    for k in range(count):
        angle, lift = rng.uniform(-np.pi, np.pi), rng.uniform(1.1, 2.2)
        # From behind the viewer, so that what faces the eye is lit; a wall that light grazes
        # would be speckled by its own shadow.
        direction = unit(np.array([0.9 * np.cos(angle), 0.4 * np.sin(angle) + 0.8, -lift]))
        spec.worldbody.add_light(
            name=f"light{k}",
            type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
            pos=-1.5 * direction,
            dir=direction,
            castshadow=bool(k == 0 and rng.random() < 0.9),
            ambient=[0, 0, 0],
            diffuse=tints[k] * total * (1 - ambient) * share[k],
            specular=tints[k] * 0.4 * share[k],
        )


def _temperature(rng: np.random.Generator) -> Array:
    """A light's colour from candle-warm to sky-cool; the strongest channel is 1."""
    warm = rng.uniform(-1, 1)
    tint = 1 - abs(warm) * np.array([0.0, 0.06, 0.2])
    return np.asarray(tint if warm > 0 else tint[::-1])
