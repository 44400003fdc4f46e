"""One thread that looks at the newest frame of every viewer's camera: detector, tracks, one batch for the network.

It knows neither the network that frames come through nor the page that shows them.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future

import av

from processor.config import Settings
from processor.live_faces import Options, Sight

log = logging.getLogger(__name__)

# A face that was seen this long ago and is missed now is told of as such.
MISSED_S = 1.0
# Up to so many faces of all viewers together are classified without the network being prepared for that number first.
WARM_FACES = 4

OnSight = Callable[[Sight], None]


class Engine:
    """Looks for all viewers, one frame of each in turn. Safe to call from any thread."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._changed = threading.Condition()
        self._viewers: list[Viewer] = []
        self._thread: threading.Thread | None = None
        self._loaded: dict[Hashable, Future] = {}
        atexit.register(self.close)

    def join(self, options: Options, on_sight: OnSight) -> Viewer:
        """Another viewer. on_sight is called in the engine's thread and must return at once."""
        viewer = Viewer(self, options, on_sight)
        with self._changed:
            self._viewers.append(viewer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live engine", daemon=True)
                self._thread.start()
            self._changed.notify()
        return viewer

    def close(self) -> None:
        """Every viewer leaves; returns when the thread has ended."""
        atexit.unregister(self.close)
        with self._changed:
            self._viewers.clear()
            thread = self._thread
            self._changed.notify()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self) -> None:
        with self._changed:
            while self._viewers:
                self._changed.wait()
            self._thread = None


class Viewer:
    """One viewer's camera."""

    def __init__(self, engine: Engine, options: Options, on_sight: OnSight):
        self._engine, self._options, self._on_sight = engine, options, on_sight
        self.sight: Sight | None = None
        self.trouble: str | None = None
        self.ready = False
        self.looked_at = 0
        self.passed_over = 0
        self.model_id: str | None = None
        self.detector: str | None = None
        self.device: str | None = None

    def offer(self, frame: av.VideoFrame, t_s: float, arrived_s: float) -> None:
        """The newest frame."""

    def change(self, options: Options) -> None:
        """From now on as `options` say."""
        self._options = options

    def leave(self) -> None:
        """No more frames."""
        with self._engine._changed:
            if self in self._engine._viewers:
                self._engine._viewers.remove(self)
            self._engine._changed.notify()
