"""The table of `paraphrase`: what may be exchanged for what, in which frame; written for training alone."""

from __future__ import annotations

# A thing as forms speak of it; a whole picture as they do; what is an adverb of "all over".
MACROS = {
    "THING": r"(?:the|<my>|<this>) (?:(?:whole|entire) )?(?:\{thing\}|\{ref\} \{use\})",
    "WHOLE": r"(?:it|this|everything|all of it|the (?:video|picture|scene|image|whole thing))",
    "SHOWN": r"(?:\{noun\}|\{kind\}|\{look\}|\{be\}|\{scene\}|\{add\}|\{map\}|\{view\}|\{at\})",
    "ANY": r"(?:<\w+(?::\w+)?> )?",
}

SWAPS = r"""
\b(?:make|turn|paint|colou?r) (?=THING (?:completely |all |fully |entirely |totally )?\{color\}) => turn | paint
    | tint | render | spray | recolour | brush | get | redo | spray paint | make | color | do
\b(?:recolou?r|repaint|paint|colou?r) (?=THING (?:in|to) ANY\{color\}) => tint | redo | render | spray | paint over
    | wash | brush
\bchange (?=THING to ANY\{color\}) => switch | shift | move | set | bring | adjust | update | convert | recolor
\b(?:change|set|switch) (?=the colou?r of) => adjust | modify | shift | update | alter | edit | make | redo | convert
    | correct
(?<=the )colou?r(?= of THING) => tint | tone | paint | paint colour
\b(?:the (?:color|colour) of the \{thing\}) => the {thing}'s colour | the {thing}'s color | the {thing}'s paint
\b(?:dip|soak)\b => dunk | drown | plunge
\b(?:cover|coat)\b(?= THING) => plaster | overlay | layer | spray | wrap | paint
\b(?:pick|choose|take) (?=\{color\}|\{material\}) => select | go with | use | go for | I'd go with | I take
    | let's use | let's go with
(?<=\{color\} )(?:colour|color|finish|coat of paint|look)\b => appearance | tone | touch | painting
\b(?:completely|fully|entirely|totally)\b => wholly | from top to bottom | truly | 100% | through and through
    | altogether | thoroughly | absolutely
\b(?:whole|entire) (?=\{thing\}) => complete | full
!what|how would ~ \b(?:look|appear) like(?= ANY\{(?!at\}|view\})) => look as | appear as | look just like
    | look similar to | seem like | look a lot like | be like | come to look like
\b(?:turn|change|transform|convert|morph) (?=THING (?:in)?to ANY\{(?:other|material)\}) => remake | reshape | rework
    | magic | transmute | shape | morph | transform | convert | remodel | redo | swap | switch | bewitch | shift
    | refashion
\b(?:make|reshape|remodel|rework|redraw|remake) (?=THING (?:into|as) ANY\{other\}) => recreate | redo | reinvent
    | redesign
\b(?:replace) (THING) (?:with|by) => swap \1 for | swap out \1 for | switch \1 for | switch \1 to
    | substitute \1 with | trade \1 for | change \1 to | exchange \1 with | swap \1 with | trade in \1 for
    | replace \1 by
\b(?:swap|exchange|trade) (THING) for => replace \1 with | switch \1 with | change \1 for | swap \1 with
    | trade in \1 for | switch out \1 for
\b(?:instead of|in place of|rather than)\b => rather than | and not | to replace | not | as a substitute for
\b(?:the shape of|that of)(?= ANY\{other\}) => the look of | the appearance of
\b(?:show|render|draw|display) (?=THING as) => picture | paint | portray | visualize | film | see
\bmake (THING) out of(?= \{material\}) => build \1 from | build \1 out of | remake \1 in | recreate \1 in
    | carve \1 from | redo \1 in | forge \1 from
\b(?:made of|made from|out of|made out of|of)(?= \{material\}) => built from | in | consisting of | composed of
    | built of | constructed from | formed from | produced from | made out of | made from | made of
\{material\} ~ \b(?:surface|finish|texture)\b => outside | coating | shell | appearance | feel | exterior
\b(?:remove|delete|erase|hide) (?=THING|\{thing\}|it: the) => get rid of | wipe | wipe out | clear | ditch | kill
    | edit out | cut | cut out | take away | take out | throw out | throw away | drop | dump | scrap | exclude
    | leave out | delete | erase | remove | mask out | retouch away | wish away
\bget rid of (?=THING) => ditch | clear away | do away with | throw out | rid the table of
\b(?:take|clear|move) (THING) (?:away|out of the way|out of sight)\b => throw \1 out | put \1 away | carry \1 off
    | move \1 off | get \1 out of here | make \1 leave | get \1 off the screen
\b(?:disappear|vanish|go away)\b => be gone | leave | go | dissolve | evaporate | pop away | no longer exist
    | stop existing | melt away | become invisible | not be there
\b(?:gone|removed|deleted|erased)\b(?= *$) => away | off the table | out of here | out of the picture | deleted
    | wiped | thrown out | not there
\b(?:without) (?=THING) => not showing
^(?:no more|no) (?=\{thing\}) => get rid of the | away with the | enough of the | goodbye | bye | kill the | not the
    | out with the
\b(?:add|put|place|set|insert|include|show|draw|leave) (?=<a:phrase> \{phrase\} \{at\}) => drop | stand | create
    | render | rest | pop | plant | throw | generate | paste | make | set down | put down | sit | have | bring in
    | draw in | magic | install
\b(?:add|introduce|bring) (?=<a:phrase> \{phrase\} \{to\}) => bring | move | send | append | introduce | carry
    | deliver
\b(?:appear|show up|come up)\b(?= \{at\}| in place| where) => pop up | materialize | turn up | come out | emerge
    | be visible | arrive | come into being
\b(?:let|make) (<a:phrase> \{phrase\}) (?:stand|be|sit) => have \1 rest | let \1 lie | have \1 stand | get \1 placed
    | have \1
\bthere should be (?=<a|\{add\}|\{stuff\}) => we need | there has to be | there needs to be | you should show
    | I need to see | I wish there was | I'd love | it would be nice to have | there could be | I expect | we want
    | please show
\bI want (?=<a:thing>|<a> \{) => give me | I'll take | I wish for | I could use | I feel like | get me
    | I'm looking for | gimme | I need
\bI (?:want|need|would like|'d like|'d prefer|would prefer)\b(?! you)|\bI'd (?:like|prefer)\b(?! you) => I'd love
    | I would love | we want | we'd like | I just want | I wish for | we need | I want | my wish: | we would like
    | all I want: | what I want:
\bI (?:want|would like) you to\b|\bI'd like you to\b => I need you to | you should | I'd love you to | we want you to
    | you need to | you have to | I ask you to | my wish is that you | I beg you to | please
\b(?:what if|imagine) (?=THING|it|this|everything|the|we|I|there) => suppose | say | let's say | let's imagine
    | just imagine | let's pretend | picture this: | think if | I imagine | I dream that | how nice if | suppose now
\b(?:pretend|imagine|suppose)(?: that)? (?=THING|there|we|it|I|the camera) => act as if | let's pretend
    | let's imagine | let's suppose | let's say | make believe | think that | pretend that | imagine that
\b(?:how about|what about)\b => maybe | perhaps | let's have | let's go with | I suggest | what do you say to
    | do you have | could you do | can you do | could it be
\b(?:can|could) (?:I|we) (?:have|see|get)\b => may I see | could we have | is it possible to have | can we see
    | may we have | may I have | might I see | can you get me | can you show me | could you give me | am I allowed
\b(?:can|could) (THING) (?=be|become|turn|look|disappear|vanish|\{doing\}) => is it possible for \1 to | may \1
    | would it be possible for \1 to | is there a way for \1 to | might \1 | would \1
\b(?:the \{thing\}) (?:should|must|<has> to)(?= be| look| turn| become| go| vanish| disappear| \{) =>
    the {thing} need<s> to | the {thing} shall | the {thing} must | the {thing} <has> to
    | the {thing} <is> supposed to | the {thing} <is> meant to | please let the {thing}
\b(it|this|everything|the (?:video|scene|picture)|nothing) (?:should|must) => \1 needs to | \1 has to
    | \1 is supposed to | \1 is meant to | \1 shall | \1 must
\b(?:should|must)\b => must | shall
\b(?:would look (?:great|better|nicer|nice|good)) => looks best | should look good | would be great | would be cool
    | must look nice | looks better | would be much nicer | would be perfect | looks nice
SHOWN ~ (?<!else )\bthe (?:video|picture|image|scene)\b => the picture | the image | the video | the scene | the shot
    | the frame | the clip | the stream | the film | the movie | my video | my picture | the live video
    | the whole picture | the whole video | the entire scene | the full picture | what we see | what you see
    | what I see | what the camera shows | the camera picture | the camera image | the webcam picture | my camera
    | the recording | the screen | the live picture | the webcam | the whole screen
!SHOWN ~ \bthe (?:video|picture|image|scene)\b => the image | the video | the clip | the stream | the film
    | the movie | my video | the recording | my picture | the live video | the shot | the frame | the screen
    | the whole picture | the camera picture | the webcam picture
SHOWN ~ \b(?:everything|the whole thing|all of it|all of this)\b(?! else| but| except) => all of it | the lot
    | the world | my world | the whole world | the room | my room | all this | all you see | all I see
    | the whole room | every bit of it | everything here | everything around me | this place | everything we see
    | every single thing | the total picture | all things
\{(?:noun|look|be)\} ~ (?<=make |turn )(?:it|this)(?= ) => all this | all of this | it all | this all
\b(?:turn|change|convert|transform) (?=WHOLE (?:in)?to ANY\{noun\}) => remake | transform | convert | morph | rework
    | translate | make | restyle | flip | switch | process | redo | magic | bring
\b(?:render|show|redo|display) (?=WHOLE (?:as|in) ANY\{(?:noun|kind|map)\}) => paint | draw | portray | picture
    | film | recreate | imagine | view | display | express | illustrate | reinvent | repaint | visualize | play | do
\b(?:show|render|redo|film|display) (?=WHOLE \{at\}) => paint | picture | imagine | place | put | shoot | set | draw
    | play | stage
\b(?:restyle|rework|remake) (?=WHOLE) => redo | redraw | repaint | recreate | restyle | redesign
(?<=\{kind\} )(?:look|style|filter|effect|feel|mode)\b => look | vibe | theme | appearance | finish | design
    | art style | touch | preset | mode | aesthetics | technique | art
(?<=\{scene\} )(?:look|mood|feel|atmosphere|scene|effect|picture)\b => mood | vibe | setting | feeling | tone | look
    | surroundings | situation | time | touch | theme
\b(?:apply|use)(?= <a> \{kind\}|<a> \{scene\}) => put on | switch on | turn on | activate | enable | select | choose
    | load | set | I want | go for
\b(?:switch to|change to|use|apply)(?= \{kind\}) => go for | set | go into | pick | select | enable | switch on
    | go to | I want | choose
\badd(?= \{add\}) => bring | create | make | put in | give us | generate | bring in | I want | show | let's have
    | throw in | mix in | increase | give me | include
(?:fill|cover)(?= WHOLE with) => drown | wrap | soak | load | surround
\b(?:mood|light|atmosphere) to(?= \{scene\}) => weather to | lighting to | time to | vibe to | setting to | tone to
    | feeling to
\b(?:show me|let me see|give me|let me have) => I want to see | let us see | let me look at | may I see
    | can you show me | I'd like to see | I need to see | get me | display | bring up | could I see | show us
    | can I see | please show
\b(?:compute|create|generate|estimate|extract)(?= \{map\}) => get | find | work out | display | detect | make | draw
    | predict | measure | deliver | determine | build | trace
\b(?:switch|change)(?: the view)? to(?= \{map\}) => go to | show only | set the view to | put on | move to | flip to
    | change over to | turn on | go into
\b(?:turn|convert|change|transform) (?=WHOLE (?:in)?to \{map\}) => make | process | translate | transform | convert
    | map | switch | simplify | break down
\{description\} ~ \ba (?:real )?video(?=:| from| out of) => a photo | a real picture | a lifelike video
    | a natural video | a film | a live picture | a colour video | realistic video | a photographic scene
\{description\} ~ \b(?:turn|convert|change|transform|make) (?=(?:the|this) \{map\}) => render | transform | translate
    | make | develop | bring | take | process | remake | build
\{description\} ~ \b(?:make|create|render|generate|build)\b => paint | generate | imagine | show | get | develop
    | give me | construct | draw
\{description\} ~ \b(?:fill in|complete|finish|paint)\b => colorize | add colour to | fill up | make real | texture
    | animate
\{description\} ~ \b(?:real|realistic)\b => lifelike | photographic | natural | photo real
\b(?:surround) (?=THING with) => wrap | fill | cover | ring | enclose | circle | crown | drown
\b(?:put|add|place|show|create|generate|draw|paint|make|have)(?= \{stuff\} (?:around|on|over|behind)) => create
    | make | have | bring | throw | generate | draw | let there be | paint | spread | let me see | apply
\badd (\{stuff\}) to (THING) => give \2 \1 | equip \2 with \1 | \1 for \2 | apply \1 to \2 | load \2 with \1
    | bless \2 with \1
\baround(?= THING) => all around | on | all over | round | near | about | right around | on and around | behind
\b(?:follow|surround|stay<s:stuff> on|appear around)(?= THING| <it>) => cling to | go with | circle | dance around
    | come with | play around | move with | trail | be on | hover around
\{doing\} ~ \b(?:make|let) (?=THING \{doing\}) => have | make | let | I want to see | let me see
\{state\} ~ \b(?:make|show) (?=THING \{state\}) => get | render | turn | paint | have | imagine | film | see
\b(?:background|surroundings|scenery|backdrop)\b => setting | place behind us | background | scene behind
    | room behind | background scene | background picture | back of the picture | stage | set | wall behind me
    | surroundings | backdrop | scenery
\b(?:change|set|switch|turn) (?=the (?:background|surroundings|scenery)) => convert | transform | switch | update
    | alter | swap | exchange
\b(?:put|place|move|take|bring) (?=(?:me|us|this|WHOLE|the table) (?:in|into|to) <a:place>) => send | drop | carry
    | move | bring | fly | transfer | take | get | lead
(?<=\{place\} )(?:in the background|behind us|around us|behind me|behind the table)\b => behind everything
    | at the back | all around | around me | around the table | in the back | far behind | behind my hands
    | on all sides | as a setting
\bfrom now on\b => starting now | from here on | as of now | from today | from this moment | now | permanently
    | for the rest of the video
\b(?:leave|keep) (?:everything else|the rest)(?: the same| as it is| unchanged) => don't touch the rest
    | don't change the rest | change nothing more | let the rest stay | leave all other things | touch nothing more
    | keep all the rest
\b(?:right now|now)(?=$) => immediately | at once | right away | this second | quick | straight away | today | asap
    | fast | without delay
\bplease(?=$) => pls | plz | thanks | thank you | if you can | for me | if possible | pretty please | if you please
^please\b => pls | be so good and | do me a favour and | be nice and | help me and | I ask you: | my wish:
^(?:can|could) you(?: please)?\b => are you able to | could you maybe | can you quickly | could you just
    | could you possibly | do you think you could | is it possible that you | can u
\{ ~ ^(?:now|just(?! the)|go ahead and|hey,|ok,) (?=[a-z]+ (?:the|<|\{|it|this|us|me)) => next, | and then | then
    | simply | quickly | let's | you can | ok now | time to | we | let us | you may | here we go: | first | go and
    | start to
\bcolour\b => color
\bcolor(?![\w}>]) => colour
\{thing\} ~ \b(?:dance|sing|talk|laugh|jump|bounce)\b => whistle | dance | hop | run | sing | speak | shout | crawl
    | cry | bark | swim
\b(?:bigger|larger)\b => double the size | enormous | giant | taller | fatter | wider | thicker | long
    | twice the size
\b(?:smaller|tiny)\b => half the size | thinner | shorter | flatter | mini | microscopic | half as big | narrow
\b(?:open|close|fill|empty|break|wash|dry|shake)(?= the \{thing\}) => kick | throw | roll | catch | squeeze | bend
    | crack | smash | clean | pour out | knock over | push over | sort | peel | cut | open | break | stack | lift
    | weigh
!fine|good|perfect ~ \b(?:as it is|the way it is|unchanged|as before)\b => as is | how it was | intact | like it is
    | as it was before | as you found it | without edits | just like that
\b(?:fine|good|perfect|great|nice|cool)\b(?= as it is|$) => okay | all right | super | excellent | very good
    | wonderful | beautiful
"""
