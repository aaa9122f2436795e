"""Edits of one thing: another colour, another material, another shape, added, removed."""

from __future__ import annotations

from distill.wording.grammar import (
    HELDOUT_LOCAL_CLOSERS,
    HELDOUT_OPENERS,
    LOCAL_CLOSERS,
    OPENERS,
    Grammar,
)


def trained(
    commands: str, statements: str, fragments: str, closers: str = LOCAL_CLOSERS
) -> Grammar:
    """A grammar of training."""
    return Grammar(commands, statements, fragments, OPENERS, closers)


def unseen(
    commands: str, statements: str, fragments: str, closers: str = HELDOUT_LOCAL_CLOSERS
) -> Grammar:
    """A grammar of the held-out vocabulary."""
    return Grammar(commands, statements, fragments, HELDOUT_OPENERS, closers)


RECOLOR = trained(
    """
    (make|turn|paint|color|colour) the {thing} {color}
    (make|turn|paint) the {thing} {color}
    (change|set|switch) the (colour|color) of the {thing} to {color}
    change the {thing} to {color}
    (recolor|recolour|repaint) the {thing} (in|to) {color}
    (paint|color|colour) the {thing} in {color}
    (change|switch) the {thing} (to|for) <one:color>
    (make|let) the {thing} (look|become|appear) {color}
    make the {thing} (completely|all|fully|entirely|totally) {color}
    (replace the {thing} (with|by)|exchange the {thing} for|\
        trade the {thing} for) <a:thing> {color} {thing}
    give the {thing} a (new|fresh|nice|different) colour: {color}
    (pick|choose|take) {color} for the {thing}
    (show|render|draw) the {thing} (in|as if it was painted) {color}
    change what colour the {thing} <has>: {color}
    (dip|soak) the {thing} in {color} paint
    give the {thing} <a> {color} (colour|color|finish|coat of paint|look)
    (paint|color|make|turn) the (whole|entire) {thing} {color}
    (paint|color|make) the {thing} {color} (all over|everywhere|instead)
    (cover|coat) the {thing} (in|with) {color} paint
    (make|paint|turn) <my> {thing} {color}
    (make|turn) the (colour|color) of the {thing} {color}
    let me (see|have) the {thing} in {color}
    (use|put) {color} (paint|colour) on the {thing}
    (make|paint) <this> {thing} {color}
    turn the {thing} (into|to) <a:thing> {color} {thing}
    for the {thing} (use|take) {color} (paint|colour)
    (get|have) the {thing} (painted|tinted|sprayed) {color}
    (apply|add|give) {color} (colour|paint) to the {thing}
    (shift|move) the colour of the {thing} (to|into) {color}
    I need you to make the {thing} {color}
    (swap|exchange) the colour of the {thing} for {color}
    (pour|splash) {color} paint (over|on|all over) the {thing}
    """,
    """
    the {thing} (should|must) (be|look|turn|become) {color}
    the {thing} <has> to (be|look|turn|become) {color}
    the {thing} should be (painted|coloured|all|completely) {color}
    why not make the {thing} {color}?
    (can|could) the {thing} (be|turn|become|look) {color}?
    (pretend|imagine|suppose that) the {thing} <is> {color}
    (I want|I need|I would like|I'd like) <a:thing> {color} {thing}
    (I want|I would like|I'd like) the {thing} (to be {color}|in {color}|to look {color})
    I (want|need) the {thing} (painted|colored|coloured) {color}
    (what if|imagine) the {thing} <was> {color}
    (what would the {thing} look like|how would the {thing} look) in {color}?
    (how about|what about) <a:thing> {color} {thing}?
    (I need|I'd prefer|I would prefer) the {thing} (in {color}|to be {color})
    (only|just) the {thing} should (be|turn|become) {color}
    I (chose|have chosen|picked) {color} for the {thing}
    {color} (is the colour|is what I want) for the {thing}
    can I (see|have|get) (the {thing} in {color}|<a:thing> {color} {thing})?
    <my> {thing} (should be|<is> now|must become) {color}
    {color} would (be|look) better on the {thing}
    the (colour|color) of the {thing} (should|must) be {color}
    from now on the {thing} <is> {color}
    I would prefer the {thing} (in {color}|to be {color})
    the {thing} would look (great|better|nicer) in {color}
    (my favourite colour is|I like|I love) {color}, so (paint|make) the {thing} {color}
    (isn't|shouldn't) the {thing} {color}?
    (is it possible to|may I|how do I) (make|paint|get) the {thing} {color}?
    the {thing} (look<s>|<is>) (boring|dull|ugly), make <it> {color}
    (it would be nice|it would be cool|I wonder) if the {thing} <was> {color}
    what colour should the {thing} be? {color}
    the {thing} needs (some|more) {color}
    """,
    """
    {color} {thing}
    {color} {thing}
    {thing} in {color}
    the {thing} in {color}
    <a:thing> {color} {thing}
    {thing} (to|now) {color}
    {thing} {color}
    {color} for the {thing}
    {color} {thing} (please|now|instead)
    the {thing}, but {color}
    the {thing}: {color}
    {thing} -> {color}
    {thing} = {color}
    {thing}: {color}
    colour of {thing}: {color}
    (paint|color|colour) {thing} {color}
    {color} (paint|colour) (for|on) the {thing}
    """,
)
RECOLOR_UNSEEN = unseen(
    """
    dye the {thing} {color}
    tint the {thing} (in|with) {color}
    (recast|redo|refinish) the {thing} in {color}
    swap out the {thing} for <one:color>
    (shift|alter) the (hue|tint|shade) of the {thing} (to|towards) {color}
    spray the {thing} {color}
    (stain|tinge|lacquer) the {thing} {color}
    have the {thing} (show up|come out) in {color}
    """,
    """
    I fancy the {thing} in {color}
    the {thing} ought to be {color}
    what I am after is <a:thing> {color} {thing}
    wouldn't {color} suit the {thing}?
    suppose the {thing} came in {color}
    a makeover in {color} for the {thing}
    """,
    """
    {thing} dyed {color}
    {thing}, (shade|hue): {color}
    {color} paint job for the {thing}
    """,
)

MATERIAL = trained(
    """
    make the {thing} out of {material}
    (turn|change) the {thing} into {material}
    (turn|change|transform|convert) the {thing} (into|to) {material}
    (turn|change|transform) the {thing} into <a:thing> {made} {thing}
    make the {thing} {made}
    change what the {thing} <is> made of: {material}
    (pick|choose|take) {material} for the {thing}
    make the {thing} (completely|entirely|all) (of|out of) {material}
    make the {thing} (completely|entirely) {made}
    let the {thing} (look like|become|turn into) {material}
    make the {thing} look as if <it> <was> made of {material}
    make the {thing} (look|feel) like {material}
    (make|build) the {thing} (from|of) {material}
    (change|set|switch) the material of the {thing} to {material}
    (replace the {thing} (with|by)|exchange the {thing} for) <a:thing> {made} {thing}
    (replace the {thing} (with|by)|exchange the {thing} for) <a:thing> {thing} made of {material}
    give the {thing} <a> {material} (surface|finish|texture|look|material)
    (cover|coat|wrap) the {thing} (in|with) {material}
    (render|show|redo) the {thing} in {material}
    (render|show|redo) the {thing} as if (made of|carved from|built from) {material}
    turn <my> {thing} into {material}
    (turn the (whole|entire) {thing} into|make the (whole|entire) {thing} out of) {material}
    (use|put) {material} (for|on) the {thing}
    (redo|redraw|remodel|rework) the {thing} (in|out of) {material}
    let the {thing} be (made of|out of) {material}
    let me (see|have) the {thing} (in|made of) {material}
    swap the {thing} for <a:thing> {made} {thing}
    for the {thing} use {material}
    (get|have) the {thing} (made|built) (of|from|in) {material}
    (build|carve|forge|sculpt) <a:thing> {thing} (from|out of|in) {material} instead
    (give|apply) the look of {material} to the {thing}
    (swap|exchange) the material of the {thing} for {material}
    (freeze|magic|harden|curse) the {thing} into {material}
    put a (layer|coat) of {material} (on|over) the {thing}
    """,
    """
    the {thing} should be (made of|out of|made from) {material}
    the {thing} should be {made}
    (can|could) the {thing} (be {made}|be of {material}|look like {material})?
    (can|could) the {thing} be made (of|out of|from) {material}?
    (pretend|imagine|suppose that) the {thing} <is> (made of|pure) {material}
    the {thing} (must|should|could) (look like {material}|be {made}|be {material})
    the {thing} <has> to be (made of|made from) {material}
    (I want|I need|I would like|I'd like) <a:thing> {made} {thing}
    (I want|I would like|I'd like) <a:thing> {thing} made of {material}
    (I want|I would like|I'd like) the {thing} (to be made of|in|out of) {material}
    (what if|imagine) the {thing} <was> (made of|made from) {material}
    (how about|what about|how about having) <a:thing> {made} {thing}?
    can I (see|have|get) (the {thing} in {material}|<a:thing> {made} {thing})?
    <my> {thing} should be made of {material}
    from now on the {thing} <is> made of {material}
    what would the {thing} look like in {material}?
    (only|just) the {thing} should be (made of|made from) {material}
    (I need|I'd prefer) the {thing} (in {material}|made of {material})
    {material} (is what I want|would be better) for the {thing}
    why not make the {thing} out of {material}?
    I (chose|have chosen|picked) {material} for the {thing}
    if only the {thing} <was> (made of|made from) {material}
    how would the {thing} look (in|made of|as) {material}?
    the material of the {thing} (should be|is) {material}
    I would prefer the {thing} (in {material}|made of {material}|to be {made})
    the {thing} would look (great|better|nicer) in {material}
    (isn't|shouldn't) the {thing} made of {material}?
    (it would be nice|it would be cool|I wonder) if the {thing} <was> made of {material}
    I (like|love) {material}, so make the {thing} out of it
    the {thing} (look<s>|<is>) (boring|cheap), make <it> out of {material}
    (is it possible to|may I) make the {thing} out of {material}?
    what should the {thing} be made of? {material}
    """,
    """
    {made} {thing}
    {made} {thing}
    <a:thing> {made} {thing}
    {thing} (made of|out of|in|of) {material}
    {thing} made from {material}
    <a:thing> {thing} (made of|made from|of) {material}
    the {thing} (in|made of) {material}
    {material} for the {thing}
    {made} {thing} (please|instead|now)
    {thing} with <a> {material} (look|texture|finish|surface)
    the {thing}: {material}
    {thing} -> {material}
    {thing}: {material}
    material of {thing}: {material}
    {made} {thing} instead of this one
    """,
)
MATERIAL_UNSEEN = unseen(
    """
    (recast|remake|rebuild) the {thing} in {material}
    (cast|form|craft|fashion|manufacture) the {thing} out of {material}
    swap out the {thing} for <a:thing> {thing} of {material}
    have the {thing} consist of {material}
    (dress|clad|plate) the {thing} in {material}
    (retexture|reskin|refinish|veneer) the {thing} as {material}
    """,
    """
    the {thing} ought to be (of|fashioned from) {material}
    suppose the {thing} <was> crafted from {material}
    I fancy the {thing} in {material}
    what I am after is <a:thing> {thing} of {material}
    let {material} be what the {thing} consist<s> of
    wouldn't {material} suit the {thing}?
    """,
    """
    {thing}, material: {material}
    {thing} (crafted|fashioned) from {material}
    (version|variant) of the {thing}: {material}
    the {thing} reborn in {material}
    {material} throughout for the {thing}
    {thing} with a skin of {material}
    """,
)

SHAPE = trained(
    """
    turn the {thing} into <bare:other> {other}
    (change|transform) the {thing} into <bare:other> {other}
    (convert|morph|make) the {thing} into <bare:other> {other}
    replace the {thing} (with|by) <bare:other> {other}
    (swap|exchange) the {thing} for <bare:other> {other}
    make the {thing} <bare:other> {other}
    (turn|change|transform) the {thing} into something else: <bare:other> {other}
    (pick|choose|take) <bare:other> {other} in place of the {thing}
    (turn|change|transform) the {thing} into (what looks like|something like) <bare:other> {other}
    make the {thing} look like <bare:other> {other}
    (make|let) the {thing} (become|be) <bare:other> {other}
    (turn|change|transform) <my> {thing} into <bare:other> {other}
    (change|transform) the shape of the {thing} (to|into) that of <bare:other> {other}
    (change|turn|transform) <this> {thing} into <bare:other> {other}
    (put|place|show) <bare:other> {other} (instead of|in place of) the {thing}
    (use|give me|let me have) <bare:other> {other} (instead of|in place of) the {thing}
    let me hold <bare:other> {other} instead of the {thing}
    make <bare:other> {other} (out of|from) the {thing}
    substitute <bare:other> {other} for the {thing}
    (let|make) <bare:other> {other} appear (where the {thing} <is>|in place of the {thing})
    (take|remove) the {thing} and (give me|show me|put in) <bare:other> {other}
    (give|show) me <bare:other> {other} (instead of|in place of) the {thing}
    (make|let) <my> {thing} (look like|become) <bare:other> {other}
    (only|just) (turn|change) the {thing} into <bare:other> {other}
    (act|make it look) as if the {thing} <was> <bare:other> {other}
    (reshape|remodel|rework|redraw|remake) the {thing} (into|as) <bare:other> {other}
    (show|render|draw|display) the {thing} as <bare:other> {other}
    (transform|turn|change|convert) the (whole|entire) {thing} into <bare:other> {other}
    give the {thing} the (shape|form|look|appearance) of <bare:other> {other}
    (change|turn|transform|make) the {thing} into <bare:other> {other} (instead|now)
    take away the {thing} and (put|show|place) <bare:other> {other} there
    (use|do) magic and make the {thing} <bare:other> {other}
    (hand|pass) me <bare:other> {other} (instead of|in place of) the {thing}
    (trade|trade in|switch) the {thing} (to) <bare:other> {other}
    (make) the {thing} (morph|change|turn) into <bare:other> {other}
    (replace|change) what I hold, the {thing}, (with|to) <bare:other> {other}
    (drop) the {thing}, (I want|give me) <bare:other> {other}
    (see|treat|picture) the {thing} as <bare:other> {other}
    """,
    """
    the {thing} (should|must) (be|become|turn into|look like) <bare:other> {other}
    the {thing} should be (replaced with|replaced by|changed into|turned into) <bare:other> {other}
    the {thing} <has> to (become|be|turn into) <bare:other> {other}
    (I want|I need|I would like|I'd like) <bare:other> {other} (instead of|in place of) the {thing}
    (I want|I would like|I'd like) the {thing} to (be|become|turn into|\
        look like) <bare:other> {other}
    (what if|imagine) the {thing} <was> <bare:other> {other}
    (how about|what about) <bare:other> {other} instead of the {thing}?
    can I (see|have|get) <bare:other> {other} instead of the {thing}?
    (can|could) the {thing} (be|become|turn into) <bare:other> {other}?
    where the {thing} <is>, (put|show|place) <bare:other> {other}
    where the {thing} <is> there should be <bare:other> {other}
    (pretend that|suppose that|let's say) I am holding <bare:other> {other} instead of the {thing}
    (I want|I'd like|I would like) to (hold|see|have) <bare:other> {other} instead of the {thing}
    (I'd prefer|I would prefer|better) <bare:other> {other} (instead of|in place of) the {thing}
    why not make the {thing} <bare:other> {other}?
    (how would it look|what would it be like) if the {thing} <was> <bare:other> {other}?
    from now on the {thing} <is> <bare:other> {other}
    (pretend|imagine) that the {thing} <is> <bare:other> {other}
    there should be <bare:other> {other} (instead of|in place of) the {thing}
    I (would rather|'d rather) (have|hold|see) <bare:other> {other} than the {thing}
    (isn't|wasn't) the {thing} <bare:other> {other}?
    (it would be nice|it would be cool|I wonder) if the {thing} <was> <bare:other> {other}
    the {thing} <is> boring, make <it> <bare:other> {other}
    (is it possible to|may I) turn the {thing} into <bare:other> {other}?
    a magician turns the {thing} into <bare:other> {other}
    """,
    """
    {thing} to {other}
    {thing} into {other}
    {other} instead of {thing}
    <bare:other> {other} (instead of|in place of|for) the {thing}
    {thing} become<s> {other}
    the {thing} as <bare:other> {other}
    {other} (instead|now|please), not the {thing}
    <bare:other> {other} rather than the {thing}
    {thing} -> {other}
    {thing} = {other}
    {thing}: {other}
    {thing} replaced (by|with) <bare:other> {other}
    <bare:other> {other}, not <a:thing> {thing}
    {other} for {thing}
    """,
)
SHAPE_UNSEEN = unseen(
    """
    swap out the {thing} for <bare:other> {other}
    (switch|trade) the {thing} for <bare:other> {other}
    (mould|reform|reimagine) the {thing} into <bare:other> {other}
    have <bare:other> {other} take the place of the {thing}
    have the {thing} (morph|mutate|evolve) into <bare:other> {other}
    (disguise|restyle) the {thing} as <bare:other> {other}
    """,
    """
    the {thing} ought to (become|turn to) <bare:other> {other}
    suppose the {thing} had been <bare:other> {other}
    what I am after is <bare:other> {other} where the {thing} <is>
    wouldn't <bare:other> {other} be nicer than the {thing}?
    instead of the {thing} I would rather hold <bare:other> {other}
    in the spot of the {thing} I need <bare:other> {other}
    no more {thing}: I fancy <bare:other> {other}
    """,
    """
    {other} (replacing|substituting for|standing in for) the {thing}
    {thing} out, {other} in
    {other} as (a replacement|a substitute|a stand-in) for the {thing}
    rather <bare:other> {other} than the {thing}
    {other} as successor of the {thing}
    {thing} swapped for {other}
    """,
)

ADD = trained(
    """
    add <a:phrase> {phrase} {to}
    put <a:phrase> {phrase} {at}
    (place|set|show|draw) <a:phrase> {phrase} {at}
    (add|insert|include) <a:phrase> {phrase} {at}
    (place|put) (another thing|something new) {at}: <a:phrase> {phrase}
    (let|make) <a:phrase> {phrase} (appear|show up) {at}
    (give|bring) me <a:phrase> {phrase} {at}
    (drop in|throw in|fit in) <a:phrase> {phrase} {at}
    (put|place|set|leave) <a:phrase> {phrase} {at} for me
    (add|put|place) <a:phrase> {phrase} {at} where there is room
    show <a:phrase> {phrase} (waiting|ready) {at}
    (show|draw|paint|render) me <a:phrase> {phrase} {at}
    (make|let) <a:phrase> {phrase} (stand|be|sit|come up) {at}
    (add|put|place|include|insert) one more thing {at}, <a:phrase> {phrase}
    (make sure|see to it) that there <is:phrase> <a:phrase> {phrase} {at}
    let there be <a:phrase> {phrase} {at}
    (create|generate|imagine|render) <a:phrase> {phrase} {at}
    let me (see|have) <a:phrase> {phrase} {at}
    also (put|place|show|add) <a:phrase> {phrase} {at}
    (put|place|add) <a:phrase> {phrase} {at} (too|as well)
    (add|put|place|show) <a:phrase> {phrase} {at} (now|here)
    (add|bring|introduce) <a:phrase> {phrase} {to} (too|as well)
    (introduce|bring) <a:phrase> {phrase} {to}
    (add|put|place|show) (just|only) <a:phrase> {phrase} {at}
    (put|place|add|insert) (a new|one more) thing, <a:phrase> {phrase}, {at}
    (pop|rest|park) <a:phrase> {phrase} {at}
    {at}, (add|put|place|create) <a:phrase> {phrase}
    (make) <a:phrase> {phrase} (pop up|turn up|materialize|arrive) {at}
    (get|order|find|fetch|bring) me <a:phrase> {phrase} {at}
    (I'd like to|let's|we should) (add|have|put) <a:phrase> {phrase} {at}
    """,
    """
    there should be <a:phrase> {phrase} {at}
    (I want|I need|I would like|I'd like) <a:phrase> {phrase} {at}
    (I want|I would like|I'd like) to (see|have) <a:phrase> {phrase} {at}
    (there must be|there has to be|I miss|I'm missing) <a:phrase> {phrase} {at}
    can I (see|have|get) <a:phrase> {phrase} {at}?
    can we have <a:phrase> {phrase} {at}?
    (how about|what about) <a:phrase> {phrase} {at}?
    what if there <was:phrase> <a:phrase> {phrase} {at}?
    (what would it look like|how would it look) with <a:phrase> {phrase} {at}?
    (pretend|imagine) there <is:phrase> <a:phrase> {phrase} {at}
    {at} (there should be|I want|I need|I'd like) <a:phrase> {phrase}
    {at} there <is:phrase> <a:phrase> {phrase} now
    (I want|I'd like|I would like) you to (add|put|place|show) <a:phrase> {phrase} {at}
    (something|one thing) is missing {at}: <a:phrase> {phrase}
    (I wish|if only) there <was:phrase> <a:phrase> {phrase} {at}
    (can|could) you show me <a:phrase> {phrase} {at}?
    (you|we) could (add|put|place) <a:phrase> {phrase} {at}
    <a:phrase> {phrase} (must|could|shall) be {at}
    why not (add|put|place) <a:phrase> {phrase} {at}?
    (could|can) there be <a:phrase> {phrase} {at}?
    (now|next) (add|put|place|show) <a:phrase> {phrase} {at}
    (it|this|the scene) (needs|could use|should have) <a:phrase> {phrase} {at}
    (we|I) also (need|want) <a:phrase> {phrase} {at}
    <a:phrase> {phrase} should (be|appear|show up) {at}
    <a:phrase> {phrase} would look (nice|good|great) {at}
    <a:phrase> {phrase} <is:phrase> missing {at}
    (where is|I don't see|there is no|I forgot) <a:phrase> {phrase} {at}, (add one|put one there)
    (it would be nice|it would be cool|I wonder) if there <was:phrase> <a:phrase> {phrase} {at}
    (is it possible to|may I) (have|add|get) <a:phrase> {phrase} {at}?
    it looks empty, (add|put) <a:phrase> {phrase} {at}
    (shouldn't|couldn't) there be <a:phrase> {phrase} {at}?
    a new object {at}: <a:phrase> {phrase}
    """,
    """
    {phrase} {at}
    <a:phrase> {phrase} {at}
    <a:phrase> {phrase} {at} (please|now|too)
    add {phrase}
    add <a:phrase> {phrase}
    with <a:phrase> {phrase} {at}
    (plus|also) <a:phrase> {phrase} {at}
    {phrase} {at} (please|too|now)
    and <a:phrase> {phrase} {at}
    (another thing|one more thing) {at}: <a:phrase> {phrase}
    + {phrase} {at}
    new {phrase} {at}
    (put|place|insert) {phrase} {at}
    more things {at}: {phrase}
    {at}: <a:phrase> {phrase}
    """,
)
ADD_UNSEEN = unseen(
    """
    (drop|plant|lay|leave) <a:phrase> {phrase} {at}
    (slip|sneak) <a:phrase> {phrase} into the scene {at}
    (conjure up|materialise|spawn) <a:phrase> {phrase} {at}
    have <a:phrase> {phrase} (sit|rest|turn up) {at}
    (furnish|populate|supplement|complete|extend) the scene with <a:phrase> {phrase} {at}
    position <a:phrase> {phrase} {at}
    """,
    """
    <a:phrase> {phrase} ought to be {at}
    suppose somebody left <a:phrase> {phrase} {at}
    what this lacks is <a:phrase> {phrase} {at}
    wouldn't <a:phrase> {phrase} look lovely {at}?
    I fancy <a:phrase> {phrase} {at}
    what I am after is <a:phrase> {phrase} {at}
    give this scene an extra: <a:phrase> {phrase} {at}
    """,
    """
    extra {phrase} {at}
    new object {at}: {phrase}
    additionally <a:phrase> {phrase} {at}
    (now featuring|together with|along with|including) <a:phrase> {phrase} {at}
    """,
)

REMOVE = trained(
    """
    remove the {thing}
    (delete|erase) the {thing}
    (remove|erase|delete) the {thing} from the (scene|video|picture|image|table)
    get rid of the {thing}
    (make|let) the {thing} (disappear|vanish|go away)
    take the {thing} (away|out|out of the picture)
    take (away|out) the {thing}
    make the {thing} (invisible|go away|not be there)
    (hide|clear|drop) the {thing}
    (remove|erase|delete|hide) <my> {thing}
    (remove|erase|delete|hide) <this> {thing}
    (remove|erase|delete) the {thing} (completely|entirely|from view|without a trace)
    (remove|erase|delete|hide) (only|just) the {thing}
    (cut|edit|paint|wipe) the {thing} out
    (cut|edit|paint) the {thing} out of the (video|picture|scene|image)
    (clear|move) the {thing} out of (the way|sight|view)
    (show|display) the (scene|table|video) without the {thing}
    (show me|let me see) what is behind the {thing}
    (show me|let me see) (the scene|everything|the table) without the {thing}
    leave out the {thing}
    leave the {thing} out (of the picture|of the video|of it)
    (stop showing|don't show) the {thing}
    fill in the background where the {thing} <is>
    (throw|kick|carry|edit|move) the {thing} (out|away)
    (make|have) the {thing} (leave|gone|no longer there)
    (wipe|clean) the {thing} (away|off|off the table)
    (ditch|drop|kill|scrap) the {thing}
    (empty) the (table|picture|scene) of the {thing}
    (replace|cover) the {thing} with (nothing|background|the table)
    (put|pack) the {thing} away
    act as if the {thing} <was> never there
    """,
    """
    the {thing} (should|must) (go|vanish|disappear|be gone|be removed)
    the {thing} <has> to (go|disappear|vanish)
    I don't want (the {thing}|to see the {thing}|the {thing} in the picture|the {thing} there)
    (I want|I need|I would like|I'd like) the {thing} (gone|removed|deleted|to disappear|erased)
    (what if|imagine) the {thing} <was> (gone|not there)
    there should be no {thing} (here|there|on the table|in the picture|in my hand|at all)
    (can|could) the {thing} (disappear|vanish|be removed|be gone)?
    can I (see|have) (this|the scene|it) without the {thing}?
    (pretend|imagine) the {thing} <is> not there
    (pretend|imagine) there <is> no {thing}
    I (never want to see the {thing} again|do not want to see the {thing} any more)
    what would it look like without the {thing}?
    what is behind the {thing}?
    the {thing} (should not|must not|shouldn't) be (there|visible|here|seen)
    nobody should see the {thing}
    the {thing} bother<s> me
    (why is|what is) the {thing} (doing here|still here)? (remove|delete) <it>
    I (can't stand|hate|no longer need|don't need|don't like) the {thing}
    the {thing} (is in the way|has no place here|does not belong here|distracts me)
    (it would be nice|it would be cool|I wonder) if the {thing} <was> (gone|not there)
    (is it possible to|may I) (remove|hide|delete) the {thing}?
    (isn't|shouldn't) the {thing} gone by now?
    this would be better without the {thing}
    """,
    """
    no {thing}
    without the {thing}
    no more {thing}
    {thing} (away|gone|off|removed)
    (same|everything) but without the {thing}
    everything (except|but) the {thing}
    the {thing} gone
    no {thing} (please|any more|anywhere)
    (delete|erase|remove) {thing}
    {thing}: (delete|remove|gone|away)
    - {thing}
    (goodbye|bye|out with the) {thing}
    {thing} (out|no more|not needed)
    {thing} -> nothing
    less {thing}
    """,
    """
    and (leave|keep) (everything else|the rest) (the same|as it is|unchanged)
    and show what is behind <it>
    and leave my hand alone
    (right now|now|please)
    """,
)
REMOVE_UNSEEN = unseen(
    """
    (eliminate|banish|scrub out|do away with|discard) the {thing}
    (omit|strip out|rub out|subtract) the {thing}
    have the {thing} fade away
    (dispose of|lose) the {thing}
    blank out the {thing}
    inpaint the area of the {thing}
    """,
    """
    the {thing} ought to go
    I could do without the {thing}
    suppose the {thing} had never been there
    nothing should be left of the {thing}
    (away|off) with the {thing}
    I would be happier not seeing the {thing}
    the {thing} <is> in the way
    """,
    """
    minus the {thing}
    {thing}: none
    a view free of the {thing}
    {thing} (eliminated|edited away|taken off)
    zero {thing}
    bye bye, {thing}
    """,
    """
    without (altering|affecting) (my hand|anything else)
    ; the rest stays
    """,
)
