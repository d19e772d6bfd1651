"""Colours as the camera meant them: from a photo's own profile to sRGB."""

import io
from functools import lru_cache

from PIL import Image, ImageCms

# A library comes from a handful of cameras, each with its one profile; a transform takes milliseconds to make.
_KEPT_TRANSFORMS = 16


def to_srgb(image: Image.Image, icc_profile: bytes) -> Image.Image | None:
    """Convert RGB or CMYK to sRGB by an ICC profile; None where it is sRGB already or the profile is of no use."""
    transform = _transform(icc_profile, image.mode) if icc_profile else None
    if transform is None:
        return None
    return ImageCms.applyTransform(image, transform)


@lru_cache(maxsize=_KEPT_TRANSFORMS)
def _transform(icc_profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
        if mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(profile):
            return None
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.buildTransform(profile, srgb, mode, "RGB", ImageCms.Intent.PERCEPTUAL)
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):  # broken, or of another colour space than the picture
        return None
