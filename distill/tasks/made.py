"""What a task makes: pictures before and after, and what is done to the after once a camera has seen it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from distill.filters import FILTERS
from distill.windows import Pictures
from distill.world.compose import View

if TYPE_CHECKING:
    from distill.tasks.draw import Draw

Seen = NDArray[np.int16]
# Pictures (F, 3, h, w) in 0..1 and the number of the first → edited pictures, mask (F, 1, h, w).
Finish = Callable[[Tensor, int], tuple[Tensor, Tensor | None]]


@dataclass(frozen=True, slots=True)
class Made:
    """`target` None: the source itself, to which only `finish` is done. `detail` is a style's name, and so on.

    `motion` is the view whose true flow the target has, None where it is not known.

    `source_finish` is done to the source alone: where a map is turned into a video, the source is the map.
    """

    task: str
    text: str
    source: Pictures
    target: Pictures | None
    seen: Seen
    finish: Finish | None = None
    source_finish: Finish | None = None
    detail: str = ""
    motion: View | None = "full"


Maker = Callable[["Draw"], Made | None]


def filtered(name: str) -> Finish:
    """The filter of that name as a finish; all of the picture is edited."""

    def finish(x: Tensor, clock: int) -> tuple[Tensor, Tensor]:
        edited = FILTERS[name](x[None], x.new_full((1,), clock))[0]
        return edited, edited.new_ones(edited[:, :1].shape)

    return finish


def both(first: Finish, then: Finish) -> Finish:
    """One after the other; the mask is the larger of the two."""

    def finish(x: Tensor, clock: int) -> tuple[Tensor, Tensor | None]:
        x, before = first(x, clock)
        x, after = then(x, clock)
        return x, after if before is None or after is None else before.maximum(after)

    return finish
