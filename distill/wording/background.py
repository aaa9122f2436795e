"""The things stay, and what is around them becomes another place."""

from __future__ import annotations

from distill.wording.grammar import trained, unseen

_CLOSERS = """
and (leave|keep) my hand (the same|as it is)
, but keep (the things|my hands) (as they are|unchanged)
and keep everything in front (the same|as it is)
(right now|now|please)
"""

BACKGROUND = trained(
    """
    change the background to <a:place> {place}
    put us in <a:place> {place}
    (change|set|switch|turn) the (background|surroundings|scenery) (to|into) <a:place> {place}
    replace the (background|surroundings|scenery) (with|by) <a:place> {place}
    make the background <a:place> {place}
    make it look like <a:place> {place}
    make (the room|the background|this place) look like <a:place> {place}
    (put|place|move) (me|us|this|the scene|the table|everything) (in|into) <a:place> {place}
    (take|bring) (me|us|this) to <a:place> {place}
    (turn|change|transform) (the room|this place|my surroundings) into <a:place> {place}
    (show|put|add) <a:place> {place} (in the background|behind us|behind the table|around us)
    (let me|let us) (be|sit|stand) in <a:place> {place}
    swap the background for <a:place> {place}
    (set|place) the scene in <a:place> {place}
    (show|render) (it|this|the table|the scene) (as if it was in|standing in|in) <a:place> {place}
    (use|give me|show) <a:place> {place} as the (background|backdrop|surroundings)
    (send|carry|fly|drive) (me|us|this|everything) to <a:place> {place}
    (paint|draw) <a:place> {place} behind (me|us|the table|my hand)
    (swap|exchange|trade|switch) (the room|this room|the wall behind us|where we are) (for|\
        to) <a:place> {place}
    (pretend|act as if|let's say) (we|I) (sit|work|stand) in <a:place> {place}
    (replace|change|remove) (the room|the walls|what is behind us) and (put|\
        show) <a:place> {place}
    (keep|leave) the things but (change|turn) the room into <a:place> {place}
    (move|bring) the (table|whole table|scene|camera) to <a:place> {place}
    (choose|pick|load|select) <a:place> {place} (as|for) the (background|setting)
    """,
    """
    the background should (be|show|look like) <a:place> {place}
    (I want|I'd like|I would like) to be in <a:place> {place}
    (I want|I need|I'd like|I would like) <a:place> {place} (in the background|behind me|around us)
    (I want|I'd like|I would like) the background to (be|look like|show) <a:place> {place}
    (what if|imagine) (we were|I was|this was) in <a:place> {place}
    (how about|what about) <a:place> {place} (in the background|behind us|around us)?
    can (we|I) (be|go|sit) in <a:place> {place}?
    (pretend|imagine) (we are|I am|this is) in <a:place> {place}
    there should be <a:place> {place} (behind us|around us|in the background)
    what would (this|it) look like in <a:place> {place}?
    (behind|around) (me|us|the table) there should be <a:place> {place}
    (we|I) should be in <a:place> {place}
    from now on we are in <a:place> {place}
    (I wish|if only) (we were|I was|this was) in <a:place> {place}
    (it would be nice|it would be cool|I wonder) (to be|to sit|to work) in <a:place> {place}
    I am (tired|bored) of this room, (take me to|show me|put me in) <a:place> {place}
    (is it possible to|may I) be in <a:place> {place}?
    where are we? in <a:place> {place}
    the (setting|place|room) should be <a:place> {place}
    my hands should be in <a:place> {place}
    """,
    """
    {place} background
    <a:place> {place}
    in <a:place> {place}
    {place}
    <a:place> {place} (in the background|around us|behind me|as background)
    background: {place}
    background like <a:place> {place}
    (same thing|everything|all this) in <a:place> {place}
    (as if|like) in <a:place> {place}
    with <a:place> {place} (behind|around|in the back)
    (place|room|surroundings|where): {place}
    {place} (behind us|around me|as setting)
    background -> {place}
    (now|here) <a:place> {place}
    bg {place}
    (take me|off|away) to <a:place> {place}
    (inside) <a:place> {place}
    """,
    _CLOSERS,
)
BACKGROUND_UNSEEN = unseen(
    """
    (relocate|transport|teleport|beam) (us|me) (into|to) <a:place> {place}
    swap out the (scenery|backdrop|setting) for <a:place> {place}
    have all this happen in <a:place> {place}
    (redecorate|refurnish) (the background|my surroundings) as <a:place> {place}
    let the (setting|environment|location) be <a:place> {place}
    make <a:place> {place} the (setting|environment|location)
    """,
    """
    the (setting|environment|location) ought to be <a:place> {place}
    suppose we stood in <a:place> {place}
    I fancy working in <a:place> {place}
    what I am after is <a:place> {place} all around
    wouldn't <a:place> {place} be a better backdrop?
    I wish I were in <a:place> {place}
    """,
    """
    (setting|location|environment): {place}
    {place} (setting|environment)
    {place} beyond the table
    scenery of <a:place> {place}
    surrounded by <a:place> {place}
    """,
    """
    without (altering|losing) (my hand|the things)
    ; the things stay
    and preserve what is in front
    """,
)
