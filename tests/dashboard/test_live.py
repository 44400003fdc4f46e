"""A viewer's stream, through a real connection where it matters; without Streamlit and without a browser."""

import gc
import os
import threading
from collections import Counter
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from dashboard.live import Stream, _Times, ice_servers
from db.emotions import EMOTIONS
from processor.config import Home, SettingsInvalid, load
from processor.emotions import find_bundle, model_id, read_card
from processor.live_engine import Engine
from processor.live_faces import Options
from processor.live_journal import About, Journal
from processor.live_overlay import Overlay
from tests.dashboard import loopback
from tests.dashboard.loopback import Camera, Connection, wait_until

STARTS = 50


def frame(pts=None, rate=90_000):
    """A frame of that time on the camera's clock."""
    made = av.VideoFrame(64, 48, "yuv420p")
    made.pts, made.time_base = pts, Fraction(1, rate)
    return made


@pytest.fixture
def engine(home):
    found = Engine(load(home=home.path))
    yield found
    found.close()


@pytest.fixture(scope="module")
def looking(tmp_path_factory):
    """An engine that has loaded the shipped model, for all tests of this file."""
    found = Engine(load(home=Home(tmp_path_factory.mktemp("home")).create().path))
    yield found
    found.close()


@pytest.fixture
def dashboard():
    with loopback.server() as found:
        yield found


@pytest.fixture(scope="module")
def pictures(sample_video):
    """A second of the sample video, RGB; there is a face in it."""
    with av.open(str(sample_video)) as video:
        return [frame.to_ndarray(format="rgb24") for frame, _ in zip(video.decode(video=0), range(25), strict=False)]


MOODNET = Options(find_bundle("moodnet"), detector="haar")


def about():
    """A session that is kept with its video."""
    card = read_card(MOODNET.bundle)
    return About(None, None, None, True, True, None, str(MOODNET.bundle), model_id(card), card, "haar", "CPU")


# --- time ---


def test_time_is_the_cameras():
    times = _Times()
    # The camera's clock begins anywhere; frames come late, early and in a bunch.
    came = [(3_600_000, 10.0), (3_603_000, 10.5), (3_606_000, 10.5), (3_609_000, 10.51)]
    assert [times.of(frame(pts), arrived_s) for pts, arrived_s in came] == pytest.approx([0, 1 / 30, 2 / 30, 3 / 30])


def test_time_of_a_clock_that_jumps_is_that_of_arrival():
    times = _Times()
    came = [(0, 10.0), (90_000, 11.0), (2**32, 12.0), (2**32 + 90_000, 13.0), (500, 14.0), (90_500, 15.0)]
    assert [times.of(frame(pts), arrived_s) for pts, arrived_s in came] == pytest.approx([0, 1, 2, 3, 4, 5])


def test_time_of_frames_without_one_is_that_of_arrival():
    times = _Times()
    assert [times.of(frame(None), arrived_s) for arrived_s in (10.0, 10.2, 10.5)] == pytest.approx([0, 0.2, 0.5])


def test_time_always_goes_up():
    times = _Times()
    found = [times.of(frame(pts), 10.0) for pts in (0, 3000, 3000, 1000, 6000)]
    assert found == pytest.approx([0, 1 / 30, 1 / 30 + 0.001, 1 / 30 + 0.002, 2 / 30])
    assert all(later > earlier for earlier, later in zip(found, found[1:], strict=False))


# --- settings ---


def test_no_server_by_default():
    assert ice_servers(load()) == []


def test_servers_as_webrtc_takes_them():
    settings = load(
        ice_servers=("stun:stun.example.org:3478", "turn:turn.example.org?transport=tcp"),
        turn_user="moodreel",
        turn_password="secret",
    )
    assert ice_servers(settings) == [
        {"urls": ["stun:stun.example.org:3478"]},
        {"urls": ["turn:turn.example.org?transport=tcp"], "username": "moodreel", "credential": "secret"},
    ]
    assert "secret" not in repr(settings)


@pytest.mark.slow
def test_the_library_takes_these_servers():
    from aiortc.rtcicetransport import connection_kwargs
    from streamlit_webrtc.config import compile_rtc_configuration

    settings = load(ice_servers=("stun:stun.example.org", "turns:t.example.org"), turn_user="u", turn_password="secret")
    compiled = compile_rtc_configuration({"iceServers": ice_servers(settings)})
    assert connection_kwargs(compiled.iceServers) == {
        "stun_server": ("stun.example.org", 3478), "turn_server": ("t.example.org", 5349), "turn_ssl": True,
        "turn_transport": "tcp", "turn_username": "u", "turn_password": "secret",
    }  # fmt: skip
    assert compile_rtc_configuration({"iceServers": ice_servers(load())}).iceServers == []


@pytest.mark.parametrize(
    "bad", ["stun.example.org", "https://stun.example.org", "stun:", "stun:a b", "stun:a?transport=udp", "turn:u@a"]
)
def test_what_is_no_server_is_refused(bad):
    with pytest.raises(SettingsInvalid, match="such as stun:stun.example.org:3478"):
        load(ice_servers=(bad,), turn_user="u", turn_password="p")


@pytest.mark.parametrize("more", [{}, {"turn_user": "u"}, {"turn_password": "secret"}])
def test_turn_needs_its_user_and_password(more):
    with pytest.raises(SettingsInvalid, match="needs `turn_user` and `turn_password`") as told:
        load(ice_servers=("turn:turn.example.org",), **more)
    assert "secret" not in str(told.value)


# --- a stream without a connection ---


def test_before_its_camera_a_stream_says_nothing(engine, tmp_path):
    stream = Stream(engine, Options(tmp_path / "gone"), Overlay())
    now = stream.now()
    assert (now.live, now.ended, now.frames, now.people, now.t_s) == (False, None, 0, 0, 0.0)
    assert now.fps is now.label_age_ms is now.since_frame_s is now.coverage is now.sight is None
    assert stream.shares() == {} and stream.recent() == []
    stream.close()
    stream.close()
    assert stream.now().ended == "The camera's stream ended before it began."
    assert not engine._viewers


@pytest.mark.slow
def test_a_stream_that_nobody_has_any_more_leaves(engine, tmp_path):
    Stream(engine, Options(tmp_path / "gone"), Overlay())
    gc.collect()
    assert not engine._viewers


def test_a_model_that_is_gone_is_told(engine, tmp_path):
    stream = Stream(engine, Options(tmp_path / "gone"), Overlay())
    stream._arrived(frame(0))
    wait_until(lambda: stream.now().trouble)
    assert "gone" in stream.now().trouble
    assert stream.now().live  # the picture is shown all the same
    assert stream.source.readyState == "live"
    stream.close()


def test_figures_of_what_is_shown(engine, tmp_path, monkeypatch):
    stream = Stream(engine, Options(tmp_path / "gone"), Overlay())
    now_s = 1000.0
    monkeypatch.setattr("dashboard.live.time.monotonic", lambda: now_s)
    stream._shown.append((1000.0, None))
    assert stream.now().fps is None  # a single picture is no rate
    stream._shown.extend((1000 + place / 10, 0.05 + place / 1000) for place in range(1, 11))
    now_s = 1001.0
    assert stream.now().fps == pytest.approx(11 / 1.0)
    assert stream.now().label_age_ms == pytest.approx(55.5)  # the median of 51 to 60
    now_s = 1002.55  # those from 1000.6 on are at most 2 s old
    assert stream.now().fps == pytest.approx(5 / 2)
    now_s = 1010.0
    assert stream.now().fps == 0 and stream.now().label_age_ms is None
    assert len(stream.shown()) == 11
    stream.close()


@pytest.mark.slow
def test_a_session_given_to_a_stream_that_is_over_is_handed_in(engine, home, tmp_path):
    stream = Stream(engine, Options(tmp_path / "gone"), Overlay())
    stream.close()
    journal = Journal.begin(home, about())
    stream.keep(journal)
    wait_until(lambda: stream.now().kept)
    assert stream.now().kept == journal.end()


@pytest.mark.slow
def test_a_session_that_was_thrown_away_is_not_handed_in(engine, home, tmp_path):
    stream = Stream(engine, Options(tmp_path / "gone"), Overlay())
    journal = Journal.begin(home, about())
    stream.keep(journal)
    journal.discard()
    stream.close()
    wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name == "live hand-in"])
    assert stream.now().kept is None and "handed in" not in stream.now().trouble


# --- a stream with a connection ---


@pytest.mark.slow
def test_a_face_goes_through(dashboard, looking, pictures, home):
    heard = []
    stream = Stream(looking, MOODNET, Overlay())
    unsubscribe = stream.listen(heard.append)
    journal = Journal.begin(home, about())
    stream.keep(journal)
    camera = Camera(pictures)
    connection = Connection(dashboard, stream, camera)
    wait_until(lambda: stream.now().people and stream.now().label_age_ms and len(connection.viewer.shown) > 3)
    now = stream.now()
    assert now.live and now.ended is None and now.trouble is None
    assert now.fps > 0 and now.label_age_ms > 0 and 0 < now.coverage <= 1
    assert now.frames <= camera.sent  # what was sent before the connection stood never came
    assert sum(stream.shares().values()) == pytest.approx(1)
    assert set(stream.shares()) == {*EMOTIONS, "undecided"}
    assert heard[-1] is stream.recent()[-1] or heard[-1] is stream.recent()[-2]

    unsubscribe()
    unsubscribe()
    height, width = pictures[0].shape[:2]
    assert {(one.width, one.height) for one in connection.viewer.shown} == {(width, height)}
    assert now.sight.size_wh == (width, height)
    # Frames are a tenth of a second apart by the camera's clock, however late they came.
    for sights in (stream.recent(), heard):
        steps = np.diff([one.t_s for one in sights]) / 0.1
        assert steps == pytest.approx(np.round(steps), abs=1e-3) and (steps > 0.5).all()

    connection.stop()
    wait_until(lambda: stream.now().kept)
    assert stream.now().ended == "The camera's stream has ended." and not stream.now().live
    assert stream.now().kept == journal.end()
    assert len(list(home.spool.glob("*.json"))) == 1


@pytest.mark.slow
def test_a_clip_that_is_analysed_later_is_shown_and_kept_without_being_looked_at(dashboard, looking, pictures, home):
    stream, beside = Stream(looking, MOODNET, Overlay(), look=False), Stream(looking, MOODNET, Overlay())
    journal = Journal.begin(home, about())
    stream.keep(journal)
    connections = [Connection(dashboard, one, Camera(pictures)) for one in (stream, beside)]
    wait_until(lambda: len(connections[0].viewer.shown) > 10 and len(beside.recent()) > 3)
    assert stream.now().live and not stream.now().looks and beside.now().looks
    assert stream.viewer.looked_at == 0 and stream.recent() == [] and stream.now().label_age_ms is None
    for connection in connections:
        connection.stop()
    wait_until(lambda: stream.now().kept)
    with av.open(str(journal.folder / "video.mp4")) as video:
        assert sum(1 for _ in video.decode(video=0)) > 5


@pytest.mark.slow
def test_a_phone_that_is_turned(dashboard, looking):
    lying, standing = (np.full(shape, 128, np.uint8) for shape in ((240, 320, 3), (320, 240, 3)))
    stream = Stream(looking, MOODNET, Overlay())
    connection = Connection(dashboard, stream, Camera([lying] * 10 + [standing] * 10))
    sizes = lambda: {(one.width, one.height) for one in connection.viewer.shown}  # noqa: E731
    wait_until(lambda: sizes() == {(320, 240), (240, 320)})
    wait_until(lambda: {one.size_wh for one in stream.recent()} == {(320, 240), (240, 320)})
    assert stream.now().trouble is None and stream.now().coverage == 0 and stream.shares() == {}
    connection.stop()


@pytest.mark.slow
def test_a_tab_that_is_closed_ends_the_stream(dashboard, looking, pictures):
    stream = Stream(looking, MOODNET, Overlay())
    connection = Connection(dashboard, stream, Camera(pictures))
    wait_until(lambda: stream.now().live)
    connection.leave()
    wait_until(lambda: stream.now().ended)
    assert stream.source.readyState == "ended"
    connection.worker.stop()


@pytest.mark.slow
def test_a_listener_that_fails_stops_nobody(dashboard, looking, pictures, caplog):
    def fail(sight):
        raise ValueError("not today")

    stream = Stream(looking, MOODNET, Overlay())
    stream.listen(fail)
    connection = Connection(dashboard, stream, Camera(pictures))
    wait_until(lambda: len(stream.recent()) > 3)
    assert "not today" in caplog.text and stream.now().trouble is None
    connection.stop()


def counted(dashboard) -> dict:
    """What must not grow: threads, open files, what waits in the loop, tracks in the relay, streams, frames."""
    gc.collect()
    kinds = Counter(type(thing).__name__ for thing in gc.get_objects())
    return {
        # Those that asyncio keeps for its own work come one by one, until there are as many as it allows.
        "threads": sorted(one.name for one in threading.enumerate() if not one.name.startswith("asyncio_")),
        "files": len(os.listdir("/proc/self/fd")),
        "tasks": len(dashboard.tasks()),
        "tracks": len(dashboard.relay._MediaRelay__proxies),
        "streams": kinds["Stream"],
        "workers": kinds["WebRtcWorker"],
        "connections": kinds["RTCPeerConnection"],
    }


@pytest.mark.slow
def test_fifty_starts_and_stops_leave_nothing(dashboard, looking, pictures):
    def start_and_stop(number):
        stream = Stream(looking, MOODNET, Overlay())
        connection = Connection(dashboard, stream, Camera(pictures, every_s=0.03))
        wait_until(lambda: stream.now().sight and connection.viewer.shown)
        if number % 2:  # the tab is closed
            connection.leave()
            wait_until(lambda: stream.now().ended)
        connection.stop()

    after, memory_mb = {}, {}
    for number in range(1, STARTS + 1):
        start_and_stop(number)
        if number in (10, STARTS):
            after[number], memory_mb[number] = counted(dashboard), resident_mb()
    print(after, memory_mb)
    assert after[10] == after[STARTS]
    assert not looking._viewers
    # Of 40 leaked starts with what its coder and decoder hold, some frames each, there would be more.
    assert memory_mb[STARTS] - memory_mb[10] < 40


def resident_mb() -> float:
    """Resident memory of this process, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
