"""How speed is measured: medians, of calls as the product makes them."""

import numpy as np

from training import speed as module
from training.speed import speed


class Clocked:
    """In place of a network: each call takes 2 ms and 1 ms a face on a clock of its own, but every fifth takes 1 s."""

    crop_size, device = 48, "CPU:0"

    def __init__(self):
        self.now_s, self.calls = 0.0, []

    def perf_counter(self):
        return self.now_s

    def outputs(self, crops):
        assert crops.dtype == np.uint8 and crops.shape[1:] == (48, 48)
        self.calls.append(len(crops))
        self.now_s += 1.0 if len(self.calls) % 5 == 0 else 0.002 + 0.001 * len(crops)


def test_medians_of_both_sizes(monkeypatch):
    clocked = Clocked()
    monkeypatch.setattr(module, "time", clocked)
    found = speed(clocked, seconds=5.0)
    assert (found["batch_1_ms"], found["batch_64_ms"]) == (3.0, 66.0)
    assert found["faces_per_s"] == round(64 / 0.066)
    assert found["device"] == "CPU:0" and "/" not in found["machine"]
    assert set(clocked.calls) == {1, 64}
