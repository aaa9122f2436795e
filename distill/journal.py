"""What a run writes down: rows in log.jsonl and TensorBoard, sheets, curves and sample videos."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
from pathlib import Path
from types import TracebackType
from typing import Any

from distill.made import Made
from distill.objective import AnyObjective
from distill.resume import forget_after
from egostream.models.text import EncodesText
from egostream.models.wan_codec import WanCodec

log = logging.getLogger(__name__)


class Journal:
    """Use as a context manager. Goes on after `step`: later rows, of steps that are taken again, are dropped.

    With no folder it writes nothing (workers other than the first). Needs `tensorboard` for TensorBoard's part.
    """

    def __init__(self, out: Path | None, step: int) -> None:
        self._out, self._step = out, step
        self._note: dict[str, Any] = {}
        self._board: Any = None

    def __enter__(self) -> Journal:
        if self._out is None:
            return self
        for name in ("log.jsonl", "scores.jsonl"):
            forget_after(self._out / name, self._step)
        self._file = (self._out / "log.jsonl").open("a")
        if importlib.util.find_spec("tensorboard") is None:
            log.warning("no TensorBoard logs: pip install tensorboard")
        else:
            from torch.utils.tensorboard.writer import SummaryWriter

            # Readers forget what earlier files hold from that step on.
            self._board = SummaryWriter(self._out / "tensorboard", purge_step=self._step + 1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._out is not None:
            self._file.close()
        if self._board is not None:
            self._board.close()

    def note(self, values: dict[str, Any]) -> None:
        """Something for the next row of log.jsonl alone."""
        self._note |= values

    def row(self, row: dict[str, float]) -> None:
        """The figures of a step; `row["step"]` counts from 1."""
        if self._out is None:
            return
        self._file.write(json.dumps(row | self._note) + "\n")
        self._file.flush()
        self._note = {}
        self._scalars("train", row, int(row["step"]))

    def flush(self) -> None:
        """Everything so far is in the files, and those of rows on the disk."""
        if self._out is not None:
            os.fsync(self._file.fileno())
        if self._board is not None:
            self._board.flush()

    def show(
        self,
        model: Made,
        objective: AnyObjective,
        held_out: Path,
        text: EncodesText,
        step: int,
        full: WanCodec | None = None,
    ) -> None:
        """A sheet, held-out scores, curves and sample videos of the averaged model. `full`: the codec beside which a
        tiny decoder is shown.
        """
        if self._out is None:
            return
        from distill import report, samples
        from distill.stages import editing, predicting

        # A kill may have cut the same short before.
        forget_after(self._out / "scores.jsonl", step - 1)
        predict = predicting(objective, full)
        scores = report.sheet(model, held_out, text, self._out, step, predict=predict)
        report.curves(self._out)
        for kind, values in scores.items():
            self._scalars(f"heldout/{kind}", values, step)
        pictures = samples.draw(editing(objective, full)(model, text), held_out)
        samples.write_mp4(self._samples(self._out, step), pictures)
        if self._board is not None:
            samples.add_gif(self._board, "samples", pictures, step)
            self._board.flush()

    def lacks(self, step: int) -> bool:
        """Whether `show` has yet to write all that it writes of that step."""
        return self._out is not None and not self._samples(self._out, step).is_file()

    @staticmethod
    def _samples(out: Path, step: int) -> Path:
        # What `show` writes last.
        return out / "samples" / f"step_{step:06d}.mp4"

    def _scalars(self, group: str, values: dict[str, float], step: int) -> None:
        if self._board is not None:
            for key, value in values.items():
                if key != "step":
                    self._board.add_scalar(f"{group}/{key}", value, step)
