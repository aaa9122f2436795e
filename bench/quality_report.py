"""The quality bench's rows: means over examples, then over tasks; as a table for people, a plot, and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from distill.heldout import BY_NAME, ENTRIES, GLOBAL, LOCAL, Entry

# Figure, heading, and digits behind the point.
COLUMNS = (
    ("error_closed", "error closed", 3),
    ("edited_psnr_db", "edited, dB", 1),
    ("unedited_psnr_db", "unedited, dB", 1),
    ("unedited_ssim", "unedited SSIM", 3),
    ("hands_psnr_db", "hands, dB", 1),
    ("frechet", "Frechet", 2),
    ("blockiness", "blockiness", 2),
    ("border_jump", "border jump", 2),
    ("warp_error", "warp error", 1),
)
OVERALL = (
    "frechet", "blockiness", "blockiness_of_truth", "border_jump", "warp_error",
    "warp_error_of_truth",
)  # fmt: skip
GROUPS = tuple(dict.fromkeys(e.group for e in ENTRIES if e.group != "none"))
COMPARED = {
    "other phrasing": "heldout_phrasing",
    "other words": "heldout_words",
    "other phrasing and words": "heldout_wording",
    "unseen combinations": "unseen_combinations",
}
Figures = dict[str, float]


def mean(rows: Sequence[Figures], key: str) -> float | None:
    """The mean of a figure over the rows that have it."""
    values = [r[key] for r in rows if key in r]
    return float(np.mean(values)) if values else None


def summarise(
    name: str, tasks: dict[str, list[Figures]], frechet: dict[str, float] | None = None
) -> dict[str, Any]:
    """One row of the table: every entry's own means, those of EgoEditBench's tasks, and the means of tasks."""
    keys = sorted({k for rows in tasks.values() for r in rows for k in r})
    per_task: dict[str, dict[str, float | None]] = {
        t: {"num_examples": len(rows), **{k: mean(rows, k) for k in keys}}
        for t, rows in tasks.items()
    }
    for task, distance in (frechet or {}).items():
        per_task[task]["frechet"] = distance

    def over(names: Iterable[str], key: str) -> float | None:
        values = [per_task[n][key] for n in names if per_task.get(n, {}).get(key) is not None]
        return float(np.mean(np.array(values, float))) if values else None

    def over_tasks(entries: Iterable[Entry], key: str = "error_closed") -> float | None:
        """The mean of tasks, each the mean of its entries: six effects do not outvote one recolouring."""
        by_task: dict[str, list[str]] = {}
        for entry in entries:
            by_task.setdefault(entry.task, []).append(entry.name)
        known = [v for v in (over(names, key) for names in by_task.values()) if v is not None]
        return float(np.mean(known)) if known else None

    groups = {g: over_tasks(e for e in ENTRIES if e.group == g) for g in GROUPS}
    closed = [v for v in groups.values() if v is not None]
    edits = [v for g, v in groups.items() if v is not None and "_to_" not in g]
    unedited = [*LOCAL, "none"]
    return {
        "name": name,
        "error_closed": float(np.mean(closed)) if closed else None,
        "error_closed_edits": float(np.mean(edits)) if edits else None,
        "error_closed_global": over_tasks(BY_NAME[n] for n in GLOBAL),
        "error_closed_local": over_tasks(BY_NAME[n] for n in LOCAL),
        **{k: over(unedited, k) for k in ("unedited_psnr_db", "unedited_ssim", "hands_psnr_db")},
        **{k: over(tasks, k) for k in OVERALL},
        "groups": groups,
        "tasks": per_task,
    }


def compare(
    usual: dict[str, list[Figures]], other: dict[str, list[Figures]]
) -> dict[str, float | None]:
    """Error closed over the entries of both: as usual, otherwise, and the difference."""
    found = []
    for table in (usual, other):
        means = [mean(table[t], "error_closed") for t in other if usual.get(t) and other[t]]
        known = [m for m in means if m is not None]
        found.append(float(np.mean(known)) if known else None)
    before, after = found
    lost = None if before is None or after is None else before - after
    examples = float(sum(len(rows) for rows in other.values()))
    return {"usual": before, "otherwise": after, "lost": lost, "num_examples": examples}


def _cells(figures: dict[str, Any]) -> list[str]:
    values = ((figures.get(key), digits) for key, _, digits in COLUMNS)
    return ["–" if v is None else f"{v:.{digits}f}" for v, digits in values]


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """All rows in one table, then a table of tasks for each row."""
    heads = [heading for _, heading, _ in COLUMNS]

    def table(first: str, lines: Sequence[tuple[str, dict[str, Any]]]) -> str:
        out = [f"| {first} | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
        out += [f"| {label} | " + " | ".join(_cells(figures)) + " |" for label, figures in lines]
        return "\n".join(out) + "\n"

    parts = [table("all tasks", [(row["name"], row) for row in rows])]
    groups = [(g.replace("_", " "), g) for g in GROUPS]
    lines = [f"| {' | '.join(['EgoEditBench task', *(r['name'] for r in rows)])} |"]
    lines.append("|---" * (len(rows) + 1) + "|")
    for title, group in groups:
        values = [r["groups"].get(group) for r in rows]
        lines.append(
            f"| {title} | {' | '.join('–' if v is None else f'{v:.3f}' for v in values)} |"
        )
    parts.append("Error closed by task\n\n" + "\n".join(lines) + "\n")
    for title, key in COMPARED.items():
        for row in rows:
            if row.get(key, {}).get("lost") is not None:
                c = row[key]
                parts.append(
                    f"{row['name']}, {title}: error closed {c['otherwise']:.3f}, "
                    f"else {c['usual']:.3f} ({c['num_examples']:.0f} examples)\n"
                )
    parts += [f"{row['name']}\n\n{table('task', list(row['tasks'].items()))}" for row in rows]
    return "\n".join(parts)


def plain(rows: Sequence[dict[str, Any]]) -> str:
    """For a terminal: every row with its tasks."""
    lines = [" " * 20 + "".join(heading.rjust(14) for _, heading, _ in COLUMNS)]
    for row in rows:
        for label, figures in ((row["name"], row), *row["tasks"].items()):
            lines.append(f"{label:20s}" + "".join(cell.rjust(14) for cell in _cells(figures)))
        local, whole = row["error_closed_local"], row["error_closed_global"]
        if whole is not None and local is not None:
            lines.append(f"  global {whole:.3f}   local {local:.3f}")
        for title, key in COMPARED.items():
            if row.get(key, {}).get("lost") is not None:
                c = row[key]
                usual, other = c["usual"], c["otherwise"]
                count = round(c["num_examples"])
                lines.append(f"  {title}: {other:.3f}, else {usual:.3f} ({count} examples)")
    return "\n".join(lines)


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Error closed of every task, a bar for each row but the copy (which is 0 by definition)."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    shown = [r for r in rows if r["name"] not in ("copy", "flat")]
    tasks = [t for t in rows[0]["tasks"] if t != "none"]
    figure, axes = pyplot.subplots(figsize=(max(8, 0.34 * len(tasks)), 4.4), layout="constrained")
    width = 0.8 / max(1, len(shown))
    for i, row in enumerate(shown):
        heights = [row["tasks"][t].get("error_closed") or 0.0 for t in tasks]
        axes.bar(np.arange(len(tasks)) + i * width, heights, width, label=row["name"])
    axes.set_xticks(np.arange(len(tasks)) + 0.4 - width / 2, [t.replace("_", " ") for t in tasks])
    axes.tick_params(axis="x", rotation=90, labelsize=8)
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), 1.02)
    axes.set_ylabel("error closed")
    axes.grid(axis="y", alpha=0.3)
    axes.legend(ncols=len(shown) or 1, frameon=False, loc="lower left", bbox_to_anchor=(0, 1))
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
