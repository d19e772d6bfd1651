"""The sizes that a pictograph can be saved at."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS = ("png", "svg")


@dataclass(frozen=True)
class Size:
    """A size by the name that addresses give it."""

    name: str
    width_px: int
    height_px: int
    words: str | Promise
    is_print: bool = False

    @property
    def scale(self) -> float:
        """How much larger margins and letters are than on a square of 1,080 pixels."""
        return float((self.width_px * self.height_px) ** 0.5) / 1080


# The sizes are those that social networks show uncropped; A3 is 420 mm × 297 mm at 200 dots an inch.
SIZES = {
    size.name: size
    for size in (
        Size("square", 1080, 1080, _("Square post")),
        Size("portrait", 1080, 1350, _("Upright post")),
        Size("story", 1080, 1920, _("Story")),
        Size("link", 1200, 630, _("Link preview")),
        Size("wide", 1920, 1080, _("Wide screen")),
        Size("a3", 3307, 2339, _("Poster A3"), is_print=True),
        Size("a3-upright", 2339, 3307, _("Poster A3, upright"), is_print=True),
    )
}
PRINT_DPI = 200
CARD = SIZES["link"]  # Open Graph: 1.91 to 1


def is_print(size_px: tuple[int, int]) -> bool:
    """Whether an image of this width and height is one to print."""
    return any(size.is_print and (size.width_px, size.height_px) == size_px for size in SIZES.values())
