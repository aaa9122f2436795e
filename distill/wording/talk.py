"""What must leave the video alone: edits that nobody can do here, small talk, and wishes for no change."""

from __future__ import annotations

from distill.wording.local import trained, unseen

UNSUPPORTED = trained(
    """
    make the {thing} (bigger|smaller|larger|tiny|huge|longer|twice as big)
    make the {thing} (dance|sing|talk|laugh|jump|bounce|run away|wave)
    (move|push|slide|shift) the {thing} (to the left|to the right|closer to me|to the edge|\
        away from me)
    (turn|flip|put) the {thing} upside down
    (rotate|spin|turn) the {thing} (around|by 90 degrees)
    make the {thing} (fly|float|fall over|fall down|roll away)
    make my hand (bigger|smaller|hairy|older|younger)
    (write|print|draw) (hello|my name|happy birthday|a smiley) on the (wall|table|{thing})
    (open|close|fill|empty|break|wash|dry|shake) the {thing}
    (double|duplicate|copy) the {thing}
    (swap|exchange) my (left|right) hand with the other
    (play|add|turn on) (some music|a sound|a song|a voice|applause)
    (speed up|slow down|pause|rewind|reverse|stop|loop) the video
    (count|measure|weigh|describe|name|find|track) the {thing}
    (translate|read|spell) what is written on the {thing}
    (save|record|download|share|upload|send) (the video|this clip)
    put a (ring|tattoo|bandage) on my finger
    give (me|my hand) (six fingers|long nails|a third arm)
    """,
    """
    the {thing} should (dance|fly|talk|be bigger|be smaller|move by itself|turn around)
    I want the {thing} to (dance|fly|talk|be bigger|be smaller|move by itself|jump)
    (where|whose) <is> the {thing}?
    how (big|old|heavy|expensive) <is> the {thing}?
    can the {thing} (move|fly|talk|sing|open|get bigger)?
    what is written on the {thing}?
    who made the {thing}?
    """,
    """
    bigger {thing}
    smaller {thing}
    {thing} upside down
    {thing} (bigger|smaller|on the left|on the right)
    dancing {thing}
    (flying|singing|talking|huge|tiny) {thing}
    louder
    (faster|slower|slow motion|fast forward)
    """,
    "(right now|now|please)",
)
UNSUPPORTED_UNSEEN = unseen(
    """
    (enlarge|shrink|stretch|squash) the {thing}
    have the {thing} (levitate|gallop|whistle a tune|applaud)
    (drag|nudge|hurl|toss) the {thing} across the room
    (sharpen|polish|repair|sell|wrap up) the {thing}
    (engrave|stamp) a poem on the {thing}
    mirror my fingers
    (mute|rename|caption|transcribe) the clip
    """,
    """
    the {thing} ought to (grow|shrink|levitate)
    what would one pay for the {thing}?
    is this really my {thing}?
    suppose the {thing} could walk
    """,
    """
    gigantic {thing}
    {thing} in mid-air
    miniature {thing}
    subtitles
    """,
    "",
)

CHATTER = trained(
    """
    tell me (a joke|a story|the time|the news|your name|about yourself|a secret|something nice)
    (sing|play|hum) (a song|something|for me)
    (explain|describe) (this|how you work|what you see|what you do|what I am doing)
    (order|bring|buy|cook|make) me (a pizza|some coffee|lunch|dinner)
    (call|text|write to) (my mother|a friend|the office)
    (set|start|stop) (a timer|an alarm)
    (remind|wake) me (tomorrow|at seven|in an hour)
    help me (|please|with my homework|cook|find my keys)
    """,
    """
    (hello|hi|hey|good morning|good evening) (|there|again|everyone|you)
    how are you (|today|doing|my friend)?
    (who are you|who is this|what is that|what are you)?
    what (can you do|time is it|day is it|is this|is going on|do you see|is your name)?
    where (are we|is that|did you learn this|do you live)?
    (thanks|thank you|many thanks|thank you very much|thanks a lot) (|for that|for everything|\
        for your help)
    (that|this|it) (is|looks) (great|nice|funny|good|cool|strange|interesting|terrible)
    I (like|love|hate) (it|this|that|you)
    I am (hungry|tired|bored|happy|at home|busy)
    (is it|is this) (working|on|ready)?
    can you (hear|see|understand|help) me?
    do you (like|know|see|hear) (this|me|music|that)?
    it is (late|early|my turn|Monday)
    the weather is nice today
    """,
    """
    (ok|okay|yes|no|well|hmm|wow|oops|great|nice|cool|sorry|bye|goodbye|good night|test)
    (testing|one two three|testing one two three|blah blah|asdf|asdf qwerty|lorem ipsum|la la la)
    (the quick brown fox|once upon a time|to be or not to be|abc|qwerty|123|foo bar)
    (let me think|wait|hold on|just a moment|one second|never mind)
    (make it better|something nice|surprise me|do something|anything|whatever)
    """,
    "",
)
CHATTER_UNSEEN = unseen(
    """
    (recite|compose) (a poem|a limerick)
    recommend a (film|restaurant|holiday)
    (book|reserve) a (taxi|table|flight)
    """,
    """
    (greetings|howdy|good afternoon), (mate|folks)
    (much obliged|cheers|I appreciate it)
    (what's up|how's life|long time no see)
    my (neighbour|uncle|dog) (sends regards|says so)
    have you (eaten|slept) well?
    is there (life on Mars|any mail)?
    why is the sky blue?
    """,
    """
    (yep|nope|alrighty|whoa|farewell|see you later|ahem)
    (zxcvb|hjkl|dolor sit amet|four score and seven|mic check)
    (hang on|give me a minute|forget it)
    """,
    "",
)

NOTHING = trained(
    """
    (do nothing|change nothing|keep everything|leave everything alone)
    (keep|leave) (it|this|the video|the picture|everything|the scene) (as it is|the way it is|\
        unchanged|alone|untouched|as before)
    (don't|do not) (change|edit|touch|alter|modify) (it|this|anything|the video|the picture|a thing)
    (show|show me|give me|keep|use) the (original|unedited|real|normal|plain) (video|picture|\
        view|camera)
    (undo|cancel|stop|remove|reset|clear|switch off|turn off|forget) (the edit|all edits|\
        the effect|all effects|everything you did)
    (go back|return|switch back|change back) to (the original|normal|reality|how it was|\
        the real video)
    (stop editing|stop that|undo|undo that|reset|cancel|revert)
    make it normal (|again)
    (let|leave) (it|things|everything) be
    """,
    """
    (no|without any|I want no|I'd like no) (change|changes|edit|edits|effect|effects)
    (it|everything|the video) should (stay|remain) (as it is|the same|unchanged)
    (I want|I'd like|I would like) (the original|nothing changed|no edit|to see the real video|\
        the normal picture)
    nothing (should|must|needs to) (change|be changed|be edited)
    (it|this|everything) is (fine|good|perfect) as it is
    """,
    """
    nothing
    (original|normal|real|unedited) (video|picture|view) (|please)
    (the original|no change|no changes|no edit|no effect|no filter|as it is|same as before|\
        unchanged|off)
    (as it was|like before|back to normal|just the camera|only the camera|keep the original)
    """,
    "(right now|now|please)",
)
NOTHING_UNSEEN = unseen(
    """
    (preserve|retain|maintain) (the footage|each pixel|my view) exactly
    (refrain from|avoid) (editing|altering) (anything|the footage)
    (disable|drop|discard) (the edits|any filter|all modifications)
    (restore|bring back) (the raw feed|the untouched footage)
    """,
    """
    the footage ought to remain untouched
    (the raw feed|the true picture) is all I want
    let us see reality
    I prefer (the raw feed|it untouched)
    all is well already
    hands off the footage
    """,
    """
    (raw feed|raw footage|zero edits|status quo|pass-through|as recorded)
    (unmodified|unfiltered|unaltered) (feed|footage)
    """,
    "",
)

# {a} and {b} are two short commands.
COMBINED = trained(
    """
    {a} and {b}
    {a}, then {b}
    (first|first of all,|now|to begin,|at first) {a}(, then| and then| and also|\
        , and after that|, and next|, finally|, and also| and please|; then|; also) {b}
    {a} (and then|and also|and at the same time|but also|and please|and in addition|and besides|\
        and afterwards|and after that|and) {b}
    {a}(, and|, and also|, and then|, then|;|; also|. Also|. Then|. Next,|. After that,|, also|\
        , plus|. And|. Please) {b}
    {a} and {b} (too|as well|at the same time|at once|also|together)
    {a}, and {b} (too|as well|at the same time|at once)
    (do two things|do both|make two edits|make two changes)(:| please:| at once:| \
        for me:) {a}(, and| and|;| and then) {b}
    do both at once: {a} and {b}
    in one go, {a} and {b}
    (in one step|together|all at once|at the same time): {a}(, and| and|;|, also) {b}
    when you {a}, (also|please) {b}
    don't just {a}, (also|please also) {b}
    if you can, {a} and {b}
    """,
    """
    (I want|I'd like|I would like|I need) you to {a}(, then| and| and then| and also|, and also| \
        and to) {b}
    I want two (things|changes|edits): {a}(, and| and|;|. Then) {b}
    (step one: {a}, step two|1: {a}, 2|first: {a}, second): {b}
    can you (both|please|also) {a} and {b}?
    (can|could) you {a}(, then| and then| and also|, and) {b}?
    (let's|we should|you should) {a}( and| and then| and also|, then) {b}
    """,
    """
    {a}, {b}
    {a} + {b}
    {a} & {b}
    {a}; {b}
    {a}. {b}
    {a} / {b}
    """,
    "",
)
COMBINED_UNSEEN = unseen(
    """
    {a} (and subsequently|and, with that done,|and thereafter|and moreover) {b}
    {a}(, on top of that| - on top of that|, besides that|; moreover|; additionally) {b}
    (start off: {a}|for a start {a}|initially {a}|begin thus: {a})(, afterwards|, subsequently|; \
        later) {b}
    a combination: {a} with this on top: {b}
    a double edit: {a}, {b}
    """,
    """
    my wishes are: {a} plus {b}
    you ought to {a}(, moreover| and moreover|, likewise) {b}
    I have a pair of wishes: {a}, furthermore {b}
    """,
    """
    {a} -- {b}
    {a} ... {b}
    """,
    "",
)
