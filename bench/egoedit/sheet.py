"""A contact sheet: source over output at the judged frames, with instruction and marks, for eyes."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench.egoedit.errors import ItemFailed
from bench.egoedit.journal import Line
from bench.egoedit.moments import NUM_JUDGED, find_moments
from bench.egoedit.run_folder import Done, Run
from bench.egoedit.tasks import in_order
from bench.style import FAINT, INK, PAPER
from egostream.frames import Rgb

CELL_W, CELL_H, GAP, MARGIN = 208, 156, 4, 18
HEAD_H, LINE_H, TEXT_LINES, LINE_CHARS = 24, 18, 3, 88
COLUMNS = 2
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def choose(run: Run, per_task: int) -> list[Done]:
    """The first items of every task, in the bench's order."""
    groups: dict[str, list[Done]] = {}
    for item in run.edited:
        groups.setdefault(item.task, []).append(item)
    return [item for task in in_order(groups) for item in groups[task][:per_task]]


def write_sheet(path: Path, items: Sequence[Done], marks: Mapping[str, Line]) -> int:
    """Writes a PNG of the items that can be read; how many those are (0: nothing is written)."""
    tiles = []
    for item in items:
        try:
            tiles.append(_tile(item, marks.get(item.edit_id)))
        except ItemFailed:
            continue
    if not tiles:
        return 0
    columns = min(COLUMNS, len(tiles))
    rows = -(-len(tiles) // columns)
    width, height = tiles[0].size
    sheet = Image.new(
        "RGB", (columns * (width + MARGIN) + MARGIN, rows * (height + MARGIN) + MARGIN), PAPER
    )
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        sheet.paste(tile, (MARGIN + column * (width + MARGIN), MARGIN + row * (height + MARGIN)))
    sheet.save(path)
    return len(tiles)


def _tile(item: Done, marks: Line | None) -> Image.Image:
    moments = find_moments(item.source, item.output, item.num_frames)[:NUM_JUDGED]
    width = NUM_JUDGED * (CELL_W + GAP) - GAP
    top = HEAD_H + TEXT_LINES * LINE_H + 4
    tile = Image.new("RGB", (width, top + 2 * CELL_H + GAP), PAPER)
    pen = ImageDraw.Draw(tile)
    bold, plain, small = (
        ImageFont.truetype(FONTS / name, size)
        for name, size in (
            ("DejaVuSans-Bold.ttf", 14),
            ("DejaVuSans.ttf", 13),
            ("DejaVuSans.ttf", 11),
        )
    )
    pen.text((0, 2), item.task, INK, bold)
    told = _told(marks)
    pen.text((width - pen.textlength(told, plain), 2), told, INK, plain)
    lines = textwrap.wrap(item.instruction, LINE_CHARS, max_lines=TEXT_LINES, placeholder=" …")
    for number, line in enumerate(lines):
        pen.text((0, HEAD_H + number * LINE_H), line, INK, plain)
    for column, moment in enumerate(moments):
        for row, rgb in enumerate((moment.source, moment.output)):
            tile.paste(_boxed(rgb), (column * (CELL_W + GAP), top + row * (CELL_H + GAP)))
        _label(pen, (column * (CELL_W + GAP), top), f"source, {moment.time_s:.1f} s", small)
        _label(pen, (column * (CELL_W + GAP), top + CELL_H + GAP), "edited", small)
    return tile


def _label(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, font: ImageFont.FreeTypeFont
) -> None:
    x, y = at
    pen.rectangle((x, y, x + pen.textlength(text, font) + 8, y + 16), fill=PAPER)
    pen.text((x + 4, y + 1), text, INK, font)


def _told(marks: Line | None) -> str:
    if marks is None:
        return "not judged"
    if "problem" in marks:
        return "judge failed: " + str(marks["problem"]["kind"]).removeprefix("judge_").replace(
            "_", " "
        )
    parts = (marks["prompt_following"], marks["edit_quality"], marks["background_consistency"])
    return f"{marks['total']:.1f} of 9  (prompt {parts[0]:.1f}, quality {parts[1]:.1f}, background {parts[2]:.1f})"


def _boxed(rgb: Rgb) -> Image.Image:
    """The picture, whole, in the middle of a cell."""
    scale = min(CELL_W / rgb.shape[1], CELL_H / rgb.shape[0])
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    picture = Image.fromarray(np.ascontiguousarray(rgb)).resize(size, Image.Resampling.LANCZOS)
    cell = Image.new("RGB", (CELL_W, CELL_H), FAINT)
    cell.paste(picture, ((CELL_W - size[0]) // 2, (CELL_H - size[1]) // 2))
    return cell
