"""What the fuzzer finds, and how it is kept: one JSON file each, with the inputs that led to it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOUND = Path(__file__).parent / "found"


class Wrong(AssertionError):
    """The program broke a promise; the message says which."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`inputs`: the last ones, oldest first; the last of all need not be the culprit where things happen later."""

    target: str
    seed: int
    what: str
    inputs: tuple[bytes, ...]

    def save(self, folder: Path = FOUND) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(b"".join(self.inputs) + self.what.encode("utf-8", "replace"))
        path = folder / f"{self.target}-{name.hexdigest()[:10]}.json"
        inputs = [base64.b64encode(data).decode() for data in self.inputs]
        value = {"target": self.target, "seed": self.seed, "what": self.what, "inputs": inputs}
        path.write_text(json.dumps(value, indent=1))
        return path

    @staticmethod
    def load(path: Path) -> Finding:
        value = json.loads(path.read_text())
        inputs = tuple(base64.b64decode(text) for text in value["inputs"])
        return Finding(value["target"], value["seed"], value["what"], inputs)


def shown(data: bytes, limit: int = 200) -> str:
    """For people."""
    text = repr(data[:limit])
    return text if len(data) <= limit else f"{text}… ({len(data)} bytes)"


def complaints(log: str) -> Sequence[str]:
    """Lines of a server's log that must not be there."""
    marks = ("Traceback", " ERROR ", " CRITICAL ", "never retrieved", "Exception ignored")
    return [line for line in log.splitlines() if any(mark in line for mark in marks)]
