"""Named errors: each says what is wrong and the way out. `code` is stable and goes on the wire."""


class EgostreamError(Exception):
    """Base of every error a user can act on."""

    code = "error"


class BadInstruction(EgostreamError):
    """The instruction is empty or too long."""

    code = "bad_instruction"


class BadFrames(EgostreamError):
    """Frames of the wrong number, type or shape were pushed into a stream."""

    code = "bad_frames"


class BadVideo(EgostreamError):
    """A video file is missing, corrupt, empty, or cannot be written."""

    code = "bad_video"


class UnknownPreset(EgostreamError):
    """No preset has that name."""

    code = "unknown_preset"


class BadCheckpoint(EgostreamError):
    """A weights file is missing, corrupt, or does not fit its own configuration."""

    code = "bad_checkpoint"


class StreamFailed(EgostreamError):
    """The editor broke inside one stream; the others go on."""

    code = "stream_failed"


class StreamClosed(EgostreamError):
    """A stream was used after it had been closed."""

    code = "stream_closed"


class WorkerLost(EgostreamError):
    """The process that runs the model ended or hung; it is started again."""

    code = "worker_lost"


class Busy(EgostreamError):
    """Every slot is taken."""

    code = "busy"


class BadOffer(EgostreamError):
    """The SDP offer cannot be answered."""

    code = "bad_offer"


class EngineError(EgostreamError):
    """A compiled engine cannot be built, loaded or trusted."""

    code = "engine_error"
