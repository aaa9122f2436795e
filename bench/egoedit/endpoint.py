"""A chat endpoint that speaks OpenAI's protocol: one question, one answer, a bounded number of tries.

The key travels in a header and appears nowhere else: not in logs, not in errors, not in results.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from bench.egoedit.errors import BadJudge, ItemFailed

log = logging.getLogger(__name__)

PATH = "/chat/completions"
RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
HOPELESS = frozenset({401, 403, 404, 405})
LARGEST_ANSWER = 2**20
SHOWN_CHARS = 300
LOCAL = ("localhost", "127.0.0.1", "::1")
Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long to try. `timeout_s` is for one whole answer."""

    attempts: int = 5
    timeout_s: float = 120.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0


class Stopped(Exception):
    """Whoever waited was told to stop."""


def check_url(url: str) -> str:
    """The address to post to: `http://host/v1` and `http://host/v1/chat/completions` are the same. Raises BadJudge."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_good = is_good and (parts.port is None or parts.port > 0)
    except ValueError:
        is_good = False
    if not is_good:
        raise BadJudge(
            f"{url!r} is no address of an endpoint; give one such as http://localhost:8000/v1"
        )
    if parts.username or parts.password:
        raise BadJudge("the endpoint's address holds a password; use --key-file instead")
    path = parts.path.rstrip("/")
    path = path if path.endswith(PATH) else path + PATH
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


class Endpoint:
    """Thread-safe. Use as a context manager. Setting `stop` ends all waiting between tries."""

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        *,
        patience: Patience | None = None,
        max_tokens: int | None = None,
    ) -> None:
        self.url = check_url(url)
        self.model = model
        self.patience = patience or Patience()
        self.stop = threading.Event()
        self._key = key
        self._more = {} if max_tokens is None else {"max_tokens": max_tokens}
        host = urlsplit(self.url).hostname or ""
        if key and self.url.startswith("http://") and host not in LOCAL:
            log.warning("the key goes to %s unencrypted; use https if you can", host)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        # A proxy of the environment cannot reach this machine's own ports.
        self._client = httpx.Client(
            headers=headers, timeout=self.patience.timeout_s, trust_env=host not in LOCAL
        )

    def __enter__(self) -> Endpoint:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, messages: list[Message]) -> str:
        """The answer's text. Raises ItemFailed, BadJudge (nothing will ever work), Stopped."""
        patience = self.patience
        why = ""
        for attempt in range(patience.attempts):
            if self.stop.is_set():
                raise Stopped
            wanted_s: float | None = None
            try:
                status, wanted_s, body = self._post(messages)
            except httpx.HTTPError as error:
                why = f"{type(error).__name__}: {error}"
            else:
                if status == 200:
                    return _text_of(body)
                why = f"HTTP {status}: {self._shown(body)}"
                if status in HOPELESS:
                    shown = self.url.partition("?")[0]  # what follows may be secret
                    raise BadJudge(f"{shown} refuses: {why}; {_way_out(status)}")
                if status not in RETRIED:
                    raise ItemFailed("judge_error", why)
            if attempt + 1 < patience.attempts:
                wait_s = patience.first_wait_s * 2**attempt * random.uniform(0.5, 1.0)
                wait_s = min(patience.longest_wait_s, max(wait_s, wanted_s or 0.0))
                log.debug("judge: %s; again in %.1f s", why, wait_s)
                if self.stop.wait(wait_s):
                    raise Stopped
        raise ItemFailed("judge_unreachable", f"gave up after {patience.attempts} tries: {why}")

    def _post(self, messages: list[Message]) -> tuple[int, float | None, bytes]:
        """Status, seconds that the server wants us to wait, body. Raises httpx.HTTPError."""
        request = {"model": self.model, "temperature": 0, "messages": messages, **self._more}
        end_s = time.monotonic() + self.patience.timeout_s
        body = bytearray()
        with self._client.stream("POST", self.url, json=request) as response:
            for piece in response.iter_bytes():
                body += piece
                # A server that dribbles resets the client's own timeout with every byte.
                if time.monotonic() > end_s:
                    raise httpx.ReadTimeout("the answer did not end in time")
                if len(body) > LARGEST_ANSWER:
                    raise httpx.DecodingError("the answer is larger than a megabyte")
            try:
                wanted_s = max(0.0, float(response.headers.get("retry-after", "")))
            except ValueError:
                wanted_s = None
            return response.status_code, wanted_s, bytes(body)

    def _shown(self, body: bytes) -> str:
        text = " ".join(body.decode(errors="replace").split())
        return (text.replace(self._key, "***") if self._key else text)[:SHOWN_CHARS]


def _way_out(status: int) -> str:
    if status in (401, 403):
        return "check the key (--key-file) and that it may use this model"
    return "check the address (--endpoint, it mostly ends in /v1) and the model's name"


def _text_of(body: bytes) -> str:
    """The first choice's text; empty where it has none. Raises ItemFailed for what is no chat completion."""
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
        if isinstance(content, list):
            content = "".join(part.get("text", "") for part in content)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ItemFailed("judge_error", "the endpoint's answer is no chat completion") from error
    return content if isinstance(content, str) else ""
