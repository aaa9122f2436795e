"""Live editing over WebRTC: `run` a server, or mount what `create_app` makes."""

from egostream.server.app import CannotListen, create_app, run
from egostream.server.settings import ServerSettings

__all__ = ["CannotListen", "ServerSettings", "create_app", "run"]
