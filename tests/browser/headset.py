"""A person who wears the headset of `fake_xr.js`: enters the page, points, presses, and tells what each
eye sees."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import ARTIFACTS

FAKE = Path(__file__).with_name("fake_xr.js")
STATE = """async () => {
  const { headset } = await import("/static-xr/js/main.js");
  const { pane, board, wrist, card, scene, live } = headset;
  return {
    at: [pane.pose[12], pane.pose[13], pane.pose[14]],
    facing: [pane.pose[8], pane.pose[9], pane.pose[10]],
    up: pane.pose[5], width: pane.width, height: pane.height, span: pane.span, view: pane.view,
    isLocked: pane.isLocked, board: board.state, lines: wrist.lines, card: card.title,
    buttons: board.buttons.map((one) => [one.id, one.label]),
    wristAt: scene && [scene.wristPose[12], scene.wristPose[13], scene.wristPose[14]],
    wristWidth: wrist.width, held: scene ? scene.hold.hands.size : 0, state: live.state,
  };
}"""
BUTTON = """async (id) => {
  const { headset } = await import("/static-xr/js/main.js");
  const { board, scene } = headset;
  const one = board.buttons.find((button) => button.id === id);
  if (!one) return null;
  const x = ((one.x + one.width / 2) / board.canvas.width - 0.5) * board.width * scene.boardScale;
  const y = (0.5 - (one.y + one.height / 2) / board.canvas.height) * board.height * scene.boardScale;
  const m = scene.boardPose;
  return [0, 1, 2].map((i) => m[12 + i] + x * m[i] + y * m[4 + i]);
}"""
# The eye and the page's video at one moment: both move.
EYE = """([eye, id]) => fakeXr.look(() => {
  const canvas = new OffscreenCanvas(128, 96);
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  pen.drawImage(document.getElementById(id), 0, 0, 128, 96);
  const [wide, high, bytes] = fakeXr.pixels(eye);  // slow: the video goes on meanwhile
  const text = (data) => {
    let all = "";
    for (let at = 0; at < data.length; at += 8192) {
      all += String.fromCharCode(...data.subarray(at, at + 8192));
    }
    return btoa(all);
  };
  return [wide, high, text(bytes), text(pen.getImageData(0, 0, 128, 96).data)];
})"""

Vec = list[float]
Picture = NDArray[np.float64]


def pixels(text: str, high: int, wide: int) -> Picture:
    data = np.frombuffer(base64.b64decode(text), np.uint8)
    return data.reshape(high, wide, 4).astype(np.float64)


class Headset:
    """The page, and the person who wears the headset."""

    def __init__(self, context: BrowserContext, url: str, scripts: list[str]) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on(
            "console",
            lambda line: self.errors.append(line.text) if line.type == "error" else None,
        )
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        for script in scripts:
            self.page.add_init_script(script)
        self.page.goto(f"{url}/xr")
        self.page.wait_for_selector("html[data-server=there][data-way]")

    def enter(self, source: str = "sample") -> None:
        self.page.click(f"#sources [data-source={source}]")
        self.page.click("#enter")
        self.page.wait_for_selector("html[data-visit=in][data-state=live]")
        self.frames(2)

    def leave(self) -> None:
        self.page.click("#leave")
        self.page.wait_for_selector("html[data-visit=out][data-state=idle]")

    def frames(self, count: int) -> None:
        """Until the headset has drawn so many more."""
        self.page.evaluate("(count) => fakeXr.after(count)", count)

    def do(self, verb: str, *values: Any) -> None:
        self.page.evaluate(f"(values) => {{ fakeXr.{verb}(...values); }}", list(values))

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.page.evaluate(STATE)
        return state

    def calls(self) -> list[str]:
        calls: list[str] = self.page.evaluate("fakeXr.calls")
        return calls

    def press(self, button: str, hand: str = "right") -> None:
        """Points at the middle of a button of the board, and presses."""
        target = self.page.evaluate(BUTTON, button)
        assert target is not None, f"no button {button}"
        self.do("aim", hand, target)
        self.frames(1)
        self.do("start", hand)
        if self.page.get_attribute("html", "data-visit") == "in":
            self.do("end", hand)
            self.frames(2)

    def eye(self, eye: str = "left") -> Picture:
        """What that eye sees: (height, width, RGBA), 0 … 255, premultiplied."""
        wide, high, seen, _ = self.page.evaluate(EYE, [eye, "edited-video"])
        return pixels(seen, high, wide)

    def through(self, which: str = "left", video: str = "edited-video") -> tuple[Picture, Picture]:
        """The window's inside as that eye sees it, and the same part of the page's video."""
        state = self.state
        wide, high, eye, shown = self.page.evaluate(EYE, [which, video])
        seen = pixels(eye, high, wide)
        # The head stands at (0, 1.6, 0) and looks along −z; the window faces it.
        x, y, z = state["at"]
        x += 0.032 if which == "left" else -0.032
        scale = high / (2 * 0.86 * -z)
        middle = (wide / 2 + x * scale, high / 2 - (y - 1.6) * scale)
        half = (0.45 * state["width"] * scale, 0.45 * state["height"] * scale)
        rows = slice(int(middle[1] - half[1]), int(middle[1] + half[1]))
        columns = slice(int(middle[0] - half[0]), int(middle[0] + half[0]))
        return seen[rows, columns, :3], pixels(shown, 96, 128)[5:-5, 6:-6, :3]

    def shot(self, name: str) -> None:
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")

    def eye_shot(self, name: str) -> None:
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        url = self.page.evaluate("fakeXr.picture(document.getElementById('source-video'))")
        (ARTIFACTS / f"{name}.png").write_bytes(base64.b64decode(url.partition(",")[2]))


def small(rgb: Picture) -> Picture:
    """(24, 32, 3): means of blocks, to compare pictures of different sizes."""
    rows = np.linspace(0, rgb.shape[0], 25).astype(int)
    columns = np.linspace(0, rgb.shape[1], 33).astype(int)
    sums = np.add.reduceat(np.add.reduceat(rgb, rows[:-1], 0), columns[:-1], 1)
    return np.asarray(sums / np.outer(np.diff(rows), np.diff(columns))[..., None])


def alike(a: Picture, b: Picture) -> float:
    """Correlation of two pictures."""
    return float(np.corrcoef(small(a).ravel(), small(b).ravel())[0, 1])
