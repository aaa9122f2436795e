"""Every run there is a name for, by stage: `python -m distill STAGE --recipe NAME`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from distill import recipes_nano, recipes_wan
from distill.objective import Matching, Stage
from distill.recipe import Recipe

Maker = Callable[[], Recipe]


def smoke(make: Maker) -> Recipe:
    """A few steps of everything: for tests and for a first look."""
    recipe = make()
    phases = tuple(replace(p, steps=2, batch=2, warmup=1) for p in recipe.phases)
    objective = recipe.objective
    if isinstance(objective, Matching):
        objective = replace(objective, student_every=1, critic_warmup=0)
    return replace(recipe, phases=phases, objective=objective, checkpoint_every=2, sheet_every=1000)


def _of_nano(make: Maker) -> dict[str, Maker]:
    return {"nano": make, "smoke": partial(smoke, make)}


def _of_wan(make: Callable[[str], Recipe]) -> dict[str, Maker]:
    return {name: partial(make, name) for name in ("wan2.1-1.3b", "wan2.2-5b")}


STAGES: dict[Stage, dict[str, Maker]] = {
    "codec": {**_of_nano(recipes_nano.codec), **_of_wan(recipes_wan.codec)},
    "causal": {
        **_of_nano(recipes_nano.causal),
        "polish": recipes_nano.polish,
        **_of_wan(recipes_wan.causal),
    },
    "teacher": {**_of_nano(recipes_nano.teacher), **_of_wan(recipes_wan.teacher)},
    "dmd": {**_of_nano(recipes_nano.dmd), **_of_wan(recipes_wan.dmd)},
    "self-forcing": {**_of_nano(recipes_nano.self_forcing), **_of_wan(recipes_wan.self_forcing)},
}
