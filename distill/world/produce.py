"""Many clips into a folder: parallel, resumable, deterministic by seed."""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from distill.world.clips import OtherClip, clip_path, load_clip, save_clip
from distill.world.render import RenderConfig, render_clip, render_clip_and_truth
from distill.world.textures import Split
from distill.world.truth import truth_path

log = logging.getLogger(__name__)
# Clips of one base seed are consecutive seeds; bases and splits never meet.
SEEDS_PER_BASE = 10_000_000


@dataclass(frozen=True, slots=True)
class Job:
    folder: Path
    index: int
    seed: int
    split: Split
    config: RenderConfig
    truth: bool = False


def clip_seed(base: int, index: int) -> int:
    if not 0 <= index < SEEDS_PER_BASE:
        raise ValueError(f"clip index {index} is outside 0…{SEEDS_PER_BASE - 1}")
    return base * SEEDS_PER_BASE + index


def plan(
    folder: Path,
    num_clips: int,
    split: Split,
    base: int,
    config: RenderConfig,
    truth: bool = False,
) -> list[Job]:
    """What is still missing in the folder, in order.

    With `truth`, a clip that has none is rendered again: its pixels come out the same.
    """
    jobs = [Job(folder, i, clip_seed(base, i), split, config, truth) for i in range(num_clips)]
    return [job for job in jobs if not _is_done(job)]


def _is_done(job: Job) -> bool:
    path = clip_path(job.folder, job.index)
    if not path.exists():
        return False
    if not job.truth or truth_path(path).exists():
        return True
    layers, info = load_clip(path)
    wanted = (job.seed, job.split, job.config.num_frames, job.config.height, job.config.width)
    if (info.seed, info.split, *layers.shape[:3]) != wanted:
        raise OtherClip(
            f"{path.name} in {job.folder} has no truth, and rendering it again would not give the "
            f"same pixels: seed {info.seed}, split {info.split}, shape {layers.shape[:3]}, asked "
            f"for {wanted}. Give the options it was rendered with, or another folder"
        )
    return False


def run_job(job: Job) -> int:
    """Renders and saves one clip; returns its index."""
    if job.truth:
        layers, info, truth = render_clip_and_truth(job.seed, job.split, job.config)
        save_clip(job.folder, job.index, layers, info, truth)
    else:
        layers, info = render_clip(job.seed, job.split, job.config)
        save_clip(job.folder, job.index, layers, info)
    return job.index


def produce(jobs: list[Job], num_workers: int = 1) -> Iterator[int]:
    """Yields the index of each clip once it is on disk; workers are separate processes."""
    for folder in {job.folder for job in jobs}:
        folder.mkdir(parents=True, exist_ok=True)
    # The software rasteriser would otherwise start a thread a core in every worker.
    os.environ.setdefault("LP_NUM_THREADS", "1")
    if num_workers <= 1:
        yield from map(run_job, jobs)
        return
    # A GL context must not be carried over a fork.
    with multiprocessing.get_context("spawn").Pool(num_workers, maxtasksperchild=50) as pool:
        yield from pool.imap_unordered(run_job, jobs)
