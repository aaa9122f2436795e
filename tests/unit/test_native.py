"""The edit on the camera's own pixels: what is kept byte for byte, what is sharp, at any size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bench.native import score, table, ways
from bench.native_cases import FILTERS, Case
from egostream.frames import Fit, Frame, Rgb, fit, restore
from egostream.native import REACH, STEPS, Compositor, detail_gain

MODEL_HW = (192, 256)
HD = (720, 1280)
# Landscape, portrait, odd, extreme, below the model's size, a few pixels.
SIZES = [HD, (1280, 720), (1080, 1920), (481, 641), (97, 1001), (96, 128), (61, 33), (3, 5), (1, 1)]


def textured(hw: tuple[int, int], seed: int = 0) -> Rgb:
    """Detail of every size, as a camera sees it."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((*hw, 3), np.float32)
    for cells in (4, 16, 64, 256):
        coarse = rng.normal(0, 40 / cells**0.25, (cells, cells, 3)).astype(np.float32)
        picture += cv2.resize(coarse, hw[::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(128 + picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)


def seen_of(source: Rgb) -> tuple[Rgb, Fit]:
    box = Fit.of((source.shape[0], source.shape[1]), MODEL_HW)
    return fit(source, box, MODEL_HW), box


def edge_energy(picture: Rgb) -> float:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(np.square(cv2.Laplacian(grey, cv2.CV_32F)).mean())


def psnr_db(a: Rgb, b: Rgb) -> float:
    return float(10 * np.log10(255**2 / np.square(a.astype(np.float32) - b).mean()))


@pytest.mark.parametrize("hw", SIZES)
def test_no_change_gives_the_camera_back_byte_for_byte(hw: tuple[int, int]) -> None:
    source = textured(hw)
    small, box = seen_of(source)
    shown = Compositor().composite(source, small, small.copy(), box)
    assert np.array_equal(shown, source)


@pytest.mark.parametrize("hw", SIZES)
def test_any_size_comes_back_whole(hw: tuple[int, int]) -> None:
    source = textured(hw)
    small, box = seen_of(source)
    before = source.copy()
    shown = Compositor().composite(source, small, 255 - small, box)
    assert shown.shape == source.shape and shown.dtype == np.uint8
    assert shown.flags.c_contiguous
    assert np.array_equal(source, before), "the camera's picture is not to be drawn upon"


@pytest.mark.parametrize("hw", [HD, (1280, 720), (481, 641), (97, 1001), (61, 33)])
def test_a_local_edit_leaves_the_rest_untouched(hw: tuple[int, int]) -> None:
    source = textured(hw)
    small, box = seen_of(source)
    edited = small.copy()
    top, left = box.top + box.height // 3, box.left + box.width // 3
    bottom, right = top + max(1, box.height // 6), left + max(1, box.width // 6)
    edited[top:bottom, left:right] = (230, 20, 20)
    shown = Compositor().composite(source, small, edited, box)
    is_far = np.ones(hw, bool)
    y = [(e - box.top) * hw[0] // box.height for e in (top - REACH, bottom + REACH + 1)]
    x = [(e - box.left) * hw[1] // box.width for e in (left - REACH, right + REACH + 1)]
    is_far[max(0, y[0]) : y[1], max(0, x[0]) : x[1]] = False
    assert is_far.any() and np.array_equal(shown[is_far], source[is_far])
    assert not np.array_equal(shown, source)


def test_far_from_a_changed_pixel_the_rest_is_untouched_even_inside_the_box_of_changes() -> None:
    source = textured(HD)
    small, box = seen_of(source)
    edited = small.copy()
    for y, x in ((30, 5), (160, 250)):
        edited[y, x] = 255 - edited[y, x]
    shown = Compositor().composite(source, small, edited, box)
    assert np.array_equal(shown[200:500, 200:1000], source[200:500, 200:1000])


def test_at_the_models_own_size_the_edit_is_shown_as_it_is() -> None:
    source = textured(MODEL_HW)
    small, box = seen_of(source)
    edited = textured(MODEL_HW, 1)
    assert np.array_equal(Compositor().composite(source, small, edited, box), edited)


def test_night_is_as_sharp_as_the_source_allows() -> None:
    source = textured(HD)
    truth = (source * 0.3).round().astype(np.uint8)
    small, box = seen_of(source)
    edited = (small * 0.3).round().astype(np.uint8)
    shown = Compositor().composite(source, small, edited, box)
    assert psnr_db(shown, truth) > 45
    assert psnr_db(shown, truth) > psnr_db(restore(edited, box), truth) + 8
    assert edge_energy(shown) > 0.8 * edge_energy(truth)


def test_what_is_painted_over_does_not_shine_through() -> None:
    source = textured(HD)
    small, box = seen_of(source)
    flat = np.full_like(small, 90)
    shown = Compositor().composite(source, small, flat, box)
    assert edge_energy(shown) < 0.01 * edge_energy(source)
    assert np.abs(shown.astype(float) - 90).mean() < 1


def test_a_negative_is_a_negative_in_detail_too() -> None:
    source = textured(HD)
    small, box = seen_of(source)
    shown = Compositor().composite(source, small, 255 - small, box)
    assert psnr_db(shown, 255 - source) > 40


def test_the_gain_of_an_unedited_pixel_is_exactly_one() -> None:
    small = textured(MODEL_HW)
    assert (detail_gain(small, small) == 2 * STEPS).all()
    assert (detail_gain(np.zeros_like(small), np.zeros_like(small)) == 2 * STEPS).all()


def test_a_compositor_remembers_nothing() -> None:
    """The memory that it keeps is scratch: sizes and edits may alternate."""
    used = Compositor()
    for hw in (HD, (481, 641), HD, (96, 128)):
        source = textured(hw, 2)
        small, box = seen_of(source)
        first = used.composite(source, small, small // 2, box)
        kept = first.copy()
        assert np.array_equal(first, Compositor().composite(source, small, small // 2, box))
        used.composite(source, small, 255 - small, box)
        assert np.array_equal(first, kept)


def test_a_source_that_is_a_view_will_do() -> None:
    whole = Frame(textured((800, 1400)), 0).rgb
    view = whole[:720, :1280]
    small, box = seen_of(np.ascontiguousarray(view))
    shown = Compositor().composite(view, small, small // 2, box)
    again = Compositor().composite(np.ascontiguousarray(view), small, small // 2, box)
    assert np.array_equal(shown, again)


def test_the_bench_scores_a_perfect_edit_perfectly() -> None:
    source = textured((360, 640))
    case = Case.of("recolor", source, source.copy())
    case.truth[100:200, 300:400] = (200, 20, 20)
    case = Case.of("recolor", source, case.truth)
    perfect, soft = score(case, case.truth), score(case, ways()["enlarged"](case))
    assert perfect == {"edited_db": 100, "sharpness": 1, "unedited_db": 100, "unedited_same": 1}
    assert soft["edited_db"] < 40 and soft["unedited_same"] < 0.5
    row = {"edited_db": 1.0, "sharpness": 1.0, "unedited_db": 1.0, "unedited_same": 1.0}
    assert "recolor" in table({"recolor": {n: row for n in ways()}}, {"1x1": {"native": 1.0}})


@pytest.mark.parametrize("name", ["night", "fog", "sepia", "negative", "sketch"])
def test_native_is_nearer_to_the_truth_than_enlarging(name: str) -> None:
    source = textured(HD)
    case = Case.of(name, source, FILTERS[name](source))
    by_way = {n: score(case, way(case))["edited_db"] for n, way in ways().items()}
    assert by_way["native"] > by_way["enlarged"] + 0.5
