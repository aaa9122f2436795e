"""Figures quoted from the EgoEdit paper (arXiv 2512.06065v1), printed beside ours. None of them was measured here.

Judge: gpt-4o-2024-11-20, marks of 9. Other judges mark otherwise: compare rows of one judge.
"""

from __future__ import annotations

from bench.egoedit.tasks import TASKS

SOURCE = "EgoEdit, arXiv 2512.06065v1"
JUDGE = "gpt-4o-2024-11-20"
# Table 1: judge (of 9), PickScore, text alignment, temporal consistency x 100.
OVERALL: dict[str, tuple[float, float, float, float]] = {
    "EgoEdit": (7.76, 19.21, 16.89, 96.70),
    "EgoEdit-RT": (7.71, 19.13, 16.34, 96.41),
    "Señorita-2M": (7.52, 18.85, 16.25, 95.86),
    "AnyV2V": (6.72, 18.65, 15.35, 92.37),
    "Lucy Edit": (5.44, 18.87, 15.03, 94.41),
    "InsV2V": (5.24, 18.81, 14.92, 94.01),
    "TokenFlow": (4.99, 18.91, 15.89, 95.04),
    "STDF": (4.59, 18.69, 15.64, 93.96),
    "StreamDiffusion": (4.32, 18.92, 14.15, 86.83),
    "StreamDiffusionV2": (2.55, 18.63, 12.75, 94.31),
}
_COLUMNS = (
    "Add Object", "Change Camera Pose", "Change Object", "Change Background", "Combined",
    "Depth-to-Video", "Add Effect", "Video-to-Pose", "Pose-to-Video", "Reasoning", "Remove Object",
    "Sketch-to-Video", "Stylization", "Video-to-Depth", "Video-to-Sketch",
)  # fmt: skip
# Table 5: the tasks in the order above, then the total as it is printed.
_ROWS: dict[str, tuple[float, ...]] = {
    "EgoEdit": (7.89, 6.79, 7.84, 7.45, 7.74, 8.57, 6.32, 7.87, 8.57, 6.79, 6.82, 8.70, 7.46, 8.70,
                8.93, 7.76),
    "EgoEdit-DMD": (7.91, 6.76, 8.04, 5.36, 7.29, 8.01, 5.92, 8.07, 5.60, 7.16, 7.46, 7.76, 6.45,
                    8.95, 8.96, 7.42),
    "EgoEdit-RT": (7.79, 6.67, 8.09, 7.57, 7.83, 8.52, 6.40, 8.48, 8.31, 7.54, 4.01, 7.92, 7.43,
                   8.89, 8.98, 7.83),
    "Señorita-2M": (7.85, 7.34, 7.35, 6.64, 7.10, 8.48, 7.24, 6.68, 7.85, 7.61, 6.93, 8.49, 6.75,
                    8.41, 8.05, 7.52),
    "Lucy Edit": (4.31, 6.92, 6.25, 4.67, 6.15, 7.31, 5.16, 4.49, 7.13, 5.68, 4.81, 6.52, 4.65,
                  3.88, 3.72, 5.46),
}  # fmt: skip
PER_TASK = {
    method: {task: row[_COLUMNS.index(task)] for task in TASKS} for method, row in _ROWS.items()
}
PRINTED_TOTAL = {method: row[-1] for method, row in _ROWS.items()}
CAVEAT = "EgoEdit-RT's tasks average 7.63, not the printed 7.83: its 4.01 for Remove Object may be a misprint."
