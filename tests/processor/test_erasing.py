"""Erasing a subject, in a real home: afterwards no byte of any file there names it."""

import io
import json
import logging
import os
import subprocess
import sys
import time

import pytest

from db import results
from db.erase import subject_hash
from db.naming import ERASED, Words
from processor import erasing, log, spool
from processor.config import Settings
from processor.erasing import BY_HAND, INBOX
from processor.intake import Intake
from processor.requests import Requests

SUBJECT, OTHER = "Xaverius Østerbrunn", "ben"
SALT = "5a17"


class Someone:
    """A home with two subjects, one of whom is to be erased; and all it takes to do so."""

    def __init__(self, home, store, elsewhere):
        self.home, self.store, self.elsewhere = home, store, elsewhere
        settings = Settings(home=home.path, watch=(elsewhere,))
        self.intake = Intake(store, settings, (home.inbox, elsewhere), _lock())
        self.stopped = []
        self.requests = Requests(home, settings, store, self.intake, self.stopped.append)

    def file(self, path, content: bytes) -> str:
        """A video of that content in a watched folder, taken in as a scan does; its id."""
        from processor import metadata, watch
        from processor.watch import Found

        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        sha256, size_bytes, mtime_ns = watch.fingerprint(str(path))
        fields, _ = metadata.of_file(str(path), self.intake.folders)
        logging.getLogger("test").info("%s is queued.", path)
        return self.intake.take(Found(str(path), size_bytes, mtime_ns), sha256, fields=fields)[0]

    def preview(self) -> erasing.Preview:
        self.store.publish()
        with results.connect(self.home.snapshot) as con:
            return erasing.preview(con, self.home, self.intake.folders, SUBJECT)

    def ask(self, **fields) -> str:
        wanted = {
            "subject": SUBJECT, "token": self.preview().token, "receipt_id": "0123abcd", "places": [INBOX],
            "subject_hash": subject_hash(SALT, SUBJECT), "mentions": True,
        }  # fmt: skip
        return spool.submit(self.home.spool, "erase", **wanted | fields)

    def receipt(self) -> dict:
        return self.store.erasure("0123abcd")["receipt"]


def _lock():
    import threading

    return threading.RLock()


@pytest.fixture
def logged(home):
    """The log as the service writes it, in its file."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    log.set_up(home.log)
    yield home.log
    for handler in root.handlers:
        handler.close()
    root.handlers[:], _ = before[0], root.setLevel(before[1])


@pytest.fixture
def someone(home, store, tmp_path, logged) -> Someone:
    """The subject in two videos of the inbox, one upload and one of another folder; named wherever one can be named."""
    someone = Someone(home, store, tmp_path / "elsewhere")
    someone.elsewhere.mkdir()
    folder = home.inbox / "pilot" / SUBJECT
    first = someone.file(folder / "clip.mp4", b"first")
    someone.file(folder / "very own name.mp4", b"second")
    (folder / "clip.mp4.json").write_text(json.dumps({"session": "3"}))
    (folder / "not yet seen.mp4").write_bytes(b"third")
    other = someone.file(home.inbox / "pilot" / OTHER / "clip.mp4", b"of ben")
    someone.file(someone.elsewhere / "pilot" / SUBJECT / "far.mp4", b"far away")
    spool.submit_upload(home.spool, "uploaded by me.mp4", io.BytesIO(b"uploaded"), subject=SUBJECT.upper())
    spool.submit(
        home.spool, "edit", video_id=other, changes={"tags": {"beside": SUBJECT}, "session": f"with {SUBJECT}"}
    )
    spool.submit(home.spool, "edit", video_id="nobody's", changes={"subject": SUBJECT})  # is refused, and kept
    note = f"looks at {SUBJECT}"
    marker = {"t_s": 1.0, "end_s": None, "kind": "look", "note": note}
    spool.submit(home.spool, "markers_add", video_id=other, markers=[marker], source="typed")
    consent = {"given": True, "given_on": None, "expires_on": None, "note": "on paper"}
    spool.submit(home.spool, "consent", subject=SUBJECT, consent=consent, seen=None)
    spool.submit(home.spool, "filter_save", name=f"only {SUBJECT}", filter={"subjects": [SUBJECT]})
    someone.requests.apply_all()
    run = next(run["run_id"] for run in store.runs("queued") if run["video_id"] == first)
    store.start_run(run)
    store.fail_run(run, f"{folder / 'clip.mp4'} could not be read.")
    store.publish()
    return someone


def everything(home, but: str = "") -> dict[str, bytes]:
    """Every file under the home: its path with its bytes."""
    files = [path for path in home.path.rglob("*") if path.is_file() and not path.is_symlink()]
    return {str(path.relative_to(home.path)): path.read_bytes() for path in files if not (but and but in str(path))}


def naming(home, texts: list[str], but: str = "") -> list[str]:
    """The files under the home that have one of the texts in their path or their bytes, in any case, in any code."""
    found = []
    for path, content in everything(home, but).items():
        for text in texts:
            for way in {text, text.lower(), text.upper(), json.dumps(text)[1:-1], json.dumps(text.upper())[1:-1]}:
                codes = [way.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
                if way in path or any(code in content for code in codes):
                    found.append(f"{path}: {way}")
    return found


def test_the_preview_changes_nothing_and_names_everything(someone):
    before = everything(someone.home, "duckdb")
    seen = someone.preview()
    assert everything(someone.home, "duckdb") == before and not seen.empty
    assert len(seen.known.videos) == 4 and seen.known.rows["run"] == 4 and seen.known.rows["consent"] == 1
    counts = {place: len(paths) for place, paths in seen.files.items()}
    assert counts == {"library": 1, INBOX: 4, str(someone.elsewhere): 1}
    places = {mention.place for mention in seen.known.mentions}
    assert places == {"marker.note", "saved_filter.filter", "saved_filter.name", "video.session", "video.tags"}
    assert seen.log_lines > 0 and len(seen.requests) == 1
    assert someone.preview().token == seen.token


@pytest.mark.slow
def test_nothing_names_the_subject_afterwards(someone):
    known = someone.preview().known
    own = [SUBJECT, *(text for video in known.videos for text in (video["video_id"], video["sha256"]))]
    own += ["very own name.mp4", "uploaded by me.mp4", "not yet seen.mp4"]
    assert len({line.split(":")[0] for line in naming(someone.home, own)}) > 8  # or the search would prove nothing
    spool.submit(someone.home.spool, "edit", video_id="x", changes={"subject": SUBJECT})  # waits behind
    someone.ask(places=[INBOX, str(someone.elsewhere)])
    someone.requests.apply_all()
    assert naming(someone.home, own) == []
    assert (
        not (someone.elsewhere / "pilot" / SUBJECT).exists() and not (someone.home.inbox / "pilot" / SUBJECT).exists()
    )
    receipt = someone.receipt()
    assert receipt["videos"] == 4 and receipt["rows"]["video"] == 4
    assert receipt["files"] == {"library": 1, INBOX: 4, "other watched folders": 1} and receipt["requests"] == 2
    assert receipt["search"]["in_files"] == {} and receipt["search"]["in_rows"] == {} and receipt["snapshots"] >= 1
    assert receipt["log_lines"] > 0 and receipt["replaced"]["marker.note"] == 1
    assert list(someone.home.spool.glob("*.*")) == []
    assert someone.store.erasure("0123abcd")["subject"] == subject_hash(SALT, SUBJECT.lower())


@pytest.mark.slow
def test_others_stay_as_they_were(someone):
    before = {v["video_id"]: v for v in someone.store.videos()}
    someone.ask()
    someone.requests.apply_all()
    [left] = someone.store.videos()
    assert left["name"] == "clip.mp4" and left["session"] == f"with {ERASED}" and left["tags"] == {"beside": ERASED}
    same = ("sha256", "path", "subject", "cohort", "added_at", "size_bytes")
    assert all(left[name] == before[left["video_id"]][name] for name in same)
    assert (someone.home.inbox / "pilot" / OTHER / "clip.mp4").read_bytes() == b"of ben"
    assert len(someone.store.runs()) == 1 and f"{OTHER}/clip.mp4 is queued." in someone.home.log.read_text()


@pytest.mark.slow
def test_files_that_stay_are_not_taken_in_again(someone):
    file = someone.elsewhere / "pilot" / SUBJECT / "far.mp4"
    someone.ask()
    someone.requests.apply_all()
    assert file.exists() and someone.receipt()["kept"] == {"other watched folders": 1}
    assert naming(someone.home, [SUBJECT]) == []
    scan(someone)
    assert len(someone.store.videos()) == 1 and naming(someone.home, [SUBJECT]) == []
    spool.submit(someone.home.spool, "analyze", path=str(file))  # but by hand
    someone.requests.apply_all()
    assert len(someone.store.videos()) == 2


def scan(someone) -> None:
    """What the service does every second, long enough for a file to hold still."""
    from processor.arrivals import Arrivals

    settings = Settings(home=someone.home.path, watch=(someone.elsewhere,), settle_s=0.0)
    arrivals = Arrivals(someone.home, settings, someone.intake, lambda error: None, lambda: False)
    for _ in range(2):
        arrivals.scan()
        time.sleep(0.02)


def test_what_changed_since_the_preview_is_not_erased(someone):
    token = someone.preview().token
    someone.file(someone.home.inbox / "pilot" / SUBJECT / "new.mp4", b"came since")
    request = someone.ask(token=token)
    someone.requests.apply_all()
    assert len(someone.store.videos()) == 6 and someone.store.erasure("0123abcd") is None
    row = someone.store._read("SELECT * FROM request_log WHERE request_id = ?", [request])[0]
    assert "look at the preview again" in row["reason"] and not Words([SUBJECT]).are_in(str(row))
    assert not list(someone.home.spool.glob(f"**/{request}*"))


@pytest.mark.slow
def test_a_name_that_is_too_common_is_left_in_what_others_wrote(someone):
    someone.ask(mentions=False)
    someone.requests.apply_all()
    assert someone.store._read("SELECT note FROM marker")[0]["note"] == f"looks at {SUBJECT}"
    assert someone.receipt()["replaced"] == {} and len(someone.store.videos()) == 1


@pytest.mark.slow
def test_files_given_by_hand_stay_unless_somebody_wants_them_gone(someone, tmp_path):
    path = tmp_path / "desk" / "by hand.mp4"
    path.parent.mkdir()
    path.write_bytes(b"by hand")
    spool.submit(someone.home.spool, "analyze", path=str(path))
    someone.requests.apply_all()
    video = next(video for video in someone.store.videos() if video["path"] == str(path))
    someone.store.update_video(video["video_id"], subject=SUBJECT)
    assert someone.preview().files[BY_HAND] == [str(path)]
    someone.ask()
    someone.requests.apply_all()
    assert path.exists() and naming(someone.home, [SUBJECT, "by hand.mp4"]) == []


def test_a_subject_of_whom_there_is_nothing(someone):
    someone.store.publish()
    with results.connect(someone.home.snapshot) as con:
        assert erasing.preview(con, someone.home, someone.intake.folders, "nobody at all").empty


@pytest.mark.parametrize(
    ("field", "value"),
    [("receipt_id", "../x"), ("subject_hash", "short"), ("places", "inbox"), ("mentions", "yes"), ("subject", " ")],
)
def test_bad_requests_are_refused_and_not_kept(someone, field, value):
    request = someone.ask(**{field: value})
    someone.requests.apply_all()
    row = someone.store._read("SELECT reason FROM request_log WHERE request_id = ?", [request])[0]
    assert f"`{field}`" in row["reason"] and len(someone.store.videos()) == 5
    assert not list(someone.home.spool.glob(f"**/{request}*"))


# Applies what waits, and dies at the nth of the steps named.
_KILLED = """
import os, sys
from tests.processor.test_erasing import Someone
from db.store import Store
from processor import erasing, erasing_files, log
from processor.config import Home
from pathlib import Path
home = Home(Path(sys.argv[1]))
log.set_up(home.log)
def die(*_, **__): os.kill(os.getpid(), 9)
store = Store(home.store, home.results)
owner, name = {"files": (erasing_files, "remove"), "rows": (store, "log_erasure"), "anew": (store, "write_anew"),
    "log": (erasing, "replace_in_files"), "search": (erasing_files, "search"), "close": (store, "complete_erasure"),
    "done": (erasing.log, "info")}[sys.argv[3]]
setattr(owner, name, die)
Someone(home, store, Path(sys.argv[2])).requests.apply_all()
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", ["files", "rows", "anew", "log", "search", "close", "done"])
def test_killed_at_any_step_it_is_finished_at_the_next_start(someone, step, tmp_path):
    from db.store import Store

    known = someone.preview().known
    own = [SUBJECT, *(text for video in known.videos for text in (video["video_id"], video["sha256"]))]
    someone.ask(places=[INBOX, str(someone.elsewhere)])
    someone.store.close()
    home = someone.home
    command = [sys.executable, "-c", _KILLED, str(home.path), str(someone.elsewhere), step]
    ended = subprocess.run(command, env=os.environ | {"PYTHONPATH": os.getcwd()}, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == -9, ended.stderr[-2000:]
    with Store(home.store, home.results) as store:
        again = Someone(home, store, someone.elsewhere)
        again.requests.apply_all()
        assert naming(home, own) == []
        receipt = again.receipt()
        assert receipt["videos"] == 4 and receipt["rows"]["video"] == 4 and receipt["search"]["in_rows"] == {}
        assert len(store.videos()) == 1 and store._read("SELECT count(*) AS n FROM erasure_log")[0]["n"] == 1
