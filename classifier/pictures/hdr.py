"""Pictures of a high dynamic range (PQ and HLG), brought to what a page shows: paper white stays white."""

from collections.abc import Mapping

import numpy as np

# Transfer characteristics as HEIF numbers them. Source: ITU-T H.273, table 3.
PQ, HLG = 16, 18
# What a sheet of white paper has in both. Source: ITU-R BT.2408, table 1.
DIFFUSE_WHITE_NIT = 203
PQ_PEAK_NIT = 10_000
HLG_PEAK_NIT = 1000
# Linear light up to here is kept; what is brighter, up to a lamp or the sun, shares the rest.
KNEE = 0.85
BT_2020_TO_SRGB = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
)  # Source: ITU-R BT.2087
P3_TO_SRGB = np.array([[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]], dtype=np.float32)
_TO_SRGB = {9: BT_2020_TO_SRGB, 11: P3_TO_SRGB, 12: P3_TO_SRGB}
_BT_2020_LUMA = np.array([0.2627, 0.6780, 0.0593], dtype=np.float32)


def is_hdr(nclx: Mapping[str, float]) -> bool:
    """Whether a HEIF picture's colour description says PQ or HLG."""
    return nclx.get("transfer_characteristics") in (PQ, HLG)


def to_sdr(codes: np.ndarray, nclx: Mapping[str, float]) -> np.ndarray:
    """From code values (height, width, 3) of 0 to 1 to uint8 sRGB of the same shape."""
    nits = _pq_nits(codes) if nclx.get("transfer_characteristics") == PQ else _hlg_nits(codes)
    light = nits / DIFFUSE_WHITE_NIT
    matrix = _TO_SRGB.get(int(nclx.get("color_primaries", 0)))
    if matrix is not None:
        light = light @ matrix.T
    light = np.maximum(light, 0)
    # By the brightest of the three, so that a bright colour keeps its hue.
    brightest = light.max(axis=-1, keepdims=True)
    rolled = KNEE + (1 - KNEE) * (1 - np.exp(-(brightest - KNEE) / (1 - KNEE)))
    light *= np.where(brightest > KNEE, rolled / np.maximum(brightest, KNEE), 1)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4) - 0.055)
    return np.rint(encoded * 255).clip(0, 255).astype(np.uint8)


def _pq_nits(codes: np.ndarray) -> np.ndarray:
    """Source: SMPTE ST 2084, equation 4.1."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = np.power(codes, 1 / m2)
    return PQ_PEAK_NIT * np.power(np.maximum(power - c1, 0) / (c2 - c3 * power), 1 / m1)


def _hlg_nits(codes: np.ndarray) -> np.ndarray:
    """On a screen of 1,000 nit. Source: ITU-R BT.2100, table 5."""
    a, b, c, gamma = 0.17883277, 0.28466892, 0.55991073, 1.2
    scene = np.where(codes <= 0.5, codes**2 / 3, (np.exp((codes - c) / a) + b) / 12)
    luminance = (scene @ _BT_2020_LUMA)[..., None]
    return HLG_PEAK_NIT * scene * np.power(np.maximum(luminance, 1e-6), gamma - 1)
