"""Every family of edits: its slots, its grammars in both vocabularies, its names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from distill.wording import (
    background,
    camera,
    effects,
    maps,
    objects,
    reasoning,
    styles,
    surface,
    talk,
    weather,
)
from distill.wording.grammar import Grammar
from distill.wording.named import Named

Half = Literal["train", "heldout"]
# "phrasing" and "words": only that half of "heldout" is new, so that a loss has one cause.
Vocabulary = Literal["train", "phrasing", "words", "heldout"]
VOCABULARIES: tuple[Vocabulary, ...] = get_args(Vocabulary)
PHRASING: dict[Vocabulary, Half] = {
    "train": "train", "phrasing": "heldout", "words": "train", "heldout": "heldout",
}  # fmt: skip
WORDS: dict[Vocabulary, Half] = {
    "train": "train", "phrasing": "train", "words": "heldout", "heldout": "heldout",
}  # fmt: skip
Family = Literal[
    "recolor", "material", "shape", "object_effect", "add", "remove", "background", "style",
    "weather", "camera", "reasoning", "combined", "depth_to_video", "sketch_to_video",
    "pose_to_video", "video_to_depth", "video_to_sketch", "video_to_pose", "unsupported",
    "chatter", "no_op",
]  # fmt: skip


@dataclass(frozen=True)
class Book:
    """One family: `slots` it needs; if `key` is set, that slot holds one of `train`'s names."""

    slots: tuple[str, ...]
    grammars: dict[Half, tuple[Grammar, ...]]
    key: str = ""
    names: dict[Half, dict[str, Named]] = field(default_factory=dict)


def _book(slots: tuple[str, ...], train: Grammar, heldout: Grammar) -> Book:
    return Book(slots, {"train": (train,), "heldout": (heldout,)})


def _named(
    slots: tuple[str, ...],
    key: str,
    train: tuple[Grammar, dict[str, Named]],
    heldout: tuple[Grammar, dict[str, Named]],
) -> Book:
    grammars: dict[Half, tuple[Grammar, ...]] = {"train": train[:1], "heldout": heldout[:1]}
    return Book(slots, grammars, key, {"train": train[1], "heldout": heldout[1]})


def _map(family: str, train: Grammar, heldout: Grammar, slots: tuple[str, ...] = ()) -> Book:
    words = maps.SOURCE_WORDS | maps.TARGET_WORDS
    unseen = maps.HELDOUT_SOURCE_WORDS | maps.HELDOUT_TARGET_WORDS
    return Book(
        slots,
        {"train": (train,), "heldout": (heldout,)},
        names={
            "train": {"": Named({"map": words[family]})},
            "heldout": {"": Named({"map": unseen[family]})},
        },
    )


# Of reasoning, the slot beside `use` says which grammar is meant; none means removal.
REASONING = ("color", "material", "effect", "")
BOOKS: dict[Family, Book] = {
    "recolor": _book(("thing", "color"), surface.RECOLOR, surface.RECOLOR_UNSEEN),
    "material": _book(("thing", "material"), surface.MATERIAL, surface.MATERIAL_UNSEEN),
    "shape": _book(("thing", "other"), objects.SHAPE, objects.SHAPE_UNSEEN),
    "object_effect": _named(
        ("effect", "thing"),
        "effect",
        (effects.EFFECT, effects.NAMES),
        (effects.EFFECT_UNSEEN, effects.NAMES_UNSEEN),
    ),
    "add": _book(("thing_phrase", "where"), objects.ADD, objects.ADD_UNSEEN),
    "remove": _book(("thing",), objects.REMOVE, objects.REMOVE_UNSEEN),
    "background": _book(("place",), background.BACKGROUND, background.BACKGROUND_UNSEEN),
    "style": _named(
        ("name",), "name", (styles.STYLE, styles.NAMES), (styles.STYLE_UNSEEN, styles.NAMES_UNSEEN)
    ),
    "weather": _named(
        ("name",),
        "name",
        (weather.WEATHER, weather.NAMES),
        (weather.WEATHER_UNSEEN, weather.NAMES_UNSEEN),
    ),
    "camera": _named(
        ("move",),
        "move",
        (camera.CAMERA, camera.NAMES),
        (camera.CAMERA_UNSEEN, camera.NAMES_UNSEEN),
    ),
    "reasoning": Book(
        ("use",),
        {
            "train": (reasoning.RECOLOR, reasoning.MATERIAL, reasoning.EFFECT, reasoning.REMOVE),
            "heldout": (
                reasoning.RECOLOR_UNSEEN,
                reasoning.MATERIAL_UNSEEN,
                reasoning.EFFECT_UNSEEN,
                reasoning.REMOVE_UNSEEN,
            ),
        },
    ),
    "combined": _book(("text_a", "text_b"), talk.COMBINED, talk.COMBINED_UNSEEN),
    "depth_to_video": _map("depth_to_video", maps.TO_VIDEO, maps.TO_VIDEO_UNSEEN, ("description",)),
    "sketch_to_video": _map(
        "sketch_to_video", maps.TO_VIDEO, maps.TO_VIDEO_UNSEEN, ("description",)
    ),
    "pose_to_video": _map("pose_to_video", maps.TO_VIDEO, maps.TO_VIDEO_UNSEEN, ("description",)),
    "video_to_depth": _map("video_to_depth", maps.TO_MAP, maps.TO_MAP_UNSEEN),
    "video_to_sketch": _map("video_to_sketch", maps.TO_MAP, maps.TO_MAP_UNSEEN),
    "video_to_pose": _map("video_to_pose", maps.TO_MAP, maps.TO_MAP_UNSEEN),
    "unsupported": _book(("thing",), talk.UNSUPPORTED, talk.UNSUPPORTED_UNSEEN),
    "chatter": _book((), talk.CHATTER, talk.CHATTER_UNSEEN),
    "no_op": _book((), talk.NOTHING, talk.NOTHING_UNSEEN),
}
FAMILIES: tuple[Family, ...] = tuple(BOOKS)
SLOTS: dict[Family, tuple[str, ...]] = {family: book.slots for family, book in BOOKS.items()}
EFFECTS: tuple[str, ...] = tuple(effects.NAMES)
STYLES: tuple[str, ...] = tuple(styles.NAMES)
WEATHERS: tuple[str, ...] = tuple(weather.NAMES)
MOVES: tuple[str, ...] = tuple(camera.NAMES)
