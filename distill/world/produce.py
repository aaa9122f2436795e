"""Many clips into a folder: parallel, resumable, deterministic by seed."""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from distill.world.clips import clip_path, save_clip
from distill.world.render import RenderConfig, render_clip
from distill.world.textures import Split

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


def clip_seed(base: int, index: int) -> int:
    if not 0 <= index < SEEDS_PER_BASE:
        raise ValueError(f"clip index {index} is outside 0…{SEEDS_PER_BASE - 1}")
    return base * SEEDS_PER_BASE + index


def plan(folder: Path, num_clips: int, split: Split, base: int, config: RenderConfig) -> list[Job]:
    """What is still missing in the folder, in order."""
    jobs = [Job(folder, i, clip_seed(base, i), split, config) for i in range(num_clips)]
    return [job for job in jobs if not clip_path(folder, job.index).exists()]


def run_job(job: Job) -> int:
    """Renders and saves one clip; returns its index."""
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
