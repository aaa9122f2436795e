"""Pictures and figures of a run for people: sample sheets, held-out scores, loss curves."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from distill.batch import collate
from distill.coding import coding_of
from distill.made import Made
from distill.pairs import Pair, PairSource, only
from egostream import flow
from egostream.models.checkpoint import EditModel
from egostream.models.text import EncodesText

SHEET_SEED = 990_000
# Which tasks a run's sheets show, and their shares.
SHOWN = {
    "recolor": 0.16, "remove": 0.16, "add": 0.1, "material": 0.1, "shape": 0.07, "object_effect": 0.1,
    "background": 0.07, "style": 0.1, "weather": 0.07, "combined": 0.07,
}  # fmt: skip
FULL = (192, 256)


# Views of pairs by name, each (B, T, F, 3, h, w), by what the stage makes.
Predict = Callable[[Any, list[Pair], EncodesText], dict[str, Tensor]]


def in_few_steps(model: EditModel, pairs: list[Pair], text: EncodesText) -> dict[str, Tensor]:
    """Single latent frames edited without a past, in one step and in the preset's, by number of steps."""
    batch = collate(pairs, text)
    source, clocks = batch.source, batch.clocks
    B, T, _, _, h, w = source.shape
    coding, stride = coding_of(model.codec), model.codec.stride_hw
    shape = (B, T, model.codec.code_channels, h // stride, w // stride)
    views = {}
    for num_steps in sorted({1, model.preset.num_steps}):
        generator = torch.Generator().manual_seed(0)
        noise = partial(torch.randn, shape, generator=generator)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            latents = coding.source(source)

            def clean(x_t: Tensor, t: float, latents: Tensor = latents) -> Tensor:
                time = torch.full((B, T), t)
                out = model.transformer(x_t, latents, time, batch.text, batch.text_mask)
                return flow.to_x0(out.prediction.float(), x_t, time, model.preset.prediction)

            times = flow.few_step_times(num_steps, model.preset.shift)
            code = flow.sample_few_steps(clean, noise(), times, noise)
        with torch.inference_mode():
            views[str(num_steps)] = coding.pictures(code, source, clocks)
    return views


@torch.inference_mode()
def through_codec(model: EditModel, pairs: list[Pair], text: EncodesText) -> dict[str, Tensor]:
    """The truth encoded and decoded: what no model of this codec can surpass."""
    batch = collate(pairs, text)
    coding = coding_of(model.codec)
    return {"codec": coding.pictures(coding.truth(batch), batch.source, batch.clocks)}


def scores(pair: Pair, edited: Tensor) -> dict[str, float]:
    """Error closed inside the edit, and PSNR (dB) of what should not change."""
    error = (edited - pair.target).square()
    copying = (pair.source - pair.target).square()
    inside = pair.mask > 0.5
    found: dict[str, float] = {}
    if bool(inside.any()):
        full = inside.expand_as(error)
        found["closed"] = 1 - float(error[full].mean() / copying[full].mean().clamp(min=1e-6))
    outside = (pair.mask == 0).expand_as(error)
    if float(outside.float().mean()) > 0.05:
        found["outside_db"] = float(-10 * torch.log10(error[outside].mean().clamp(min=1e-7)))
    return found


def to_rgb(picture: Tensor) -> NDArray[np.uint8]:
    """(3, h, w) in 0..1 to (h, w, 3) uint8."""
    pixels = (picture.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    return np.ascontiguousarray(pixels)


def write_picture(path: Path, rgb: NDArray[np.uint8]) -> None:
    """Raises OSError with the path: OpenCV itself only returns False."""
    try:
        written = cv2.imwrite(str(path), rgb[..., ::-1])
    except cv2.error as error:  # an ending that it knows no format for
        raise OSError(f"cannot write {path}: {error}") from error
    if not written:
        raise OSError(f"cannot write {path}")


def sheet(
    model: Made,
    held_out: Path,
    text: EncodesText,
    out: Path,
    step: int,
    count: int = 44,
    predict: Predict = in_few_steps,
) -> dict[str, dict[str, float]]:
    """Writes `sheet_<step>.png` (source, truth, what is predicted) and `scores.jsonl`."""
    rows: list[NDArray[np.uint8]] = []
    totals: dict[str, dict[str, list[float]]] = {}
    for kind, share in SHOWN.items():
        source = PairSource(held_out, only(kind))
        for i in range(max(1, round(count * share))):
            pair = source.draw((SHEET_SEED, i), 1, FULL)
            if pair.task != kind:  # a clip shows too little for it
                continue
            views = [pair.source[0, -1], pair.target[0, -1]]
            for name, edited in predict(model, [pair], text).items():
                views.append(edited[0, 0, -1])
                for key, value in scores(pair, edited[0]).items():
                    totals.setdefault(f"{kind}-{name}", {}).setdefault(key, []).append(value)
            strip = np.concatenate([to_rgb(v) for v in views], axis=1)
            label = f"{pair.task}: {pair.text}"[:80]
            for color, width in (((0, 0, 0), 3), ((255, 255, 255), 1)):
                cv2.putText(strip, label, (4, 14), 0, 0.45, color, width, cv2.LINE_AA)
            rows.append(strip)
    if not rows:
        raise FileNotFoundError(f"no clip in {held_out} shows an edit")
    half = (len(rows) + 1) // 2
    rows += [np.zeros_like(rows[0])] * (2 * half - len(rows))
    grid = np.concatenate([np.concatenate(rows[:half]), np.concatenate(rows[half:])], axis=1)
    write_picture(out / f"sheet_{step:06d}.png", grid)
    means = {k: {m: float(np.mean(v)) for m, v in d.items()} for k, d in totals.items()}
    with (out / "scores.jsonl").open("a") as file:
        file.write(json.dumps({"step": step, **means}) + "\n")
    return means


def curves(out: Path) -> Path:
    """`curves.png` of everything in `log.jsonl` and `scores.jsonl`."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    steps = np.array([r["step"] for r in rows])
    # What a stage has; the others' places stay empty.
    wanted = (
        "loss", "critic", "matching", "pixel_in", "pixels", "edges", "gate", "code", "pixel_out", "motion", "lr",
    )  # fmt: skip
    names = [n for n in wanted if any(n in r for r in rows)][:6]
    figure, axes = plt.subplots(2, 4, figsize=(16, 7), constrained_layout=True)
    for axis, name in zip(axes.flat, names, strict=False):
        # Rows may lack a part, and a step that was skipped has no number.
        values = np.array([r.get(name, np.nan) for r in rows])
        has = np.isfinite(values)
        if not has.any():
            continue
        at, values = steps[has], values[has]
        axis.plot(at, values, lw=0.4, alpha=0.4)
        kernel = np.ones(min(50, len(values))) / min(50, len(values))
        smooth = np.convolve(values, kernel, mode="valid")
        axis.plot(at[-len(smooth) :], smooth, lw=1.6)
        axis.set(title=name, xlabel="step", yscale="linear" if name == "lr" else "log")
    path = out / "scores.jsonl"
    found = [json.loads(x) for x in path.read_text().splitlines()] if path.is_file() else []
    for axis, key, title in (
        (axes.flat[6], "closed", "held out: error closed"),
        (axes.flat[7], "outside_db", "held out: unedited region, dB"),
    ):
        for kind in sorted({k for r in found for k in r if k != "step"}):
            points = [(r["step"], r[kind][key]) for r in found if key in r.get(kind, {})]
            if points:
                axis.plot(*zip(*points, strict=True), marker="o", ms=3, label=kind)
        axis.set(title=title, xlabel="step")
        axis.legend(fontsize=7)
    target = out / "curves.png"
    figure.savefig(target, dpi=90)
    plt.close(figure)
    return target
