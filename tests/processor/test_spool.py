"""Requests: written whole, applied exactly once and in order, refused with a reason and kept."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from pathlib import Path

import pytest

from db.emotions import EMOTIONS
from db.store import Store
from processor import spool
from processor.config import Settings
from processor.default_model import InForce, in_force
from processor.emotions import model_id
from processor.intake import Intake
from processor.requests import Requests
from tests.db import rows

CONTENT = b"the content of a video"
VIDEO_ID = hashlib.sha256(CONTENT).hexdigest()[:16]


class Bench:
    """A real store and what the service puts around it, without its jobs."""

    def __init__(self, home):
        self.home, self.settings = home, Settings(home=home.path)
        self.store = Store(home.store)
        self.intake = Intake(self.store, self.settings, [home.inbox], threading.RLock())
        self.stopped: list[int] = []
        self.requests = Requests(home, self.settings, self.store, self.intake, self.stopped.append)

    def submit(self, kind, **payload):
        return spool.submit(self.home.spool, kind, **payload)

    def upload(self, name="clip.mp4", content=CONTENT, **fields):
        return spool.submit_upload(self.home.spool, name, io.BytesIO(content), **fields)

    def log(self, request_id):
        rows = self.store._read("SELECT state, reason FROM request_log WHERE request_id = ?", [request_id])
        return (rows[0]["state"], rows[0]["reason"]) if rows else None


@pytest.fixture
def bench(home):
    bench = Bench(home)
    yield bench
    bench.store.close()


def test_nothing_waits(bench):
    assert bench.requests.apply_all() == 0


def test_order_of_names_is_order_of_wishes(home):
    ids = [spool.submit(home.spool, "cancel", run_id=number) for number in range(20)]
    assert [path.stem for path in spool.pending(home.spool)] == ids


def test_half_written_ones_are_not_picked_up(home):
    (home.spool / "1-a.json.part").write_text('{"kind": ')
    (home.spool / "1-a.content.part").write_text("half")
    (home.spool / ".1-a.json").write_text("{}")
    assert spool.pending(home.spool) == []


def test_upload(bench, home):
    request_id = bench.upload(subject="S01", cohort="pilot", session="2", recorded_at="2026-03-01T14:30:00Z")
    assert bench.requests.apply_all() == 1
    video = bench.store.video(VIDEO_ID)
    assert video["path"] == str(home.library / f"{hashlib.sha256(CONTENT).hexdigest()}.mp4")
    assert (video["name"], video["source"], video["subject"], video["session"]) == ("clip.mp4", "upload", "S01", "2")
    (run,) = bench.store.runs("queued")
    assert (run["video_id"], run["priority"]) == (VIDEO_ID, 10)
    assert bench.log(request_id) == ("applied", None)
    assert [path.name for path in home.spool.iterdir()] == ["refused"]


@pytest.mark.parametrize(
    ("name", "shown", "suffix"),
    [
        ("../../etc/passwd.mp4", "passwd.mp4", ".mp4"),
        ("C:\\x\\clip.MOV", "clip.MOV", ".mov"),
        ("clip.mp4/../../evil.sh", "evil.sh", ""),  # a suffix that is not on the list is dropped
        ('o\'clip "x"; DROP TABLE video; 😀\n.mp4', 'o\'clip "x"; DROP TABLE video; 😀\n.mp4', ".mp4"),
    ],
)
def test_names_are_shown_but_never_used_as_paths(bench, home, name, shown, suffix):
    bench.upload(name)
    bench.requests.apply_all()
    assert bench.store.video(VIDEO_ID)["name"] == shown
    assert [path.name for path in home.library.iterdir()] == [hashlib.sha256(CONTENT).hexdigest() + suffix]


def test_same_content_twice_is_one_video(bench, home):
    bench.upload("a.mp4", subject="S01")
    bench.upload("b.mp4", subject="S02", session="3")
    assert bench.requests.apply_all() == 2
    (video,) = bench.store.videos()
    assert (video["name"], video["subject"], video["session"]) == ("a.mp4", "S01", "3")  # only what was open is filled
    assert len(bench.store.runs()) == 1 and len(list(home.library.iterdir())) == 1


def test_applied_but_not_cleared_up(bench, home):
    """Killed between the commit and the clearing up: the request lies there still, and must not count twice."""
    bench.submit("reprocess", video_id=VIDEO_ID)
    bench.upload()
    (first, second) = spool.pending(home.spool)
    kept = second.read_text(), spool.content_of(home.spool, second.stem).read_bytes()
    bench.requests.apply_all()
    second.write_text(kept[0])
    spool.content_of(home.spool, second.stem).write_bytes(kept[1])
    bench.requests.apply_all()
    assert len(bench.store.runs()) == 1
    assert spool.pending(home.spool) == [] and not spool.content_of(home.spool, second.stem).exists()


def test_brought_in_but_not_committed(bench, home):
    """Killed after the content reached the library, before the commit: it is all done again."""
    bench.upload()
    (home.library / (hashlib.sha256(CONTENT).hexdigest() + ".mp4")).write_bytes(CONTENT)
    bench.requests.apply_all()
    assert bench.store.video(VIDEO_ID) is not None and spool.pending(home.spool) == []


def test_failure_in_the_middle_leaves_request_and_store_as_they_were(bench, home, monkeypatch):
    bench.upload()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bench.store, "log_request", full)
    with pytest.raises(OSError, match="No space left"):
        bench.requests.apply_all()
    assert bench.store.videos() == [] and len(spool.pending(home.spool)) == 1
    monkeypatch.undo()
    assert bench.requests.apply_all() == 1
    assert len(bench.store.videos()) == 1


def test_edit(bench):
    bench.upload()
    bench.submit("edit", video_id=VIDEO_ID, changes={"subject": "S09", "consent": True, "tags": {"room": "a"}})
    bench.requests.apply_all()
    video = bench.store.video(VIDEO_ID)
    assert (video["subject"], video["consent"], video["tags"]) == ("S09", True, {"room": "a"})


def test_reprocess_with_other_settings(bench):
    bench.upload()
    bench.submit("reprocess", video_id=VIDEO_ID, sample_fps=5, detector="haar", model="other", smoothing="mode")
    bench.requests.apply_all()
    run = bench.store.runs("queued")[-1]
    settings = bench.intake.settings_of(run)
    assert (settings.sample_fps, settings.detector, settings.model, settings.smoothing) == (5, "haar", "other", "mode")
    assert bench.intake.settings_of(bench.store.runs("queued")[0]) == bench.settings


def test_cancel(bench):
    bench.upload()
    bench.requests.apply_all()
    run_id = bench.store.runs()[0]["run_id"]
    bench.submit("cancel", run_id=run_id)
    again = bench.submit("cancel", run_id=run_id)
    bench.requests.apply_all()
    assert bench.store.run(run_id)["state"] == "cancelled" and bench.stopped == [run_id]
    assert bench.log(again) == ("refused", f"Run {run_id} can't be cancelled: it has ended already (cancelled).")


def test_delete_takes_the_upload_with_it(bench, home):
    bench.upload()
    bench.requests.apply_all()
    bench.submit("delete", video_id=VIDEO_ID, delete_file=False)
    bench.requests.apply_all()
    assert bench.store.videos() == [] and list(home.library.iterdir()) == []


@pytest.mark.parametrize("delete_file", [False, True])
def test_delete_of_a_watched_file(bench, home, delete_file):
    clip = home.inbox / "clip.mp4"
    clip.write_bytes(CONTENT)
    bench.submit("analyze", path=str(clip))
    bench.submit("delete", video_id=VIDEO_ID, delete_file=delete_file)
    bench.requests.apply_all()
    assert bench.store.videos() == [] and clip.exists() is not delete_file
    assert str(clip) in bench.intake.known()  # so that the next scan does not bring it back


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The request is not JSON"),
        (b'{"kind": "edit"', "The request is not JSON"),
        (b"\xff\xfe", "The request is not JSON"),
        (b"[" * 100_000, "The request is not JSON"),
        (b"[1]", "The request must be one JSON object"),
        (b'{"kind": "format-disk"}', "There is no kind of request 'format-disk'"),
        (b'{"kind": ["edit"]}', "There is no kind of request ['edit']"),
        (b'{"kind": "cancel", "run_id": 1, "requested_at": "soon"}', "`requested_at` must be a time"),
        (b'{"kind": "cancel", "run_id": 1, "request_id": "another"}', "The request calls itself 'another'"),
    ],
)
def test_what_is_no_request_is_refused_and_kept(bench, home, content, reason):
    (home.spool / "1-a.json").write_bytes(content)
    bench.upload()  # those after it are not held up
    assert bench.requests.apply_all() == 2
    state, why = bench.log("1-a")
    assert state == "refused" and why.startswith(reason)
    assert (home.refused / "1-a.json").read_bytes() == content
    assert len(bench.store.videos()) == 1


@pytest.mark.parametrize(
    ("kind", "payload", "reason"),
    [
        ("edit", {"video_id": "0" * 16, "changes": {"subject": "x"}}, "There is no video '0000000000000000'."),
        ("edit", {"video_id": "x", "changes": {}}, "`changes` is empty"),
        ("edit", {"video_id": "x", "changes": {"path": "/etc/passwd"}}, "There is no field `path`"),
        ("edit", {"video_id": "x", "changes": {"name": " "}}, "`name` must be text that is not empty"),
        ("edit", {"video_id": 7, "changes": {"subject": "x"}}, "`video_id` must be text"),
        ("reprocess", {"video_id": "x", "sample_fps": -1}, "`sample_fps`: Input should be greater than 0"),
        ("reprocess", {"video_id": "x", "sample_fps": "fast"}, "`sample_fps` must be a number"),
        ("reprocess", {"video_id": "x", "detector": "magic"}, "`detector`: Input should be 'auto', 'yunet' or 'haar'"),
        ("reprocess", {"video_id": "x", "model": "../../evil"}, "`model` must be the name of a model, not a path"),
        ("cancel", {"run_id": 99}, "There is no run 99."),
        ("cancel", {"run_id": "1"}, "`run_id` must be a whole number"),
        ("cancel", {"run_id": True}, "`run_id` must be a whole number"),
        ("delete", {"video_id": "x", "delete_file": "yes"}, "`delete_file` must be true or false"),
        ("analyze", {"path": "clip.mp4"}, "`path` must be an absolute path"),
        ("analyze", {"path": "/nowhere/clip.mp4"}, "/nowhere/clip.mp4 can't be read: No such file or directory."),
        ("upload", {"name": ""}, "`name` must be text that is not empty"),
        ("upload", {"name": "clip.mp4"}, "The content of the upload clip.mp4 is not there."),
    ],
)
def test_refusals_are_sentences(bench, home, kind, payload, reason):
    request_id = bench.submit(kind, **payload)
    assert bench.requests.apply_all() == 1
    state, why = bench.log(request_id)
    assert state == "refused" and why.startswith(reason), why
    assert json.loads((home.refused / f"{request_id}.json").read_text())["kind"] == kind


def test_upload_that_is_too_large_is_kept_with_its_content(bench, home):
    bench.requests.settings = bench.settings.model_copy(update={"max_upload_mb": 0})
    request_id = bench.upload()
    bench.requests.apply_all()
    assert bench.log(request_id)[1] == "The upload clip.mp4 is larger than 0 MiB (setting `max_upload_mb`)."
    assert (home.refused / f"{request_id}.content").read_bytes() == CONTENT


# --- models ---


def put_bundle(home, name, emotions=EMOTIONS, weights=b"weights"):
    """A bundle whose weights are a few bytes: requests read cards and hashes only."""
    folder = home.models / name
    folder.mkdir()
    (folder / "model.keras").write_bytes(weights)
    card = {"name": name, "version": "1", "emotions": list(emotions), "sha256": hashlib.sha256(b"weights").hexdigest()}
    (folder / "model.json").write_text(json.dumps(card))
    return card


def test_default_model(bench, home):
    put_bundle(home, "ours")
    bench.upload()
    request_id = bench.submit("default_model", model="ours")
    bench.requests.apply_all()
    assert bench.log(request_id) == ("applied", None)
    assert in_force(bench.settings) == InForce("ours", "choice")
    [run] = bench.store.runs("queued")  # it waited, and named no model
    assert bench.intake.settings_of(run).model == "ours"


def test_the_shipped_model_can_be_the_default_again(bench, home):
    put_bundle(home, "ours")
    for name in ("ours", "moodnet"):
        bench.submit("default_model", model=name)
    bench.requests.apply_all()
    assert in_force(bench.settings) == InForce("moodnet", "choice")


@pytest.mark.parametrize("kind", ["default_model", "reprocess_all"])
@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("nowhere", "There is no model bundle 'nowhere'. Known: damaged, foreign, moodnet."),
        ("damaged", "{models}/damaged/model.keras is not the file its card describes"),
        ("foreign", "The model bundle {models}/foreign is for other emotions: expected angry,"),
        ("../evil", "`model` must be the name of a model, not a path. Received: '../evil'."),
        ("", "`model` must be the name of a model, not a path. Received: ''."),
        (None, "`model` must be text. Received: None."),
    ],
)
def test_models_that_cannot_be_used_are_refused(bench, home, kind, model, reason):
    put_bundle(home, "damaged", weights=b"others")
    put_bundle(home, "foreign", emotions=["happy", "sad"])
    request_id = bench.submit(kind, model=model)
    bench.requests.apply_all()
    state, why = bench.log(request_id)
    assert state == "refused" and why.startswith(reason.format(models=home.models)), why
    assert in_force(bench.settings).by == "shipped"


def test_reprocess_all_takes_the_videos_that_lack_a_run_of_the_model(bench, home):
    identity = model_id(put_bundle(home, "ours"))
    contents = [b"had", b"waits", b"lacks", b"has another", b"is gone"]
    for content in contents:
        bench.upload(f"{content.decode()}.mp4", content)
    bench.requests.apply_all()
    videos = {video["name"]: video for video in bench.store.videos()}
    runs = {run["video_id"]: run["run_id"] for run in bench.store.runs("queued")}

    def finish(name, with_model):
        run_id = runs[videos[name]["video_id"]]
        bench.store.start_run(run_id)
        bench.store.finish_run(
            run_id, **rows.tables(), model_id=with_model, detector="haar", device="CPU", seconds=1.0, corrupt_packets=0
        )  # fmt: skip

    finish("had.mp4", identity)
    for name in ("lacks.mp4", "has another.mp4", "is gone.mp4"):
        finish(name, "moodnet-1-00000000")
    bench.store.cancel_run(runs[videos["waits.mp4"]["video_id"]])
    bench.submit("reprocess", video_id=videos["waits.mp4"]["video_id"], model="ours")
    Path(videos["is gone.mp4"]["path"]).unlink()
    first, again = (bench.submit("reprocess_all", model="ours") for _ in range(2))
    bench.requests.apply_all()
    queued = [run for run in bench.store.runs("queued") if run["priority"] == 0]
    assert {run["video_id"] for run in queued} == {videos[n]["video_id"] for n in ("lacks.mp4", "has another.mp4")}
    assert {bench.intake.settings_of(run).model for run in queued} == {"ours"}
    told = {
        r["request_id"]: r["runs"]
        for r in bench.store._read("SELECT request_id, request->>'runs' AS runs FROM request_log")
    }
    assert (told[first], told[again]) == ("2", "0")


def test_reprocess_all_counts_runs_that_wait_for_the_default(bench, home):
    bench.upload()
    bench.submit("reprocess_all", model="moodnet")
    bench.requests.apply_all()
    assert len(bench.store.runs("queued")) == 1


def test_evaluation(bench, home):
    card = put_bundle(home, "ours") | {"curves": [{"epoch": 0, "loss": 1.5}]}
    request_id = bench.submit("evaluation", card=card, evaluations=[rows.evaluation()])
    bench.requests.apply_all()
    assert bench.log(request_id) == ("applied", None)
    assert bench.store.model_card(model_id(card)) == card
    assert bench.store._read("SELECT model_id, n FROM evaluation") == [{"model_id": model_id(card), "n": 3}]
    assert len(bench.store._read("SELECT * FROM training_epoch")) == 1
    [logged] = bench.store._read("SELECT request FROM request_log")
    assert json.loads(logged["request"])["measured"] == ["fer/PublicTest/fer2013"]
    assert "samples" not in logged["request"]  # thousands of rows, which have a table of their own


def test_an_evaluation_leaves_the_card_of_a_known_model_as_it_is(bench, home):
    card = put_bundle(home, "ours")
    bench.store.add_model(model_id(card), "ours", "1", card["sha256"], {**card, "evaluations": []})
    bench.store.put_evaluations(model_id(card), [], [{"epoch": 0, "loss": 1.5}])
    bench.submit("evaluation", card=card, evaluations=[rows.evaluation()])
    bench.requests.apply_all()
    assert "evaluations" in bench.store.model_card(model_id(card))
    assert len(bench.store._read("SELECT * FROM training_epoch")) == 1


def test_a_whole_split_fits_into_a_request(bench, home):
    n = 28_709
    columns = {"row": list(range(n)), "truth": [3] * n, "predicted": [3] * n, "probability": [0.1234] * n}
    confusion = [[n * (i == j == 3) for j in range(7)] for i in range(7)]
    evaluation = rows.evaluation(n=n, samples=columns, confusion=confusion, per_class={}, accuracy=1.0)
    request_id = bench.submit("evaluation", card=put_bundle(home, "ours"), evaluations=[evaluation] * 2)
    bench.requests.apply_all()
    assert bench.log(request_id) == ("applied", None)


def test_an_evaluation_that_is_none_is_refused_and_not_logged_whole(bench, home):
    card = put_bundle(home, "ours")
    request_id = bench.submit("evaluation", card=card, evaluations=[rows.evaluation(accuracy=2.0)])
    bench.requests.apply_all()
    state, why = bench.log(request_id)
    assert state == "refused" and why.startswith("`evaluations.0.accuracy`: Input should be less than or equal to 1")
    assert bench.store.model_card(model_id(card)) is None
    [logged] = bench.store._read("SELECT request FROM request_log")
    assert "samples" not in logged["request"]
