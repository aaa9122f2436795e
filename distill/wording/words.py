"""Words for colours, materials, places and spots; the first of each is the plain one."""

from __future__ import annotations

COLORS: dict[str, tuple[str, ...]] = {
    "red": ("red", "crimson", "scarlet"),
    "orange": ("orange", "bright orange"),
    "yellow": ("yellow", "lemon yellow"),
    "lime": ("lime", "lime green", "light green"),
    "green": ("green", "emerald"),
    "teal": ("teal", "teal blue"),
    "cyan": ("cyan", "light blue", "sky blue", "turquoise"),
    "blue": ("blue", "bright blue"),
    "navy": ("navy", "dark blue", "navy blue"),
    "purple": ("purple", "violet"),
    "magenta": ("magenta", "hot pink"),
    "pink": ("pink", "rose"),
    "brown": ("brown", "dark brown"),
    "beige": ("beige", "cream"),
    "gold": ("gold", "golden"),
    "silver": ("silver", "light grey"),
    "white": ("white", "pure white"),
    "grey": ("grey", "gray"),
    "black": ("black", "deep black"),
}
HELDOUT_COLORS: dict[str, tuple[str, ...]] = {
    "red": ("cherry red", "ruby red"),
    "orange": ("tangerine",),
    "yellow": ("canary yellow",),
    "lime": ("chartreuse",),
    "green": ("forest green",),
    "teal": ("petrol blue",),
    "cyan": ("aqua", "aquamarine"),
    "blue": ("cobalt blue", "royal blue"),
    "navy": ("midnight blue",),
    "purple": ("amethyst",),
    "magenta": ("fuchsia",),
    "pink": ("bubblegum pink",),
    "brown": ("chocolate brown", "chestnut brown"),
    "beige": ("sand coloured",),
    "gold": ("gilded",),
    "silver": ("silvery",),
    "white": ("ivory", "snow white"),
    "grey": ("slate grey", "ash grey"),
    "black": ("jet black", "ebony"),
}

# Nouns that follow "out of".
MATERIALS: dict[str, tuple[str, ...]] = {
    "wood": ("wood", "oak", "dark wood"),
    "gold": ("solid gold", "real gold", "shiny gold metal"),
    "steel": ("steel", "metal", "polished steel"),
    "marble": ("marble", "white marble", "stone"),
    "glass": ("glass", "clear glass"),
    "brick": ("brick", "red brick"),
    "leather": ("leather", "brown leather"),
    "ice": ("ice", "blue ice"),
    "copper": ("copper", "shiny copper"),
    "denim": ("denim", "blue denim"),
}
HELDOUT_MATERIALS: dict[str, tuple[str, ...]] = {
    "wood": ("timber", "walnut wood"),
    "gold": ("pure gold",),
    "steel": ("stainless steel", "chrome"),
    "marble": ("veined marble",),
    "glass": ("crystal",),
    "brick": ("brickwork",),
    "leather": ("cowhide",),
    "ice": ("frozen water",),
    "copper": ("burnished copper",),
    "denim": ("jeans fabric",),
}
# What stands before a thing made of it, where that is another word.
MADE_OF = {"wood": "wooden", "dark wood": "dark wooden"}

# Nouns that follow "in a".
PLACES: dict[str, tuple[str, ...]] = {
    "kitchen": ("kitchen", "modern kitchen", "bright kitchen"),
    "desk": ("office", "home office", "office room"),
    "workshop": ("workshop", "garage", "tool workshop"),
    "outdoors": ("garden", "park", "backyard", "outdoor place"),
    "living": ("living room", "cosy living room", "sitting room"),
    "room": ("plain room", "empty room", "simple room"),
}
HELDOUT_PLACES: dict[str, tuple[str, ...]] = {
    "kitchen": ("cooking area", "cook's kitchen"),
    "desk": ("study", "workplace"),
    "workshop": ("tool shed", "craftsman's workroom"),
    "outdoors": ("meadow", "orchard"),
    "living": ("lounge", "parlour"),
    "room": ("bare room", "blank room"),
}

# Where a thing is added: how one says it is there, and how it gets there.
WHERE: dict[str, dict[str, tuple[str, ...]]] = {
    "table": {
        "at": ("on the table", "on the table in front of me", "on my table"),
        "to": ("to the table", "onto the table"),
    },
    "hand": {"at": ("in my hand", "in the hand"), "to": ("to my hand",)},
}
HELDOUT_WHERE: dict[str, dict[str, tuple[str, ...]]] = {
    "table": {"at": ("on top of the table", "on this table"), "to": ("down on the table",)},
    "hand": {"at": ("in my palm",), "to": ("between my fingers",)},
}
