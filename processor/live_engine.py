"""One thread that looks at the newest frame of every viewer's camera: detector, tracks, one batch for the network.

It knows neither the connection that frames come through nor the page that shows them.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from processor import faces
from processor.config import Home, Settings
from processor.emotions import BATCH_SIZES, CARD_FILE, Classifier
from processor.live_faces import Options, Sight, Watcher
from processor.log import Complaints
from processor.look import Look
from processor.worker import why_not_loaded

log = logging.getLogger(__name__)

# So many faces are classified once when a network is loaded: what is slow the first time shall not be seen.
WARM_UP = BATCH_SIZES[:4]

OnSight = Callable[[Sight], None]


class Engine:
    """Looks for all viewers of this process, one frame of each in turn; there is no thread without a viewer.

    Networks and detectors are loaded once for all, beside the thread, which goes on meanwhile. May be called from any
    thread.
    """

    def __init__(self, settings: Settings):
        """settings: of these, `home`, `min_face_px` and `min_face_score`; the rest comes with each viewer's options."""
        self._settings = settings
        self._changed = threading.Condition()
        self._viewers: list[Viewer] = []
        self._thread: threading.Thread | None = None
        self._loaded: dict[tuple, Future] = {}
        atexit.register(self.close)  # a network at work while the interpreter ends would crash it

    def prepare(self, options: Options) -> None:
        """Begin to load what these options need, so that it is there when someone joins; returns at once."""
        self._tools(options)

    def join(self, options: Options, on_sight: OnSight) -> Viewer:
        """Another viewer. on_sight is called in the engine's thread with each sight and must return at once."""
        viewer = Viewer(self, options, on_sight)
        with self._changed:
            self._viewers.append(viewer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live engine", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return viewer

    def close(self) -> None:
        """Every viewer leaves. Returns when the thread has ended; what is being loaded is not waited for."""
        atexit.unregister(self.close)
        with self._changed:
            self._viewers.clear()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    # --- what is loaded ---

    def _tools(self, options: Options) -> tuple[Future, Future]:
        """The classifier and the detector for these options; each may still be loading, or have failed to."""
        bundle, settings = options.bundle, self._settings
        models = Home(settings.home).models

        def detector() -> faces.Detector:
            return faces.detector(options.detector, models, settings.min_face_px, settings.min_face_score)

        found = faces.yunet_file(models)
        return (
            self._load(("classifier", bundle, _changed_at(bundle / CARD_FILE)), lambda: _classifier(bundle)),
            self._load(("detector", options.detector, found, found and _changed_at(found)), detector),
        )

    def _load(self, key: tuple, load: Callable) -> Future:
        """What was loaded for this key, or will be. What failed is tried again whenever someone asks for it anew."""
        with self._changed:
            known = self._loaded.get(key)
            if known is not None and not (known.done() and known.exception()):
                return known
            # What nobody uses any more is let go of as soon as something else takes its place.
            used = {id(tool) for viewer in self._viewers for tool in (*viewer._tools, *(viewer._taken_up or ()))}
            self._loaded = {k: tool for k, tool in self._loaded.items() if k[0] != key[0] or id(tool) in used}
            executor = ThreadPoolExecutor(1, "live loading")
            future = self._loaded[key] = executor.submit(load)
            executor.shutdown(wait=False)  # its thread ends with what it loads
        future.add_done_callback(lambda _: self._wake())
        return future

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    # --- the thread ---

    def _run(self) -> None:
        while viewers := self._next_round():
            seen = [one for viewer in viewers if (one := viewer._look()) is not None]
            for classifier in {id(one.classifier): one.classifier for one in seen}.values():
                _classify(classifier, [one for one in seen if one.classifier is classifier])

    def _next_round(self) -> list[Viewer]:
        """Waits until there is something to look at; every viewer, or none when all have left."""
        with self._changed:
            self._changed.wait_for(lambda: not self._viewers or any(viewer._due for viewer in self._viewers))
            if not self._viewers:
                self._thread = None
            return list(self._viewers)


class Viewer:
    """One camera of one viewer, made by `Engine.join`.

    sight: the newest, or None. trouble: what keeps it from seeing, a sentence, or None. ready: whether all is loaded.
    looked_at, passed_over: frames, of those offered, that were looked at, and that newer ones took the place of.
    model_id, detector, device: what looks, None before it is loaded.
    """

    def __init__(self, engine: Engine, options: Options, on_sight: OnSight):
        self.sight: Sight | None = None
        self.trouble: str | None = None
        self.ready = False
        self.looked_at = self.passed_over = 0
        self.model_id: str | None = None
        self.detector: str | None = None
        self.device: str | None = None
        self._engine, self._options, self._on_sight = engine, options, on_sight
        self._complaints = Complaints(log, lambda sentence: None)
        self._offered = 0
        self._waiting: _Waiting | None = None
        self._tools = engine._tools(options)  # asked for; they may still be loading
        self._taken_up: tuple[Future, Future] | None = None  # in use
        self._classifier: Classifier | None = None
        self._watcher: Watcher | None = None

    def offer(self, frame: av.VideoFrame, t_s: float, arrived_s: float) -> None:
        """The newest frame, in place of one that still waits; returns at once. Nothing happens after `leave`.

        t_s: seconds since the stream's start, ascending. arrived_s: when it came, on the monotonic clock.
        """
        with self._engine._changed:
            if self not in self._engine._viewers:
                return
            self.passed_over += self._waiting is not None
            self._waiting = _Waiting(frame, self._offered, t_s, arrived_s)
            self._offered += 1
            self._engine._changed.notify_all()

    def change(self, options: Options) -> None:
        """From now on as `options` say; another network or detector from when it is loaded, until then as before."""
        tools = self._engine._tools(options)
        with self._engine._changed:
            self._options, self._tools = options, tools
            self._engine._changed.notify_all()

    def leave(self) -> None:
        """No more sights, save one that may be under way. May be called again."""
        with self._engine._changed:
            if self in self._engine._viewers:
                self._engine._viewers.remove(self)
            self._waiting = None
            self._engine._changed.notify_all()

    # --- called in the engine's thread ---

    @property
    def _due(self) -> bool:
        """Whether there is something to do: a frame to look at, or something loaded to take up."""
        return (self._waiting is not None and self._classifier is not None) or self._loaded

    @property
    def _loaded(self) -> bool:
        return self._tools != self._taken_up and all(tool.done() for tool in self._tools)

    def _look(self) -> _Seen | None:
        """What the frame that waits shows, before its faces are classified; None if there is none to look at."""
        with self._engine._changed:
            if self._loaded:
                self._take_up(self._tools)
            waiting, options = self._waiting, self._options
            if waiting is None or self._classifier is None:
                return None
            self._waiting = None
        try:
            bgr = waiting.frame.to_ndarray(format="bgr24")
            seen = self._watcher.look(bgr, self._classifier.crop_size)
        except Exception as error:  # whatever is wrong with one picture, the thread goes on for all
            self._say(f"A picture of the camera can't be used: {error}. The next one is looked at.", error)
            return None
        return _Seen(self, self._classifier, options, waiting, (bgr.shape[1], bgr.shape[0]), seen)

    def _take_up(self, tools: tuple[Future, Future]) -> None:
        before, self._taken_up = self._taken_up, tools
        try:
            self._classifier, detector = (tool.result() for tool in tools)
        except Exception as error:
            self._classifier, self.ready = None, False
            self._say(why_not_loaded(error), error)
            return
        if self._watcher is None:
            self._watcher = Watcher(detector)
        elif tools[1] is not before[1]:
            self._watcher.use(detector)
        if before and tools[0] is not before[0]:
            self._watcher.forget_emotions()
        self.model_id, self.device = self._classifier.model_id, self._classifier.device
        self.detector, self.ready = detector.name, True
        self._say("")

    def _tell(self, sight: Sight) -> None:
        with self._engine._changed:
            if self not in self._engine._viewers:
                return
        self.sight = sight
        self.looked_at += 1
        self._say("")
        try:
            self._on_sight(sight)
        except Exception as error:  # the fault of one listener must not keep the others from seeing
            self._say(f"What was seen could not be shown: {type(error).__name__}: {error}.", error)

    def _say(self, trouble: str, error: Exception | None = None) -> None:
        self.trouble = trouble or None
        self._complaints.about("A live picture", trouble, "".join(traceback.format_exception(error)) if error else "")


@dataclass(frozen=True)
class _Waiting:
    """A frame that was offered."""

    frame: av.VideoFrame
    index: int
    t_s: float
    arrived_s: float


@dataclass(frozen=True)
class _Seen:
    """A frame whose faces were found and are to be classified."""

    viewer: Viewer
    classifier: Classifier
    options: Options
    waiting: _Waiting
    size_wh: tuple[int, int]
    look: Look

    def tell(self, raw: np.ndarray) -> None:
        """raw: float32 (N, 7), the emotions of its faces."""
        waiting = self.waiting
        faces, missed = self.viewer._watcher.follow(waiting.t_s, self.look, raw, self.options)
        self.viewer._tell(Sight(
            waiting.index, waiting.t_s, waiting.arrived_s, time.monotonic(), self.size_wh, faces,
            self.look.brightness, self.look.sharpness, missed,
        ))  # fmt: skip


def _classify(classifier: Classifier, seen: list[_Seen]) -> None:
    """One batch for the faces of all viewers, and then each is told of its own."""
    counts = [len(one.look.faces) for one in seen]
    try:
        raw = classifier(np.concatenate([one.look.crops for one in seen]))
    except Exception as error:
        for one in seen:
            one.viewer._say(f"The faces could not be classified: {type(error).__name__}: {error}.", error)
        return
    for one, probabilities in zip(seen, np.split(raw, np.cumsum(counts)[:-1]), strict=True):
        one.tell(probabilities)


def _classifier(bundle: Path) -> Classifier:
    classifier = Classifier(bundle)
    for count in WARM_UP:
        classifier(np.zeros((count, classifier.crop_size, classifier.crop_size), np.uint8))
    return classifier


def _changed_at(path: Path) -> int | None:
    """When a file was last written, None if it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
