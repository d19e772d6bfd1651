"""Colours are the camera's, also where it says them without a profile, on the grid and in the large picture alike."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from classifier.pictures.color import adobe_rgb_profile, wide_profile
from classifier.pictures.hdr import HLG, PQ, to_sdr
from classifier.pictures.prepare import prepare
from classifier.pictures.thumbnail import render
from tests.classifier.pictures import FRAMING, colour_at, encoded, halves, heic, is_near, opened

GREEN_OF_ADOBE, GREEN_IN_SRGB = (60, 180, 60), (0, 181, 45)


def centre(webp: bytes, across: float = 0.5) -> tuple[int, ...]:
    image = opened(webp)
    return colour_at(image, (int(image.width * across), image.height // 2))


def said(index: str, color_space: int = 65535) -> Image.Exif:
    """EXIF that names the colours as cameras do."""
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0xA001: color_space, 0xA005: {1: index, 2: b"0100"}})
    return exif


def green(**options: Any) -> bytes:
    return encoded(Image.new("RGB", (320, 240), GREEN_OF_ADOBE), quality=95, **options)


@pytest.mark.parametrize(
    "options", [{"exif": said("R03")}, {"exif": said("R98", 2)}, {"icc_profile": adobe_rgb_profile()}]
)
def test_adobe_rgb_is_shown_as_with_its_profile(options: dict[str, Any]) -> None:
    content = green(**options)
    assert is_near(centre(prepare(content, FRAMING)[0].thumbnail), GREEN_IN_SRGB, 8)
    assert is_near(centre(render(content, 300)), GREEN_IN_SRGB, 8)


@pytest.mark.parametrize("exif", [said("R98", 1), said("R98"), said("R03", 1), Image.Exif()])
def test_srgb_and_what_says_nothing_sure_is_left_as_it_is(exif: Image.Exif) -> None:
    assert is_near(centre(prepare(green(exif=exif), FRAMING)[0].thumbnail), GREEN_OF_ADOBE, 8)


def test_a_profile_outweighs_what_exif_says() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = green(exif=said("R03"), icc_profile=srgb)
    assert is_near(centre(prepare(content, FRAMING)[0].thumbnail), GREEN_OF_ADOBE, 8)


def test_the_profiles_made_here_are_sound() -> None:
    for profile in (adobe_rgb_profile(), wide_profile(9), wide_profile(12)):
        assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).strip() == "wide RGB"
        white = ImageCms.profileToProfile(
            Image.new("RGB", (1, 1), "white"), io.BytesIO(profile), ImageCms.createProfile("sRGB")
        )
        assert white is not None
        assert white.getpixel((0, 0)) == (255, 255, 255)
    assert wide_profile(1) == wide_profile(2) == b""


# Diffuse white, and a grey card under it: 203 and 36.5 nit in PQ; in HLG a card reflects 18 % of what 75 % shows.
@pytest.mark.parametrize(("transfer", "white", "grey"), [(PQ, 0.581, 0.420), (HLG, 0.75, 0.4334)])
@pytest.mark.parametrize("size", [(320, 240), (2601, 1999)])
def test_white_stays_white_and_grey_grey_in_a_high_dynamic_range(
    transfer: int, white: float, grey: float, size: tuple[int, int]
) -> None:
    content = heic(halves(white, grey, *size), transfer)
    photo, views = prepare(content, FRAMING)
    assert (photo.width_px, photo.height_px) == size
    for webp in (photo.thumbnail, render(content, 2000), render(content, 300)):
        assert is_near(centre(webp, 0.25), (255, 255, 255), 12)
        assert is_near(centre(webp, 0.75), (118, 118, 118), 12)
    assert is_near(views[1][112, 30], 255, 12)
    assert is_near(views[1][112, 190], 118, 12)


def test_light_beyond_white_keeps_its_hue_and_dark_stays_dark() -> None:
    nclx = {"transfer_characteristics": PQ, "color_primaries": 1}
    codes = np.array([[[0.75, 0.58, 0.58], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]], dtype=np.float32)
    lamp, night, sun = to_sdr(codes, nclx)[0]
    assert lamp[0] == 255
    assert lamp[1] == lamp[2] < 200
    assert tuple(night) == (0, 0, 0)
    assert tuple(sun) == (255, 255, 255)


def test_ten_bits_of_an_ordinary_range_are_left_as_they_are() -> None:
    content = heic(halves(0.8, 0.4), transfer=13, primaries=1, matrix=6)
    thumbnail = prepare(content, FRAMING)[0].thumbnail
    assert is_near(centre(thumbnail, 0.25), (204, 204, 204), 5)
    assert is_near(centre(thumbnail, 0.75), (102, 102, 102), 5)


def test_a_wide_gamut_told_by_numbers_is_shown_as_with_its_profile() -> None:
    codes = np.broadcast_to(np.array([0.9, 0.3, 0.3], dtype=np.float32), (240, 320, 3))
    told = heic(codes, transfer=13, primaries=12, matrix=6)
    plain = Image.new("RGB", (320, 240), (230, 77, 77))
    with_profile = encoded(plain, "PNG", icc_profile=wide_profile(12))
    wanted = centre(prepare(with_profile, FRAMING)[0].thumbnail)
    assert is_near(centre(prepare(told, FRAMING)[0].thumbnail), wanted, 5)
    assert not is_near(wanted, (230, 77, 77), 10)
