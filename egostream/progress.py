"""A progress bar on stderr that appears with the first edited frames."""

from __future__ import annotations

import sys
from types import TracebackType

from tqdm import tqdm


class ProgressBar:
    """Context manager; `update` takes the total of frames done so far."""

    def __init__(self, is_shown: bool = True) -> None:
        self._is_shown = is_shown
        self._bar: tqdm[None] | None = None

    def update(self, num_done: int, num_all: int | None) -> None:
        if not self._is_shown:
            return
        if self._bar is None:
            self._bar = tqdm(
                total=num_all,
                unit="frame",
                desc="editing",
                file=sys.stderr,
                mininterval=0.1 if sys.stderr.isatty() else 5.0,
            )
        if num_all is not None and num_done > num_all:  # it was an estimate
            self._bar.total = num_done
        self._bar.update(num_done - self._bar.n)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
