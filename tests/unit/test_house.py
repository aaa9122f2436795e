"""The house rules that a machine can check: floors, sizes, no prints, and a README that is true."""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("egostream", "engines", "distill", "client", "bench")
MAX_LINES = 600

# Who may not import what. Imports point down; a folder's rule holds for all files in it.
UPSTAIRS = ("distill", "client", "bench")
WEB = ("aiortc", "aioice", "starlette", "uvicorn", "websockets", "socket")
FLOORS: dict[str, tuple[str, ...]] = {
    "egostream": UPSTAIRS,
    "egostream/protocol.py": ("torch", "egostream", "engines", "numpy"),
    "egostream/contract.py": ("torch", "engines", "egostream.models", "egostream.server"),
    "egostream/frames.py": ("torch", "engines", "egostream"),
    "egostream/native.py": ("torch", "engines", "egostream.models", "egostream.server", *WEB),
    "egostream/flow.py": ("engines", "egostream.server", "egostream.editor", *WEB),
    "egostream/models": (
        "engines",
        "egostream.server",
        "egostream.editor",
        "egostream.scheduler",
        "egostream.networks",
        *WEB,
    ),
    "egostream/editor.py": ("egostream.server", "egostream.scheduler", *WEB),
    "egostream/recording": ("torch", "engines", "egostream.server", "egostream.models", *WEB),
    "egostream/rtc": ("torch", "engines", "egostream.server", "egostream.models", "starlette"),
    "egostream/scheduler.py": ("egostream.server", *WEB),
    "egostream/server": (
        "torch",
        "engines",
        "egostream.models",
        "egostream.flow",
        "egostream.scale",
    ),
    # It runs servers and passes messages on; what is inside one is the server's.
    "egostream/scale": ("torch", "engines", "egostream.models", "egostream.flow", "aiortc"),
    "engines": ("egostream", *UPSTAIRS, *WEB, "av", "cv2"),
    # It knows the wire, pictures and video files; how an edit is made is none of its business.
    # How RTP is read and written it shares with the server: egostream/rtc.
    "client": (
        "torch",
        "engines",
        "distill",
        "bench",
        "egostream.models",
        "egostream.editor",
        "egostream.networks",
        "egostream.scheduler",
        "egostream.flow",
        "egostream.server",
    ),
    "distill": (
        "egostream.server",
        "client",
        "bench",
        "engines.eager",
        "engines.openvino_cpu",
        *WEB[:-1],
    ),
}
# Modules without a `main` that speak for one.
SPEAKERS = (
    "egostream/announce.py",
    "egostream/build_command.py",
    "egostream/security_command.py",
    "egostream/doctor/command.py",
)


def python_files(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def imports(path: Path) -> Iterator[str]:
    """Every module named by an import, lazy ones too; for `from a import b` both a and a.b."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("place", FLOORS)
def test_imports_point_down(place: str) -> None:
    path = ROOT / place
    files = [path] if path.suffix else python_files(place)
    wrong = [
        f"{named(file)} imports {module}"
        for file in files
        for module in imports(file)
        if any(is_within(module, forbidden) for forbidden in FLOORS[place])
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("module", ["egostream.cli", "egostream.server.app", "client.peer"])
def test_starts_without_torch(module: str) -> None:
    """What a floor forbids must not come in by a side door either; and start-up stays quick."""
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_no_file_is_too_long() -> None:
    files = python_files(*ROOMS, "tests")
    for page in (ROOT / "client" / "web", ROOT / "client" / "xr"):
        files += [p for p in sorted(page.rglob("*")) if p.suffix in {".js", ".css", ".html"}]
    lengths = {named(p): p.read_text(encoding="utf-8").count("\n") for p in files}
    too_long = {name: length for name, length in lengths.items() if length > MAX_LINES}
    assert not too_long, too_long


def test_libraries_do_not_print() -> None:
    """Only a module with a `main` talks to a terminal; everything else logs."""
    wrong = []
    for path in python_files(*ROOMS):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if named(path) in SPEAKERS:
            continue
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            continue
        wrong += [
            f"{named(path)}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
        ]
    assert not wrong, wrong


def test_every_module_is_in_a_package() -> None:
    """A folder without __init__.py would be left out of the wheel."""
    folders = {path.parent for path in python_files(*ROOMS)}
    assert not [named(f) for f in folders if not (f / "__init__.py").exists()]


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def documents() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def commands(document: Path) -> Iterator[str]:
    """The command lines of a document's shell blocks, comments stripped, continuations joined."""
    text = document.read_text(encoding="utf-8")
    for block in re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            stripped = line.removeprefix("$ ").strip()
            if stripped and not stripped.startswith("#"):
                yield stripped


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_documented_make_targets_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named_targets = set(re.findall(r"`make ([a-z][a-z-]*)", text))
    named_targets |= {
        word
        for command in commands(document)
        if command.startswith("make ")
        for word in shlex.split(command, comments=True)[1:]
        if "=" not in word
    }
    assert named_targets
    assert named_targets <= makefile_targets()


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_documented_commands_parse(document: Path) -> None:
    cli = pytest.importorskip("egostream.cli")
    for command in commands(document):
        words = shlex.split(command, comments=True)
        program = words[0].removeprefix(".venv/bin/")
        if program == "egostream":
            cli.build_parser().parse_args(words[1:])
        elif program == "python" and words[1] == "-m":
            assert importlib.util.find_spec(words[2]), command


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_documented_files_exist(document: Path) -> None:
    text = re.sub(r"<!--.*?-->", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r'(?:src|href)="([^"#]+)"', text)
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert local
    assert not [link for link in local if not (ROOT / link).exists()]


def test_every_target_is_explained() -> None:
    text = (ROOT / "Makefile").read_text()
    explained = set(re.findall(r"^([a-z][a-z-]*):[^\n]*## ", text, re.MULTILINE))
    assert makefile_targets() == explained
