"""Global edits as exact picture functions: the truth for "make it night", "a pencil sketch", and so on.

Each takes pictures (B, F, 3, h, w) in 0..1 and the clock (B,) of their first frame, and returns the edited
pictures. They are written for looks, on their own terms; the model never sees them, only their results.
Sizes are in pixels, whatever the picture's; h and w are multiples of 8. Only what falls moves with the clock.
"""

from __future__ import annotations

from distill.filters import styles, tones, weather
from distill.filters.pieces import Filter

__all__ = ["FILTERS", "Filter"]

FILTERS: dict[str, Filter] = {
    "sketch": styles.sketch,
    "night": tones.night,
    "sunset": tones.sunset,
    "snow": weather.snow,
    "black_and_white": tones.black_and_white,
    "sepia": tones.sepia,
    "pixel_art": styles.pixel_art,
    "cartoon": styles.cartoon,
    "invert": tones.invert,
    "warm": tones.warm,
    "cold": tones.cold,
    "fog": weather.fog,
    "vintage": tones.vintage,
    "underwater": tones.underwater,
    "night_vision": tones.night_vision,
    "vivid": tones.vivid,
    "brighter": tones.brighter,
    "darker": tones.darker,
    "blurred": tones.blurred,
    "watercolor": styles.watercolor,
    "oil_painting": styles.oil_painting,
    "neon": styles.neon,
    "blueprint": styles.blueprint,
    "comic": styles.comic,
    "stained_glass": styles.stained_glass,
    "charcoal": styles.charcoal,
    "thermal": tones.thermal,
    "golden": tones.golden,
    "autumn": weather.autumn,
    "rain": weather.rain,
    "storm": weather.storm,
}
