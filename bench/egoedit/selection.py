"""Which items of a bench to edit."""

from __future__ import annotations

from collections.abc import Sequence

from bench.egoedit.tasks import canonical, in_order
from distill.datasets.read import Edit
from distill.datasets.tables import BadDataset


def select(
    edits: Sequence[Edit], tasks: Sequence[str] = (), limit: int | None = None
) -> list[Edit]:
    """The items of some tasks (all if none is named), in the bench's order of tasks.

    A limit is spread evenly over the tasks. Raises BadDataset for a task that the bench does not have.
    """
    groups: dict[str, list[Edit]] = {}
    for edit in edits:
        groups.setdefault(canonical(edit.task or "unknown"), []).append(edit)
    wanted = in_order(canonical(t) for t in tasks) if tasks else in_order(groups)
    unknown = [t for t in wanted if t not in groups]
    if unknown:
        raise BadDataset(
            f"no usable item of {', '.join(unknown)}; the tasks here: {', '.join(in_order(groups))}"
        )
    ranked = [(rank, t) for t in wanted for rank in range(len(groups[t]))]
    if limit is not None:
        chosen = sorted(ranked, key=lambda r: (r[0], wanted.index(r[1])))[:limit]
        ranked = [r for r in ranked if r in set(chosen)]
    return [groups[t][rank] for rank, t in ranked]
