"""A real server process, a real Chromium, and a camera fed from real footage."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from bench.page import CHROMIUM, FLAGS, GRANTED, camera_flag, write_camera_film

CLIP = Path(__file__).parent.parent / "data" / "cup.mp4"
ARTIFACTS = Path(os.environ.get("EGOSTREAM_ARTIFACTS", Path(__file__).parent / "artifacts"))
READY_S = 90.0


@pytest.fixture(scope="module")
def camera_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip as Motion JPEG, which Chromium plays in a loop as its camera."""
    return write_camera_film(CLIP, tmp_path_factory.mktemp("camera") / "cup.mjpeg")


def serve(preset: str, log: Path, *arguments: str) -> Iterator[str]:
    """The address of a server of its own, ready, until the caller is done."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "egostream", "serve", "--preset", preset, "--port", str(port)]
    command += arguments
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        give_up = time.monotonic() + READY_S
        while not is_ready(url):
            if process.poll() is not None or time.monotonic() > give_up:
                pytest.fail(f"the server with {preset} did not get ready:\n{log.read_text()}")
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def identity_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose editor changes nothing: for all that is not about the edit itself."""
    yield from serve("identity", tmp_path_factory.mktemp("server") / "identity.log")


@pytest.fixture(scope="module")
def nano_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve("nano", tmp_path_factory.mktemp("server") / "nano.log")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


def launch(playwright: Playwright, *flags: str) -> Browser:
    if not Path(CHROMIUM).exists():
        pytest.fail("no Chromium: apt-get install chromium")
    return playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])


@pytest.fixture(scope="module")
def browser(playwright: Playwright, camera_film: Path) -> Iterator[Browser]:
    """Its camera may be used, and shows the clip."""
    browser = launch(playwright, GRANTED, camera_flag(camera_film))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def shy_browser(playwright: Playwright) -> Iterator[Browser]:
    """Nobody allows its camera."""
    browser = launch(playwright)
    yield browser
    browser.close()


class Tab:
    """A page under watch: every console error and every request is noted."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.set_default_timeout(20_000)
        self.page.on(
            "console",
            lambda line: self.errors.append(line.text) if line.type == "error" else None,
        )
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(url)
        self.page.wait_for_selector("html[data-server=there]")

    def start(self, source: str = "camera") -> None:
        self.page.click(f"[data-go={source}]")
        self.wait_for("live")

    def wait_for(self, state: str) -> None:
        self.page.wait_for_selector(f"html[data-state={state}]")

    def say(self, text: str) -> None:
        self.page.fill("#instruction", text)
        self.page.press("#instruction", "Enter")

    def wait_visible(self, text: str) -> int:
        """Milliseconds until the newest instruction could be seen, as the page says."""
        newest = self.page.locator("#log li").first
        newest.get_by_role("button", name=text).wait_for()
        self.page.wait_for_selector("#log li:first-child[data-state=visible]")
        return int(newest.get_attribute("data-ms") or -1)

    def hud(self, name: str) -> float:
        value = self.page.get_attribute(f"#hud-{name}", "data-value")
        return float("nan") if value is None else float(value)

    def shot(self, name: str) -> None:
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")


OpenTab = Callable[..., Tab]


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[OpenTab]:
    """Tabs with a context each; all are closed, and their sessions with them, at the end."""
    contexts: list[BrowserContext] = []

    def open_it(
        url: str, width: int = 1280, height: int = 800, script: str = "", **options: object
    ) -> Tab:
        """`script` runs before those of the page."""
        viewport = {"width": width, "height": height}
        context = browser.new_context(viewport=viewport, **options)  # type: ignore[arg-type]
        context.add_init_script(script)
        contexts.append(context)
        return Tab(context, url)

    yield open_it
    for context in contexts:
        for page in context.pages:
            page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
        context.close()


@pytest.fixture
def shy_tab(shy_browser: Browser, identity_url: str) -> Iterator[Tab]:
    context = shy_browser.new_context(viewport={"width": 1280, "height": 800})
    yield Tab(context, identity_url)
    context.close()
