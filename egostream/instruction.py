"""Checks on the user's text before any model sees it."""

from __future__ import annotations

from egostream.errors import BadInstruction
from egostream.protocol import MAX_INSTRUCTION_CHARS


def check_instruction(text: str) -> str:
    """The text with runs of white space folded. Raises BadInstruction if empty or too long."""
    folded = " ".join(text.split())
    if not folded:
        raise BadInstruction('the instruction is empty; say what to change, e.g. "make it night"')
    try:
        folded.encode()
    except UnicodeEncodeError:
        raise BadInstruction("the instruction is not valid Unicode text") from None
    if len(folded) > MAX_INSTRUCTION_CHARS:
        raise BadInstruction(
            f"the instruction has {len(folded)} characters; at most {MAX_INSTRUCTION_CHARS} fit"
        )
    return folded
