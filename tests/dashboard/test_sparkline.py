import base64

from dashboard.sparkline import sparkline


class TestSparkline:
    def path(self, curve, frames):
        picture = sparkline(curve, frames)
        return base64.b64decode(picture.removeprefix("data:image/svg+xml;base64,")).decode()

    def test_nobody(self):
        assert sparkline(None, 0) is None
        assert sparkline([], 5) is None
        assert sparkline([None, float("nan")], 5) is None

    def test_gap(self):
        # Four parts of 30 each; +1 at the top (2), 0 in the middle (14), -1 at the bottom (26); pen up for the gap.
        assert "M0.0 2.0H30.0L30.0 14.0H60.0M90.0 26.0H120.0" in self.path([1.0, 0.0, None, -1.0], frames=4)

    def test_part_without_a_frame_is_no_gap(self):
        assert "M0.0 2.0H30.0L30.0 2.0H60.0L60.0 26.0H90.0" in self.path([1.0, None, -1.0, None], frames=2)
