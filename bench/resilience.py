"""`python -m bench.resilience`: what a server does when things go wrong, measured on a real one.

Worker: the process that runs the model is killed, several times; how long until the client is told, and until it gets
edited frames again. Churn: clients that come and go, half of them without a word; what is left behind. Peers: several
cameras at once through the identity editor. Drain: SIGTERM with three sessions; is each told, and how does it end?
Everything runs on this machine, over loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from tqdm import tqdm

from bench.machine import describe_machine
from bench.server_process import ServerProcess
from client.peer import EditClient, EditedFrame
from client.sources import PatternSource
from egostream.errors import EgostreamError
from egostream.numbers import positive
from egostream.protocol import Applied, Bye, Ending, ErrorMessage, Message

OUT = Path("bench/results/resilience.json")
SIZE, FPS = (256, 192), 30.0
GIVE_UP_S = 60.0
SETTLED_AFTER = 50  # connections: until then pools and caches fill


class GaveUp(EgostreamError):
    """What was waited for did not come."""

    code = "gave_up"


async def until(is_so: Callable[[], bool], what: str) -> None:
    """Raises GaveUp."""
    deadline = time.monotonic() + GIVE_UP_S
    while not is_so():
        if time.monotonic() > deadline:
            raise GaveUp(f"no {what} in {GIVE_UP_S:.0f} s")
        await asyncio.sleep(0.005)


async def kill_worker(preset: str, repeats: int) -> dict[str, Any]:
    """Seconds until the client is told, and until it sees an edited frame again."""
    told: list[float] = []
    back: list[float] = []
    heard: list[tuple[Message, int]] = []
    with ServerProcess(preset, ["--max-sessions", "2"]) as server:
        client = EditClient(
            server.url,
            PatternSource(SIZE, 24.0),
            instruction="make it night",
            on_message=lambda message, now_ns: heard.append((message, now_ns)),
        )
        async with client:
            await until(lambda: any(isinstance(m, Applied) for m, _ in heard), "edited frame")
            for _ in tqdm(range(repeats), desc="worker", unit="kill", leave=False):
                heard.clear()
                killed_ns = time.monotonic_ns()
                os.kill(server.worker_pid(), signal.SIGKILL)
                await until(
                    lambda: any(isinstance(m, ErrorMessage) for m, _ in heard), "word of the loss"
                )
                told.append((heard[0][1] - killed_ns) / 1e9)
                await asyncio.sleep(0.5)  # frames that were on their way
                before = client.num_received
                await until(lambda n=before: client.num_received > n, "edited frame after the loss")  # type: ignore[misc]
                back.append((time.monotonic_ns() - killed_ns) / 1e9)
                await asyncio.sleep(2)
    return {"preset": preset, "told_s": told, "served_again_s": back}


def _info(url: str) -> Any:
    return httpx.get(f"{url}/v1/info", timeout=10).json()


async def churn(connects: int) -> dict[str, Any]:
    """What a server holds after the first connections and after the last; each gets frames before it goes."""
    with ServerProcess("identity", ["--max-sessions", "4"]) as server:
        process = psutil.Process(server.process.pid)
        held: list[dict[str, float]] = []
        for i in tqdm(range(connects), desc="churn", unit="client", leave=False):
            client = EditClient(server.url, PatternSource((128, 96), FPS), instruction="x")
            await client.connect()
            await until(lambda c=client: c.num_received > 0, "frame for a client")  # type: ignore[misc]
            if i % 2:
                await client.close()
            else:  # without a word over HTTP
                client._opened = None
                await client.close()
            if i + 1 in (min(SETTLED_AFTER, connects // 2), connects):
                await asyncio.sleep(3)
                info = await asyncio.to_thread(_info, server.url)
                held.append(
                    {
                        "places_free": info["slots_free"],
                        "rss_mb": process.memory_info().rss / 2**20,
                        "threads": process.num_threads(),
                        "files": process.num_fds(),
                    }
                )
    return {"connects": connects, "before": held[0], "after": held[1]}


async def peers(count: int, seconds: float) -> dict[str, Any]:
    """Frame rate and age of each of several cameras."""
    ages: list[list[float]] = [[] for _ in range(count)]

    def note(frame: EditedFrame, into: list[float]) -> None:
        if frame.age_ms is not None:
            into.append(frame.age_ms)

    with ServerProcess("identity", ["--max-sessions", str(count)]) as server:
        before = server.usage()
        clients = [
            EditClient(
                server.url,
                PatternSource(SIZE, FPS),
                instruction="x",
                on_frame=lambda frame, into=into: note(frame, into),  # type: ignore[misc]
            )
            for into in ages
        ]
        for client in clients:
            await client.connect()
        await asyncio.sleep(2)
        for into in ages:
            into.clear()
        start = time.monotonic()
        await asyncio.sleep(seconds)
        took_s = time.monotonic() - start
        after = server.usage()
        rates = [len(into) / took_s for into in ages]
        merged = np.concatenate([np.array(into) for into in ages])
        for client in clients:
            await client.close()
    return {
        "peers": count,
        "fps": rates,
        "age_p50_ms": float(np.percentile(merged, 50)),
        "age_p95_ms": float(np.percentile(merged, 95)),
        "server_cpu_percent": after.cpu_percent_since(before),
    }


async def drain() -> dict[str, Any]:
    """Three sessions and SIGTERM: who is told, and how it ends."""
    timeout_s, heard = 3.0, [[], [], []]  # type: tuple[float, list[list[Message]]]
    arguments = ["--max-sessions", "3", "--drain-timeout", str(timeout_s)]
    with ServerProcess("identity", arguments) as server:
        clients = [
            EditClient(
                server.url,
                PatternSource((128, 96), FPS),
                instruction="x",
                on_message=lambda message, _, box=box: box.append(message),  # type: ignore[misc]
            )
            for box in heard
        ]
        for client in clients:
            await client.connect()
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(server.process.wait, 30)
        took_s = time.monotonic() - started
        for client in clients:
            await client.close()
    return {
        "sessions": len(clients),
        "told": sum(any(isinstance(m, Ending) for m in box) for box in heard),
        "said_goodbye": sum(any(isinstance(m, Bye) for m in box) for box in heard),
        "exit_code": code,
        "took_s": took_s,
        "timeout_s": timeout_s,
    }


def as_text(result: dict[str, Any]) -> str:
    """A table for people."""
    lines = []
    if found := result.get("worker"):
        for name, label in (
            ("told_s", "clients told after"),
            ("served_again_s", "served again after"),
        ):
            values = found[name]
            lines.append(
                f"worker killed ({found['preset']}): {label} {statistics.median(values):.2f} s "
                f"(at most {max(values):.2f}, {len(values)} times)"
            )
    if found := result.get("churn"):
        changes = ", ".join(
            f"{name} {found['before'][name]:.0f} to {found['after'][name]:.0f}"
            for name in found["before"]
        )
        lines.append(f"{found['connects']} clients came and went: {changes}")
    if found := result.get("peers"):
        lines.append(
            f"{found['peers']} peers: {min(found['fps']):.1f} to {max(found['fps']):.1f} fps, age p50 "
            f"{found['age_p50_ms']:.1f} ms, p95 {found['age_p95_ms']:.1f} ms, server CPU "
            f"{found['server_cpu_percent']:.0f} % of a core"
        )
    if found := result.get("drain"):
        lines.append(
            f"drain of {found['sessions']} sessions: {found['told']} told, {found['said_goodbye']} heard goodbye, "
            f"exit code {found['exit_code']} after {found['took_s']:.1f} s (limit {found['timeout_s']:.0f})"
        )
    return "\n".join(lines)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.resilience",
        description=(__doc__ or "").partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", nargs="+", choices=("worker", "churn", "peers", "drain"), help="(all)"
    )
    parser.add_argument("--preset", default="nano", help="whose worker is killed (nano)")
    parser.add_argument("--kills", type=positive, default=3, help="(3)")
    parser.add_argument("--connects", type=positive, default=200, help="(200)")
    parser.add_argument("--peers", type=positive, default=4, help="(4)")
    parser.add_argument("--seconds", type=float, default=20.0, help="of all peers together (20)")
    parser.add_argument("--out", type=Path, default=OUT, metavar="JSON", help=f"({OUT})")
    return parser


async def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Raises EgostreamError."""
    result: dict[str, Any] = {"machine": describe_machine()}
    wanted = args.only or ("worker", "churn", "peers", "drain")
    if "drain" in wanted:
        result["drain"] = await drain()
    if "peers" in wanted:
        result["peers"] = await peers(args.peers, args.seconds)
    if "worker" in wanted:
        result["worker"] = await kill_worker(args.preset, args.kills)
    if "churn" in wanted:
        result["churn"] = await churn(args.connects)
    return result


def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    try:
        result = asyncio.run(measure(args))
    except EgostreamError as error:
        print(f"bench.resilience: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(result, indent=2) + "\n")
    print(as_text(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
