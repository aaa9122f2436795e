"""One case measured, round by round, in a process of its own: its memory is its own, and so is its crash."""

from __future__ import annotations

import multiprocessing
import resource
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import psutil
import torch
from torch import Tensor, nn

from bench.ceilings import settle
from bench.gpu import GpuSampler
from bench.throughput_case import (
    Case,
    Load,
    compiler_for,
    make_model,
    make_pictures,
    next_frames,
    preset_of,
)
from egostream.compiler import Compile, Run
from egostream.contract import Instruction
from egostream.editor import Editor
from egostream.errors import EgostreamError
from egostream.models.presets import Preset
from egostream.models.text_encoders import NoiseText
from egostream.stream import EditStream

Mark = float | torch.cuda.Event


@dataclass(slots=True)
class Round:
    """Milliseconds of some chunks of one load. `out_ms`: until the frames of a chunk were out; `stages`: of each
    chunk, by stage; `busy_s` and `frames`: of all of them together; `first_ms`: a new stream's first frame.
    """

    chunk_ms: list[float] = field(default_factory=list)
    out_ms: list[float] = field(default_factory=list)
    stages: list[dict[str, float]] = field(default_factory=list)
    first_ms: float = 0.0
    busy_s: float = 0.0
    frames: int = 0
    joules: float | None = None


class StageClock:
    """A `Compile` around another one, which times what that makes. On a GPU it marks the time in the order of the work
    and waits for nothing.
    """

    def __init__(self, device: torch.device, compiled: Compile) -> None:
        self._device, self._compiled = device, compiled
        self._calls: list[tuple[str, Mark, Mark]] = []

    def __call__(self, name: str, module: nn.Module, examples: tuple[Tensor, ...]) -> Run:
        """The network, compiled and timed."""
        run = self._compiled(name, module, examples)

        def timed(*inputs: Tensor) -> Any:
            started = self._now()
            out = run(*inputs)
            self._calls.append((name, started, self._now()))
            return out

        return timed

    def take(self) -> list[tuple[str, float]]:
        """Names and milliseconds of the calls since the last time; the device must have settled."""
        taken, self._calls = self._calls, []
        return [(name, _between_ms(start, end)) for name, start, end in taken]

    def _now(self) -> Mark:
        if self._device.type != "cuda":
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record(torch.cuda.current_stream(self._device))
        return event


def _between_ms(start: Mark, end: Mark) -> float:
    if isinstance(start, float) or isinstance(end, float):
        assert isinstance(start, float) and isinstance(end, float)
        return 1e3 * (end - start)
    return float(start.elapsed_time(end))


def by_stage(calls: list[tuple[str, float]], steps: int) -> dict[str, float]:
    """A chunk's calls as stages: a codec's are added up, the first `steps` passes are averaged, one more is the
    context pass.
    """
    passes = [ms for name, ms in calls if name.startswith("denoise")]
    found = {
        stage: sum(ms for name, ms in calls if name == stage) for stage in ("encode", "decode")
    }
    found["pass"] = sum(passes[:steps]) / steps
    if len(passes) > steps:
        found["context pass"] = sum(passes[steps:])
    return found


class Bench:
    """An editor and its streams, which go on from round to round."""

    def __init__(self, case: Case, device: torch.device, preset: Preset | None = None) -> None:
        """`preset` instead of the one that the case names. Raises EgostreamError for what cannot be built."""
        self.device = device
        started = time.perf_counter()
        model = make_model(preset or preset_of(case.preset, case.latents), device)
        self.compiler = compiler_for(case, model, device)
        self.clock = StageClock(device, self.compiler)
        self.editor = Editor(
            model,
            precision=case.precision,
            text_encoder=NoiseText(model.preset),
            device=device,
            compiled=self.clock,
        )
        self.build_s = time.perf_counter() - started
        self.built_peak_bytes = self._peak_bytes()
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        self.pictures = make_pictures(self.editor.frame_hw)
        self.instruction: Instruction = self.editor.encode_instruction("make it night")
        self._streams: dict[Load, list[EditStream]] = {}

    def measure(self, load: Load, num_chunks: int) -> Round:
        """Chunks of every stream in turn, their windows full; warmed up when a load is met first."""
        streams = self._streams.get(load)
        if streams is None:
            streams = self._streams[load] = self._opened(load)
        found = Round(first_ms=self._first_ms(load))
        self.clock.take()
        chunks: list[list[tuple[str, float]]] = []
        with GpuSampler() as gpu:
            begun = time.perf_counter()
            for _ in range(num_chunks):
                for stream in streams:
                    started = time.perf_counter()
                    frames = next_frames(
                        self.pictures, stream.chunk_index, stream.num_frames_wanted
                    )
                    found.frames += len(stream.generate(frames).frames)
                    out = time.perf_counter()
                    stream.finalize()
                    settle(self.device)
                    found.chunk_ms.append(1e3 * (time.perf_counter() - started))
                    found.out_ms.append(1e3 * (out - started))
                    chunks.append(self.clock.take())
            found.busy_s = time.perf_counter() - begun
        found.stages = [by_stage(calls, load.steps) for calls in chunks]
        if gpu.report is not None and self.device.type == "cuda":
            found.joules = gpu.report.get("energy_j")
        return found

    def _opened(self, load: Load) -> list[EditStream]:
        """Warmed up. On a GPU their caches are full, which other engines are for; on a CPU all chunks cost the same."""
        self.editor.set_num_steps(load.steps)
        streams = [self.editor.open(self.instruction, seed=i) for i in range(load.streams)]
        preset = self.editor.preset
        fill = 2
        if self.device.type == "cuda":
            fill += -(-(preset.num_sink + preset.num_window) // preset.latents_per_chunk)
        for stream in streams:
            for _ in range(fill):
                frames = next_frames(self.pictures, stream.chunk_index, stream.num_frames_wanted)
                stream.push(frames)
        return streams

    def _first_ms(self, load: Load) -> float:
        """From handing over a new stream's first frame to its edited pixels."""
        self.editor.set_num_steps(load.steps)
        stream = self.editor.open(self.instruction)
        settle(self.device)
        started = time.perf_counter()
        stream.generate(next_frames(self.pictures, 0, 1))
        took_ms = 1e3 * (time.perf_counter() - started)
        stream.finalize()
        settle(self.device)
        return took_ms

    def about(self) -> dict[str, Any]:
        """What was built, and the memory that it took so far; ready for JSON."""
        reports = {name: engine.report for name, engine in self.compiler.made.items()}
        return {
            "build_s": self.build_s,
            "built_peak_bytes": self.built_peak_bytes,
            "peak_bytes": self._peak_bytes(),
            "resident_bytes": psutil.Process().memory_info().rss,
            "engines": {
                name: {
                    "backend": report.backend,
                    "precision": report.precision,
                    "worst_error": report.worst_error,
                    "notes": list(report.notes),
                }
                for name, report in reports.items()
            },
        }

    def _peak_bytes(self) -> int:
        """Of the GPU's memory, or of this process."""
        if self.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.device)
        return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class CannotRun(EgostreamError):
    """A case that its backend cannot run, and why."""


class Worker:
    """A `Bench` in a process of its own, which rests while others are measured."""

    def __init__(self, case: Case, device: torch.device) -> None:
        """Raises CannotRun."""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, case, str(device)), daemon=True
        )
        self._process.start()
        theirs.close()
        self._ask(None)

    def measure(self, load: Load, num_chunks: int) -> Round:
        """See `Bench.measure`. Raises CannotRun."""
        found = self._ask((load, num_chunks))
        assert isinstance(found, Round)
        return found

    def close(self) -> dict[str, Any]:
        """What was built; the process ends. Raises CannotRun where it had ended before."""
        try:
            about = self._ask("about")
            assert isinstance(about, dict)
            return about
        finally:
            self._process.terminate()
            self._process.join()

    def _ask(self, question: Any) -> Any:
        try:
            if question is not None:
                self._pipe.send(question)
            kind, answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            self._process.join()
            raise CannotRun(f"its process ended with code {self._process.exitcode}") from error
        if kind == "cannot":
            self._process.join()
            raise CannotRun(answer)
        return answer


def _serve(pipe: Connection, case: Case, device: str) -> None:
    """The worker's own main: answers until it is ended."""
    try:
        bench = Bench(case, torch.device(device))
        pipe.send(("ready", None))
        while True:
            question = pipe.recv()
            pipe.send(("done", bench.about() if question == "about" else bench.measure(*question)))
    except (EOFError, KeyboardInterrupt):
        return
    except (
        Exception
    ) as error:  # a backend's own errors are of many kinds: all of them are the answer
        pipe.send(("cannot", f"{type(error).__name__}: {error}"))
