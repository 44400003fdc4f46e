"""The queries, on a run small enough to work out by hand.

Two people at two frames a second; frames at 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0 (the last holds for half a second, too):

    t_s        0.0    0.5    1.0    1.5    2.0    2.5    3.0
    person 1   happy  happy  sad    -      happy  neutral -
    smoothed   happy  happy  happy  -      happy  happy   -
    person 2   -      sad    sad    sad    -      -      angry     (smoothed alike)
"""

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from db import results
from db.emotions import CATEGORY, EMOTIONS, VALENCE
from db.store import Store

ONE = {0.0: ("happy", "happy"), 0.5: ("happy", "happy"), 1.0: ("sad", "happy"), 2.0: ("happy", "happy")}
ONE[2.5] = ("neutral", "happy")
TWO = {0.5: ("sad", "sad"), 1.0: ("sad", "sad"), 1.5: ("sad", "sad"), 3.0: ("angry", "angry")}


def add_run(store: Store, video_id: str = "v1") -> int:
    """The run above, stored and finished."""
    video = {"sha256": video_id, "name": f"{video_id}.mp4", "path": "/x", "size_bytes": 1, "duration_s": 3.5}
    store.add_video({"video_id": video_id, "source": "watch", **video})
    run_id = store.queue_run(video_id, sample_fps=2.0, smoothing="mean:1.5s")
    store.start_run(run_id)
    times = [number / 2 for number in range(7)]
    frames = {
        "frame": pa.array(range(0, 70, 10), pa.int32()),
        "t_s": pa.array(times),
        "faces": pa.array([(t in ONE) + (t in TWO) for t in times], pa.int16()),
        "brightness": pa.array([100.0] * 7, pa.float32()),
        "sharpness": pa.array([10.0] * 7, pa.float32()),
    }
    rows = [
        {
            "frame": int(t * 20), "t_s": t, "track_id": track, "x": 1.0, "y": 2.0, "w": 3.0, "h": 4.0,
            "face_score": None, **{name: float(name == raw) for name in EMOTIONS}, "emotion": raw,
            "smoothed": smoothed, "category": CATEGORY[smoothed], "valence": VALENCE[raw],
        }
        for track, labels in ((1, ONE), (2, TWO))
        for t, (raw, smoothed) in labels.items()
    ]  # fmt: skip
    tracks = {"track_id": [1, 2], "first_s": [0.0, 0.5], "last_s": [2.5, 3.0], "observations": [5, 4]}
    store.finish_run(
        run_id, frames=pa.table(frames), tracks=pa.table(tracks), observations=pa.Table.from_pylist(rows),
        model_id="m-1", detector="haar", device="CPU", seconds=1.0, corrupt_packets=0,
    )  # fmt: skip
    return run_id


@pytest.fixture
def run_id(store) -> int:
    """The run of the table above; another like it lies before it in the store and must not be mixed in."""
    add_run(store, "v0")
    run_id = add_run(store)
    store.publish()
    return run_id


@pytest.fixture
def con(home, run_id):
    """A connection to the snapshot that holds the run."""
    with results.connect(home.snapshot) as con:
        yield con


class TestConnection:
    def test_reads_results_and_nothing_else(self, con, tmp_path):
        (tmp_path / "secret.csv").write_text("a\n1\n")
        forbidden = (
            f"SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')",
            "DELETE FROM video",
            f"COPY video TO '{tmp_path / 'out.csv'}'",
            f"ATTACH '{tmp_path / 'other.duckdb'}'",
            "SET enable_external_access = true",
            "SET threads = 1",
        )
        for sql in forbidden:
            with pytest.raises(duckdb.Error):
                con.execute(sql)
        assert con.execute("SELECT count(*) FROM video").fetchone() == (2,)

    def test_two_at_once(self, con, home):
        with results.connect(home.snapshot) as other:
            assert other.execute("SELECT count(*) FROM run").fetchone() == (2,)

    def test_opens_the_numbered_file(self, con, home):
        file = con.execute("SELECT path FROM duckdb_databases() WHERE NOT internal").fetchone()[0]
        assert file == str(home.snapshot.resolve())
        assert home.snapshot.is_symlink()

    def test_nothing_published(self, tmp_path):
        with pytest.raises(results.SnapshotMissing, match=r"results\.duckdb does not exist"):
            results.connect(tmp_path / "results.duckdb")


class TestLibrary:
    def test_videos(self, con, run_id):
        rows = results.videos(con).set_index("video_id")
        row = rows.loc["v1"]
        assert (row["state"], row["run_id"], row["newest_run_id"], row["tracks"]) == ("done", run_id, run_id, 2)
        assert row["coverage"] == 1.0  # every frame has one of the two
        # Person 1: 1 1 -1 1 0, person 2: -1 -1 -1 -1; together -2 of 9.
        assert row["mean_valence"] == pytest.approx(-2 / 9)
        assert len(row["valence_curve"]) == 40
        assert row["valence_curve"][0] == 1.0
        assert row["valence_curve"][1] is None  # 3.5 s in 40 parts: only every sixth has a frame in it

    def test_tags_are_dicts_or_nothing(self, store, home, run_id):
        store.update_video("v1", tags={"site": "Wien", "arm": "B"}, consent=False)
        store.publish()
        with results.connect(home.snapshot) as con:
            rows = results.videos(con).set_index("video_id")
        assert rows["tags"].to_list().count(None) == 1
        assert rows.loc["v1", "tags"] == {"site": "Wien", "arm": "B"}
        assert not rows.loc["v1", "consent"]
        assert pd.isna(rows.drop("v1")["consent"].iloc[0])

    def test_newest_run_and_current_run_can_differ(self, store, home, run_id):
        again = store.queue_run("v1", sample_fps=2.0, smoothing="mode:5")
        store.start_run(again)
        store.fail_run(again, "It broke.")
        store.publish()
        with results.connect(home.snapshot) as con:
            row = results.videos(con).set_index("video_id").loc["v1"]
            video = results.video(con, "v1")
        assert (row["state"], row["error"], row["newest_run_id"], row["run_id"]) == (
            "failed",
            "It broke.",
            again,
            run_id,
        )
        assert (video["newest"]["run_id"], video["current"]["run_id"]) == (again, run_id)

    def test_what_needs_attention(self, store, home):
        store.put_file("/inbox/b.mp4", None, 3, 1, "b.mp4 is empty.")
        store.put_file("/inbox/a.mp4", "v1", 3, 1, None)
        asked = {"name": "x.mp4"}
        store.log_request("1-a", "upload", "2026-01-01T00:00:00+00:00", "refused", "x.mp4 is not a video.", asked)
        store.log_request("2-a", "cancel", "2026-01-01T00:00:01+00:00", "refused", "Run 7 has ended.", {"run_id": 7})
        store.log_request("3-a", "cancel", "2026-01-01T00:00:02+00:00", "applied", None, {"run_id": 8})
        store.publish()
        with results.connect(home.snapshot) as con:
            files, refused = results.unreadable_files(con), results.refused_requests(con)
        assert files.to_dict("records") == [{"path": "/inbox/b.mp4", "size_bytes": 3, "error": "b.mp4 is empty."}]
        assert list(refused["name"]) == ["7", "x.mp4"]
        assert list(refused["reason"]) == ["Run 7 has ended.", "x.mp4 is not a video."]

    def test_unknown_video(self, con):
        assert results.video(con, "'; DROP TABLE video; --") is None


class TestFaces:
    def test_each_face_with_the_time_it_holds(self, con, run_id):
        rows = results.faces(con, run_id)
        assert list(rows["t_s"]) == [0.0, 0.5, 0.5, 1.0, 1.0, 1.5, 2.0, 2.5, 3.0]
        assert list(rows["track_id"]) == [1, 1, 2, 1, 2, 2, 1, 1, 2]
        assert list(rows["nth"]) == [0, 1, 1, 2, 2, 3, 4, 5, 6]
        assert list(rows["end_s"]) == [0.5, 1.0, 1.0, 1.5, 1.5, 2.0, 2.5, 3.0, 3.5]  # the last: 1 / 2 frames a second
        assert list(rows["emotion"]) == ["happy", "happy", "sad", "sad", "sad", "sad", "happy", "neutral", "angry"]
        assert list(rows["smoothed"][:4]) == ["happy", "happy", "sad", "happy"]
        assert list(rows["category"][:3]) == ["positive", "positive", "negative"]
        assert not rows["excluded"].any()
        columns = ["frame", "t_s", "end_s", "nth", "track_id", "x", "y", "w", "h", "face_score", *EMOTIONS, "emotion"]
        assert list(rows.columns) == [*columns, "smoothed", "category", "valence", "excluded"]

    def test_excluded(self, store, home, run_id):
        store.exclude("v1", "r1", 0.5, 1.0, None)
        store.exclude("v1", "r2", 2.4, 9.0, None)
        store.exclude("v0", "r3", 0.0, 9.0, None)
        store.publish()
        with results.connect(home.snapshot) as con:
            frames, faces = results.frames(con, run_id), results.faces(con, run_id)
        assert list(frames["excluded"]) == [False, True, False, False, False, True, True]  # the end is not part of it
        assert list(faces.loc[faces["excluded"], "t_s"]) == [0.5, 0.5, 2.5, 3.0]

    def test_frames(self, con, run_id):
        rows = results.frames(con, run_id)
        assert list(rows["t_s"]) == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
        assert list(rows["end_s"]) == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]
        assert list(rows["nth"]) == list(range(7))
        assert list(rows["faces"]) == [1, 2, 2, 1, 1, 1, 1]
        assert set(rows["brightness"]) == {100.0}
        assert set(rows["sharpness"]) == {10.0}

    def test_no_such_run(self, con):
        assert results.faces(con, 99).empty
        assert results.frames(con, 99).empty


class TestDownloads:
    def test_labels(self, con, run_id):
        rows = results.labels(con, run_id, track_id=1)
        assert list(rows["raw"]) == ["happy", "happy", "sad", "happy", "neutral"]
        assert list(rows["smoothed"]) == ["happy"] * 5
        assert len(results.labels(con, run_id)) == 9
        assert results.labels(con, run_id, track_id=9).empty

    def test_observations(self, con, run_id):
        rows = results.observations(con, run_id)
        assert list(rows["t_s"]) == [0.0, 0.5, 0.5, 1.0, 1.0, 1.5, 2.0, 2.5, 3.0]
        assert set(rows["run_id"]) == {run_id}
        assert {"label", "face_score", *EMOTIONS, "valence"} <= set(rows.columns)
