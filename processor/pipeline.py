"""The whole way from a video to what is stored: decode, faces, tracks, emotions, smooth."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from db.emotions import EMOTIONS
from processor import decode, faces
from processor.config import Home, Settings
from processor.emotions import BATCH_SIZES, Classifier, find_bundle
from processor.look import look
from processor.observed import observed
from processor.tracks import Tracker


@dataclass(frozen=True)
class Progress:
    """How far an analysis is: seconds of video done, of how many (None if unknown), and frames looked at."""

    done_s: float
    duration_s: float | None
    frames_sampled: int


@dataclass(frozen=True)
class Analysis:
    """What one video showed. The tables have the columns of `frame`, `track` and `observation`, less the run_id."""

    info: decode.VideoInfo
    frames: pa.Table
    tracks: pa.Table
    observations: pa.Table
    model_id: str
    model_card: dict
    detector: str
    device: str
    seconds: float
    corrupt_packets: int
    note: str | None

    @property
    def frames_sampled(self) -> int:
        return len(self.frames)

    @property
    def frames_with_face(self) -> int:
        """Frames with at least one face."""
        return int((self.frames["faces"].to_numpy() > 0).sum())

    @property
    def shares(self) -> dict[str, float | None]:
        """Share of each smoothed emotion among the observations, 0 to 1; None without a face."""
        smoothed = self.observations["smoothed"].to_numpy(zero_copy_only=False)
        return {emotion: float((smoothed == emotion).mean()) if len(smoothed) else None for emotion in EMOTIONS}

    @property
    def mean_valence(self) -> float | None:
        """Mean valence of the observations, -1 to 1; None without a face."""
        return float(self.observations["valence"].to_numpy().mean()) if len(self.observations) else None


class Analyser:
    """Loads detector and model once, then analyses any number of videos, one after the other."""

    def __init__(self, settings: Settings):
        """Raises BundleUnusable, or FileNotFoundError if YuNet is asked for by name and not there."""
        self.settings = settings
        models = Home(settings.home).models
        self.detector = faces.detector(settings.detector, models, settings.min_face_px, settings.min_face_score)
        self.classifier = Classifier(find_bundle(settings.model, models))

    def analyse(self, path: Path, on_progress: Callable[[Progress], None] | None = None) -> Analysis:
        """Look at `settings.sample_fps` frames a second of the video. Raises VideoUnreadable."""
        started = time.monotonic()
        settings = self.settings
        report, tracker = decode.DecodeReport(), Tracker()
        frames, found, crops, probabilities = [], [], [], []

        self.detector.reset()
        for frame in decode.ahead(decode.frames(path, settings.sample_fps, settings.max_pixels, report)):
            seen = look(frame.bgr, self.detector, self.classifier.crop_size)
            frames.append((frame.index, frame.t_s, seen.brightness, seen.sharpness))
            ids = tracker.update(frame.t_s, seen.faces.boxes)
            found += [
                (frame.index, frame.t_s, track, *box, score)
                for track, box, score in zip(ids, seen.faces.boxes, seen.faces.scores, strict=True)
            ]
            crops.extend(seen.crops)
            if len(crops) >= BATCH_SIZES[-1]:
                probabilities.append(self.classifier(np.stack(crops)))
                crops = []
            if on_progress:
                on_progress(Progress(frame.t_s, report.info.duration_s, len(frames)))
        if crops:
            probabilities.append(self.classifier(np.stack(crops)))

        scores = np.concatenate([np.zeros((0, len(EMOTIONS)), np.float32), *probabilities])
        tables = observed(frames, found, scores, settings)
        return Analysis(
            info=report.info,
            frames=tables.frames,
            tracks=tables.tracks,
            observations=tables.observations,
            model_id=self.classifier.model_id,
            model_card=self.classifier.card,
            detector=self.detector.name,
            device=self.classifier.device,
            seconds=time.monotonic() - started,
            corrupt_packets=report.corrupt_packets,
            note=decode.ended_early(path, report),
        )
