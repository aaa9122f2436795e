"""Networks that are gone for longer than a session waits, and those that lose the control socket alone.

Run: pytest -m fault tests/fault/test_ends.py
"""

from __future__ import annotations

import pytest

from bench.network.inside import FailedInside, call

HERE = "tests.fault.scenarios"


@pytest.mark.fault
def test_a_client_that_is_cut_off_for_long_is_let_go_and_told(lab: None) -> None:
    """The server waits fifteen seconds for a sign of life; then the place is another's, and nothing is left behind."""
    found = call(f"{HERE}:cut_off_for_long", {"outage_s": 22.0}, 200)
    assert found["freed_s"] is not None and 13 < found["freed_s"] < 22, found
    assert "silent" in found["reason"] and found["told_s"] < 45, found
    assert found["after"]["threads"] <= found["before"]["threads"] + 1, found
    assert found["after"]["files"] <= found["before"]["files"] + 2, found


@pytest.mark.fault
def test_a_control_socket_that_is_cut_off_loses_nothing(lab: None) -> None:
    found = call(f"{HERE}:control_cut_off", {"outage_s": 8.0}, 120)
    assert found["ended"] is None and found["applied"] == "let it snow", found
    assert found["longest_freeze_s"] < 1.0, "the picture does not mind"
    assert found["applied_after_s"] < 20, found


@pytest.mark.fault
def test_a_half_open_control_socket_is_noticed_and_the_picture_goes_on(lab: None) -> None:
    found = call(f"{HERE}:half_open_control", {}, 200)
    assert found["seconds"] < 60 and found["received_in_3_s"] > 30, found
    assert found["slots_free"] == 0, "the session lives as long as its pictures come"


def test_what_fails_inside_is_told_outside(lab: None) -> None:
    with pytest.raises(FailedInside, match="as asked"):
        call(f"{HERE}:fails", {}, 60)
    with pytest.raises(FailedInside, match="without a result"):
        call(f"{HERE}:no_such_thing", {}, 60)
