"""`python -m bench.page`: what the page itself reports, in a real browser on the same machine.

Starts the server, opens the page in headless Chromium with a camera fed from real footage, types an
instruction and reads the overlay once a second. Browser, its software rendering and its fake camera share
the cores with the model, so this is the worst case: a laptop that edits its own camera without a GPU.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from bench.latency import CLIP
from bench.machine import describe_machine
from bench.server_process import ServerProcess

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
]
GRANTED = "--use-fake-ui-for-media-stream"
FIGURES = ("fps", "age", "first", "instruct", "drops")


def write_camera_film(clip: Path, path: Path, size: tuple[int, int] = (512, 384)) -> Path:
    """The clip as Motion JPEG at 24 fps, which Chromium plays in a loop as its camera."""
    with av.open(str(clip)) as film, av.open(str(path), "w", format="mjpeg") as out:
        stream = out.add_stream("mjpeg", rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = *size, "yuvj420p"
        stream.options = {"qscale": "3"}
        for index, frame in enumerate(film.decode(video=0)):
            small = frame.reformat(*size, "yuvj420p")
            small.pts, small.time_base = index, Fraction(1, 24)
            out.mux(stream.encode(small))
        out.mux(stream.encode(None))
    return path


def camera_flag(film: Path) -> str:
    """Chromium's switch for a camera that shows this film."""
    return f"--use-file-for-fake-video-capture={film}"


def watch(page: Any, url: str, text: str, warmup_s: int, seconds: int) -> dict[str, list[float]]:
    """The overlay's figures, once a second."""
    page.goto(url)
    page.wait_for_selector("html[data-server=there]")
    page.click("[data-go=camera]")
    page.wait_for_selector("html[data-state=live]")
    page.fill("#instruction", text)
    page.press("#instruction", "Enter")
    page.wait_for_selector("#log li:first-child[data-state=visible]")
    time.sleep(warmup_s)
    seen: dict[str, list[float]] = {name: [] for name in FIGURES}
    for _ in range(seconds):
        time.sleep(1)
        for name in FIGURES:
            value = page.get_attribute(f"#hud-{name}", "data-value")
            if value is not None:
                seen[name].append(float(value))
    return seen


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.page", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--preset", default="nano")
    parser.add_argument("--instruct", default="turn it into a pencil sketch")
    parser.add_argument("--warmup", type=int, default=5, help="seconds left out (5)")
    parser.add_argument("--seconds", type=int, default=20, help="seconds measured (20)")
    parser.add_argument("--out", type=Path, default=Path("bench/results/page.json"))
    arguments = parser.parse_args(argv)
    if not Path(CHROMIUM).exists():
        print("no Chromium: apt-get install chromium", file=sys.stderr)
        return 2
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory() as folder,
        ServerProcess(arguments.preset) as server,
        sync_playwright() as playwright,
    ):
        film = write_camera_film(CLIP, Path(folder) / "camera.mjpeg")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, GRANTED, camera_flag(film)]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        seen = watch(page, server.url, arguments.instruct, arguments.warmup, arguments.seconds)
        page.screenshot(path=arguments.out.with_suffix(".png"))
        browser.close()
    medians = {name: statistics.median(values) for name, values in seen.items() if values}
    report = {"preset": arguments.preset, "medians": medians, "seen": seen}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(report | {"machine": describe_machine()}, indent=1))
    for name, unit in zip(FIGURES, ("fps", "ms", "ms", "ms", "frames"), strict=True):
        print(f"{name:10s} {medians.get(name, float('nan')):8.1f} {unit}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
