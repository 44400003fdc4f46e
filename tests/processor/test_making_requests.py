"""Requests for files made from videos: applied once, or refused with a sentence."""

import pytest

from db.store import Store
from tests.db import rows
from tests.processor.bench import Bench


@pytest.fixture
def bench(home):
    """With an analysed video of 40 s (v1) and another one (v2)."""
    with Store(home.store) as store:
        bench = Bench(home, store)
        bench.run_id = rows.analysed(store, "v1", "happy", "sad")
        store.add_video(rows.video("v2"))
        yield bench


MOMENT = {"t_s": 2.0, "name": "peak happy"}


def test_a_proxy_needs_no_analysis(bench):
    state, _, request_id = bench.apply("make", video_id="v2", what="proxy", options={})
    assert state == "applied"
    [row] = bench.store.made_files()
    assert (row["made_id"], row["video_id"], row["kind"], row["options"]) == (request_id, "v2", "proxy", {})
    assert (row["state"], row["run_id"]) == ("queued", None)


def test_an_annotated_video_is_of_the_people_and_exclusions_of_now(bench):
    for _ in range(2):
        bench.apply("make", video_id="v1", what="annotated", options={"blur": True})
    [row] = bench.store.made_files()
    assert row["run_id"] == bench.run_id
    assert row["options"] == {
        "labels": True, "blur": True, "method": "stored", "window_s": 0.0, "threshold": 0.0,
        "people_revision": 0, "excluded": [],
    }  # fmt: skip
    bench.store.exclude("v1", "r1", 1.0, 2.0)
    bench.apply("make", video_id="v1", what="annotated", options={"blur": True})
    assert [row["options"]["excluded"] for row in bench.store.made_files()] == [[], [[1.0, 2.0]]]


def test_clips(bench):
    options = {"moments": [MOMENT, {"t_s": 40.9, "name": "  Zoë\0 "}], "before_s": 0.0, "after_s": 60}
    assert bench.apply("make", video_id="v1", what="clips", options=options)[0] == "applied"
    [row] = bench.store.made_files()
    assert row["options"]["moments"] == [MOMENT, {"t_s": 40.9, "name": "Zoë"}]
    assert (row["options"]["before_s"], row["options"]["after_s"], row["options"]["blur"]) == (0.0, 60.0, False)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"video_id": "v9", "what": "proxy"}, "There is no video 'v9'."),
        ({"video_id": "v1"}, "`what`: Field required. Received: nothing."),
        ({"video_id": "v1", "what": "gif"}, "`what`: Input should be 'proxy', 'annotated' or 'clips'. Received: 'gif'"),
        ({"video_id": "v1", "what": "proxy", "options": {"width": 4}}, "`width`: Extra inputs are not permitted."),
        ({"video_id": "v1", "what": "annotated", "options": {"blur": 1}}, "`blur`: Input should be a valid boolean."),
        ({"video_id": "v1", "what": "annotated", "options": {"threshold": 1.5}}, "`threshold`: Input should be less"),
        ({"video_id": "v1", "what": "annotated", "options": {"window_s": float("nan")}}, "`window_s`: Input should be"),
        ({"video_id": "v2", "what": "annotated"}, "v2.mp4 has no finished analysis, so nobody knows where its faces"),
        ({"video_id": "v1", "what": "clips"}, "`moments`: Field required. Received: nothing."),
        (
            {"video_id": "v1", "what": "clips", "options": {"moments": []}},
            "`moments`: List should have at least 1 item",
        ),
        (
            {"video_id": "v1", "what": "clips", "options": {"moments": [{"t_s": -1.0, "name": "x"}]}},
            "`moments.0.t_s`: Input should be greater than or equal to 0. Received: '-1.0'.",
        ),
        (
            {"video_id": "v1", "what": "clips", "options": {"moments": [{"t_s": 1.0, "name": " "}]}},
            "`moments.0.name`: it must be text that is not empty.",
        ),
        (
            {"video_id": "v1", "what": "clips", "options": {"moments": [{"t_s": 41.5, "name": "x"}]}},
            "v1.mp4 has no moment at 41.5 s: it is 40 s long. Nothing was asked for.",
        ),
        (
            {"video_id": "v1", "what": "clips", "options": {"moments": [MOMENT], "before_s": 0.0, "after_s": 0.0}},
            "The clips would last no time: `before_s` and `after_s` are both 0.",
        ),
        (
            {"video_id": "v2", "what": "clips", "options": {"moments": [MOMENT], "blur": True}},
            "v2.mp4 has no finished analysis, so nobody knows",
        ),
    ],
)
def test_what_can_not_be_is_refused_in_a_sentence(bench, payload, reason):
    state, why, _ = bench.apply("make", **payload)
    assert state == "refused" and why.startswith(reason), why
    assert bench.store.made_files() == []


def test_unmake_takes_row_and_file_away(bench, home):
    _, _, made_id = bench.apply("make", video_id="v1", what="proxy")
    file = home.made / f"{made_id}.mp4"
    file.write_bytes(b"x")
    bench.store.finish_made(made_id, file.name, 1)
    assert bench.apply("unmake", made_id=made_id)[0] == "applied"
    assert not file.exists() and bench.store.made_files() == []
    state, why, _ = bench.apply("unmake", made_id=made_id)
    assert (state, why) == ("refused", f"There is no made file '{made_id}': it has been deleted already.")


def test_made_files_go_with_their_video(bench, home):
    _, _, made_id = bench.apply("make", video_id="v1", what="proxy")
    file = home.made / f"{made_id}.mp4"
    file.write_bytes(b"x")
    bench.store.finish_made(made_id, file.name, 1)
    assert bench.apply("delete", video_id="v1")[0] == "applied"
    assert not file.exists() and bench.store.made_files() == []
