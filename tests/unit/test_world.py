"""The procedural world: exact layers, exact pairs, deterministic and resumable rendering."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.unit.drawing import why_not

if why_not():
    pytest.skip(why_not(), allow_module_level=True)

from distill.world import palette
from distill.world.__main__ import main
from distill.world.clips import list_clips, load_clip
from distill.world.compose import (
    HAND,
    NUM_CHANNELS,
    Array,
    compose,
    compose_view,
    ids_of,
    owners,
)
from distill.world.objects import KINDS, make
from distill.world.produce import clip_seed, plan, produce
from distill.world.render import LayerRenderer, RenderConfig, render_clip
from distill.world.scene import build_scene

TINY = RenderConfig(num_frames=2, height=48, width=64)


def random_colors(numbers: list[int], seed: int) -> dict[int, Array]:
    rng = np.random.default_rng(seed)
    return {n: rng.random(3).astype(np.float32) for n in numbers}


@pytest.fixture(params=[100, 105, 111])
def renderer(request: pytest.FixtureRequest) -> Iterator[LayerRenderer]:
    scene = build_scene(request.param, "train", 192, 256)
    scene.pose(0.2)
    drawn = LayerRenderer(scene, 192, 256)
    drawn.show()
    yield drawn
    drawn.close()


def spread(mask: Array, radius: int) -> Array:
    return owners(mask.astype(np.uint8), radius) > 0


def test_composition_equals_a_direct_render(renderer: LayerRenderer) -> None:
    layers = np.zeros((192, 256, 7), np.uint8)
    renderer.layers(layers)
    white, black, seg = layers[..., :3], layers[..., 3:6], layers[..., 6]
    scene = renderer.scene
    assert scene.twin is not None
    colors = random_colors([o.id for o in (*scene.objects, scene.twin)], 0)
    direct = renderer.color(colors).astype(int)
    error = np.abs(compose(white, black, seg, colors).astype(int) - direct).max(-1)
    # Where two objects touch in the picture, one line of pixels belongs to both.
    assert np.percentile(error, 99.7) <= 3
    assert np.mean(error > 3) < 0.003
    surroundings = owners(seg, 1) == 0
    # A part thinner than a pixel may fall between the samples of the id map.
    assert np.mean(white[surroundings] != black[surroundings]) < 1e-3


def test_borders_are_anti_aliased(renderer: LayerRenderer) -> None:
    """An exact id map beside smooth colours: at a border, neither full white nor background."""
    white, seg = renderer.color(1.0).astype(int), renderer.seg()
    black = renderer.color(0.0).astype(int)
    inner = (seg > 0) & (seg != HAND)
    rim = spread(inner, 1) & ~inner
    assert np.any((white - black).max(-1)[rim] > 8)
    assert set(np.unique(seg)) <= {0, HAND, *(o.id for o in renderer.scene.objects)}


def test_removal_touches_only_the_target_and_its_shadow(renderer: LayerRenderer) -> None:
    scene = renderer.scene
    scene.model.light_castshadow[:] = 0
    seg, white = renderer.seg(), renderer.color(1.0)
    areas = np.bincount(seg.ravel(), minlength=256)
    target = max(scene.objects, key=lambda o: areas[o.id]).id
    renderer.show(without=target)
    bare_seg, bare = renderer.seg(), renderer.color(1.0)
    outside = ~spread(seg == target, 2)
    assert np.array_equal(white[outside], bare[outside])
    assert not np.any(bare_seg == target)
    assert np.array_equal(seg[seg != target], bare_seg[seg != target])
    assert np.any(white != bare)


def test_same_seed_same_clip() -> None:
    first, info = render_clip(5, "train", TINY)
    again, info_again = render_clip(5, "train", TINY)
    other, _ = render_clip(6, "train", TINY)
    heldout, _ = render_clip(5, "heldout", TINY)
    assert first.shape == (2, 48, 64, NUM_CHANNELS) and first.dtype == np.uint8
    assert np.array_equal(first, again) and info == info_again
    assert not np.array_equal(first, other) and not np.array_equal(first, heldout)
    assert 0.01 < info.target_area < 0.4
    assert info.object(info.target).default_color in palette.NAMES


def test_recoloured_pair_differs_only_on_the_target() -> None:
    clip, info = render_clip(5, "train", TINY)
    colors = random_colors([o.id for o in info.objects], 1)
    source = compose_view(clip, "full", colors)
    edited = compose_view(clip, "full", {**colors, info.target: 1 - colors[info.target]})
    near = owners(clip[..., 6], 1) == info.target
    assert np.array_equal(source[~near], edited[~near])
    assert np.any(source[near] != edited[near])
    crop = np.s_[:, 8:40, 8:56]
    inner = np.s_[:, 1:-1, 1:-1]
    assert np.array_equal(compose_view(clip[crop], "full", colors)[inner], source[crop][inner])
    bare_seg = ids_of(clip, "bare")
    assert not np.any(bare_seg == info.target)
    assert compose_view(clip, "bare", colors).shape == source.shape


def test_rendering_resumes_where_it_stopped(tmp_path: Path) -> None:
    jobs = plan(tmp_path, 3, "heldout", 4, TINY)
    assert list(produce(jobs)) == [0, 1, 2]
    kept = (tmp_path / "clip_000000.npy").stat().st_mtime_ns
    before = (tmp_path / "clip_000001.npy").read_bytes()
    # Interrupted after the pixels, before the words: not a clip yet.
    (tmp_path / "clip_000001.json").unlink()
    assert [p.stem for p in list_clips(tmp_path)] == ["clip_000000", "clip_000002"]
    jobs = plan(tmp_path, 3, "heldout", 4, TINY)
    assert [job.index for job in jobs] == [1]
    assert list(produce(jobs)) == [1]
    assert (tmp_path / "clip_000001.npy").read_bytes() == before
    assert (tmp_path / "clip_000000.npy").stat().st_mtime_ns == kept
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".json"] * 3 + [".npy"] * 3
    layers, info = load_clip(list_clips(tmp_path)[1])
    assert layers.shape == (2, 48, 64, NUM_CHANNELS) and info.seed == clip_seed(4, 1)


def test_command_line_renders_and_draws_a_sheet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, sheet = tmp_path / "clips", tmp_path / "sheet.png"
    size = ["--frames", "2", "--size", "64x48"]
    assert main(["render", "--out", str(data), "--clips", "1", *size]) == 0
    assert main(["sheet", "--data", str(data), "--out", str(sheet)]) == 0
    assert sheet.stat().st_size > 1000
    assert "1 of them new" in capsys.readouterr().out


def test_owners_spread_to_the_nearest_object_and_never_over_another() -> None:
    seg = np.zeros((5, 7), np.uint8)
    seg[2, 2], seg[2, 4], seg[0, 6] = 1, 2, HAND
    near = owners(seg, 1)
    assert near[2, 1] == 1 and near[1, 2] == 1 and near[2, 5] == 2 and near[3, 5] == 2
    assert near[2, 2] == 1 and near[2, 4] == 2 and near[0, 6] == 0 and near[0, 0] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_stands_on_the_table(kind: str) -> None:
    thing = make(kind, np.random.default_rng(3))
    assert thing.kind == kind and any(p.fixed is None for p in thing.parts)
    for part in thing.parts:
        if part.mesh is not None:
            m = part.mesh
            assert np.isfinite(m.vertices).all() and np.isfinite(m.normals).all()
            assert m.vertices[:, 2].min() > -0.004
            assert m.faces.max() < len(m.vertices)
            corner = m.vertices[m.faces]
            face = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
            # Faces must look the way their normals do, or they would be culled.
            agree = (face * m.normals[m.faces].mean(1)).sum(-1)
            assert agree.min() > -1e-9


def test_colours_have_names_and_keep_them() -> None:
    rng = np.random.default_rng(0)
    for name in palette.NAMES:
        near = palette.jitter(name, rng)
        assert near.shape == (3,) and near.min() >= 0 and near.max() <= 1
        assert palette.distance(near, palette.color(name)) < 0.2
        assert palette.distance(palette.color(palette.other_name(name, rng)), near) > 0.2
