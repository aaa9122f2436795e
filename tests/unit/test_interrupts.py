"""Ctrl-C is held while a file is half-written, and let out where nothing is left behind.

Run: pytest tests/unit/test_interrupts.py
"""

from __future__ import annotations

import signal
import threading

import pytest

from egostream.interrupts import HeldInterrupts


def test_a_signal_waits_for_the_check() -> None:
    with HeldInterrupts() as held:
        held.check()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            held.check()
        held.check()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_waits_no_longer_than_the_block() -> None:
    reached = False
    with pytest.raises(KeyboardInterrupt):
        with HeldInterrupts():
            signal.raise_signal(signal.SIGINT)
            reached = True
    assert reached


def test_the_second_signal_is_let_through() -> None:
    with HeldInterrupts():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        raised = True
    assert raised


def test_an_error_inside_is_not_hidden() -> None:
    with pytest.raises(ValueError, match="first"):
        with HeldInterrupts():
            signal.raise_signal(signal.SIGINT)
            raise ValueError("first")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_are_left_alone() -> None:
    def work() -> None:
        with HeldInterrupts() as held:
            held.check()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
