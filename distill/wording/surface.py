"""Edits of how one thing looks: another colour, another material."""

from __future__ import annotations

from distill.wording.grammar import trained, unseen

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
