"""`python -m bench.soak`: a server at work for minutes, with every kind of client; does anything grow?

One or more clients stay and change their instruction every few seconds. Beside them visitors come and go: some leave,
some vanish, some turn their camera (another size every two seconds). One viewer stays, one comes and goes. Every five
seconds memory, threads, files, the event loop's lag and the age of the frames are looked at. Everything runs on this
machine, over loopback. Exit code 3: memory leaks. Ctrl-C ends it sooner and keeps what there is.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import signal
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from tqdm import tqdm

from bench.machine import describe_machine
from bench.server_process import ServerFailed, ServerProcess, free_port
from bench.soak_clients import INSTRUCTIONS, MANNERS, Viewer, camera, keep_instructing, visit
from bench.soak_plot import draw
from bench.soak_report import Sample, as_text, read_buckets, rows, summarise
from client.peer import EditClient, EditedFrame
from egostream.errors import EgostreamError
from egostream.numbers import positive

OUT = Path("bench/results/soak.json")
LEAK = 3
SAVE_EVERY = 12  # samples


class Soak:
    """One run: `run` until the time is over or `stop` is set."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._machine = describe_machine()
        self.seconds = 60.0 * args.minutes
        self.stop = asyncio.Event()
        self.samples: list[Sample] = []
        self.num_visits = 0
        self.refused: list[str] = []
        self._num_here = 0
        self._ages_ms: list[float] = []
        self._metrics_port = free_port()

    async def run(self) -> None:
        """Raises EgostreamError."""
        arguments = ["--max-sessions", str(self._args.stay + 2), "--queue", "2"]
        arguments += ["--metrics-port", str(self._metrics_port)]
        server = ServerProcess(self._args.preset, arguments)
        await asyncio.to_thread(server.__enter__)
        try:
            async with self._company(server.url):
                await self._watch(server)
        finally:
            await asyncio.to_thread(server.stop)

    @contextlib.asynccontextmanager
    async def _company(self, url: str) -> AsyncIterator[None]:
        """Everybody who uses the server."""
        fps, every_s = self._args.fps, self._args.instruct_every
        tasks: list[asyncio.Task[None]] = []
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(self._args.stay):
                client = EditClient(
                    url, camera(fps), instruction=INSTRUCTIONS[0], on_frame=self._frame
                )
                await stack.enter_async_context(client)
                tasks.append(asyncio.create_task(keep_instructing(client, every_s)))
            assert client.welcome is not None
            view = client.welcome.view
            viewer = Viewer(url, view)
            await viewer.open()
            stack.push_async_callback(viewer.close)
            tasks.append(asyncio.create_task(self._visits(url)))
            tasks.append(asyncio.create_task(self._views(url, view)))
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _visits(self, url: str) -> None:
        """One after the other, with a pause."""
        for manner in itertools.cycle(MANNERS):
            await asyncio.sleep(self._args.visit_every)
            self._num_here += 1
            try:
                await visit(url, manner, self._args.visit_seconds, self._args.fps)
                self.num_visits += 1
            except EgostreamError as error:
                self.refused.append(f"{manner}: {error}")
            finally:
                self._num_here -= 1

    async def _views(self, url: str, view: str) -> None:
        while True:
            await asyncio.sleep(self._args.visit_every)
            viewer = Viewer(url, view)
            try:
                await viewer.open()
                await asyncio.sleep(self._args.visit_seconds)
            except OSError as error:
                self.refused.append(f"viewer: {error}")
            finally:
                await viewer.close()

    async def _watch(self, server: ServerProcess) -> None:
        """Raises ServerFailed if the server ends by itself."""
        start = last = time.monotonic()
        process = psutil.Process(server.process.pid)
        with tqdm(total=round(self.seconds), unit="s", desc="soak", disable=None) as bar:
            while (now := time.monotonic()) - start < self.seconds and not self.stop.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stop.wait(), self._args.sample_every)
                if self.stop.is_set():
                    return
                if server.process.poll() is not None:
                    raise ServerFailed("the server ended in the middle of the soak")
                now = time.monotonic()
                self.samples.append(await self._look(server, process, now - start, now - last))
                bar.update(round(now - start) - bar.n)
                last = now
                if len(self.samples) % SAVE_EVERY == 0:
                    self.save()

    async def _look(
        self, server: ServerProcess, process: psutil.Process, at_s: float, took_s: float
    ) -> Sample:
        ages, self._ages_ms = self._ages_ms, []
        p50, p95 = np.percentile(ages, [50, 95]) if ages else (None, None)
        return Sample(
            at_s=at_s,
            server_mb=process.memory_info().rss / 2**20,
            worker_mb=_worker_mb(server),
            threads=process.num_threads(),
            files=process.num_fds(),
            lag_buckets=read_buckets(await asyncio.to_thread(self._metrics)),
            age_p50_ms=None if p50 is None else float(p50),
            age_p95_ms=None if p95 is None else float(p95),
            fps=len(ages) / took_s / self._args.stay,
            visitors=self._num_here,
        )

    def _metrics(self) -> str:
        url = f"http://127.0.0.1:{self._metrics_port}/metrics"
        with urllib.request.urlopen(url, timeout=5) as response:
            return str(response.read().decode())

    def _frame(self, frame: EditedFrame) -> None:
        if frame.age_ms is not None:
            self._ages_ms.append(frame.age_ms)

    def result(self) -> dict[str, Any]:
        """So far."""
        return {
            "machine": self._machine,
            "preset": self._args.preset,
            "minutes_wanted": self._args.minutes,
            "fps_in": self._args.fps,
            "stay": self._args.stay,
            "visits": self.num_visits,
            "refused": self.refused[:20],
            **summarise(self.samples, self.samples[-1].at_s if self.samples else 0.0),
            "samples": rows(self.samples),
        }

    def save(self) -> dict[str, Any]:
        """Writes the JSON."""
        result, out = self.result(), self._args.out
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(result, indent=1) + "\n")
        return result


def _worker_mb(server: ServerProcess) -> float | None:
    """None while it is being started again, and where the model shares the server's process."""
    try:
        return float(psutil.Process(server.worker_pid()).memory_info().rss / 2**20)
    except (EgostreamError, psutil.Error):
        return None


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.soak",
        description=(__doc__ or "").partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--preset", default="nano", help="identity: the transport alone (nano)")
    parser.add_argument("--minutes", type=float, default=10.0, help="(10)")
    parser.add_argument("--stay", type=positive, default=1, help="clients that stay (1)")
    parser.add_argument("--fps", type=float, default=15.0, help="of every camera (15)")
    parser.add_argument("--instruct-every", type=float, default=5.0, metavar="S", help="(5)")
    parser.add_argument("--visit-every", type=float, default=6.0, metavar="S", help="pause (6)")
    parser.add_argument("--visit-seconds", type=float, default=8.0, metavar="S", help="(8)")
    parser.add_argument("--sample-every", type=float, default=5.0, metavar="S", help="(5)")
    parser.add_argument("--out", type=Path, default=OUT, metavar="JSON", help=f"({OUT})")
    return parser


async def soak(args: argparse.Namespace) -> dict[str, Any]:
    """Raises EgostreamError; what was seen until then is written."""
    run = Soak(args)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, run.stop.set)
    loop.add_signal_handler(signal.SIGTERM, run.stop.set)
    try:
        await run.run()
    finally:
        result = run.save()
        if len(run.samples) > 1:
            draw(args.out.with_suffix(".png"), result)
    return result


def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    try:
        result = asyncio.run(soak(args))
    except EgostreamError as error:
        print(f"bench.soak: {error}", file=sys.stderr)
        return 2
    print(as_text(result))
    return LEAK if result["leaks"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
