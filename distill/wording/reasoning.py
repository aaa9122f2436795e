"""Edits of a thing that is not named but told by what it is for: "the thing used for drinking".

`{ref}` is "thing", "object", … and `{use}` what follows it; see `distill.world.objects.facts`.
"""

from __future__ import annotations

from distill.wording.grammar import trained, unseen

REFERENTS = ("thing", "object", "item", "one", "thingamajig", "tool", "utensil", "gadget", "device")
HELDOUT_REFERENTS = ("article", "thingy")
_CLOSERS = """
and (leave|keep) everything else (the same|as it is)
(right now|now|please)
"""
_UNSEEN_CLOSERS = """
without altering anything else
and preserve the rest
"""

RECOLOR = trained(
    """
    make the {ref} {use} {color}
    (turn|paint|color|colour) the {ref} {use} {color}
    (change|set|switch) the colour of the {ref} {use} to {color}
    (change|recolor|repaint) the {ref} {use} to {color}
    give the {ref} {use} <a> {color} (colour|look|finish|paint)
    (find|look for) the {ref} {use} and (make|paint|turn) it {color}
    (make|paint|turn) it {color}: the {ref} {use}
    (paint|colour) the {ref} {use} in {color}
    (take|pick|choose) the {ref} {use} and (make|paint|turn) it {color}
    (search for) the {ref} {use} and (make|paint|colour) it {color}
    for the {ref} {use}: (make|paint|colour) it {color}
    (work out|think about) which {ref} is the one {use} and (make|paint|colour) it {color}
    """,
    """
    the {ref} {use} should (be|look|become|turn) {color}
    (I want|I'd like) the {ref} {use} (in|to be) {color}
    (what if|imagine) the {ref} {use} was {color}
    you see the {ref} {use}? (make|paint|turn) it {color}
    there is something {use}: (make|paint|turn) it {color}
    (where is|do you see) the {ref} {use}? (make|paint|colour) it {color}
    one {ref} here is the one {use}: (make|paint|colour) it {color}
    (I mean|I am talking about) the {ref} {use}: (make|paint|colour) it {color}
    """,
    """
    {color} for the {ref} {use}
    the {ref} {use} in {color}
    the {ref} {use}: {color}
    {color}: the {ref} {use}
    """,
    _CLOSERS,
)
RECOLOR_UNSEEN = unseen(
    """
    (dye|tint|spray) the {ref} {use} {color}
    (identify|spot|locate) the {ref} {use} and dye it {color}
    """,
    """
    the {ref} {use} ought to be {color}
    whichever {ref} here is the one {use}, dye it {color}
    suppose the {ref} {use} were {color}
    """,
    """
    dyed {color}: the {ref} {use}
    """,
    _UNSEEN_CLOSERS,
)
MATERIAL = trained(
    """
    make the {ref} {use} out of {material}
    (turn|change|transform) the {ref} {use} into {material}
    (change|set|switch) the material of the {ref} {use} to {material}
    (make|let) the {ref} {use} look like {material}
    (cover|coat) the {ref} {use} (in|with) {material}
    give the {ref} {use} <a> {material} (surface|look|finish)
    (find|look for) the {ref} {use} and (turn it into|make it out of) {material}
    (render|show|redo) the {ref} {use} in {material}
    (take|pick|choose) the {ref} {use} and (turn it into|make it out of) {material}
    (search for) the {ref} {use} and (make it out of|turn it into|build it from) {material}
    for the {ref} {use}: (make it out of|turn it into|build it from) {material}
    (work out|think about) which {ref} is the one {use} and (make it out of|turn it into|\
        build it from) {material}
    """,
    """
    the {ref} {use} should be (made of|made from|of) {material}
    (I want|I'd like) the {ref} {use} (in|to be made of) {material}
    (what if|imagine) the {ref} {use} was made of {material}
    there is something {use}: (turn it into|make it out of) {material}
    (where is|do you see) the {ref} {use}? (make it out of|turn it into|build it from) {material}
    one {ref} here is the one {use}: (make it out of|turn it into|build it from) {material}
    (I mean|I am talking about) the {ref} {use}: (make it out of|turn it into|\
        build it from) {material}
    """,
    """
    {material} for the {ref} {use}
    the {ref} {use} (in|made of|as) {material}
    the {ref} {use}: {material}
    """,
    _CLOSERS,
)
MATERIAL_UNSEEN = unseen(
    """
    (recast|remake|rebuild) the {ref} {use} in {material}
    (identify|spot|locate) the {ref} {use} and recast it in {material}
    """,
    """
    the {ref} {use} ought to consist of {material}
    whichever {ref} here is the one {use}, recast it in {material}
    """,
    """
    crafted from {material}: the {ref} {use}
    """,
    _UNSEEN_CLOSERS,
)
REMOVE = trained(
    """
    remove the {ref} {use}
    (delete|erase|hide|take away) the {ref} {use}
    get rid of the {ref} {use}
    (make|let) the {ref} {use} (disappear|vanish)
    (find|look for) the {ref} {use} and (remove|delete|erase) it
    (show me|let me see) the (scene|table) without the {ref} {use}
    (leave|take) out the {ref} {use}
    (remove|delete|erase) it: the {ref} {use}
    (take|pick|choose) the {ref} {use} and (remove|delete|erase) it
    (search for) the {ref} {use} and (remove|delete|hide|drop) it
    for the {ref} {use}: (remove|delete|hide|drop) it
    (work out|think about) which {ref} is the one {use} and (remove|delete|hide|drop) it
    """,
    """
    the {ref} {use} should (go|vanish|disappear|be gone)
    I (don't want|don't need) the {ref} {use}
    (I want|I'd like) the {ref} {use} (gone|removed)
    there is something {use}: (remove|delete|erase) it
    (what if|imagine) the {ref} {use} was not there
    (where is|do you see) the {ref} {use}? (remove|delete|hide|drop) it
    one {ref} here is the one {use}: (remove|delete|hide|drop) it
    (I mean|I am talking about) the {ref} {use}: (remove|delete|hide|drop) it
    """,
    """
    no {ref} {use}
    without the {ref} {use}
    everything (but|except) the {ref} {use}
    """,
    _CLOSERS,
)
REMOVE_UNSEEN = unseen(
    """
    (eliminate|banish|discard|do away with) the {ref} {use}
    (identify|spot|locate) the {ref} {use} and banish it
    """,
    """
    the {ref} {use} ought to go
    I could do without the {ref} {use}
    whichever {ref} here is the one {use}, banish it
    """,
    """
    minus the {ref} {use}
    """,
    _UNSEEN_CLOSERS,
)
EFFECT = trained(
    """
    make the {ref} {use} {doing}
    (add|give) {stuff} to the {ref} {use}
    (put|add|show) {stuff} (around|on|over) the {ref} {use}
    (surround the {ref} {use} with|wrap the {ref} {use} in) {stuff}
    let the {ref} {use} {doing}
    (find|look for) the {ref} {use} and (make|let) it {doing}
    (find|look for) the {ref} {use} and (add {stuff} to|put {stuff} around) it
    let {stuff} (follow|surround) the {ref} {use}
    (take|pick|choose) the {ref} {use} and (make|let) it {doing}
    (search for) the {ref} {use} and (make|let) it {doing}
    for the {ref} {use}: (make|let) it {doing}
    (work out|think about) which {ref} is the one {use} and (make|let) it {doing}
    """,
    """
    the {ref} {use} should {doing}
    the {ref} {use} should be {state}
    (I want|I'd like) {stuff} (around|on|over) the {ref} {use}
    there should be {stuff} (around|on|over) the {ref} {use}
    there is something {use}: (make|let) it {doing}
    (where is|do you see) the {ref} {use}? (make|let) it {doing}
    one {ref} here is the one {use}: (make|let) it {doing}
    (I mean|I am talking about) the {ref} {use}: (make|let) it {doing}
    """,
    """
    {stuff} (around|on|for) the {ref} {use}
    the {ref} {use} with {stuff}
    the {ref} {use}: {stuff}
    """,
    _CLOSERS,
)
EFFECT_UNSEEN = unseen(
    """
    (envelop|encircle|adorn) the {ref} {use} with {stuff}
    (identify|spot|locate) the {ref} {use} and have it {doing}
    """,
    """
    the {ref} {use} ought to be {state}
    whichever {ref} here is the one {use}, have it {doing}
    """,
    """
    the {ref} {use}, {state}
    """,
    _UNSEEN_CLOSERS,
)
