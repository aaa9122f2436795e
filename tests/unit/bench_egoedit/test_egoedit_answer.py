"""Marks are read from whatever a judge writes, and nothing else is taken for marks.

Run: pytest tests/unit/bench_egoedit/test_egoedit_answer.py
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.egoedit.answer import BadAnswer, Marks, parse

MARK = st.integers(0, 3)


@given(MARK, MARK, MARK)
def test_what_is_asked_for_is_read(a: int, b: int, c: int) -> None:
    line = json.dumps({"prompt_following": a, "edit_quality": b, "background_consistency": c})
    assert parse(f"Some {{reason}}.\n```json\n{line}\n```") == Marks(a, b, c)
    assert parse(line).total == a + b + c


@pytest.mark.parametrize(
    "answer",
    [
        "Prompt Following: 3 - all there.\nEdit Quality: 1 - blurred.\nBackground Consistency: 2.\nTotal Score: 6",
        "1. **Prompt Following** (Score: 0-3): **3**\n2. **Edit Quality** (0-3): 1/3\n"
        "3. **Background Consistency** (0 to 3): 2",
        "Prompt following - score: 3, edit quality - score: 1, background consistency - score: 2.",
        '{"Prompt Following": "3/3", "edit-quality": {"score": 1, "reason": "blur"}, "background consistency": 2.0}',
        '{"prompt_following": 0, "edit_quality": 0, "background_consistency": 0} No: '
        '{"prompt_following": 3, "edit_quality": 1, "background_consistency": 2}',
        "Prompt following: 3 out of 3, edit quality: **1** / 3, background consistency: 2 of 3",
        "[3, 1, 2]",
        " 3 1 2 ",
    ],
)
def test_other_ways_to_say_it(answer: str) -> None:
    assert parse(answer) == Marks(3, 1, 2)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I cannot help with that.",
        "Total Score: 6",
        "Prompt following: 3, edit quality: 2",
        "Prompt following: 0-3, edit quality: 0-3, background consistency: 0-3",
        '{"prompt_following": 4, "edit_quality": 2, "background_consistency": 2}',
        '{"prompt_following": 2.5, "edit_quality": 2, "background_consistency": 2}',
        '{"prompt_following": true, "edit_quality": 2, "background_consistency": 2}',
        '{"prompt_following": -1, "edit_quality": 2, "background_consistency": 2}',
        '{"prompt_following": NaN, "edit_quality": 2, "background_consistency": 2}',
        "Prompt following: 30, edit quality: 2, background consistency: 2",
        f'{{"prompt_following": {"9" * 400}, "edit_quality": 2, "background_consistency": 2}}',
        '{"prompt_following": "2/10", "edit_quality": "2/10", "background_consistency": "2/10"}',
        "Prompt following: **2** / 10, edit quality: 2/10, background consistency: 2/10",
        "Prompt following: 2 out of 3, edit quality: 2 (out of 5), background consistency: 1",
        "2/3, 3",
        "{" * 5000,
        "3 1 2 3",
    ],
)
def test_what_is_no_answer(answer: str) -> None:
    with pytest.raises(BadAnswer):
        parse(answer)


@given(st.text())
def test_nothing_breaks_it(answer: str) -> None:
    try:
        assert 0 <= parse(answer).total <= 9
    except BadAnswer:
        pass
