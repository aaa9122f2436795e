"""The machine itself: Python, packages, processor, memory, clock. Reads files of the kernel; measures nothing long."""

from __future__ import annotations

import os
import platform
import re
import statistics
import time
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from egostream import __version__
from egostream.doctor.report import Finding, fail, ok, warn

PACKAGES = ("torch", "aiortc", "aioice", "av", "starlette", "uvicorn", "openvino")
OLDEST_PYTHON = (3, 11)
INSTRUCTION_SETS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
BF16 = {"avx512_bf16", "amx_bf16"}
LITTLE_MEMORY = 2 << 30
TOO_LITTLE_MEMORY = 700 << 20
LATE_WAKING_S = 0.005


def check_python() -> Finding:
    found = platform.python_version_tuple()
    text = f"{platform.python_version()}, egostream {__version__}"
    if (int(found[0]), int(found[1])) < OLDEST_PYTHON:
        return fail("python", text, "install Python 3.11 or newer and make the environment anew")
    return ok("python", text)


def check_packages() -> Finding:
    """What `serve` needs is installed, in the versions that this egostream was made for."""
    from packaging.requirements import Requirement

    try:
        needed = requires("egostream") or []
    except PackageNotFoundError:
        return warn("packages", "egostream runs without being installed", "pip install -e .")
    wrong = []
    for text in needed:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        installed = _version(requirement.name)
        if installed is None:
            wrong.append(f"{requirement.name} is missing")
        elif not requirement.specifier.contains(installed, prereleases=True):
            wrong.append(f"{requirement.name} {installed} is not {requirement.specifier}")
    if wrong:
        return fail("packages", "; ".join(wrong), "pip install -c constraints.txt -e .")
    return ok("packages", ", ".join(f"{name} {_version(name)}" for name in PACKAGES))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def check_cpu() -> Finding:
    """bf16 takes the processor's help; without it the shipped model takes 1.6 times as long."""
    name, flags = _processor()
    cores = usable_cores()
    there = [flag for flag in INSTRUCTION_SETS if flag in flags]
    text = f"{cores:g} cores of {name}; {', '.join(there) or 'no vector instructions known of'}"
    if cores < 2:
        return warn("cpu", text, "one core edits and sends in turn: give it two")
    if not BF16 & set(there):
        return warn("cpu", text, "no bf16 here: nano runs in fp32, in 1.6 times the time")
    return ok("cpu", text)


def _processor() -> tuple[str, set[str]]:
    name, flags = platform.processor() or platform.machine(), set[str]()
    try:
        for row in Path("/proc/cpuinfo").read_text().splitlines():
            key, _, value = row.partition(":")
            if key.strip() == "model name":
                name = value.strip()
            elif key.strip() in ("flags", "Features"):
                flags |= set(value.split())
    except OSError:
        pass
    return name, flags


def usable_cores() -> float:
    """What the scheduler grants, and a container's quota."""
    cores: float = len(os.sched_getaffinity(0))
    quota, _, period = (_cgroup("cpu.max") or "max").partition(" ")
    if quota != "max" and period:
        cores = min(cores, int(quota) / int(period))
    return cores


def _cgroup(name: str) -> str | None:
    try:
        return Path("/sys/fs/cgroup", name).read_text().strip()
    except OSError:
        return None


def check_memory() -> Finding:
    free = memory_free(Path("/proc/meminfo").read_text(), _cgroup("memory.max"), _cgroup_used())
    text = f"{free / 2**30:.1f} GB free"
    if free < TOO_LITTLE_MEMORY:
        return fail("memory", text, "nano alone takes about this much: end something else")
    if free < LITTLE_MEMORY:
        return warn("memory", text, "nano takes about a gigabyte while it loads: leave two")
    return ok("memory", text)


def _cgroup_used() -> str | None:
    return _cgroup("memory.current")


def memory_free(meminfo: str, limit: str | None, used: str | None) -> int:
    """Bytes that can still be had: of the machine, or of the container where that has less."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo, re.MULTILINE)
    free = int(found.group(1)) * 1024 if found else 0
    if limit is not None and limit.isdecimal() and used is not None and used.isdecimal():
        free = min(free, int(limit) - int(used))
    return free


def check_clock() -> Finding:
    """Frames are timed by the monotonic clock; certificates and TURN's credentials by the calendar."""
    late_s = statistics.median(_lateness_s() for _ in range(21))
    text = f"{time.strftime('%Y-%m-%d %H:%M:%S %Z')}; wakes {late_s * 1e3:.1f} ms late"
    if time.time() < Path(__file__).stat().st_mtime:
        return warn("clock", text, "this date is before that of the program: set the clock")
    if late_s > LATE_WAKING_S:
        return warn("clock", text, "frames will be sent late: is the machine busy, or throttled?")
    return ok("clock", text)


def _lateness_s() -> float:
    start = time.monotonic()
    time.sleep(0.001)
    return time.monotonic() - start - 0.001
