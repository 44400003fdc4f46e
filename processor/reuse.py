"""Whether a video was analysed before in the very same way, so that it need not be done again."""

from __future__ import annotations

from db.store import Store
from processor.config import Home, Settings
from processor.emotions import BundleUnusable, find_bundle, model_id, read_card


def finished_alike(store: Store, video_id: str, settings: Settings) -> int | None:
    """The newest finished run of the video with this model, detector, sampling and smoothing; None if there is none.

    Model and detector are told from their files, without loading them.
    """
    wanted = (model_id_of(settings), detector_of(settings), settings.sample_fps, settings.smoothing_name)
    columns = ("model_id", "detector", "sample_fps", "smoothing")
    alike = [
        run["run_id"]
        for run in store.runs("done")
        if run["video_id"] == video_id and tuple(run[column] for column in columns) == wanted
    ]
    return alike[-1] if alike else None


def waiting_alike(store: Store, video_id: str, settings: Settings, overrides: dict) -> int | None:
    """A run of the video that is queued or running with these settings, asked for in the same way; None if none is."""
    wanted = (overrides.get("model"), overrides.get("detector"), settings.sample_fps, settings.smoothing_name)
    columns = ("model_id", "detector", "sample_fps", "smoothing")
    waiting = [*store.runs("queued"), *store.runs("running")]
    alike = [run for run in waiting if run["video_id"] == video_id and tuple(map(run.get, columns)) == wanted]
    return alike[-1]["run_id"] if alike else None


def model_id_of(settings: Settings) -> str | None:
    """The id under which runs with these settings are stored; None if the bundle can't be used."""
    try:
        return model_id(read_card(find_bundle(settings.model, Home(settings.home).models)))
    except BundleUnusable:
        return None


def detector_of(settings: Settings) -> str:
    """The detector that these settings lead to: `yunet` or `haar`."""
    if settings.detector != "auto":
        return settings.detector
    from processor.faces import yunet_file  # here, because OpenCV is a large thing to load for one question

    return "yunet" if yunet_file(Home(settings.home).models) else "haar"
