"""The catalogue of things: shapes that compile and stand, words for all, and a basic part that stays."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.unit.drawing import why_not

mujoco = pytest.importorskip("mujoco")
pytest.importorskip("skimage")

from distill import naming, wording  # noqa: E402
from distill.world import palette  # noqa: E402
from distill.world.compose import HAND, Array  # noqa: E402
from distill.world.objects import BASIC_KINDS, CATALOGUES, KINDS, Thing, make  # noqa: E402
from distill.world.render import LayerRenderer  # noqa: E402
from distill.world.scene import Placed, add_object, build_scene, empty_spec  # noqa: E402

NEW_KINDS = [kind for kind in KINDS if kind not in BASIC_KINDS]
SEED = 3


@pytest.fixture(scope="module")
def things() -> dict[str, Thing]:
    return {kind: make(kind, np.random.default_rng(SEED)) for kind in KINDS}


def compiled_points(thing: Thing) -> tuple[Array, int]:
    """Points on the thing as MuJoCo has it, and how many of its geoms take its colour."""
    spec = empty_spec(32, 32)
    rng = np.random.default_rng(0)
    still = np.zeros(3), np.eye(3)
    placed = Placed(1, thing, "red", palette.color("red"), lambda t: still)
    painted = add_object(spec, placed, rng)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    points = []
    for g, m in enumerate(model.geom_dataid):
        first = model.mesh_vertadr[m]
        local = model.mesh_vert[first : first + model.mesh_vertnum[m]]
        points.append(local @ data.geom_xmat[g].reshape(3, 3).T + data.geom_xpos[g])
    return np.concatenate(points), len(painted)


def test_the_basic_catalogue_never_changes() -> None:
    basic = "cup bottle can bowl plate vase ball block box book phone banana apple candle lamp teapot car"
    assert tuple(basic.split()) == BASIC_KINDS == CATALOGUES["basic"]
    assert KINDS[: len(BASIC_KINDS)] == BASIC_KINDS
    assert len(KINDS) == len(set(KINDS)) >= 64


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_compiles_and_stands(kind: str, things: dict[str, Thing]) -> None:
    thing = things[kind]
    points, num_painted = compiled_points(thing)
    assert num_painted >= 1
    low = float(points[:, 2].min())
    assert -0.002 <= low <= 0.003
    if kind in NEW_KINDS:  # the basic ones state the body alone, without handle and flame
        assert -0.001 <= low <= 0.002
        radius = float(np.linalg.norm(points[:, :2], axis=1).max())
        assert radius == pytest.approx(thing.radius, rel=0.15)
        assert float(points[:, 2].max()) == pytest.approx(thing.height, rel=0.15)
        assert 0 < thing.grip_radius <= thing.radius and thing.grip_z < thing.height


@pytest.mark.parametrize("kind", NEW_KINDS)
def test_every_new_kind_fits_a_table(kind: str, things: dict[str, Thing]) -> None:
    """Even the largest example: shapes grow to 1.2 times."""
    for seed in (SEED, 11):
        thing = things[kind] if seed == SEED else make(kind, np.random.default_rng(seed))
        assert 0.015 < thing.radius < 0.115 and thing.height < 0.24
        assert sum(len(p.mesh.faces) for p in thing.parts if p.mesh is not None) < 2500


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_deterministic_and_described(kind: str, things: dict[str, Thing]) -> None:
    thing, again = things[kind], make(kind, np.random.default_rng(SEED))
    assert (thing.radius, thing.height) == (again.radius, again.height)
    for a, b in zip(thing.parts, again.parts, strict=True):
        assert (a.size, a.pos, a.quat, a.albedo, a.fixed) == (
            b.size, b.pos, b.quat, b.albedo, b.fixed,
        )  # fmt: skip
        if a.mesh is not None and b.mesh is not None:
            assert np.array_equal(a.mesh.vertices, b.mesh.vertices)
    assert thing.materials and thing.uses
    assert all(re.match(r"(used|made|filled|with|that) ", use) for use in thing.uses)


def test_every_kind_has_words_of_its_own() -> None:
    """No two kinds share a word, in training or of those that only tests use; nor does what is never there."""
    assert set(wording.THINGS) == set(BASIC_KINDS) and set(wording.ALL_THINGS) == set(KINDS)
    assert naming.NAMES[2:] == tuple(wording.ALL_THINGS)
    trained = [word for names in wording.ALL_THINGS.values() for word in names]
    words = trained + [word for names in wording.HELDOUT_THINGS.values() for word in names]
    assert len(words) == len(set(words))
    assert all(kind == names[0] for kind, names in wording.ALL_THINGS.items())
    absent = {*wording.UNKNOWN_THINGS, *wording.HELDOUT_UNKNOWN_THINGS}
    assert not set(words) & {*absent, *wording.HELD, *wording.HELDOUT_HELD}


@pytest.fixture(scope="module")
def can_draw() -> None:
    if why_not():
        pytest.skip(why_not())


def test_a_full_scene_draws_and_its_ids_match(can_draw: None) -> None:
    full = next(
        scene
        for scene in (build_scene(n, "train", 96, 128, catalogue="full") for n in range(30, 60))
        if not {o.thing.kind for o in scene.objects} <= set(BASIC_KINDS)
    )
    renderer = LayerRenderer(full, 96, 128)
    try:
        full.pose(0.1)
        renderer.show()
        layers = np.zeros((96, 128, 7), np.uint8)
        renderer.layers(layers)
    finally:
        renderer.close()
    ids = set(np.unique(layers[..., 6]).tolist())
    assert ids <= {0, HAND, *(o.id for o in full.objects)} and len(ids) > 2
    changed = (layers[..., :3] != layers[..., 3:6]).any(-1)
    shown = (layers[..., 6] > 0) & (layers[..., 6] < HAND)
    assert changed[shown].mean() > 0.4  # most of what is seen of things takes their colour
    assert changed[~shown].mean() < 0.05


def test_the_sheet_of_kinds_is_drawn(can_draw: None, tmp_path: Path) -> None:
    from distill.world.__main__ import main

    out = tmp_path / "kinds.png"
    assert main(["kinds", "--out", str(out), "--only", "dice", "key", "--size", "32"]) == 0
    assert out.stat().st_size > 500
