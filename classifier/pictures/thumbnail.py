"""Pictures to look at, made from a decoded photo: the grid's thumbnail, its placeholder, and larger ones on demand."""

import io

from PIL import Image

from classifier.pictures.color import to_srgb
from classifier.pictures.decode import decode

# One grid size at import, as WebP with the least effort: measured, 480 px takes 3.4 ms and about 30 kB, where effort 4
# takes three times as long for a tenth less, and AVIF longer still.
THUMBNAIL_PX = 480
THUMBNAIL_QUALITY = 72
THUMBNAIL_EFFORT = 0
# A panorama keeps its shape and enough height to be seen, within this length.
LEAST_SHORT_PX = 160
LONGEST_PANORAMA_PX = 4 * THUMBNAIL_PX
RENDER_QUALITY = 80
# At most about 150 bytes, so that it can stand inside the page.
PLACEHOLDER_PX = 10
PLACEHOLDER_QUALITY = 20
LONGEST_WEBP_PX = 16383


def shrink_to_thumbnail(image: Image.Image) -> Image.Image:
    """Shrink to 480 px on the long side, less for no picture that has it; a panorama to 160 px on the short side."""
    long_px, short_px = max(image.size), min(image.size)
    scale = max(THUMBNAIL_PX / long_px, min(LEAST_SHORT_PX / short_px, LONGEST_PANORAMA_PX / long_px))
    return _scaled(image, scale)


def encode_thumbnail(image: Image.Image, icc_profile: bytes) -> bytes:
    """Encode the shrunk picture as WebP in sRGB."""
    return _webp(to_srgb(image, icc_profile) or image, THUMBNAIL_QUALITY)


def encode_placeholder(image: Image.Image) -> bytes:
    """A WebP of a few pixels with the picture's shape and colours, at most about 150 bytes."""
    tiny = _scaled(image, PLACEHOLDER_PX / max(image.size), Image.Resampling.BOX)
    return _webp(tiny, PLACEHOLDER_QUALITY)


def is_whole(webp: bytes) -> bool:
    """Whether a WebP has all its bytes; a process that was killed, or a full disk, leaves some with fewer."""
    return webp[:4] == b"RIFF" and len(webp) == int.from_bytes(webp[4:8], "little") + 8


def render(content: bytes, longest_px: int) -> bytes:
    """Make a WebP of a photo with `longest_px` on the long side, upright and in sRGB; never larger than the photo.

    Raises UnreadablePhoto.
    """
    photo = decode(content, short_px=1, long_px=longest_px)
    image = _scaled(photo.image, min(longest_px, LONGEST_WEBP_PX) / max(photo.image.size))
    return _webp(to_srgb(image, photo.icc_profile) or image, RENDER_QUALITY)


def _scaled(image: Image.Image, scale: float, resampling: Image.Resampling = Image.Resampling.BICUBIC) -> Image.Image:
    if scale >= 1:
        return image
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    # Averaging whole blocks first halves the time and cannot be seen at this size.
    return image.resize(size, resampling, reducing_gap=1.0)


def _webp(image: Image.Image, quality: int) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, "WEBP", method=THUMBNAIL_EFFORT, quality=quality)
    return encoded.getvalue()
