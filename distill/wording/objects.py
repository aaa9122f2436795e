"""Edits of one thing as a whole: another shape, added, removed."""

from __future__ import annotations

from distill.wording.grammar import trained, unseen

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
