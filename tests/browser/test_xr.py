"""The headset page in a real browser, with a headset that is not there (`fake_xr.js`), against real
servers. What the eyes would see is read from the WebXR framebuffer."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright

from bench.page import CHROMIUM, FLAGS, GRANTED, camera_flag
from tests.browser.conftest import ARTIFACTS
from tests.browser.headset import FAKE, Headset, Vec, alike
from tests.browser.test_page import colourfulness, eventually

pytestmark = pytest.mark.browser

# The real thing draws on a graphics card; here the processor stands in for one.
DRAWING = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
SPEECH = """
window.SpeechRecognition = class {
  start() { window.spoken = this; }
  stop() { this.onend(); }
  abort() { this.onend(); }
};
window.webkitSpeechRecognition = window.SpeechRecognition;
window.utter = (text, isFinal) => {
  const one = Object.assign([{ transcript: text }], { isFinal });
  window.spoken.onresult({ results: [one] });
  if (isFinal) window.spoken.onend();
};
"""


@pytest.fixture(scope="module")
def xr_browser(playwright: Playwright, camera_film: Path) -> Iterator[Browser]:
    flags = [flag for flag in FLAGS if flag != "--disable-gpu"]
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*flags, *DRAWING, GRANTED, camera_flag(camera_film)]
    )
    yield browser
    browser.close()


Wear = Callable[..., Headset]


@pytest.fixture
def wear(xr_browser: Browser, identity_url: str) -> Iterator[Wear]:
    contexts: list[BrowserContext] = []

    def put_on(
        url: str = identity_url,
        settings: dict[str, Any] | None = None,
        scripts: tuple[str, ...] = (),
        size: tuple[int, int] = (1280, 800),
        **options: Any,
    ) -> Headset:
        viewport = {"width": size[0], "height": size[1]}
        context = xr_browser.new_context(viewport=viewport, **options)  # type: ignore[arg-type]
        contexts.append(context)
        given = f"window.fakeXrSettings = {json.dumps(settings or {})};"
        return Headset(context, url, [given, FAKE.read_text(), *scripts])

    yield put_on
    for context in contexts:
        for page in context.pages:
            page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
        context.close()


def free_seats(url: str) -> int:
    return int(httpx.get(f"{url}/v1/info").json()["slots_free"])


def apart(a: Vec, b: Vec) -> float:
    return math.dist(a, b)


def test_the_edit_hangs_in_the_room(nano_url: str, wear: Wear) -> None:
    """The whole thing: camera, model, words, and the edited pixels before each eye."""
    worn = wear(nano_url, settings={"fps": 12})  # the model wants the processor too
    worn.shot("xr-entry-desktop")
    worn.page.fill("#instruction", "turn it into a pencil sketch")
    worn.enter("camera")
    # All asking comes first: twice the camera (for its name, then to use it), then the session.
    assert worn.calls() == ["ask video", "ask video", "session immersive-ar"]

    eventually(lambda: worn.state["board"]["isVisible"], "the first instruction is not seen")
    for eye in ("left", "right"):
        # The video may go on between the headset's look at it and ours: then look again.
        pair = functools.partial(worn.through, eye)
        eventually(lambda pair=pair: alike(*pair()) > 0.9, "it is not the edit")  # type: ignore[misc]
        seen, _ = pair()
        _, source = worn.through(eye, "source-video")
        assert colourfulness(seen) < 0.5 * colourfulness(source)
    corner = worn.eye()[:40, :40]
    assert corner.max() == 0, "the surroundings are drawn over"

    worn.press("say:make it night")
    eventually(
        lambda: worn.state["board"]["note"].startswith("visible after"), "night is not applied"
    )
    state = worn.state
    assert state["board"]["text"] == "make it night"
    night, source = worn.through(video="source-video")
    assert night.mean() < 0.6 * source.mean()
    eventually(
        lambda: all(value != "–" for _, value, _ in worn.state["lines"]), "the wrist misses figures"
    )
    figures = {name: float(value) for name, value, _ in worn.state["lines"]}
    assert set(figures) == {
        "Frame age",
        "Frame rate",
        "First frame",
        "Instruct → picture",
        "Dropped",
    }
    assert figures["Frame age"] > 0 and figures["Frame rate"] > 0
    assert 0 < figures["Instruct → picture"] < 8000
    worn.eye_shot("xr-night")
    worn.shot("xr-mirror")
    assert worn.errors == []


def test_leaving_ends_everything(identity_url: str, wear: Wear) -> None:
    seats = free_seats(identity_url)
    worn = wear()
    worn.enter("camera")
    assert free_seats(identity_url) == seats - 1
    track = "document.getElementById('source-video').srcObject"
    worn.page.evaluate(f"window.track = {track}.getVideoTracks()[0]")
    worn.press("leave")
    worn.page.wait_for_selector("html[data-visit=out][data-state=idle]")
    assert worn.calls()[-1] == "end"
    assert worn.page.evaluate("window.track.readyState") == "ended"
    assert "camera is off" in worn.page.inner_text("#status")
    eventually(lambda: free_seats(identity_url) == seats, "the seat is still taken")

    worn.enter("camera")  # and in again: nothing is asked twice
    assert worn.calls().count("ask video") == 3
    worn.page.evaluate("fakeXr.session.end()")  # as the headset's own button does
    worn.page.wait_for_selector("html[data-visit=out][data-state=idle]")
    eventually(lambda: free_seats(identity_url) == seats, "the seat is still taken")
    assert worn.errors == []


def test_hands_move_and_size_the_window(wear: Wear) -> None:
    worn = wear()
    worn.enter()
    before = worn.state
    assert before["at"] == pytest.approx([0, 1.56, -1.25], abs=0.01)
    assert before["width"] / before["height"] == pytest.approx(4 / 3, abs=0.01)

    # One hand: the window goes where the ray goes, and goes on facing the eyes.
    worn.do("aim", "right", before["at"])
    worn.frames(1)
    worn.do("start", "right")
    assert worn.page.evaluate("fakeXr.pulses('right')") == 1
    worn.do("aim", "right", [0.7, 1.7, -1.1])
    worn.frames(2)
    held = worn.state
    assert held["held"] == 1
    assert apart(held["at"], [0.7, 1.7, -1.1]) < 0.12
    towards = np.array([0, 1.6, 0]) - held["at"]
    assert np.dot(held["facing"], towards / np.linalg.norm(towards)) == pytest.approx(1, abs=1e-3)
    # The thumbstick, pushed away from oneself.
    worn.do("stick", "right", 0, -1)
    worn.frames(8)
    worn.do("stick", "right", 0, 0)
    worn.frames(1)
    farther = worn.state
    assert apart(farther["at"], [0, 1.6, 0]) > apart(held["at"], [0, 1.6, 0]) + 0.1
    worn.do("end", "right")
    worn.do("aim", "right", [3, 1, -1])
    worn.frames(2)
    assert worn.state["at"] == pytest.approx(farther["at"], abs=1e-3), "it was let go of"

    # Two hands that part.
    for hand in ("left", "right"):
        worn.do("aim", hand, farther["at"])
    worn.frames(1)
    worn.do("start", "left", "squeeze")
    worn.do("start", "right", "squeeze")
    worn.do("reach", "left", [-0.5, 1.25, -0.35])
    worn.do("reach", "right", [0.5, 1.25, -0.35])
    worn.frames(2)
    wide = worn.state
    assert wide["width"] == pytest.approx(2 * farther["width"], rel=0.05)
    # One hand goes missing: the other still holds it.
    worn.do("unplug", "left")
    worn.frames(2)
    assert worn.state["held"] == 1
    worn.do("end", "right", "squeeze")
    assert worn.state["held"] == 0

    # A stick over a window that nobody holds sizes it.
    worn.do("aim", "right", worn.state["at"])
    worn.do("stick", "right", 0, 1)
    worn.frames(6)
    assert worn.state["width"] < wide["width"]
    worn.do("stick", "right", 0, 0)
    worn.frames(2)
    worn.press("recentre")
    assert worn.state["at"] == pytest.approx([0, 1.56, -1.25], abs=0.01)
    assert worn.errors == []


def test_lock_to_the_head_or_the_room(wear: Wear) -> None:
    worn = wear()
    worn.enter()
    there = worn.state["at"]
    worn.do("head", [0.5, 1.6, 0.4], [0.5, 1.6, -1])
    worn.frames(2)
    assert worn.state["at"] == pytest.approx(there, abs=1e-4), "it hangs in the room"
    worn.press("lock")
    assert worn.state["isLocked"]
    worn.do("head", [0.7, 1.5, 0.4], [0.7, 1.5, -1])
    worn.frames(2)
    assert worn.state["at"] == pytest.approx([there[0] + 0.2, there[1] - 0.1, there[2]], abs=1e-3)
    worn.press("lock")
    there = worn.state["at"]
    worn.do("head", [0, 1.6, 0], [0, 1.6, -1])
    worn.frames(2)
    assert worn.state["at"] == pytest.approx(there, abs=1e-4)
    assert worn.state["up"] == pytest.approx(1, abs=0.05), "back in the room it is upright"
    assert worn.errors == []


def test_source_beside_the_edit(wear: Wear) -> None:
    worn = wear()
    worn.enter()
    width, one = worn.state["width"], worn.eye()[240, :, 3].mean()
    worn.press("view")
    assert worn.state["view"] == "both" and worn.state["span"] > 2 * width
    worn.frames(2)
    assert worn.eye()[240, :, 3].mean() > 1.7 * one, "two windows are twice as wide"
    worn.eye_shot("xr-side-by-side")
    worn.press("view")
    assert worn.state["view"] == "source"
    worn.frames(2)
    eventually(lambda: alike(*worn.through(video="source-video")) > 0.95, "it is not the source")
    worn.press("view")
    assert worn.state["view"] == "edit"
    assert worn.errors == []


RED_ON_BOARD = """async (recorded) => {
  const { headset: { board, live } } = await import("/static-xr/js/main.js");
  live.dispatchEvent(new CustomEvent("recorded", { detail: recorded }));
  board.paint(board.pen);
  const [red, green, blue] = board.pen.getImageData(48, 24, 1, 1).data;
  return red > 200 && green < 150 && blue < 150;
}"""


def test_the_board_says_that_the_server_records(wear: Wear) -> None:
    worn = wear()
    worn.enter()
    assert [worn.page.evaluate(RED_ON_BOARD, on) for on in (True, False)] == [True, False]


def test_the_wrist(wear: Wear) -> None:
    worn = wear()
    worn.enter()
    worn.do("reach", "left", [-0.3, 1.4, -0.6])
    worn.frames(2)
    at = worn.state["wristAt"]
    assert apart(at, [-0.3, 1.4, -0.6]) < 0.15, "it is at the left hand"
    eventually(lambda: worn.state["lines"][0][1] != "–", "no frame age")
    scale = 480 / (2 * 0.86 * 0.6)
    x, y = 320 + (at[0] + 0.032) * scale, 240 - (at[1] - 1.6) * scale
    half = 0.4 * worn.state["wristWidth"] * scale
    region = worn.eye()[int(y - half / 2) : int(y + half / 2), int(x - half) : int(x + half)]
    assert region[..., 3].min() == 255
    warm = (region[..., 0] > 200) & (region[..., 2] < 140)
    assert warm.any(), "the frame age is written in the warm colour"
    worn.do("hide", "left")
    worn.frames(2)
    state = worn.state
    assert apart(state["wristAt"], state["at"]) < 0.8, "without a left hand it is by the window"
    assert worn.errors == []


def test_speech(wear: Wear) -> None:
    worn = wear(scripts=(SPEECH,))
    assert worn.page.is_visible("#speak-field")
    worn.page.check("#speak")
    worn.enter("camera")
    assert worn.calls() == ["ask video", "ask audio", "ask video", "session immersive-ar"]
    worn.press("speak")
    assert worn.state["board"]["isListening"]
    worn.page.evaluate("utter('make it', false)")
    assert worn.state["board"]["text"] == "make it"
    worn.page.evaluate("utter('make it look like autumn', true)")
    eventually(lambda: worn.state["board"]["isVisible"], "what was said is not applied")
    state = worn.state
    assert state["board"]["text"] == "make it look like autumn"
    assert not state["board"]["isListening"]
    assert ["say:make it look like autumn", "make it look like autumn"] in state["buttons"]
    worn.press("speak")
    worn.page.evaluate("window.spoken.onerror({error: 'no-speech'}); window.spoken.onend()")
    board = worn.state["board"]
    assert "Nothing was heard" in board["note"] and board["text"] == "make it look like autumn"
    assert worn.errors == []


def test_without_speech_there_is_no_such_button(wear: Wear) -> None:
    gone = (
        "delete window.SpeechRecognition; delete window.webkitSpeechRecognition;"
        "window.SpeechRecognition = undefined; window.webkitSpeechRecognition = undefined;"
    )
    worn = wear(scripts=(gone,), settings={"keyboard": True})
    assert worn.page.is_hidden("#speak-field")
    worn.enter()
    ids = [button for button, _ in worn.state["buttons"]]
    assert "speak" not in ids and "type" in ids

    worn.press("type")  # the headset's own keyboard writes into a field of the page
    assert worn.page.evaluate("document.activeElement.id") == "line"
    worn.page.keyboard.type("make it foggy")
    worn.page.keyboard.press("Enter")
    eventually(lambda: worn.state["board"]["isVisible"], "what was typed is not applied")
    assert worn.state["board"]["text"] == "make it foggy"
    assert worn.page.is_hidden("#line")
    assert worn.errors == []


def test_a_dark_room_where_nothing_is_seen_through(wear: Wear) -> None:
    worn = wear(settings={"modes": ["immersive-vr"]})
    assert worn.page.inner_text("#enter") == "Enter VR"
    assert "dark" in worn.page.inner_text("#closed-note")
    worn.enter()
    assert "session immersive-vr" in worn.calls()
    assert worn.eye()[..., 3].min() == 255
    worn.eye_shot("xr-dark-room")
    assert worn.errors == []


def test_troubles_are_told_inside(identity_url: str, wear: Wear) -> None:
    worn = wear()
    with worn.page.expect_response(lambda one: one.url.endswith("/v1/session")) as opened:
        worn.enter()
    httpx.delete(identity_url + opened.value.headers["location"])
    eventually(lambda: worn.state["card"] == "Connection lost", "the window says nothing")
    worn.frames(2)
    worn.eye_shot("xr-lost")
    worn.page.wait_for_selector("html[data-visit=in][data-state=live]")
    assert worn.state["card"] == ""

    worn.page.evaluate(  # the camera is unplugged
        "document.getElementById('source-video').srcObject.getVideoTracks()[0]"
        ".dispatchEvent(new Event('ended'))"
    )
    eventually(lambda: worn.state["card"] == "The camera went away", "the window says nothing")
    worn.press("retry")
    worn.page.wait_for_selector("html[data-visit=in][data-state=live]")
    assert worn.errors == []


def test_a_slow_answer_costs_one_more_tap(wear: Wear) -> None:
    """Asking took longer than a click counts: the page says so, and asks nothing twice."""
    worn = wear()
    worn.page.evaluate(
        "Object.defineProperty(navigator, 'userActivation', "
        "{value: {isActive: false}, configurable: true})"
    )
    worn.page.click("#enter")
    eventually(lambda: "One more tap" in worn.page.inner_text("#status"), "nothing is said")
    assert worn.calls() == ["ask video", "ask video"]
    worn.page.evaluate("delete navigator.userActivation")
    worn.page.click("#enter")
    worn.page.wait_for_selector("html[data-visit=in]")
    assert worn.errors == []


def test_waits_its_turn_inside(wear: Wear) -> None:
    # Three headsets drawn by two processor cores: small and slow ones.
    light = {"fps": 5, "eye": [160, 120]}
    first, second, third = (wear(settings=light) for _ in range(3))
    first.enter()
    second.enter()
    third.page.click("#sources [data-source=sample]")
    third.page.click("#enter")
    third.page.wait_for_selector("html[data-visit=in]")
    eventually(lambda: third.state["card"] == "Every seat is taken", "the window says nothing")
    first.leave()
    third.page.wait_for_selector("html[data-state=live]")
    assert third.state["card"] == ""
    assert third.errors == []


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        ("Object.defineProperty(navigator, 'xr', {value: undefined})", "no-webxr", "WebXR"),
        ("fakeXrSettings.modes.length = 0", "no-headset", "No headset found"),
        (
            "Object.defineProperty(window, 'isSecureContext', {value: false})",
            "insecure",
            "https pages and to localhost",
        ),
    ],
)
def test_falls_back_and_says_why(wear: Wear, script: str, code: str, words: str) -> None:
    worn = wear(settings={"modes": []}, scripts=(script,))
    worn.page.wait_for_selector(f"#notice[data-code={code}]")
    assert words in worn.page.inner_text("#notice")
    assert worn.page.is_disabled("#enter")
    worn.shot(f"xr-{code}")
    if code == "no-headset":  # plugged in later
        worn.do("supports", ["immersive-ar"])
        worn.page.wait_for_selector("html[data-way=immersive-ar]")
        assert worn.page.is_hidden("#notice") and worn.page.is_enabled("#enter")
        return
    worn.page.click("text=Open the flat page")
    worn.page.wait_for_selector("html[data-view][data-server=there]")
    assert worn.page.is_visible("#open-headset") == (code != "no-webxr")


def test_keyboard_and_phone(wear: Wear) -> None:
    worn = wear(size=(390, 844), device_scale_factor=2, is_mobile=True, has_touch=True)
    assert worn.page.evaluate("document.documentElement.scrollWidth") <= 390
    worn.page.screenshot(path=ARTIFACTS / "xr-entry-phone.png", full_page=True)
    keys = worn.page.keyboard
    keys.press("3")  # the sample
    keys.press("/")
    keys.type("make it night")
    keys.press("Enter")
    worn.page.wait_for_selector("html[data-visit=in][data-state=live]")
    eventually(lambda: worn.state["board"]["text"] == "make it night", "not sent")
    keys.press("Escape")  # leaves the box
    keys.press("v")
    assert worn.state["view"] == "both"
    keys.press("l")
    assert worn.state["isLocked"]
    keys.press("Escape")
    worn.page.wait_for_selector("html[data-visit=out][data-state=idle]")
    assert worn.errors == []


def test_camera_rules(wear: Wear) -> None:
    """On a Quest the avatar's camera is never offered, and one that looks outward comes first."""
    worn = wear()
    quest = "Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 OculusBrowser/40.0"
    choose = """async ([labels, agent]) => {
      const { usableCameras, preferredCamera } = await import("/static/js/cameras.js");
      const devices = labels.map((label, index) => ({ kind: "videoinput", deviceId: `c${index}`, label }));
      devices.push({ kind: "audioinput", deviceId: "m", label: "microphone" });
      devices.push({ kind: "videoinput", deviceId: "", label: "" });
      return [usableCameras(devices, agent).map((one) => one.label), preferredCamera(devices, agent)?.label ?? null];
    }"""
    labels = ["camera 1, facing front", "Avatar Front Camera", "camera 50, facing back"]
    for given, agent, usable, first in [
        (labels, quest, ["camera 50, facing back"], "camera 50, facing back"),
        (labels, "Chrome/150", labels, "camera 1, facing front"),
        (
            ["USB", "Left passthrough", "facing back"],
            quest,
            ["USB", "Left passthrough", "facing back"],
            "Left passthrough",
        ),
        (["front"], quest, [], None),
        ([], "Chrome/150", [], None),
    ]:
        assert worn.page.evaluate(choose, [given, agent]) == [usable, first]
    assert worn.errors == []


def test_quest_without_an_outward_camera(wear: Wear) -> None:
    only_front = """
    const media = navigator.mediaDevices, asks = media.getUserMedia;
    const avatar = {kind: "videoinput", deviceId: "a", label: "camera 1, facing front"};
    media.enumerateDevices = async () => [avatar];
    window.asked = [];
    media.getUserMedia = (wanted) => {
      window.asked.push(JSON.stringify(wanted));
      return asks(wanted);
    };
    """
    worn = wear(scripts=(only_front,), user_agent="Mozilla/5.0 Quest 3 OculusBrowser/40.0")
    worn.page.click("#enter")
    worn.page.wait_for_selector("#notice[data-code=no-headset-camera]")
    assert "headset cameras" in worn.page.inner_text("#notice")
    assert worn.page.evaluate("asked") == ['{"video":{"facingMode":{"ideal":"environment"}}}']
    assert "session immersive-ar" not in worn.calls()
    assert worn.errors == []


def test_frames_that_nobody_announces_count(wear: Wear) -> None:
    """Where a browser is silent about video frames while a headset is on, drawing them is enough."""
    mute = "HTMLVideoElement.prototype.requestVideoFrameCallback = () => 0;"
    worn = wear(scripts=(mute,))
    worn.enter("camera")
    worn.press("say:make it night")
    eventually(lambda: worn.state["board"]["isVisible"], "the instruction is not seen")
    eventually(lambda: worn.state["lines"][0][1] != "–", "no frame age")
    assert worn.state["lines"][0][0] == "Frame age, est."
    assert worn.errors == []


def test_loads_nothing_from_elsewhere(identity_url: str, wear: Wear) -> None:
    worn = wear()
    worn.enter("camera")
    worn.leave()
    host = identity_url.partition("//")[2]
    elsewhere = [url for url in worn.requests if f"//{host}/" not in url and ":" in url[:6]]
    assert [url for url in elsewhere if not url.startswith("blob:")] == []
    assert worn.errors == []
