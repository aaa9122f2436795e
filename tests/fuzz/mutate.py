"""Bytes, lines and JSON made wrong in ways that parsers trip over. Everything comes from one seeded generator."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from random import Random
from typing import Any

NUMBERS = (
    *("0", "-1", "1", "255", "256", "65535", "65536", "70000", "2147483648", "4294967296"),
    *("18446744073709551616", "9" * 400, "9" * 5000, "1e999", "0x10", "٣", "²", "", " ", "NaN"),
)
WORDS = (
    *("\0", "\r", "\n", "\r\n\r\n", " ", ":", "/", "%", "%00", "..", "A" * 300, "A" * 20_000),
    *("é", "\u2028", "\ufeff", "😀", "\ud800", "[", "]", "[::1", "=", ";", ",", '"', "\\"),
)
JSON_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**53, 2**63, 2**64, 10**400, "", "x", "x" * 600, "\ud800"),
    *([], {}, [[]], {"type": "ping"}, "hello", "instruct", "ping", "welcome", "1", " "),
)
BYTES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)


def mutate_bytes(
    rng: Random, data: bytes, others: Sequence[bytes] = (), limit: int = 1 << 17
) -> bytes:
    """A few bits, bytes, lengths or stretches of it are changed, repeated, cut out, or taken from another."""
    work = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        at = rng.randrange(len(work) + 1)
        size = min(rng.choice((1, 2, 4, 8, 16, 64, 400)), len(work) - at)
        match rng.randrange(9):
            case 0 if at < len(work):
                work[at] ^= 1 << rng.randrange(8)
            case 1 if at < len(work):
                work[at] = rng.choice(BYTES)
            case 2:
                work[at : at + size] = rng.randbytes(size)
            case 3:
                del work[at : at + size]
            case 4:
                work[at:at] = work[at : at + size] * rng.choice((1, 2, 16))
            case 5:
                work[at:at] = rng.randbytes(rng.choice((1, 4, 40)))
            case 6:
                del work[at:]
            case 7 if others:
                other = rng.choice(others)
                work[at:] = other[rng.randrange(len(other) + 1) :]
            case _:
                number = rng.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF))
                work[at : at + 4] = number.to_bytes(4, rng.choice(("big", "little")))
    return bytes(work[:limit])


def mutate_word(rng: Random, word: str) -> str:
    """One word or number of a line."""
    match rng.randrange(5):
        case 0:
            return rng.choice(NUMBERS)
        case 1:
            return word + rng.choice(WORDS)
        case 2:
            return rng.choice(WORDS)
        case 3 if word:
            at = rng.randrange(len(word))
            return word[:at] + rng.choice((*NUMBERS, *WORDS)) + word[at + 1 :]
        case _:
            return word[: rng.randrange(len(word) + 1)]


def mutate_lines(rng: Random, text: str, others: Sequence[str] = ()) -> str:
    """Lines are dropped, repeated, moved, taken from another text; words of them changed. Ends in CRLF lines."""
    lines = text.splitlines()
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        at = rng.randrange(len(lines) + 1)
        match rng.randrange(10):
            case 0:
                del lines[at : at + rng.choice((1, 1, 4, 30))]
            case 1:
                lines[at:at] = lines[at : at + rng.choice((1, 4, 20))] * rng.choice((1, 2, 40))
            case 2 if at < len(lines):
                lines.insert(rng.randrange(len(lines)), lines.pop(at))
            case 3 if others:
                lines.insert(at, rng.choice(rng.choice(others).splitlines() or [""]))
            case 4 if at < len(lines):
                raw = mutate_bytes(rng, lines[at].encode("utf-8", "replace"), limit=30_000)
                lines[at] = raw.decode("utf-8", "replace")
            case _ if at < len(lines):
                parts = lines[at].split(" ")
                which = rng.randrange(len(parts))
                head, sep, tail = parts[which].partition(rng.choice((":", "=", "/", ";")))
                if sep and rng.random() < 0.7:
                    parts[which] = head + sep + mutate_word(rng, tail)
                else:
                    parts[which] = mutate_word(rng, parts[which])
                lines[at] = " ".join(parts)
    return "\r\n".join(lines) + "\r\n"


def mutate_json(rng: Random, value: Any) -> Any:
    """Keys go, come and change their values; sometimes the whole is wrapped or replaced."""
    value = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 2, 4))):
        if not isinstance(value, dict) or rng.random() < 0.05:
            return rng.choice((rng.choice(JSON_VALUES), [value], {"type": value}))
        key = rng.choice([*value, "type", "seq", "text", "t_ms", "protocol", "\0", "x" * 300])
        if rng.random() < 0.2:
            value.pop(key, None)
        else:
            value[key] = rng.choice(JSON_VALUES)
    return value


def json_text(rng: Random, value: Any) -> str:
    """As text, which may be broken, deep or hold numbers that Python alone can write."""
    text = json.dumps(value, ensure_ascii=rng.random() < 0.9)
    match rng.randrange(12):
        case 0:
            text = mutate_bytes(rng, text.encode("utf-8", "replace")).decode("utf-8", "replace")
        case 1:
            text = "[" * rng.choice((10, 5000)) + text
        case 2:
            text = text.replace("0", rng.choice(NUMBERS), 1)
        case 3:
            text += " " * rng.choice((1, 10_000))
    return text
