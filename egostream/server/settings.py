"""What one server process runs: deployment facts only, fixed for the life of the process."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from egostream.contract import EditorLike
from egostream.model_choice import ModelChoice
from egostream.recording.settings import RecordSettings
from egostream.rtc.ports import PortRange

EditorFactory = Callable[[], EditorLike]


@dataclass(frozen=True, slots=True)
class ServerSettings(ModelChoice):
    """The model, unless an `editor_factory` stands in for it (tests, the bench), and where and to whom it is served.

    `media_timeout_s`: a client not heard for so long is gone and its slot is freed. `in_process`: the model shares this
    process, and whatever breaks it ends the server. `queue`: how many may wait for one of the `max_sessions` places;
    `max_session_s`: how long a session lasts at most, 0 for ever; `drain_timeout_s`: how long a server that is told to
    stop lets them go on. `cert`, `key`: of the user's, else one of its own making where `self_signed` or where other
    machines reach it, unless `insecure_http`; `san`: further names it is reached by; `allow_origins`: other pages that
    may use it; `token_secret`: the file with what signs tokens, which other machines need unless `no_auth`.
    `turn`: TURN servers that clients are told of, with credentials signed by the secret in the file `turn_secret`;
    `udp_ports`: the ports that media may use, if not any.
    `recording`: what is kept of all sessions; nothing without it.
    `metrics_port`: where Prometheus may ask, on loopback; 0 is none. `id_suffix`: what sessions' names end in, from
    a dot on, so that a front before several servers knows whose they are.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    max_sessions: int = 2
    ice_servers: tuple[str, ...] = ()
    seed: int = 0
    log_level: str = "info"
    log_format: str = "text"
    metrics_port: int = 0
    editor_factory: EditorFactory | None = None
    media_timeout_s: float = 15.0
    in_process: bool = False
    queue: int = 0
    max_session_s: float = 0.0
    drain_timeout_s: float = 30.0
    cert: Path | None = None
    key: Path | None = None
    self_signed: bool = False
    insecure_http: bool = False
    san: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
    token_secret: Path | None = None
    no_auth: bool = False
    turn: tuple[str, ...] = ()
    turn_secret: Path | None = None
    udp_ports: PortRange | None = None
    recording: RecordSettings | None = None
    id_suffix: str = ""

    @property
    def is_loopback(self) -> bool:
        """Served to this machine only, so media may take its loopback too."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
