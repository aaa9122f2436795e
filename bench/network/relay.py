"""The network between two interfaces, as a process: `python -m bench.network.relay LEFT RIGHT SEED`.

Takes every frame that comes in on one interface and hands it out on the other, through a `Way` each way. A line of JSON
on standard input is the `Impairment` from then on, and is answered by a line with what was passed and lost so far. Ends
with its input. It is a process of its own so that neither end's work delays packets.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import sys
import time
from collections.abc import Sequence

from bench.network.impair import Impairment, Way

EVERYTHING = socket.htons(3)
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
MAX_FRAME_BYTES = 65_600
BATCH = 64
"""Frames read from one side before the other has its turn."""
MAX_LINE_BYTES = 4096


def open_on(interface: str) -> socket.socket:
    """All frames that come in there. Raises OSError."""
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, EVERYTHING)
    opened.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    opened.bind((interface, 0))
    opened.setblocking(False)
    return opened


class Relay:
    """Two interfaces and the two ways between them."""

    def __init__(self, left: str, right: str, seed: int) -> None:
        self.sockets = (open_on(left), open_on(right))
        self.ways = (Way(seed), Way(seed + 1))

    def impair(self, wanted: Impairment) -> None:
        for way in self.ways:
            way.impairment = wanted

    def read(self, side: int) -> None:
        with contextlib.suppress(BlockingIOError):
            for _ in range(BATCH):
                frame = self.sockets[side].recv(MAX_FRAME_BYTES)
                self.ways[side].put(frame, time.monotonic_ns())

    def send_due(self) -> None:
        for side, way in enumerate(self.ways):
            while (frame := way.take(time.monotonic_ns())) is not None:
                # What the interface does not take now is lost, as on any wire.
                with contextlib.suppress(OSError):
                    self.sockets[1 - side].send(frame)

    def wait_s(self) -> float | None:
        """Until the next packet is due; None where nothing is held."""
        due_ns = [due for way in self.ways if (due := way.next_due_ns()) is not None]
        return max(0.0, (min(due_ns) - time.monotonic_ns()) / 1e9) if due_ns else None

    def counts(self) -> dict[str, int]:
        return {
            "passed": sum(way.num_passed for way in self.ways),
            "lost": sum(way.num_lost for way in self.ways),
        }


def serve(relay: Relay) -> None:
    """Until standard input ends."""
    commands, heard = sys.stdin.fileno(), b""
    while True:
        readable, _, _ = select.select([*relay.sockets, commands], [], [], relay.wait_s())
        for side, opened in enumerate(relay.sockets):
            if opened in readable:
                relay.read(side)
        relay.send_due()
        if commands not in readable:
            continue
        read = os.read(commands, MAX_LINE_BYTES)
        if not read:
            return
        heard += read
        *lines, heard = heard.split(b"\n")
        for line in lines:
            relay.impair(Impairment.of(json.loads(line)))
            print(json.dumps(relay.counts()), flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    left, right, seed = sys.argv[1:] if argv is None else argv
    relay = Relay(left, right, int(seed))
    print("ready", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        serve(relay)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
