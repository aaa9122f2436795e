"""`python -m bench.native`: the edit on the camera's own pixels, against enlarging the model's picture.

Rendered scenes at camera size with exact truth (see `native_cases`; the model's part is done perfectly). Ways:
`enlarged` (what `--no-native` shows), `added` (the change alone, enlarged, on top of the source) and `native`. Of each:
PSNR where the picture is edited and where it is not, and sharpness, the edges' energy in the edited region over the
truth's (1: as sharp; above: edges that are not there). Then ms a frame by size, of an edit of the whole picture and of
a small thing, one thread. And a picture, of the real model on real footage, to be looked at.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.machine import describe_machine
from bench.native_cases import LOCAL, MODEL_HW, Case, cases
from bench.server_process import REPOSITORY
from distill.report import write_picture
from egostream.errors import EgostreamError
from egostream.frames import Fit, Frame, Rgb, fit, restore
from egostream.loading import load_editor
from egostream.model_choice import ModelChoice
from egostream.native import Compositor
from egostream.video_reader import VideoReader

OUT = REPOSITORY / "bench" / "results" / "native.json"
CLIP = REPOSITORY / "tests" / "data" / "cup.mp4"
SIZES = ((640, 480), (1280, 720), (720, 1280), (1920, 1080))
LOOKED_AT = (
    "make it night",
    "turn it into a pencil sketch",
    "let it snow",
    "make the cup red",
    "remove the cup",
    "turn it into pixel art",
)
FIRST, WATCHED = 40, 17  # frames of the clip that the model sees before the picture is taken
CROP = (slice(110, 410), slice(100, 460))
REPEATS = 40
RIM = (
    12  # px around an edit that counts neither as edited nor as not: the model's pixels reach there
)

Way = Callable[[Case], Rgb]


def ways() -> dict[str, Way]:
    """By name, how a small edit gets to the camera's size."""
    native = Compositor()
    return {
        "enlarged": lambda case: restore(case.edited, case.box),
        "added": _added,
        "native": lambda case: native.composite(case.source, case.small, case.edited, case.box),
    }


def _added(case: Case) -> Rgb:
    change = restore(case.edited, case.box).astype(np.int16) - restore(case.small, case.box)
    return np.clip(case.source + change, 0, 255).astype(np.uint8)


def score(case: Case, shown: Rgb) -> dict[str, float]:
    """PSNR in dB inside and outside of the edit (none outside of edits of the whole picture), and sharpness."""
    edited = cv2.dilate(case.mask.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    rim = np.ones((2 * RIM + 1,) * 2, np.uint8)
    far = cv2.dilate(case.mask.astype(np.uint8), rim) == 0
    found = {
        "edited_db": _psnr(shown, case.truth, edited),
        "sharpness": _edges(shown, edited) / max(_edges(case.truth, edited), 1e-9),
    }
    if case.name in LOCAL:
        found["unedited_db"] = _psnr(shown, case.source, far)
        found["unedited_same"] = float((shown == case.source).all(axis=2)[far].mean())
    return found


def _psnr(a: Rgb, b: Rgb, where: NDArray[np.bool_]) -> float:
    error = np.square(a[where].astype(np.float32) - b[where]).mean()
    return float(min(100.0, 10 * np.log10(255**2 / max(float(error), 1e-9))))


def _edges(picture: Rgb, where: NDArray[np.bool_]) -> float:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(np.square(np.asarray(cv2.Laplacian(grey, cv2.CV_32F)))[where].mean())


def measure_quality(folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Means over the clips: by edit, way and figure."""
    rows: dict[str, dict[str, list[dict[str, float]]]] = {}
    for case in cases(folder):
        for name, way in ways().items():
            rows.setdefault(case.name, {}).setdefault(name, []).append(score(case, way(case)))
    return {
        edit: {
            name: {key: round(float(np.mean([f[key] for f in found])), 3) for key in found[0]}
            for name, found in by_way.items()
        }
        for edit, by_way in rows.items()
    }


def measure_ms(repeats: int = REPEATS) -> dict[str, dict[str, float]]:
    """By size: the median ms of a frame, one thread."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return {f"{w}x{h}": _ms_of((h, w), repeats) for w, h in SIZES}
    finally:
        cv2.setNumThreads(threads)


def _ms_of(hw: tuple[int, int], repeats: int) -> dict[str, float]:
    rng = np.random.default_rng(0)
    rough = rng.integers(0, 256, (hw[0] // 4, hw[1] // 4, 3), np.uint8)
    source = np.asarray(cv2.resize(rough, hw[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)
    box = Fit.of(hw, MODEL_HW)
    small = fit(source, box, MODEL_HW)
    thing = small.copy()
    height, width = small.shape[:2]
    thing[height * 2 // 5 : height * 3 // 5, width * 2 // 5 : width * 3 // 5] //= 2
    native = Compositor()
    return {
        "enlarged": _median_ms(lambda: restore(small, box), repeats),
        "native, whole": _median_ms(
            lambda: native.composite(source, small, small // 2, box), repeats
        ),
        "native, local": _median_ms(lambda: native.composite(source, small, thing, box), repeats),
        "native, nothing": _median_ms(lambda: native.composite(source, small, small, box), repeats),
    }


def _median_ms(work: Callable[[], object], repeats: int) -> float:
    work()
    took_ns = []
    for _ in range(repeats):
        start_ns = time.perf_counter_ns()
        work()
        took_ns.append(time.perf_counter_ns() - start_ns)
    return round(float(np.median(took_ns)) / 1e6, 2)


def draw(clip: Path, preset: str) -> Rgb:
    """Source, enlarged and native beside each other, an instruction a row, in two columns. Raises EgostreamError."""
    with VideoReader(clip) as reader:
        frames = [found.frame for found in islice(reader, FIRST, FIRST + WATCHED)]
    editor = load_editor(ModelChoice(preset))
    box, native = Fit.of((frames[0].rgb.shape[0], frames[0].rgb.shape[1]), editor.frame_hw), ways()
    strips = []
    for text in LOOKED_AT:
        stream = editor.open(editor.encode_instruction(text))
        at, shown, small = 0, frames[0].rgb, frames[0].rgb
        while at + stream.num_frames_wanted <= len(frames):
            part = frames[at : at + stream.num_frames_wanted]
            seen = [Frame(fit(f.rgb, box, editor.frame_hw), f.pts) for f in part]
            shown, small = stream.generate(seen).frames[-1].rgb, seen[-1].rgb
            stream.finalize()
            at += len(part)
        stream.close()
        source = frames[at - 1].rgb
        case = Case(text, source, source, small, shown, box, np.zeros(source.shape[:2], bool))
        views = [source, *(native[name](case) for name in ("enlarged", "native"))]
        strips.append(np.concatenate([view[CROP] for view in views], axis=1))
    half = len(strips) // 2
    sheet = [np.concatenate(column) for column in (strips[:half], strips[half:])]
    return np.concatenate(sheet, axis=1)


def table(quality: dict[str, dict[str, dict[str, float]]], ms: dict[str, dict[str, float]]) -> str:
    """Plain text."""
    names = list(ways())
    lines = [f"{'edited region':<12}" + "".join(f"{n + ' dB':>13}{'sharp':>7}" for n in names)]
    for edit, by_way in quality.items():
        cells = "".join(
            f"{by_way[n]['edited_db']:>13.1f}{by_way[n]['sharpness']:>7.2f}" for n in names
        )
        lines.append(f"{edit:<12}" + cells)
    lines += ["", f"{'unedited':<12}" + "".join(f"{n + ' dB':>13}{'same':>7}" for n in names)]
    for edit in (e for e in quality if e in LOCAL):
        cells = "".join(
            f"{quality[edit][n]['unedited_db']:>13.1f}{quality[edit][n]['unedited_same']:>7.1%}"
            for n in names
        )
        lines.append(f"{edit:<12}" + cells)
    columns = list(next(iter(ms.values())))
    lines += ["", f"{'ms a frame':<12}" + "".join(f"{c:>17}" for c in columns)]
    lines += [f"{size:<12}" + "".join(f"{row[c]:>17.2f}" for c in columns) for size, row in ms.items()]  # fmt: skip
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.native", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument(
        "--data", type=Path, default=Path("data/native"), help="clips of camera size (data/native)"
    )
    parser.add_argument("--clip", type=Path, default=CLIP, help="footage for the picture")
    parser.add_argument("--preset", default="nano", help="whose edits it shows (nano)")
    parser.add_argument("--out", type=Path, default=OUT, metavar="JSON")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING)
    machine: dict[str, Any] = describe_machine()
    try:
        quality = measure_quality(arguments.data)
        if not quality:
            raise EgostreamError(
                f"no clips in {arguments.data}; render some: python -m distill.world render --out "
                f"{arguments.data} --clips 6 --split heldout --size 1280x720 --frames 3"
            )
        ms = measure_ms()
        picture = draw(arguments.clip, arguments.preset)
    except EgostreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    result = {"quality": quality, "ms": ms, "machine": machine}
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    write_picture(arguments.out.with_suffix(".jpg"), picture)
    print(table(quality, ms))
    print(f"\nwrote {arguments.out} and a picture beside it")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
