"""Places, hands, heads and the camera's look: two places in one model, hands that hold, eyes that follow."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.drawing import why_not

if why_not():
    pytest.skip(why_not(), allow_module_level=True)

from distill.world.acts import HAND_USES
from distill.world.compose import HAND, Array
from distill.world.hand import JOINTS
from distill.world.look import Look, camera_look
from distill.world.motion import head, stroll, viewpoint
from distill.world.places import PLACES
from distill.world.render import LayerRenderer
from distill.world.scene import OTHER, OTHER_GROUP, Scene, build_scene

H, W = 48, 64


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [build_scene(n, "train", H, W, 1.5, catalogue="full") for n in range(40, 70)]


def drawn(scene: Scene, stage: int = 1, t: float = 0.5) -> tuple[Array, Array]:
    """Picture and ids."""
    renderer = LayerRenderer(scene, H, W)
    try:
        scene.pose(t)
        renderer.show(stage=stage)
        return renderer.color(0.7), renderer.seg()
    finally:
        renderer.close()


def test_all_places_and_uses_occur(scenes: list[Scene]) -> None:
    assert {s.place for s in scenes} == {s.other_place for s in scenes} == set(PLACES)
    assert all(s.place != s.other_place for s in scenes)
    assert len({s.hand_use for s in scenes}) >= len(HAND_USES) - 2


def test_two_places_share_a_model(scenes: list[Scene]) -> None:
    for scene in scenes:
        model, stage = scene.model, scene.stage
        names = [model.geom(g).name for g in range(model.ngeom)]
        assert {n for n in names if n.startswith(OTHER)} == {
            n for n, kind in zip(names, stage, strict=True) if kind == 2
        }
        assert np.array_equal(model.geom_group == OTHER_GROUP, stage == 2)
        assert not stage[scene.owner > 0].any() and not scene.owner[stage > 0].any()
        for prefix in ("", OTHER):  # things stand on both
            table = model.geom(f"{prefix}table").id
            assert model.geom_pos[table, 2] == pytest.approx(0, abs=1e-9)


def test_another_place_leaves_things_where_they_are(scenes: list[Scene]) -> None:
    scene = next(s for s in scenes if s.hand_use == "none" or s.hand_use == "rest")
    (here, ids), (there, same) = drawn(scene), drawn(scene, 2)
    assert np.array_equal(ids, same)
    assert (here[ids == 0] != there[ids == 0]).any(-1).mean() > 0.8


def test_a_seed_means_one_scene() -> None:
    a, b = (build_scene(7, "train", H, W, catalogue="full") for _ in range(2))
    assert (a.place, a.other_place, a.hand_use) == (b.place, b.other_place, b.hand_use)
    assert np.array_equal(a.model.geom_pos, b.model.geom_pos)
    assert np.array_equal(a.model.tex_data, b.model.tex_data)
    assert np.array_equal(drawn(a)[0], drawn(b)[0])


def test_hands_are_seen_and_known(scenes: list[Scene]) -> None:
    seen = []
    for scene in scenes:
        names = [[scene.model.site(i).name for i in sites] for sites in scene.hand_sites]
        assert names == [[f"hand{k}_{j}" for j in JOINTS] for k in range(len(scene.hands))]
        for sites, side in zip(scene.hand_sites, scene.hand_sides, strict=True):
            # In the frame of the palm, the thumb of a right hand is at −x.
            thumb = scene.model.site_pos[sites[JOINTS.index("thumb_cmc")], 0]
            assert np.sign(thumb) == -side
        if len(scene.hands) == 2:
            assert sum(scene.hand_sides) == 0
    for scene in [s for s in scenes if s.hands][:5]:
        seen.append((drawn(scene)[1] == HAND).mean() > 0.01)
    assert any(len(s.hands) == 2 for s in scenes)
    assert np.mean(seen) >= 0.8


@pytest.mark.parametrize("use", ["hold", "turn", "pour", "two_handed"])
def test_what_is_held_moves_with_the_hand(scenes: list[Scene], use: str) -> None:
    scene = next(s for s in scenes if s.hand_use == use)
    assert scene.held == 1
    moved = 0.0
    inside = []
    for t in (0.1, 0.6, 1.1):
        at, rot = scene.objects[0].pose(t)
        for track in scene.hands[: 2 if use == "two_handed" else 1]:
            palm, _ = track.pose(t)
            inside.append(rot.T @ (palm - at))
        moved += float(np.linalg.norm(at - scene.objects[0].pose(0.0)[0]))
    each = np.array(inside).reshape(3, -1, 3)
    assert np.ptp(each, axis=0).max() < 1e-9 and moved > 0.001
    thing = scene.objects[0].thing
    assert np.linalg.norm(each[0], axis=-1).max() < thing.radius + thing.height + 0.1


def test_a_reaching_hand_arrives_and_closes() -> None:
    scene = next(
        s for s in (build_scene(n, "train", H, W, 2.5) for n in range(60)) if s.hand_use == "reach"
    )
    (track,), placed = scene.hands, scene.objects[0]

    def gap(t: float) -> float:
        return float(np.linalg.norm(track.pose(t)[0] - placed.pose(t)[0]))

    assert gap(0.0) > gap(2.5) + 0.05
    assert track.fingers(2.5)[:12].mean() > track.fingers(0.0)[:12].mean() + 0.2
    assert placed.pose(2.5)[0][2] > placed.pose(0.0)[0][2] + 0.01


def test_a_walking_eye_keeps_what_it_looks_at_in_view() -> None:
    kept, travelled = [], []
    for n in range(40):
        rng = np.random.default_rng(n)
        at, to = viewpoint(rng, "table")
        eye = head(rng, at, to, 3.0, "walk", stroll(rng, 3.0))
        views = [eye(t) for t in np.linspace(0, 3, 13)]
        local = np.array([rot.T @ (np.array([to[0], 0.02, 0.03]) - place) for place, rot in views])
        seen = np.abs(local[:, :2] / -local[:, 2:]) < np.tan(np.radians([52, 44])) * 0.6
        kept.append(seen.all(1).mean() >= 0.9)
        path = np.array([place for place, _ in views])
        travelled.append(np.ptp(path, axis=0)[:2].max())
        assert np.ptp(path[:, 2]) > 0.004  # it bobs
    assert np.mean(kept) >= 0.6 and np.mean(travelled) > 0.12


def test_a_look_treats_source_and_target_alike() -> None:
    rng = np.random.default_rng(3)
    source = rng.integers(0, 256, (4, H, W, 3), dtype=np.uint8)
    target = source.copy()
    target[:, 10:20, 10:20] = 200
    look = camera_look(np.random.default_rng(5))
    a, b = look.apply(source), look.apply(target)
    far = np.s_[:, 30:, 35:]
    assert a.dtype == np.uint8 and np.array_equal(a[far], b[far])
    assert not np.array_equal(a, source) and not np.array_equal(a, b)
    assert np.array_equal(look.apply(source[2:], first=2), a[2:])
    assert np.abs(look.apply(source.astype(np.float32) / 255) * 255 - a).max() < 3
    assert np.array_equal(Look().apply(source), source)


def test_a_look_blurs_along_the_motion() -> None:
    edge = np.zeros((1, H, W, 3), np.uint8)
    edge[:, :, W // 2 :] = 200
    look = Look(shutter=1.0)
    assert np.array_equal(look.apply(edge, np.array([[0.0, 8.0]])), edge)
    grey = look.apply(edge, np.array([[8.0, 0.0]]))[0, H // 2, :, 0]
    assert ((grey > 20) & (grey < 180)).sum() >= 6 and grey[0] == 0 and grey[-1] == 200
