"""Every edit of the project in the words people type: many phrasings to train on, others held out.

`say` makes an instruction of a family from its slots; \
    `thing`, `color`, `material`, `place` give the
words to put in. Pure text; everything random comes from the generator passed in.
`python -m distill.wording --family recolor` prints samples.
"""

from distill.wording.agree import plural
from distill.wording.describe import Seen, describe
from distill.wording.draw import (
    color,
    count_forms,
    forms,
    material,
    place,
    say,
    thing,
    withheld,
)
from distill.wording.families import (
    EFFECTS,
    FAMILIES,
    MOVES,
    SLOTS,
    STYLES,
    VOCABULARIES,
    WEATHERS,
    WORDS,
    Family,
    Vocabulary,
)
from distill.wording.things import (
    ALL_THINGS,
    HELD,
    HELDOUT_HELD,
    HELDOUT_THINGS,
    HELDOUT_UNKNOWN_THINGS,
    THINGS,
    UNKNOWN_THINGS,
)
from distill.wording.words import COLORS, HELDOUT_COLORS
from distill.wording.words import MATERIALS as _MATERIALS
from distill.wording.words import PLACES as _PLACES

MATERIALS: tuple[str, ...] = tuple(_MATERIALS)
PLACES: tuple[str, ...] = tuple(_PLACES)

__all__ = [
    "ALL_THINGS", "COLORS", "EFFECTS", "FAMILIES", "HELD", "HELDOUT_COLORS", "HELDOUT_HELD",
    "HELDOUT_THINGS", "HELDOUT_UNKNOWN_THINGS", "MATERIALS", "MOVES", "PLACES", "SLOTS", "STYLES",
    "THINGS", "UNKNOWN_THINGS", "VOCABULARIES", "WEATHERS", "WORDS", "Family", "Seen", "Vocabulary",
    "color", "count_forms", "describe", "forms", "material", "place", "plural", "say", "thing", "withheld",
]  # fmt: skip
