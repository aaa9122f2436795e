"""The two formats of the server's logs."""

from __future__ import annotations

import json
import logging

import pytest

from egostream.server import logs
from egostream.tracebacks import without_message

SESSION = "abcdefghijklmnopqrstuvwxyz012345"


def test_a_json_line_holds_all_and_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    log = logging.getLogger("egostream.test")
    log.info("two\nlines of %s", "“text”", extra={"session": SESSION})
    log.debug("not this")
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        log.exception("it broke")
    logging.getLogger("aioice").info("nor this")
    logging.getLogger("aioice").warning("but this")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["message"] for line in lines] == ["two\nlines of “text”", "it broke", "but this"]
    assert lines[0]["session"] == SESSION[:8] and lines[1]["session"] is None
    assert lines[0]["level"] == "info" and lines[2]["logger"] == "aioice"
    assert "exception" not in lines[0]
    assert "Traceback" in lines[1]["exception"] and "second" in lines[1]["exception"]


def test_a_text_line_begins_with_time_level_and_session(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info")
    logging.getLogger("egostream.test").warning("hello", extra={"session": SESSION})
    (line,) = capsys.readouterr().err.splitlines()
    assert line.split()[2:] == ["WARNING", SESSION[:8], "egostream.test:", "hello"]


def test_another_format_is_refused() -> None:
    with pytest.raises(logs.UnknownFormat, match="text or json"):
        logs.configure("info", "xml")


def test_an_error_without_its_message_still_tells_where() -> None:
    try:
        raise KeyError("what a user typed")
    except KeyError as error:
        text = without_message(error)
    assert text.startswith("KeyError\n") and "test_logs.py" in text
    # the source line that raised is quoted, as in any traceback; values never are
    assert "KeyError('what" not in text


def test_text_that_is_no_utf8_is_the_clients_fault(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    uvicorn = logging.getLogger("uvicorn.error")
    for data, shown in ((b"\xfb", False), (b"1", True)):
        try:
            data.decode()
            raise KeyError("something else")
        except (UnicodeDecodeError, KeyError):
            uvicorn.exception("a fault")
        assert ("a fault" in capsys.readouterr().err) is shown
