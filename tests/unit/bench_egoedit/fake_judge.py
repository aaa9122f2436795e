"""A judge's endpoint on this machine: a real HTTP server that answers as it is told, and keeps what it was sent."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np

GOOD = 'The hat is there.\n{"prompt_following": 3, "edit_quality": 2, "background_consistency": 1}'


@dataclass
class Reply:
    text: str = GOOD
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0

    def body(self) -> bytes:
        if self.status != 200:
            return json.dumps({"error": {"message": self.text}}).encode()
        return json.dumps({"choices": [{"message": {"content": self.text}}]}).encode()


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def texts(self) -> list[str]:
        """The words of all messages, in order."""
        out = []
        for message in self.body["messages"]:
            content = message["content"]
            parts = [{"text": content}] if isinstance(content, str) else content
            out += [part["text"] for part in parts if "text" in part]
        return out

    @property
    def pictures(self) -> list[np.ndarray]:
        """RGB, in order."""
        urls = [
            p["image_url"]["url"] for p in self.body["messages"][0]["content"] if "image_url" in p
        ]
        out = []
        for url in urls:
            head, _, data = url.partition(",")
            assert head == "data:image/jpeg;base64"
            raw = np.frombuffer(base64.b64decode(data), np.uint8)
            out.append(cv2.imdecode(raw, cv2.IMREAD_COLOR)[..., ::-1])
        return out


class FakeJudge:
    """Use as a context manager. `answer` gets each request and its number (0 first)."""

    def __init__(self, answer: Callable[[Asked, int], Reply]) -> None:
        self.asked: list[Asked] = []
        lock = threading.Lock()
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                request = Asked(self.path, dict(self.headers), json.loads(raw))
                with lock:
                    number = len(asked)
                    asked.append(request)
                reply = answer(request, number)
                time.sleep(reply.delay_s)
                body = reply.body()
                try:
                    self.send_response(reply.status)
                    for name, value in {**reply.headers, "Content-Length": str(len(body))}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:  # whoever asked did not wait
                    pass

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> FakeJudge:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def always(reply: Reply) -> Callable[[Asked, int], Reply]:
    return lambda request, number: reply
