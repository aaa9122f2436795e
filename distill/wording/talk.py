"""What must leave the video alone: edits that nobody can do here, small talk, and wishes for no change."""

from __future__ import annotations

from distill.wording.grammar import trained, unseen

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
    make the {thing} (heavier|lighter|fatter|thinner|wider|taller|shorter|softer|louder|faster|\
        smarter|older|fresh again|edible)
    make the {thing} (run|swim|crawl|roll|hop|cry|bark|smile|blink|shake|explode|melt|spin)
    (throw|kick|roll|drop|catch|grab|lift|carry|squeeze|bend|fold|cut|peel|eat|drink) the {thing}
    (put|place|hide) the {thing} (under|behind|inside|next to) the (table|chair|box|other one|\
        door)
    (move|bring|pull|push) the {thing} (here|there|forward|backward|nearer|to the middle|\
        off the table)
    (twist|scale|resize|zoom|tilt) the {thing}
    (buy|order|rent|insure|fix|charge|water) the {thing}
    (give|draw) the {thing} (a face|legs|arms|wings|a moustache|a mouth|hair)
    make (two|three|ten|many|a hundred) of the {thing}
    (put|place) (two|three|five) more of the {thing} (there|on the table)
    (make|turn) my (arm|finger|thumb) (longer|darker|hairy|green|robotic|bigger)
    put (a glove|a watch|rings|a sleeve) on my hand
    (show|make|let) my (face|hair|other hand|head|feet)
    (remove|add|hide|change) my (hand|arm|fingers|sleeve|thumb)
    (zoom the {thing}|make only the {thing} blurry)
    (add|show|write|put) (a title|the date|a clock|my name|captions|an arrow) (on the video|\
        to the video|at the top)
    (cut|trim|split|crop|rotate|flip|stabilize|shorten) the video
    (play|show) the video (backwards|twice|again|in slow motion|without sound)
    (unmute|turn up|turn down|record) the (sound|music|volume|voice)
    (post|stream|publish|export|print|email|upload) (the video|this|it) (to my friends|online|\
        as a file|on paper)
    (show|play|open) (another video|a film|my photos|the next clip|my mails)
    """,
    """
    the {thing} should (dance|fly|talk|be bigger|be smaller|move by itself|turn around)
    I want the {thing} to (dance|fly|talk|be bigger|be smaller|move by itself|jump)
    (where|whose) <is> the {thing}?
    how (big|old|heavy|expensive) <is> the {thing}?
    can the {thing} (move|fly|talk|sing|open|get bigger)?
    what is written on the {thing}?
    who made the {thing}?
    (is|was) the {thing} (heavy|expensive|full|hot|mine|real|new|for sale)?
    how (much|many|long|far) is the {thing}?
    (what|which brand|which size) is the {thing}?
    where did I (buy|put|leave|find) the {thing}?
    the {thing} should (run|sing|spin|melt|hop|shake|open|break)
    (can|could) you (move|turn|lift|open|throw|bring|hold) the {thing}?
    I want (two|three|many) of the {thing}
    I want the {thing} to (spin|move left|come closer|stand up|lie down|open)
    (what colour|what material|how old) is the {thing}?
    does the {thing} (work|float|break|smell|make a sound)?
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
    (heavier|lighter|taller|shorter|wider|thinner|spinning|melting|walking|growing|moving) {thing}
    {thing} (further left|in the air|in the corner|closer|twice|next to me|in pieces|sideways)
    (two|three|more|many) {thing}
    (volume up|volume down|next video|replay|again from the start|half speed|double speed|\
        louder please)
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
    tell me (a story about a red car|something about the snow|what you think|more|\
        your favourite colour|a riddle|who won the game|a fact about glass|how old you are)
    (talk|speak|listen|answer|reply) (to me|slower|in English|louder)
    (explain|describe|teach me) (the rules|how to cook an egg|what gold is made of|\
        what a camera does|how to paint|why the sky is blue|how to draw a sketch)
    (read|write|send|find|search|translate) (an email|the news|a recipe for cake|\
        a letter to my boss|a shopping list|a song about rain)
    (show|give|lend|bring) me (the way home|your number|the weather report|a hug|a break|advice)
    (wait|stop talking|be quiet|shut up|go to sleep|wake up|hold that thought)
    (book|find) (a table for two|a hotel|a ticket to the cinema)
    (add|put) (milk|bread and butter|an appointment|a meeting) (to my list|on my list|\
        to my calendar)
    (turn on|turn off|open|close) (the heating|the window|the door|my emails)
    (choose|pick) (a number|a card|a colour for my wedding|a name for my dog)
    (count|sing|dance) (to ten|with me|like nobody sees)
    make me (a sandwich|happy|laugh|a cup of tea|rich|a coffee please)
    change (your name|your voice|your mind|the subject|the topic)
    (remove|delete|cancel) (my account|my appointment|my alarm for tomorrow)
    guess (what|who I am|what I have in my hand)
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
    what (is the weather like|did you say|do you mean|should I wear|is your favourite colour|\
        is the price of gold|do you think of this|are you doing|was that|happened|year is it|\
        is two plus two)?
    (how|when) (are you here|does this work|did you do that|is the sky blue|do leaves fall|\
        do I cook rice)?
    (who|which one) (made you|painted the Mona Lisa|is the president|is your friend|\
        invented glass|is better)?
    (did you|do you|can you) (sleep|remember me|speak French|understand|dream|like red|love me|\
        eat pizza|play chess|swim)?
    (is|was) (it cold outside|there a game today|anybody there|this live|the camera on|\
        your name Bob|it raining in London)?
    I (am going to bed|have a question|need a break|lost my keys|bought a new car|\
        broke my glasses|painted my room blue|don't know|forgot|see|agree|think so|am not sure|\
        have no idea)
    my (name is Anna|dog is black|car is red|favourite colour is green|mother likes flowers|\
        phone is old|coffee is cold|friend lives in a castle|hand hurts)
    (this|that) (mug|cup|book|table|pen|lamp) is (mine|old|a gift|from my mother|from Italy|\
        so nice|broken)
    (it|that) (works|does not work|was fun|was a joke|makes sense|looks real|is impossible|\
        depends|is not what I meant|was quick)
    (nice|good|great) (to meet you|work|idea|colours|picture|question|to see you)
    (see you|talk to you|bye) (soon|tomorrow|next week)
    we (have a meeting at noon|are in the kitchen|went to the park|saw snow yesterday|\
        watched a cartoon|should talk|are friends)
    the (dog|cat|train|bus|coffee|cake|meeting|music|film) (is|was) (late|good|loud|\
        in the garden|over|too long)
    (yesterday|last week|tomorrow) (it rained|it snowed|I bought a vase|we played with a ball|\
        I go to the sea)
    (happy birthday|merry christmas|congratulations|good luck|welcome back|sleep well|\
        enjoy your meal|get well soon)
    (you are|you're) (funny|smart|wrong|right|so slow|amazing|a robot|kidding|welcome)
    """,
    """
    (ok|okay|yes|no|well|hmm|wow|oops|great|nice|cool|sorry|bye|goodbye|good night|test)
    (testing|one two three|testing one two three|blah blah|asdf|asdf qwerty|lorem ipsum|la la la)
    (the quick brown fox|once upon a time|to be or not to be|abc|qwerty|123|foo bar)
    (let me think|wait|hold on|just a moment|one second|never mind)
    (make it better|something nice|surprise me|do something|anything|whatever)
    (yeah|aha|uh|um|erm|huh|hm|ouch|yay|meh|lol|haha|hihi|omg|sure|fine|right|maybe|perhaps|\
        never|always|why|what|who|how|so|and|but)
    (hello hello|knock knock|one two|hey you|good afternoon|good day|see you|take care)
    (blue is nice|red or green|I like gold|snow in December|a cup of tea|an apple a day|\
        fire and ice|black coffee|autumn is coming|out of the blue|once in a blue moon|\
        piece of cake|rain rain go away)
    (x|xyz|aaa|test test|hello world|foo|zzz|wasd|a b c|42|007|2024)
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
    (leave|keep) (my video|the room|my hands|all things|the cup|all of it|every colour|\
        the background|the style|the weather) (as it is|the way it is|unchanged|alone|untouched|\
        as before)
    (don't|do not) (add|remove|paint|replace|turn|delete|recolor|draw|apply) (anything|a thing|\
        any effect|anything else)
    (don't|do not|never) (make it|turn it into|paint it) (anything|something) else
    (turn off|switch off|end|remove|stop|delete|clear) (the filter|all filters|the style|\
        the edits|the weather|every effect|all changes|the snow|the cartoon look)
    (give me|show|show me|bring back|get back) (the real world|reality|my real room|\
        what was there before)
    (let|allow) (the video|the camera|it) (run|pass|go on|be shown) (as it is|without effects|\
        without edits|unchanged)
    (put|set|turn|change) (it|everything|all|the video) back (|to how it was|to before|\
        to the start|to the original)
    (pass|pass on|skip|ignore) (the video|this|this one|that|my last wish|what I said)
    (make|keep) (it|everything) (real|natural|the same|like the original) (|again)
    (do not do|don't do) (a thing|anything|that|this)
    (stay|remain|be) (as you are|as it is|the same)
    """,
    """
    (no|without any|I want no|I'd like no) (change|changes|edit|edits|effect|effects)
    (it|everything|the video) should (stay|remain) (as it is|the same|unchanged)
    (I want|I'd like|I would like) (the original|nothing changed|no edit|to see the real video|\
        the normal picture)
    nothing (should|must|needs to) (change|be changed|be edited)
    (it|this|everything) is (fine|good|perfect) as it is
    I (do not want|don't want|don't need) (any change|any changes|any effect|anything changed|\
        a filter|an edit|anything)
    (I like|I love|I prefer) (it|the video|everything|the picture) (as it is|the way it is|\
        without effects|without changes|in the original)
    (everything|it|the video) was (better|nicer|fine|good) (before|without the effect|\
        the way it was)
    (what|how) did (it|the video|the original) look like before?
    (may I|can I|can we) (see|have|get) (the original|the real thing|the real video|\
        it without effects)?
    (enough|that's enough|okay, enough) (effects|edits|changes|of that|of this)
    no (need to|reason to) (change|edit|touch) (it|anything|the video)
    (the colours|the things|the background|all colours) should (stay|remain) (the same|\
        as they are|real)
    """,
    """
    nothing
    (original|normal|real|unedited) (video|picture|view) (|please)
    (the original|no change|no changes|no edit|no effect|no filter|as it is|same as before|\
        unchanged|off)
    (as it was|like before|back to normal|just the camera|only the camera|keep the original)
    (normal|natural|real) (colours|mode|view|look|again)
    (plain|clean) (video|camera|picture)
    (no filters|no style|no weather|no colour change|nothing at all|do not edit|hands off)
    (effects off|filter off|everything off|edits off|all off|stop it|stop all|undo all|reset all|\
        start over|clear all)
    (as is|same|the same|like now|stay|keep|keep it|leave it|leave it be|let it be|skip|pass)
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
    {a}(. Finished? Then|, once you did that), {b}
    (besides|apart from that|next to it|on top of that), {a} and {b}
    {a}(, and on top of that| and on top of that|, in addition|, and what is more|\
        , and as a second thing|, and don't forget to|, but please also|, and for good measure|\
        , after which) {b}
    (both|two things|two edits|todo|list): {a}, {b}
    (start with this|begin): {a}(, next|, then|. After that) {b}
    not only {a} but also {b}
    while you {a}, {b}
    before you {b}, {a}
    """,
    """
    (I want|I'd like|I would like|I need) you to {a}(, then| and| and then| and also|, and also| \
        and to) {b}
    I want two (things|changes|edits): {a}(, and| and|;|. Then) {b}
    (step one: {a}, step two|1: {a}, 2|first: {a}, second): {b}
    can you (both|please|also) {a} and {b}?
    (can|could) you {a}(, then| and then| and also|, and) {b}?
    (let's|we should|you should) {a}( and| and then| and also|, then) {b}
    (please do|do) both: {a} and {b}
    (we need to|you have to|you must) {a} and {b}
    """,
    """
    {a}, {b}
    {a} + {b}
    {a} & {b}
    {a}; {b}
    {a}. {b}
    {a} / {b}
    {a} plus {b}
    1. {a} 2. {b}
    - {a} - {b}
    {a}, and: {b}
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
