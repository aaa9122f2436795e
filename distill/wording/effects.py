"""Effects that follow a thing: light, fire, sparkles, smoke, a rainbow, lightning, around it all the time."""

from __future__ import annotations

from distill.wording.local import trained, unseen
from distill.wording.named import table

_SLOTS = ("stuff", "doing", "state")
# "surround it with {stuff}", "make it {doing}", "it should be {state}".
NAMES = table(
    """
    glow: a bright glow;glowing light;a glowing halo;soft light|glow;shine;shine brightly;\
        light up|glowing;shining;glowing brightly|glowing {thing};\
        turn on a light inside the {thing};make the {thing} shine from inside;\
        glow around the {thing}
    fire: fire;flames;bright flames|burn;catch fire;go up in flames|on fire;burning;in flames|\
        set the {thing} on fire;set fire to the {thing};burning {thing};{thing} on fire;\
        light the {thing} on fire
    sparkles: sparkles;glitter;little stars;magic sparkles|sparkle;glitter;twinkle|sparkling;\
        glittering;full of sparkles|sparkling {thing};sprinkle glitter on the {thing};\
        sprinkle stars over the {thing}
    smoke: smoke;thick smoke;grey smoke;rising smoke|smoke;give off smoke;send up smoke|smoking;\
        full of smoke;covered in smoke|smoking {thing};let smoke rise from the {thing};\
        {thing} with smoke coming out
    rainbow: a rainbow;rainbow colours;rainbow light;a bright rainbow|shine in all colours;\
        show a rainbow;give off a rainbow|rainbow coloured;under a rainbow;\
        full of rainbow colours|rainbow {thing};draw a rainbow over the {thing};\
        put a rainbow above the {thing}
    lightning: lightning;electric sparks;bolts of lightning;electricity|spark with electricity;\
        shoot lightning;crackle with lightning|electrified;full of electricity;\
        charged with lightning|electric {thing};electrify the {thing};\
        let lightning strike the {thing};lightning from the {thing}
    """,
    _SLOTS,
)
NAMES_UNSEEN = table(
    """
    glow: a luminous aura;radiance|be luminous;radiate light|luminous;radiant;lit from within|\
        luminous {thing};illuminate the {thing} from within
    fire: a blaze;an inferno|blaze;be ablaze|ablaze;engulfed by a blaze|ignite the {thing};\
        flaming {thing};kindle the {thing}
    sparkles: shimmering stardust;fairy dust|shimmer;scintillate|shimmering;dusted with stardust|\
        sprinkle the {thing} with fairy dust;shimmering {thing}
    smoke: fumes;billowing vapour;a steaming haze|smoulder;fume|smouldering;shrouded in fumes|\
        smouldering {thing};have fumes billow from the {thing}
    rainbow: a spectrum of colours;prismatic light|be iridescent;gleam in every hue|iridescent;\
        prismatic|iridescent {thing};a coloured arc over the {thing}
    lightning: crackling voltage;a thunderbolt|crackle with voltage;discharge like a storm|\
        crackling with voltage;struck by a thunderbolt|high voltage {thing};zap the {thing};\
        have a thunderbolt hit the {thing}
    """,
    _SLOTS,
)

EFFECT = trained(
    """
    make the {thing} {doing}
    add {stuff} to the {thing}
    (put|add|place|show) {stuff} (around|on|over) the {thing}
    surround the {thing} with {stuff}
    (give|lend) the {thing} {stuff}
    let the {thing} {doing}
    let {stuff} (come out of|follow|surround|appear around) the {thing}
    (make|have) {stuff} (follow|surround|appear around) the {thing}
    (cover|fill|wrap) the {thing} (with|in) {stuff}
    (make|show) the {thing} {state}
    make <my> {thing} {doing}
    (show|render) the {thing} with {stuff}
    (create|generate) {stuff} (around|on|behind) the {thing}
    make <this> {thing} {doing}
    make the {thing} (look|seem|appear) {state}
    (add|apply) {stuff} as an effect (around|to) the {thing}
    (make|let) the {thing} {doing} (all the time|wherever I move <it>|everywhere|non-stop)
    (add|create|show) {stuff} that (stay<s:stuff> on|follow<s:stuff>) the {thing}
    (put|add) {stuff} to <my> {thing}
    (make|let) the (whole|entire) {thing} {doing}
    let me (see|have) the {thing} (with {stuff}|{state})
    (draw|paint|create|imagine) {stuff} (around|on|over|behind) the {thing}
    (turn|change) the {thing} into <a:thing> {thing} with {stuff}
    """,
    """
    the {thing} should {doing}
    the {thing} should be {state}
    the {thing} must (be {state}|{doing})
    the {thing} <has> to (be {state}|{doing})
    (I want|I would like|I'd like) the {thing} to (be {state}|{doing})
    (I want|I need|I would like|I'd like) (to see|to have) {stuff} (around|on|over) the {thing}
    (I want|I need|I would like|I'd like) <a:thing> {thing} with {stuff}
    (I want|I'd like|I would like) the {thing} {state}
    there should be {stuff} (around|on|over|behind) the {thing}
    {stuff} should (follow|surround|come out of|be around|appear on) the {thing}
    (what if|imagine) the {thing} <was> {state}
    (can|could) the {thing} (be {state}|{doing})?
    how about {stuff} (around|on|over) the {thing}?
    can I (see|have|get) {stuff} (around|on) the {thing}?
    what would the {thing} look like with {stuff}?
    (pretend|imagine) that the {thing} <is> {state}
    the {thing} <is> {state} now
    <my> {thing} should (be {state}|{doing})
    wherever I move the {thing}, {stuff} should follow <it>
    """,
    """
    {thing} with {stuff}
    {stuff} around the {thing}
    {stuff} (on|over|for|at|from) the {thing}
    the {thing} {state}
    {thing} {state}
    the {thing} with {stuff}
    <a:thing> {thing} with {stuff}
    {stuff} (behind|on top of) the {thing}
    {thing}: {stuff}
    {stuff} (please|now|all) around the {thing}
    """,
)
EFFECT_UNSEEN = unseen(
    """
    (envelop|encircle|adorn|enchant) the {thing} with {stuff}
    have the {thing} {doing}
    attach {stuff} to the {thing}
    (conjure|unleash) {stuff} upon the {thing}
    (imbue|enhance|decorate) the {thing} with {stuff}
    render the {thing} {state}
    """,
    """
    the {thing} ought to (be {state}|{doing})
    suppose the {thing} began to {doing}
    what I am after is {stuff} along the {thing}
    wouldn't {stuff} suit the {thing}?
    I fancy the {thing} {state}
    {stuff} must accompany the {thing}
    """,
    """
    {thing} (accompanied by|bathed in|wreathed in|engulfed in) {stuff}
    special effect for the {thing}: {stuff}
    {thing}, {state}
    {stuff} clinging to the {thing}
    {thing} plus {stuff}
    """,
)
