"""What one server process runs: deployment facts only, fixed for the life of the process."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from egostream.contract import EditorLike
from egostream.model_choice import ModelChoice
from egostream.recording.settings import RecordSettings

EditorFactory = Callable[[], EditorLike]


@dataclass(frozen=True, slots=True)
class ServerSettings(ModelChoice):
    """The model, unless an `editor_factory` stands in for it (tests, the bench), and where and to whom it is served.
    `media_timeout_s`: a client not heard for so long is gone and its slot is freed. `in_process`: the model shares this
    process, and whatever breaks it ends the server. `recording`: what is kept of all sessions; nothing without it.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    max_sessions: int = 2
    ice_servers: tuple[str, ...] = ()
    seed: int = 0
    log_level: str = "info"
    editor_factory: EditorFactory | None = None
    media_timeout_s: float = 15.0
    in_process: bool = False
    recording: RecordSettings | None = None

    @property
    def is_loopback(self) -> bool:
        """Served to this machine only, so media may take its loopback too."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
