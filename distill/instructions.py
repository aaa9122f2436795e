"""What people type: many wordings for each edit nano knows, and for what it must leave alone.

A wording is a template; `{thing}` and `{color}` are filled from synonyms. Pure text, random only through
the generator passed in.
"""

from __future__ import annotations

import numpy as np

from distill.more_things import MORE_THINGS

Rng = np.random.Generator

GLOBAL: dict[str, tuple[str, ...]] = {
    "sketch": (
        "turn it into a pencil sketch",
        "make it a pencil drawing",
        "draw this in pencil",
        "make this look hand drawn in graphite",
        "sketch style",
        "turn the video into a sketch",
        "render the scene as a black and white line drawing",
        "a rough charcoal sketch",
        "make it look like an artist's pencil sketch on paper",
        "convert to line art",
        "as if drawn by hand with a pencil",
        "pencil sketch",
    ),
    "night": (
        "make it night",
        "turn day into night",
        "change the time of day to night",
        "nighttime",
        "make the scene dark like midnight",
        "it should be night with moonlight",
        "turn the lights off as if it were night",
        "a moonlit night scene",
        "at night",
        "set the scene in the middle of the night",
        "night time, dark blue moonlight",
    ),
    "sunset": (
        "make it sunset",
        "give it the light of a sunset",
        "golden hour lighting",
        "at sunset",
        "change the lighting to a warm orange sunset",
        "make it look like dusk with orange light",
        "evening sun, orange glow",
        "turn the time of day to sunset",
        "sunset light",
        "the sun is setting and everything glows orange",
        "make it look like sunset",
    ),
    "snow": (
        "make it snow",
        "let it snow",
        "add falling snow",
        "a snowy winter day",
        "snowfall",
        "turn it into winter with snowflakes",
        "snowflakes are falling",
        "make it a snowstorm",
        "add snow to the scene",
        "winter weather with snow",
        "cover the video in falling snow",
    ),
    "black_and_white": (
        "make it black and white",
        "black and white",
        "turn it grey",
        "remove all the color",
        "convert to grayscale",
        "desaturate the video",
        "monochrome",
        "greyscale",
        "make it look like an old black and white film",
        "take the colours out",
        "make everything gray",
        "turn the picture into shades of grey",
    ),
    "sepia": (
        "sepia",
        "make it sepia",
        "apply a sepia tone",
        "give it a brown sepia tint",
        "make it look like an old brownish photograph",
        "antique sepia photo",
        "sepia toned like a century old photo",
        "turn it into a sepia picture",
    ),
    "pixel_art": (
        "turn it into pixel art",
        "pixel art",
        "make it look like an 8-bit game",
        "pixelate it",
        "retro video game pixels",
        "make it blocky like an old video game",
        "16-bit pixel style",
        "render everything as big pixels",
        "pixelated style",
        "turn the video into a mosaic",
    ),
    "cartoon": (
        "make it a cartoon",
        "cartoon style",
        "turn it into a comic",
        "like an animated cartoon",
        "comic book style with black outlines",
        "make it look like a cartoon",
        "anime style",
        "cel shaded like a cartoon",
        "turn this into an animation",
        "toon shading",
    ),
    "invert": (
        "invert the colors",
        "make it a negative",
        "invert",
        "photo negative",
        "swap light and dark",
        "turn the picture into its negative",
        "reverse all colours",
        "show it like film negative",
        "invert the video",
    ),
    "warm": (
        "make it warmer",
        "warm tones",
        "give it a warm look",
        "warm up the colors",
        "warmer colour temperature",
        "make the light cosy and warm",
        "add a warm yellow tint",
        "use a warm white balance",
        "warm",
    ),
    "cold": (
        "make it colder",
        "cold tones",
        "give it a cool look",
        "cool down the colors",
        "cooler colour temperature",
        "make the light cold and bluish",
        "add a cold blue tint",
        "use a cool white balance",
        "icy cold colours",
        "cold",
    ),
    "fog": (
        "add fog",
        "make it foggy",
        "fill the scene with fog",
        "a misty morning",
        "thick fog",
        "cover everything in mist",
        "hazy and foggy",
        "make it misty",
        "fog",
    ),
    "vintage": (
        "vintage look",
        "make it look vintage",
        "faded retro film",
        "like an old faded photo",
        "give it a seventies film look",
        "retro faded colours",
        "vintage",
    ),
    "underwater": (
        "make it underwater",
        "as if we were under water",
        "put the scene under the sea",
        "underwater look",
        "submerged in the ocean",
        "under the sea",
        "like diving in the ocean",
    ),
    "night_vision": (
        "night vision",
        "green night vision goggles",
        "make it look like night vision",
        "like through a night vision camera",
        "green military night vision",
    ),
    "vivid": (
        "more vivid colors",
        "make the colours pop",
        "increase the saturation",
        "vivid",
        "make it more colourful",
        "boost the colors and contrast",
        "punchy vibrant colours",
    ),
    "brighter": (
        "make it brighter",
        "brighten the video",
        "more light",
        "increase the brightness",
        "turn up the light",
        "brighter",
        "lighten the picture",
    ),
    "darker": (
        "make it darker",
        "darken the video",
        "less light",
        "decrease the brightness",
        "dim the light",
        "darker",
        "dim the picture",
    ),
    "blurred": (
        "blur it",
        "make it blurry",
        "out of focus",
        "blur the video",
        "soft and blurred",
        "defocus the camera",
        "blurred",
    ),
}

THINGS: dict[str, tuple[str, ...]] = {
    "cup": ("cup", "mug", "coffee cup", "travel mug", "tumbler"),
    "bottle": ("bottle", "flask", "water bottle"),
    "bowl": ("bowl", "dish"),
    "plate": ("plate", "saucer"),
    "ball": ("ball", "sphere"),
    "box": ("box", "carton", "package"),
    "book": ("book", "notebook", "novel"),
    "can": ("can", "tin", "soda can"),
    "vase": ("vase", "flower vase"),
    "block": ("block", "cube", "toy block"),
    "phone": ("phone", "smartphone", "mobile phone"),
    "banana": ("banana",),
    "apple": ("apple",),
    "candle": ("candle",),
    "lamp": ("lamp", "desk lamp"),
    "teapot": ("teapot", "tea pot", "kettle"),
    "car": ("car", "toy car"),
}
# THINGS are the basic catalogue's, from which training draws; only the words know them all.
ALL_THINGS = THINGS | MORE_THINGS
HELD = (
    "thing in my hand",
    "object in my hand",
    "thing I am holding",
    "object I'm holding",
    "item in the hand",
    "thing in the hand",
)
COLORS: dict[str, tuple[str, ...]] = {
    "red": ("red", "crimson", "scarlet"),
    "blue": ("blue", "bright blue"),
    "green": ("green", "emerald"),
    "yellow": ("yellow", "lemon yellow"),
    "purple": ("purple", "violet"),
    "pink": ("pink", "rose"),
    "navy": ("navy", "dark blue", "navy blue"),
    "cyan": ("cyan", "light blue", "sky blue", "turquoise"),
    "grey": ("grey", "gray"),
    "gold": ("gold", "golden"),
    "magenta": ("magenta", "hot pink"),
    "lime": ("lime", "lime green", "light green"),
    "silver": ("silver", "light grey"),
}
RECOLOR = (
    "make the {thing} {color}",
    "turn the {thing} {color}",
    "paint the {thing} {color}",
    "change the colour of the {thing} to {color}",
    "I want a {color} {thing}",
    "recolor the {thing} in {color}",
    "change the {thing} to a {color} one",
    "{color} {thing}",
    "the {thing} should be {color}",
    "color the {thing} {color}",
    "make the {thing} look {color}",
    "replace the {thing} with a {color} {thing}",
)
REMOVE = (
    "remove the {thing}",
    "erase the {thing}",
    "delete the {thing}",
    "get rid of the {thing}",
    "make the {thing} disappear",
    "take the {thing} away",
    "take out the {thing}",
    "the {thing} should vanish",
    "hide the {thing}",
    "remove the {thing} from the scene",
    "make the {thing} invisible",
)
UNKNOWN_THINGS = (
    "dog",
    "cat",
    "chair",
    "window",
    "door",
    "keyboard",
    "guitar",
    "shoe",
    "flower",
    "bird",
    "bicycle",
    "clock",
    "spoon",
    "pencil",
    "hat",
    "bag",
    "television",
    "umbrella",
    "sofa",
    "monitor",
)
UNSUPPORTED = (
    "turn the {thing} into a lantern",
    "turn the {thing} into a {other}",
    "add a {other}",
    "put a {other} on the table",
    "make the {thing} bigger",
    "make the {thing} dance",
    "replace the {thing} with a {other}",
    "add fire to the {thing}",
    "make the hand bigger",
    "turn the hand into a robot hand",
    "rotate the camera to the left",
    "zoom in",
    "change the background to a beach",
    "put us on the moon",
    "write hello on the wall",
    "make the {thing} glow",
    "add a second {thing}",
    "turn the {thing} upside down",
    "make the {thing} out of glass",
    "add a hat to the {other}",
    "open the window",
    "move the {thing} to the right",
    "make the {thing} transparent",
    "play some music",
    "keep everything as it is",
    "do nothing",
    "no change",
    "leave the video alone",
    "hello",
    "what is this?",
    "thank you",
    "keep the original",
    "asdf qwerty",
    "the quick brown fox",
    "make it better",
    "tell me a joke",
    "original video please",
    "show the depth map",
)


def pick(options: tuple[str, ...], rng: Rng) -> str:
    """One of the options."""
    return options[int(rng.integers(len(options)))]


def thing_word(kind: str, rng: Rng) -> str:
    """A word for an object: mostly its own name."""
    names = ALL_THINGS.get(kind, (kind,))
    return names[0] if rng.random() < 0.6 else pick(names, rng)


def color_word(name: str, rng: Rng) -> str:
    """A word for a palette colour: mostly its own name."""
    words = COLORS.get(name, (name,))
    return words[0] if rng.random() < 0.7 else pick(words, rng)


def global_edit(name: str, rng: Rng) -> str:
    """An instruction for a filter of that name."""
    return pick(GLOBAL[name], rng)


def recolor(thing: str, color: str, rng: Rng) -> str:
    """An instruction to give a thing another colour."""
    weights = rng.random() < 0.5
    template = RECOLOR[int(rng.integers(3))] if weights else pick(RECOLOR, rng)
    return template.format(thing=thing, color=color_word(color, rng))


def remove(thing: str, rng: Rng) -> str:
    """An instruction to remove a thing."""
    return pick(REMOVE, rng).format(thing=thing)


def unsupported(thing: str, rng: Rng) -> str:
    """An instruction that must leave the video as it is."""
    return pick(UNSUPPORTED, rng).format(thing=thing, other=pick(UNKNOWN_THINGS, rng))
