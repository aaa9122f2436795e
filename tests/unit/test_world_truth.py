"""Truth beside the layers: depth, camera, flow, occlusion and joints against what can be reckoned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.unit.drawing import why_not

if why_not():
    pytest.skip(why_not(), allow_module_level=True)

import mujoco

from distill.world import palette, produce
from distill.world.__main__ import main
from distill.world.clips import ClipInfo, load_layers, save_clip
from distill.world.compose import HAND, NEARNESS, Array, compose_view, nearness
from distill.world.geometry import (
    Surface,
    back_project,
    camera_matrix,
    camera_pose,
    flow,
    inverse,
    project,
    rigid,
)
from distill.world.record import Recorder
from distill.world.render import (
    HIDDEN_GROUP,
    LayerRenderer,
    RenderConfig,
    render_clip,
    render_clip_and_truth,
)
from distill.world.scene import build_scene
from distill.world.spatial import rotation
from distill.world.truth import (
    NoTruth,
    Truth,
    hand_mask,
    load_truth,
    object_masks,
    save_truth,
    truth_path,
)

H, W = 96, 128
TINY = RenderConfig(num_frames=2, height=H, width=W)
SEED = 97  # a hand holds something over a table


@pytest.fixture(scope="module")
def renderer() -> Iterator[LayerRenderer]:
    drawn = LayerRenderer(build_scene(SEED, "train", H, W, catalogue="full"), H, W)
    drawn.show()
    yield drawn
    drawn.close()


@pytest.fixture(scope="module")
def clip() -> tuple[Array, ClipInfo, Truth]:
    return render_clip_and_truth(SEED, "train", TINY)


def lens_of(renderer: LayerRenderer) -> Array:
    return Recorder(renderer.scene, H, W).lens


def surface(renderer: LayerRenderer) -> Surface:
    data = renderer.scene.data
    geoms, depth = renderer.surface()
    camera = camera_pose(data.cam_xpos[0], data.cam_xmat[0].reshape(3, 3))
    poses = rigid(data.geom_xpos, data.geom_xmat.reshape(-1, 3, 3))
    return Surface(depth, geoms, camera, poses, renderer.scene.model.geom_bodyid)


def homography(now: Surface, later: Surface, lens: Array) -> Array:
    """Pixels of the plane z = 0 in one picture → those in the other."""
    to_pixels = [camera_matrix(lens) @ inverse(s.camera)[:3][:, [0, 1, 3]] for s in (now, later)]
    return np.asarray(to_pixels[1] @ np.linalg.inv(to_pixels[0]))


def test_depth_of_the_table_is_the_planes(renderer: LayerRenderer) -> None:
    renderer.scene.pose(0.1)
    seen = surface(renderer)
    table = seen.geoms == renderer.scene.model.geom("table").id
    assert table.mean() > 0.2
    points = back_project(seen.depth, seen.camera, lens_of(renderer))
    assert np.abs(points[table][:, 2]).max() < 2e-4
    # And back again: every point falls on its own pixel.
    pixels, z = project(points, seen.camera, lens_of(renderer))
    y, x = np.indices((H, W))
    shown = seen.depth > 0
    assert np.abs(pixels - np.stack([x, y], -1))[shown].max() < 1e-6
    assert np.allclose(z, seen.depth)


@pytest.mark.parametrize("turn", [0.0, 0.03])
def test_flow_of_the_table_is_its_homography(renderer: LayerRenderer, turn: float) -> None:
    scene = renderer.scene
    scene.pose(0.1)
    now = surface(renderer)
    scene.data.cam_xpos[0] += [0.012, -0.008, 0.01]
    rot = scene.data.cam_xmat[0].reshape(3, 3) @ rotation(np.array([0.3, 0.5, 0.8]), turn)
    scene.data.cam_xmat[0] = rot.ravel()
    later = surface(renderer)
    lens = lens_of(renderer)
    moved, valid = flow(now, later, lens)
    y, x = np.indices((H, W))
    to = np.stack([x, y, np.ones((H, W))], -1) @ homography(now, later, lens).T
    wanted = to[..., :2] / to[..., 2:] - np.stack([x, y], -1)
    table = now.geoms == scene.model.geom("table").id
    assert np.abs(wanted[table]).max() > 1.5
    assert np.abs(moved - wanted)[table].max() < 0.01
    # What is lost lies at the picture's rim and at the borders of things.
    assert 0.8 < valid.mean() < 1


def test_nothing_flows_where_nothing_moves(renderer: LayerRenderer) -> None:
    renderer.scene.pose(0.1)
    seen = surface(renderer)
    moved, valid = flow(seen, surface(renderer), lens_of(renderer))
    assert np.abs(moved).max() < 1e-6 and valid.all()


def test_what_the_hand_newly_covers_is_lost(renderer: LayerRenderer) -> None:
    scene = renderer.scene
    scene.pose(0.1)
    now, before = surface(renderer), renderer.seg()
    slot = scene.bodies["hand0"]
    scene.data.mocap_pos[slot] += scene.data.cam_xmat[0].reshape(3, 3)[:, 0] * 0.03
    eye = scene.data.cam_xpos[0].copy(), scene.data.cam_xmat[0].copy()
    mujoco.mj_kinematics(scene.model, scene.data)
    scene.data.cam_xpos[0], scene.data.cam_xmat[0] = eye
    later, after = surface(renderer), renderer.seg()
    moved, valid = flow(now, later, lens_of(renderer))
    still = before != HAND
    covered = still & (after == HAND)
    assert covered.mean() > 0.005
    assert not valid[covered].any()
    assert valid[still & ~covered].all() and np.abs(moved[still]).max() < 1e-6
    assert np.abs(moved[~still]).max() > 3


def test_objects_are_where_the_camera_says(renderer: LayerRenderer) -> None:
    """Each alone on the table, seen from an eye that looks straight down."""
    scene, checked = renderer.scene, 0
    scene.pose(0.1)
    scene.data.cam_xpos[0], scene.data.cam_xmat[0] = [0.1, 0, 1.0], np.eye(3).ravel()
    for placed in scene.objects:
        alone = (scene.stage == 1) | (scene.owner == placed.id)
        scene.model.geom_group[:] = np.where(alone, 0, HIDDEN_GROUP)
        seen = surface(renderer)
        masks = object_masks(renderer.owners(seen.geoms))
        assert set(masks) <= {placed.id}
        y, x = np.nonzero(masks.get(placed.id, np.zeros((H, W), bool)))
        # Only what is seen whole tells where its middle is.
        if not x.size or x.min() == 0 or y.min() == 0 or x.max() == W - 1 or y.max() == H - 1:
            continue
        position, rot = placed.pose(0.1)
        middle = position + rot @ [0, 0, placed.thing.height / 2]
        pixel, _ = project(middle, seen.camera, lens_of(renderer))
        assert x.min() <= pixel[0] <= x.max() and y.min() <= pixel[1] <= y.max()
        checked += 1
    renderer.show()
    assert checked >= 2


def test_warping_back_by_the_flow_shows_the_frame_before(
    clip: tuple[Array, ClipInfo, Truth],
) -> None:
    layers, info, truth = clip
    colors = {o.id: palette.color(o.default_color) for o in info.objects}
    now, later = compose_view(layers, "full", colors).astype(np.float32)
    y, x = np.indices((H, W), dtype=np.float32)
    moved, valid = truth.full.flow[0], truth.full.valid[0]
    back = cv2.remap(later, x + moved[..., 0], y + moved[..., 1], cv2.INTER_LINEAR)
    warped = np.abs(back - now).mean(-1)[valid].mean()
    unwarped = np.abs(later - now).mean(-1)[valid].mean()
    assert np.abs(moved).max() > 0.5 and valid.mean() > 0.85
    assert warped < 4 and warped < 0.6 * unwarped


def test_layers_are_the_same_with_truth(clip: tuple[Array, ClipInfo, Truth]) -> None:
    layers, info, truth = clip
    plain, plain_info = render_clip(SEED, "train", TINY)
    assert np.array_equal(plain, layers) and plain_info == info
    assert np.array_equal(layers[..., NEARNESS], nearness(truth.full.depth))
    known = info.joints
    assert np.array_equal(known, plain_info.joints)
    assert np.abs(known[..., :2] - truth.hands.pixels).max() <= 0.05 + 1e-4
    assert np.array_equal(known[..., 2] > 0, truth.hands.visible)
    target = layers[..., 6] == info.target
    assert np.array_equal(truth.full.depth[~target], truth.bare.depth[~target])
    # Behind the target lies something farther off.
    assert (truth.bare.depth[target] > truth.full.depth[target]).all()
    assert truth.full.depth.min() > 0.05 and truth.full.depth.max() < 8


def test_joints_lie_in_the_hand(clip: tuple[Array, ClipInfo, Truth]) -> None:
    layers, info, truth = clip
    hands = truth.hands
    assert hands.world.shape == (2, 1, 21, 3) and hands.pixels.shape == (2, 1, 21, 2)
    assert abs(hands.sides[0]) == 1 and hands.visible.any() and not hands.visible.all()
    frames, _, _ = np.nonzero(hands.visible)
    column, row = np.rint(hands.pixels[hands.visible]).astype(int).T
    assert hand_mask(layers[..., 6])[frames, row, column].all()
    bones = np.linalg.norm(np.diff(hands.world[:, 0, 5:].reshape(2, 4, 4, 3), axis=2), axis=-1)
    assert bones.min() > 0.015 and bones.max() < 0.055
    assert np.allclose(bones[0], bones[1])


def test_truth_comes_back_from_disk(tmp_path: Path, clip: tuple[Array, ClipInfo, Truth]) -> None:
    layers, info, truth = clip
    path = tmp_path / "clip_000000.json"
    with pytest.raises(NoTruth, match="--truth"):
        load_truth(path)
    save_truth(path, truth, layers[..., 6] == info.target)
    again = load_truth(path.with_suffix(".npy"))
    for mine, theirs in ((truth.full, again.full), (truth.bare, again.bare)):
        assert np.array_equal(mine.valid, theirs.valid)
        assert np.allclose(mine.depth, theirs.depth, rtol=2**-11)
        assert np.allclose(mine.flow, theirs.flow, rtol=2**-11, atol=1e-6)
    assert np.array_equal(again.camera, truth.camera) and np.array_equal(again.lens, truth.lens)
    assert np.array_equal(again.hands.pixels, truth.hands.pixels)
    assert [p.name for p in tmp_path.iterdir()] == ["clip_000000.truth.npz"]


def test_a_clip_without_truth_is_rendered_again(
    tmp_path: Path, clip: tuple[Array, ClipInfo, Truth], monkeypatch: pytest.MonkeyPatch
) -> None:
    layers, info, truth = clip
    monkeypatch.setattr(produce, "render_clip", lambda *_: (layers, info))
    monkeypatch.setattr(produce, "render_clip_and_truth", lambda *_: clip)
    monkeypatch.setattr(produce, "clip_seed", lambda base, index: SEED + base)
    assert list(produce.produce(produce.plan(tmp_path, 1, "train", 0, TINY))) == [0]
    assert not list(tmp_path.glob("*.truth.npz"))
    assert not produce.plan(tmp_path, 1, "train", 0, TINY)
    with pytest.raises(produce.OtherClip, match="--|options"):
        produce.plan(tmp_path, 1, "train", 1, TINY, truth=True)
    jobs = produce.plan(tmp_path, 1, "train", 0, TINY, truth=True)
    assert list(produce.produce(jobs)) == [0]
    assert not produce.plan(tmp_path, 1, "train", 0, TINY, truth=True)
    assert np.array_equal(load_layers(tmp_path / "clip_000000.json"), layers)
    # Another clip under the same name must not keep the old one's truth.
    (tmp_path / "clip_000000.json").unlink()
    assert list(produce.produce(produce.plan(tmp_path, 1, "train", 1, TINY))) == [0]
    assert not truth_path(tmp_path / "clip_000000.json").exists()


def test_sheets_of_truth_and_of_cameras(
    tmp_path: Path, clip: tuple[Array, ClipInfo, Truth], capsys: pytest.CaptureFixture[str]
) -> None:
    layers, info, truth = clip
    for index, kept in enumerate((truth, None)):
        save_clip(tmp_path, index, layers, info, kept)
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".json"] * 2 + [".npy"] * 2 + [".npz"]
    out = tmp_path / "sheet.png"
    words = ["sheet", "--data", str(tmp_path), "--out", str(out)]
    assert main([*words, "--camera", "7"]) == 0
    assert main([*words, "--clips", "1", "--truth"]) == 0
    assert main([*words, "--truth"]) == 2
    assert "clip_000001" in capsys.readouterr().err
    assert out.stat().st_size > 1000
