"""The page in a real browser, against real servers. Pictures stay in `tests/browser/artifacts/`."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import av
import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Route

from tests.browser.conftest import CLIP, OpenTab, Tab, serve

pytestmark = pytest.mark.browser

PIXELS = """id => {
  const video = document.getElementById(id);
  const canvas = new OffscreenCanvas(128, 96);
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  pen.drawImage(video, 0, 0, 128, 96);
  return Array.from(pen.getImageData(0, 0, 128, 96).data);
}"""


def picture(tab: Tab, element: str) -> NDArray[np.float64]:
    """(96, 128, 3) of what the video shows now, 0 … 255."""
    rgba = np.array(tab.page.evaluate(PIXELS, element), dtype=np.float64)
    return rgba.reshape(96, 128, 4)[..., :3]


def brightness(rgb: NDArray[np.float64]) -> float:
    return float((rgb @ [0.299, 0.587, 0.114]).mean())


def colourfulness(rgb: NDArray[np.float64]) -> float:
    """Hasler and Süsstrunk's: spread and mean of the two colour-opponent channels."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.hypot(rg.std(), yb.std())
    return float(spread + 0.3 * np.hypot(rg.mean(), yb.mean()))


def eventually(check: Callable[[], bool], what: str, within_s: float = 15.0) -> None:
    give_up = time.monotonic() + within_s
    while not check():
        assert time.monotonic() < give_up, what
        time.sleep(0.15)


def test_edit_is_seen_and_counted(nano_url: str, open_tab: OpenTab) -> None:
    """The whole thing: camera, model, words; what is asked is what the pixels show."""
    tab = open_tab(nano_url)
    tab.shot("desktop-idle")
    tab.start("camera")

    tab.say("turn it into a pencil sketch")
    assert 0 < tab.wait_visible("turn it into a pencil sketch") < 5000
    source, sketch = picture(tab, "source-video"), picture(tab, "edited-video")
    assert colourfulness(sketch) < 0.5 * colourfulness(source)
    assert brightness(sketch) > brightness(source)
    assert sketch.std() > 5, "a sketch has lines, a blank page has none"

    eventually(lambda: tab.hud("fps") > 0 and tab.hud("age") > 0, "the overlay does not count")
    assert tab.page.get_attribute("#hud-age", "data-how") == "measured"
    assert 0 < tab.hud("first") < 10_000
    assert 0 < tab.hud("instruct") < 5000
    assert tab.hud("drops") >= 0
    frames = int(tab.page.get_attribute("html", "data-frames") or 0)
    eventually(
        lambda: int(tab.page.get_attribute("html", "data-frames") or 0) > frames,
        "frames do not rise",
    )
    tab.shot("desktop-sketch")

    tab.say("make it night")
    tab.wait_visible("make it night")
    source, night = picture(tab, "source-video"), picture(tab, "edited-video")
    assert brightness(night) < 0.6 * brightness(source)
    assert brightness(night) < brightness(sketch)
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("v")
    tab.shot("desktop-side-by-side")

    host = urlsplit(nano_url).netloc
    elsewhere = [url for url in tab.requests if urlsplit(url).netloc not in (host, "")]
    assert elsewhere == []
    assert tab.errors == []


def test_phone(nano_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(nano_url, 390, 844, device_scale_factor=2, is_mobile=True, has_touch=True)
    tab.shot("phone-idle")
    assert scroll_width(tab) <= 390
    tab.start("sample")
    tab.page.tap("text=black and white")
    tab.wait_visible("make it black and white")
    eventually(lambda: tab.hud("age") > 0 and tab.hud("fps") > 0, "the overlay does not count")
    assert scroll_width(tab) <= 390
    tab.shot("phone-live")
    tab.page.tap("#view")
    assert scroll_width(tab) <= 390
    assert tab.errors == []


def test_keyboard_alone(identity_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(identity_url)
    keys, page = tab.page.keyboard, tab.page
    keys.press("Tab")
    keys.press("Enter")  # "skip to the instruction"
    assert page.evaluate("document.activeElement.id") == "instruction"
    keys.type("make the cup red")
    keys.press("Enter")
    tab.wait_for("live")
    tab.wait_visible("make the cup red")
    keys.type("make it snow")
    keys.press("Enter")
    assert tab.wait_visible("make it snow") > 0
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    assert page.input_value("#instruction") == "make the cup red"
    keys.press("ArrowDown")
    assert page.input_value("#instruction") == "make it snow"

    keys.press("Escape")  # leaves the box
    keys.press("ArrowRight")
    assert page.get_attribute("#seam", "aria-valuenow") == "52"
    page.focus("#seam")
    keys.press("Home")
    assert page.get_attribute("#seam", "aria-valuenow") == "0"
    keys.press("v")
    assert page.get_attribute("html", "data-view") == "side"
    keys.press("o")
    assert page.is_hidden("#hud")
    keys.press("?")
    assert page.is_visible("#help")
    keys.press("Escape")  # closes the help, and no more
    assert page.is_hidden("#help")
    assert page.get_attribute("html", "data-state") == "live"
    keys.press("Escape")
    tab.wait_for("idle")
    assert tab.errors == []


def test_camera_refused(shy_tab: Tab) -> None:
    shy_tab.page.click("[data-go=camera]")
    notice = shy_tab.page.locator("#notice")
    notice.wait_for()
    assert notice.get_attribute("data-code") == "camera-refused"
    assert "Allow the camera" in notice.inner_text()
    shy_tab.shot("desktop-camera-refused")
    notice.get_by_role("button", name="Use the sample clip").click()
    shy_tab.wait_for("live")
    assert shy_tab.errors == []


def test_queue_for_a_seat(identity_url: str, open_tab: OpenTab) -> None:
    first, second = open_tab(identity_url, 480, 640), open_tab(identity_url, 480, 640)
    first.start()
    second.start()
    third = open_tab(identity_url)
    third.page.click("[data-go=camera]")
    notice = third.page.locator("#notice")
    notice.wait_for()
    assert notice.get_attribute("data-code") == "queued"
    assert "Every seat is taken" in notice.inner_text()
    assert "You are the next" in notice.inner_text()
    third.shot("desktop-queued")
    first.page.click("#start")
    first.wait_for("idle")
    third.wait_for("live")
    assert notice.is_hidden()


def test_busy_server_is_asked_again(identity_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(identity_url)
    answers = [503, 503]

    def busy(route: Route) -> None:
        if not answers:
            return route.continue_()
        body = {"code": "busy", "message": "all places are taken"}
        return route.fulfill(status=answers.pop(), json=body, headers={"retry-after": "20"})

    tab.page.route("**/v1/session", busy)
    tab.page.click("[data-go=sample]")
    notice = tab.page.locator("#notice")
    for _ in range(2):
        notice.wait_for()
        assert notice.get_attribute("data-code") == "busy"
        assert "Trying again in" in notice.inner_text()
        notice.get_by_role("button", name="Try now").click()
    tab.wait_for("live")


def test_lost_session_comes_back(identity_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(identity_url)
    with tab.page.expect_response(lambda one: one.url.endswith("/v1/session")) as opened:
        tab.start("sample")
    tab.say("make it sepia")
    tab.wait_visible("make it sepia")
    httpx.delete(identity_url + opened.value.headers["location"])
    tab.wait_for("waiting")
    assert tab.page.get_attribute("#notice", "data-code") == "lost"
    tab.wait_for("live")
    tab.wait_visible("make it sepia")  # the edit goes on by itself


KEEP_PEERS = """
window.peers = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...args) { super(...args); window.peers.push(this); }
};
"""
BREAK = """
const pc = window.peers.at(-1);
Object.defineProperty(pc, "connectionState", { value: "failed" });
pc.dispatchEvent(new Event("connectionstatechange"));
"""


def test_a_broken_connection_goes_on_with_its_session(identity_url: str, open_tab: OpenTab) -> None:
    """The same session over another connection, with the same edit: nothing was given up."""
    tab = open_tab(identity_url)
    tab.page.add_init_script(KEEP_PEERS)
    tab.page.reload()
    with tab.page.expect_response(lambda one: one.url.endswith("/v1/session")) as opened:
        tab.start("sample")
    session = opened.value.headers["location"]
    tab.say("make it sepia")
    tab.wait_visible("make it sepia")
    with tab.page.expect_response(lambda one: session in one.url) as resumed:
        tab.page.evaluate(BREAK)
    assert resumed.value.status == 200 and "make+it+sepia" in resumed.value.url
    tab.wait_for("live")
    tab.wait_visible("make it sepia")
    assert httpx.get(f"{identity_url}/v1/info").json()["slots_free"] == 1, "one session, not two"


def test_waits_for_a_server_that_warms_up(identity_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(identity_url)
    info = httpx.get(f"{identity_url}/v1/info").json()
    answers = [{**info, "ready": False}, {**info, "ready": False}, info]
    tab.page.route("**/v1/info", lambda route: route.fulfill(json=answers.pop(0)))
    tab.page.click("[data-go=sample]")
    tab.page.wait_for_selector("#notice[data-code=warming]")
    tab.wait_for("live")


def test_instruction_during_the_start_is_not_lost(identity_url: str, open_tab: OpenTab) -> None:
    tab = open_tab(identity_url)

    def slowly(route: Route) -> None:
        tab.page.wait_for_timeout(700)
        route.continue_()

    tab.page.route("**/v1/session?*", slowly)
    tab.page.click("#sources [data-source=sample]")
    tab.say("make it night")
    tab.wait_for("connecting")
    tab.say("make it snow")
    tab.wait_for("live")
    tab.wait_visible("make it snow")
    assert tab.page.locator("#log li").count() == 2
    assert tab.errors == []


def scroll_width(tab: Tab) -> int:
    return int(tab.page.evaluate("document.documentElement.scrollWidth"))


def test_file_recording_and_picture(identity_url: str, open_tab: OpenTab, tmp_path: Path) -> None:
    tab = open_tab(identity_url)
    tab.page.set_input_files("#file", CLIP)
    tab.wait_for("live")
    tab.say("make it fog")
    tab.wait_visible("make it fog")

    with tab.page.expect_download() as started:
        tab.page.click("#record")
        tab.page.wait_for_timeout(2000)
        tab.page.click("#record")
    film = tmp_path / started.value.suggested_filename
    started.value.save_as(film)
    with av.open(str(film)) as container:
        frames = [frame for frame in container.decode(video=0)]
    assert len(frames) >= 10
    assert frames[0].width / frames[0].height == pytest.approx(4 / 3, rel=0.02)

    with tab.page.expect_download() as started:
        tab.page.click("#snap")
    png = tmp_path / started.value.suggested_filename
    started.value.save_as(png)
    with av.open(str(png)) as container:
        image = next(container.decode(video=0))
    assert image.width > 2 * image.height
    assert tab.errors == []


def test_file_that_is_no_video(identity_url: str, open_tab: OpenTab, tmp_path: Path) -> None:
    tab = open_tab(identity_url)
    text = tmp_path / "notes.mp4"
    text.write_text("not a film")
    tab.page.set_input_files("#file", text)
    tab.page.wait_for_selector("#notice[data-code=file]")
    assert "notes.mp4" in tab.page.inner_text("#notice")


def test_recording_is_told_before_and_while_it_happens(
    open_tab: OpenTab, tmp_path: Path, identity_url: str
) -> None:
    films = tmp_path / "films"
    for url in serve("identity", tmp_path / "log", "--record-dir", str(films)):
        tab = open_tab(url)
        sign = tab.page.locator("#recorded")
        sign.get_by_text("This server records").wait_for()
        tab.start("sample")
        sign.get_by_text("Recording", exact=True).wait_for()
        tab.shot("recording")
        tab.page.wait_for_timeout(1000)
        tab.page.click("#start")
        sign.get_by_text("This server records").wait_for()
        assert tab.errors == []
    (film,) = films.glob("*.mp4")
    with av.open(str(film)) as container:
        assert sum(1 for _ in container.decode(video=0)) > 5
    other = open_tab(identity_url)
    other.start("sample")
    assert other.page.locator("#recorded").is_hidden()
