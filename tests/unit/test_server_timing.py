"""Frame age, playout times and when a client counts as gone."""

from __future__ import annotations

from egostream.server.clock import MAX_AGE_NS, FrameClock
from egostream.server.liveness import Liveness
from egostream.server.pacing import MAX_HOLD_NS, Pacer
from egostream.server.telemetry import STAGES, Telemetry

MS = 1_000_000
FRAME = 3750  # 24 fps in ticks of 90 kHz
FRAME_NS = FRAME * 100_000 // 9


def test_age_counts_from_the_fastest_frame() -> None:
    clock = FrameClock()
    assert clock.age_ns(0, 5) == 0
    assert clock.arrive(0, 1000 * MS) == 0
    assert abs(clock.arrive(9000, 1130 * MS) - 30 * MS) < MS
    assert clock.arrive(18000, 1195 * MS) == 0, "5 ms faster than all before"
    assert clock.age_ns(18000, 1295 * MS) == 100 * MS


def test_the_burst_after_an_outage_is_too_old() -> None:
    clock = FrameClock()
    clock.arrive(0, 0)
    ages = [clock.arrive(i * FRAME, 2000 * MS + i * MS) for i in range(1, 48)]
    assert all(age > MAX_AGE_NS for age in ages[:30])
    assert ages[-1] < MAX_AGE_NS


def test_a_sender_whose_clock_stopped_is_believed_in_the_end() -> None:
    clock = FrameClock()
    clock.arrive(0, 0)
    late = 60_000 * MS  # the pause did not count on the sender's clock
    ages = [clock.arrive(i * FRAME, late + i * FRAME_NS) for i in range(1, 60)]
    assert ages[0] > MAX_AGE_NS
    assert ages[-1] == 0
    assert sum(age > MAX_AGE_NS for age in ages) < 30


def test_clock_drift_does_not_add_up() -> None:
    clock = FrameClock()
    ages = [clock.arrive(i * FRAME, i * round(FRAME_NS * 1.0005)) for i in range(50_000)]
    assert max(ages) < 5 * MS


def run_pacer(ready_ms: list[float], frames: int = 4) -> tuple[Pacer, list[float]]:
    """Ages at release, of chunks whose k-th is ready at `ready_ms[k]` after its first frame."""
    pacer = Pacer()
    ages: list[float] = []
    for chunk, ready in enumerate(ready_ms):
        pts = [(chunk * frames + i) * FRAME for i in range(frames)]
        ready_ns = pts[0] * 100_000 // 9 + round(ready * MS)
        due = pacer.due_ns(pts, ready_ns)
        assert all(d >= ready_ns for d in due)
        assert due == sorted(due)
        ages += [(d - p * 100_000 / 9) / MS for d, p in zip(due, pts, strict=True)]
    return pacer, ages


def test_a_steady_model_gives_the_cameras_cadence_and_no_more_age() -> None:
    pacer, ages = run_pacer([215.0] * 20)
    assert max(ages) - min(ages) < 0.01
    assert abs(ages[0] - 215) < 0.01
    assert pacer.num_late == 0


def test_jitter_costs_less_than_itself() -> None:
    _, ages = run_pacer([215.0 + 30 * (i % 2) for i in range(100)])
    assert max(ages[-40:]) <= 246
    assert sum(ages[-40:]) / 40 < 243


def test_one_slow_chunk_leaves_no_delay_behind() -> None:
    pacer, ages = run_pacer([215.0] * 10 + [900.0] + [215.0] * 30)
    assert pacer.num_late > 0
    assert ages[44] < 215 + MAX_HOLD_NS / MS + 1, "the very next chunk is nearly as young as before"
    assert ages[-1] < 220


def test_a_camera_clock_that_jumps_back_is_believed_at_once() -> None:
    pacer = Pacer()
    pacer.due_ns([3_000_000 + i * FRAME for i in range(4)], 1_000 * MS)
    late = pacer.num_late
    due = pacer.due_ns([i * FRAME for i in range(4)], 2_000 * MS)
    assert [round((at - 2_000 * MS) / MS) for at in due] == [0, 42, 83, 125]
    assert pacer.num_late == late


def test_single_frames_are_never_held() -> None:
    _, ages = run_pacer([5.0, 9.0, 3.0, 7.0], frames=1)
    assert [round(age, 3) for age in ages] == [5.0, 9.0, 3.0, 7.0]


def test_a_client_that_falls_silent() -> None:
    life = Liveness(media_timeout_s=15)
    now = life._media_ns
    assert life.verdict(now + 14_000 * MS) is None
    assert life.verdict(now + 16_000 * MS) is not None
    life.heard_media(now + 10_000 * MS)
    assert life.verdict(now + 16_000 * MS) is None


def test_a_paused_client_stays_while_its_socket_talks() -> None:
    life = Liveness(media_timeout_s=15)
    life.control_opened()
    now = life._media_ns
    life.heard_control(now + 60_000 * MS)
    assert life.verdict(now + 70_000 * MS) is None
    life.heard_control(now + 121_000 * MS)
    assert life.verdict(now + 121_000 * MS) is not None


def test_a_client_whose_socket_closed_has_less_time() -> None:
    life = Liveness(media_timeout_s=15)
    life.control_opened()
    life.control_closed()
    now = life._media_ns
    assert life.verdict(now + 9_000 * MS) is None
    assert life.verdict(now + 11_000 * MS) is not None
    life.heard_media(now + 10_000 * MS)
    assert life.verdict(now + 11_000 * MS) is None


def test_telemetry_means_rates_and_counts() -> None:
    now = [0]
    telemetry = Telemetry(lambda: now[0])
    for _ in range(10):
        telemetry.frame_in()
    telemetry.add("decode", 1.0)
    telemetry.add("decode", 3.0)
    telemetry.add_all({"denoise": 5.0, "something new": 1.0})
    telemetry.expect_first(100, since_ns=0)
    telemetry.frame_out(99, 10 * MS)
    telemetry.frame_out(100, 20 * MS)
    telemetry.frame_out(101, 30 * MS)
    now[0] = 500 * MS
    stats = telemetry.snapshot(dropped=2, late=1)
    assert (stats.frames_in, stats.frames_out, stats.dropped, stats.late) == (10, 3, 2, 1)
    assert (stats.fps_in, stats.fps_out, stats.first_frame_ms) == (20.0, 6.0, 20.0)
    assert set(stats.stage_ms) == set(STAGES)
    assert (stats.stage_ms["decode"], stats.stage_ms["denoise"]) == (2.0, 5.0)
    now[0] = 1000 * MS
    stats = telemetry.snapshot(dropped=2, late=1)
    assert (stats.frames_in, stats.fps_in, stats.stage_ms["decode"]) == (10, 0.0, 0.0)
