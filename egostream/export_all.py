"""`egostream build --export`: every network of a preset as ONNX, checked, and built for TensorRT, all without a GPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor, nn

from egostream.compiler import Run
from egostream.editor import Editor
from egostream.models.checkpoint import EditModel
from egostream.models.text import EncodesText
from egostream.models.tiny_codec import TinyDecoder
from engines import EngineError, ExportReport, Precision, export_check


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of one network in one precision, or why nothing did."""

    name: str
    precision: str
    report: ExportReport | None = None
    problem: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


def export_all(
    model: EditModel,
    text_encoder: EncodesText,
    precisions: Sequence[Precision],
    decoder: TinyDecoder | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Exported]:
    """`tell` hears what is being worked on."""
    found: list[Exported] = []

    def exported(name: str, module: nn.Module, examples: tuple[Tensor, ...]) -> Run:
        for precision in precisions:
            tell(f"{name} {precision}")
            try:
                report = export_check(module, examples, precision)
                found.append(Exported(name, precision, report))
            except EngineError as error:
                found.append(Exported(name, precision, problem=str(error)))
        return module

    Editor(model, text_encoder=text_encoder, decoder=decoder, compiled=exported)
    return found


def as_text(found: Sequence[Exported]) -> str:
    """A table for people. Errors are against eager fp32; a dash: not run here, or TensorRT is not installed."""
    lines = [
        f"{'network':<24} {'types':<6} {'ONNX error':>11} {'typed error':>12} {'ONNX MB':>8} {'export s':>9} "
        f"{'TensorRT MB':>12} {'build s':>8}"
    ]
    for e in found:
        r = e.report
        if r is None:
            lines.append(f"{e.name:<24} {e.precision:<6} {e.problem}")
            continue
        typed = "-" if r.typed_error is None else f"{r.typed_error:.1e}"
        plan = "-" if r.plan_bytes is None else f"{r.plan_bytes / 1e6:.1f}"
        plan_s = "-" if r.plan_s is None else f"{r.plan_s:.1f}"
        lines.append(
            f"{e.name:<24} {e.precision:<6} {r.onnx_error:>11.1e} {typed:>12} {r.onnx_bytes / 1e6:>8.1f} "
            f"{r.export_s:>9.1f} {plan:>12} {plan_s:>8}"
        )
    return "\n".join(lines)
