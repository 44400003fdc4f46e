import duckdb
import pytest

from db.check import check
from db.store import Store, StoreDamaged
from tests.db.rows import analysed, evaluation, finish, queue, video


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A connection to a store with one video of three observations, one with none, and runs of every state."""
    path = tmp_path_factory.mktemp("sound") / "store.duckdb"
    with Store(path) as store:
        analysed(store, "v1", "happy", "sad", "sad")
        store.add_model("m-1", "m", "1", "hash", {})
        store.put_evaluations("m-1", [evaluation()])
        store.add_video(video("v2"))
        store.fail_run(queue(store, "v2"), "It is empty.")
        store.cancel_run(queue(store, "v2"))
        store.start_run(queue(store, "v2"))
    with duckdb.connect(path) as connection:
        yield connection


def wrong(connection):
    return {finding.name: finding.wrong for finding in check(connection) if finding.wrong}


def test_a_new_store_is_in_order(store):
    assert wrong(store._connection) == {}


def test_a_sound_store_is_in_order(sound, store):
    assert wrong(sound) == {}
    # Two runs of one video, one without a face, one of a video of unknown length.
    for emotions in ((), ("fear", "neutral")):
        store.add_video(video("v1"))
        finish(store, queue(store, "v1"), emotions=emotions, empty_frames=2)
    store.add_video(video("v3", duration_s=None))
    finish(store, queue(store, "v3"), emotions=("happy",) * 5)
    assert wrong(store._connection) == {}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            "UPDATE schema_version SET version = 9 WHERE version = 5",
            "schema version: it is 9, and this Moodreel expects 5",
        ),
        (
            "UPDATE emotion SET valence = 0.5 WHERE emotion = 'happy'",
            "the emotions are those of the code: table emotion",
        ),
        ("DELETE FROM run", "1 rows of runs that are unknown or not done: run: 1"),
        ("UPDATE run SET state = 'failed'", "1 rows of runs that are unknown or not done: run: 1"),
        ("DELETE FROM video WHERE video_id = 'v1'", "1 runs of unknown videos: run: 1"),
        ("DELETE FROM frame WHERE frame = 2", "1 observations that don't: run, frame, track: 1 2 1"),
        ("DELETE FROM track", "3 observations that don't: run, frame, track: 1 0 1; 1 1 1; 1 2 1"),
        (
            "INSERT INTO observation FROM observation WHERE frame = 0",
            "1 observations that don't: run, frame, track: 1 0 1",
        ),
        (
            "UPDATE observation SET sad = 0.5 WHERE frame = 1",
            "1 observations where they don't: run, frame, track, sum: 1 1 1 0.5",
        ),
        ("UPDATE observation SET sad = 'nan' WHERE frame = 1", "1 observations where they don't"),
        ("UPDATE run SET current = false", "1 videos where that is not so: v1"),
        ("UPDATE run SET frames_with_face = 2", "frames_with_face agree with the frames: 1 runs where they don't: 1"),
        ("UPDATE run SET frames_sampled = NULL", "frames_with_face agree with the frames: 1 runs where they don't: 1"),
        ("UPDATE run_summary SET sad = 0.5", "1 runs where it doesn't: 1"),
        ("UPDATE run_summary SET mean_valence = NULL", "1 runs where it doesn't: 1"),
        ("UPDATE run_summary SET valence_curve = list_concat([0.5], valence_curve[2:])", "1 runs where it doesn't: 1"),
        ("UPDATE run_summary SET valence_curve = valence_curve[:39]", "1 runs where it doesn't: 1"),
        ("DELETE FROM run_summary", "1 runs where it doesn't: 1"),
        ("DELETE FROM model", "1 evaluations of unknown models: m-1/fer/PublicTest/fer2013"),
        ("DELETE FROM evaluation", "1 rows of unknown evaluations: m-1/fer/PublicTest/fer2013"),
        (
            "UPDATE confusion SET faces = 9 WHERE truth = 'sad' AND predicted = 'happy'",
            "1 evaluations where they don't",
        ),
        ("UPDATE evaluation_class SET support = 9 WHERE emotion = 'sad'", "1 evaluations where they don't"),
        ("DELETE FROM prediction_sample WHERE row = 4", "1 evaluations where they don't: m-1/fer/PublicTest/fer2013"),
        ("UPDATE evaluation SET accuracy = 0.4", "1 evaluations where they don't: m-1/fer/PublicTest/fer2013"),
    ],
)
def test_what_does_not_agree_is_found(sound, damage, said):
    sound.begin()
    try:
        sound.execute(damage)
        assert any(said in f"{name}: {text}" for name, text in wrong(sound).items()), wrong(sound)
    finally:
        sound.rollback()


def test_a_long_list_is_cut(sound):
    sound.begin()
    try:
        sound.execute("INSERT INTO frame SELECT 50 + range, 0, 0, 0, 0, 0 FROM range(9)")
        [text] = wrong(sound).values()
    finally:
        sound.rollback()
    assert text == "9 rows of runs that are unknown or not done: run: 50; 51; 52; 53; 54; and 4 more"


def test_someone_elses_database_is_refused():
    with duckdb.connect() as other:
        other.execute("CREATE TABLE invoice (amount INTEGER)")
        with pytest.raises(StoreDamaged, match="invoice"):
            list(check(other))
