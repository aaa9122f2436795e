"""`egostream build`: every engine of a preset built, kept, checked on a real stream and timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from egostream.compiler import Compile, Compiler
from egostream.editor import Editor
from egostream.errors import EgostreamError
from egostream.fixed_stream import INSTRUCTIONS, Inputs, Recorder, edit_all, read_clip, sample_clip
from egostream.frames import Frame, Rgb
from egostream.gate import CALIBRATED, Verdict, judge, plain_backend
from egostream.loading import as_backend, as_precision
from egostream.models.checkpoint import EditModel
from egostream.models.text import EncodesText
from egostream.models.tiny_codec import TinyDecoder
from engines import BackendChoice, Engine, Precision

CALLS = 8
ON_CPU: tuple[Way, ...] = (
    ("eager", "fp32"), ("eager", "bf16"),
    ("inductor", "fp32"), ("inductor", "bf16"),
    ("openvino", "fp32"), ("openvino", "bf16"), ("openvino", "int8"),
    ("onnxruntime", "fp32"), ("onnxruntime", "int8"),
)  # fmt: skip
ON_GPU: tuple[Way, ...] = (
    ("eager", "bf16"), ("cudagraph", "bf16"), ("inductor", "bf16"),
    ("cudagraph", "fp8"), ("inductor", "fp8"),
    ("tensorrt", "bf16"), ("tensorrt", "fp16"), ("tensorrt", "int8"),
)  # fmt: skip


Way = tuple[BackendChoice, Precision]


@dataclass(frozen=True, slots=True)
class Network:
    """One engine. `error`: relative, against eager fp32; `ms`: the median of some calls on a real stream's inputs."""

    name: str
    backend: str
    precision: str
    size_bytes: int | None
    build_s: float
    from_cache: bool
    error: float
    ms: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """All engines of one backend and precision, or why there are none."""

    backend: str
    precision: str
    networks: tuple[Network, ...] = ()
    fps: float | None = None
    verdict: Verdict | None = None
    problem: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        made = asdict(self)
        if self.verdict is not None:
            made["verdict"] |= {"worst_db": self.verdict.worst_db, "passed": self.verdict.passed}
        return made


class Builder:
    """Builds a preset's engines in one way after another; what all of them are measured by is made once."""

    def __init__(
        self,
        model: EditModel,
        text_encoder: EncodesText,
        *,
        decoder: TinyDecoder | None = None,
        cache_dir: Path | None = None,
        device: torch.device | str = "cpu",
        clip: Path | None = None,
        force: bool = False,
    ) -> None:

        def make(compiled: Compile, precision: Precision) -> Editor:
            return Editor(
                model,
                precision=precision,
                text_encoder=text_encoder,
                decoder=decoder,
                device=device,
                compiled=compiled,
            )

        self._make = make
        self._cache_dir = cache_dir
        self._force = force
        self._on_gpu = torch.device(device).type == "cuda"
        self._frames: list[Frame] = read_clip(clip or sample_clip(), model.preset)
        recorder = Recorder(Compiler(plain_backend(device), cache_dir=cache_dir))
        self._wanted: list[list[Rgb]] = edit_all(make(recorder, "bf16"), self._frames)
        self._seen: dict[str, list[Inputs]] = recorder.seen

    def build(self, backend: BackendChoice, precision: Precision) -> Built:
        """Never raises for what this backend cannot do: that is part of the answer."""
        calibration = self._seen if precision in CALIBRATED else {}
        compiler = Compiler(backend, precision, self._cache_dir, calibration, self._force)
        try:
            editor = self._make(compiler, precision)
            verdict = judge(self._wanted, edit_all(editor, self._frames))
            started = time.perf_counter()
            edit_all(editor, self._frames)
            took_s = time.perf_counter() - started
        except EgostreamError as error:
            return Built(backend, precision, problem=str(error))
        networks = tuple(self._measured(name, engine) for name, engine in compiler.made.items())
        fps = len(INSTRUCTIONS) * len(self._frames) / took_s
        problem = None
        if not verdict.passed and not self._force:
            problem = f"refused: {verdict}"
        return Built(backend, precision, networks, fps, verdict, problem)

    def _measured(self, name: str, engine: Engine) -> Network:
        report = engine.report
        return Network(
            name,
            report.backend,
            report.precision,
            report.size_bytes,
            report.build_s,
            report.from_cache,
            report.worst_error,
            self._time_ms(engine, self._seen[name]),
            report.notes,
        )

    def _time_ms(self, engine: Engine, calls: Sequence[Inputs]) -> float:
        took = []
        for i in range(CALLS):
            inputs = calls[i % len(calls)]
            self._settle()
            started = time.perf_counter()
            engine(*inputs)
            self._settle()
            took.append(1e3 * (time.perf_counter() - started))
        return statistics.median(took)

    def _settle(self) -> None:
        if self._on_gpu:
            torch.cuda.synchronize()


def ways_for(device: torch.device, asked: tuple[Sequence[str], Sequence[str]] | None) -> list[Way]:
    """Those asked for, backends by precisions, or all that such a device may run. Raises EgostreamError for a strange
    name.
    """
    if asked is None:
        return list(ON_GPU if device.type == "cuda" else ON_CPU)
    return [(as_backend(b), as_precision(p)) for b in asked[0] for p in asked[1]]


def as_text(found: Sequence[Built]) -> str:
    """A table for people, in the order in which it was built."""
    lines = [
        f"{'network':<24} {'backend':<12} {'precision':<10} {'size MB':>8} {'build s':>8} {'error':>8} {'ms':>8}"
    ]
    for built in found:
        for n in built.networks:
            size = "-" if n.size_bytes is None else f"{n.size_bytes / 1e6:.1f}"
            kept = " (kept)" if n.from_cache else ""
            lines.append(
                f"{n.name:<24} {n.backend:<12} {n.precision:<10} {size:>8} {n.build_s:>8.1f} {n.error:>8.1e} "
                f"{n.ms:>8.2f}{kept}"
            )
            lines += [f"    {note}" for note in n.notes]
        how = f"{built.backend} {built.precision}"
        if built.verdict is not None and built.fps is not None:
            lines.append(f"  {how}: {built.fps:.1f} fps; {built.verdict}")
        if built.problem is not None:
            lines.append(f"  {how}: {built.problem}")
    return "\n".join(lines)
