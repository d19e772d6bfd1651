"""A finger on the glass, as the browser itself would feel it."""

from playwright.sync_api import Page


class Finger:
    """One touch at a time, in pixels of the window; the browser makes pointer events, clicks and long presses of it."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def _touch(self, kind: str, *points: tuple[float, float]) -> None:
        self.session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )

    def down(self, x: float, y: float) -> None:
        """Touch the glass."""
        self._touch("touchStart", (x, y))

    def move(self, x: float, y: float) -> None:
        """Go on without lifting."""
        self._touch("touchMove", (x, y))

    def up(self) -> None:
        """Lift."""
        self._touch("touchEnd")

    def swipe(self, start: tuple[float, float], end: tuple[float, float], steps: int = 4) -> None:
        """Draw a line."""
        self.down(*start)
        for step in range(1, steps + 1):
            self.move(*(a + (b - a) * step / steps for a, b in zip(start, end, strict=True)))
        self.up()
