"""Effects that follow a thing: light, fire, sparkles, smoke, a rainbow, lightning, around it all the time."""

from __future__ import annotations

from distill.wording.grammar import trained, unseen
from distill.wording.named import table

_SLOTS = ("stuff", "doing", "state")
# "surround it with {stuff}", "make it {doing}", "it should be {state}".
NAMES = table(
    """
    glow: a bright glow;glowing light;a glowing halo;soft light;glow;a strong glow;a halo;\
        a halo of light;bright light;a shine;a shining light;a magic glow|glow;shine;\
        shine brightly;light up;glow in the dark;give off light;light up like a lamp;\
        shine like the sun;emit light;glow brightly|glowing;shining;glowing brightly;\
        bright and shining;glowing in the dark;radioactive|glowing {thing};\
        turn on a light inside the {thing};make the {thing} shine from inside;\
        glow around the {thing};light up the {thing};make the {thing} a light;\
        glow for the {thing};a halo for the {thing};let light come out of the {thing};\
        make the {thing} glow like a lamp;shining {thing};{thing} glow
    fire: fire;flames;bright flames;fire and flames;burning flames;a fire;hot flames;blazing fire;\
        orange flames;hellfire;a ring of fire|burn;catch fire;go up in flames;burn brightly;\
        burst into flames;start burning;flame;be on fire;burn like a torch|on fire;burning;\
        in flames;aflame;blazing|set the {thing} on fire;set fire to the {thing};burning {thing};\
        {thing} on fire;light the {thing} on fire;burn the {thing};put the {thing} in flames;\
        {thing} in flames;let the {thing} burn;make flames come out of the {thing};\
        fire on the {thing};blazing {thing};start a fire on the {thing}
    sparkles: sparkles;glitter;little stars;magic sparkles;sparkle;sparkles and stars;\
        twinkling stars;golden glitter;tiny stars|sparkle;glitter;twinkle;glisten;\
        twinkle like stars;sparkle like a diamond;glitter all over;sparkle magically|sparkling;\
        glittering;full of sparkles;sparkly;glittery;twinkling;covered in glitter;\
        covered in stars;magical|sparkling {thing};sprinkle glitter on the {thing};\
        sprinkle stars over the {thing};glitter on the {thing};sparkly {thing};glittery {thing};\
        magic stars around the {thing};cover the {thing} with little stars;\
        let stars twinkle around the {thing};bling the {thing};{thing} sparkles
    smoke: smoke;thick smoke;grey smoke;rising smoke;smoke clouds;a cloud of smoke;\
        a column of smoke;puffs of smoke;dark smoke;white smoke;dense smoke|smoke;give off smoke;\
        send up smoke;puff smoke;smoke like a chimney;puff;emit smoke;start smoking|smoking;\
        full of smoke;covered in smoke;smoky;wrapped in smoke;fuming;in smoke|smoking {thing};\
        let smoke rise from the {thing};{thing} with smoke coming out;smoke from the {thing};\
        smoky {thing};make smoke come out of the {thing};the {thing} smokes like a chimney;\
        smoke coming from the {thing};let the {thing} smoke
    rainbow: a rainbow;rainbow colours;rainbow light;a bright rainbow;rainbow colors;\
        a rainbow glow;the colours of the rainbow;a little rainbow;rainbow stripes;\
        a shining rainbow;a colourful rainbow;an arch of rainbow colours;\
        all colours of the rainbow|shine in all colours;show a rainbow;give off a rainbow;\
        glow in rainbow colours;shine like a rainbow;shine in rainbow colors;\
        show all the colours of the rainbow;make a rainbow;cycle through the colours|\
        rainbow coloured;under a rainbow;full of rainbow colours;rainbow colored;rainbow;\
        rainbow striped;coloured like a rainbow;in rainbow colors;like a rainbow;\
        in all the colours of the rainbow;under an arch of colours|rainbow {thing};\
        draw a rainbow over the {thing};put a rainbow above the {thing};rainbow over the {thing};\
        {thing} with a rainbow;let a rainbow shine over the {thing};\
        give me a rainbow at the {thing};rainbow effect for the {thing};\
        rainbow colors for the {thing};rainbow above the {thing};a rainbow for the {thing};\
        unicorn colours on the {thing};pride colours around the {thing}
    lightning: lightning;electric sparks;bolts of lightning;electricity;lightning bolts;\
        electric bolts;electrical sparks;electric current;flashes of lightning;an electric shock;\
        electric arcs;sparks of electricity;thunderbolts;blue lightning;a lightning storm|\
        spark with electricity;shoot lightning;crackle with lightning;spark;shoot sparks;crackle;\
        crackle with electricity;give off sparks;shoot electric bolts;buzz with electricity;\
        flash with lightning|electrified;full of electricity;charged with lightning;electric;\
        electrical;sparking;charged|electric {thing};electrify the {thing};\
        let lightning strike the {thing};lightning from the {thing};lightning on the {thing};\
        sparks from the {thing};sparking {thing};electrocute the {thing};\
        strike the {thing} with lightning;electricity on the {thing};\
        charge the {thing} with electricity;lightning around the {thing};\
        like Thor's hammer: the {thing}
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
    (let|make|have) {stuff} (come from|rise from|burst from|dance around|circle) the {thing}
    (charge|equip|wrap) the {thing} (with|in) {stuff}
    for the {thing}: {stuff}
    {stuff} (effect|everywhere) (on|around) the {thing}
    (bewitch) the {thing} with {stuff}
    (get|have) the {thing} {state}
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
    (is it possible to|may I) (have|get|see) {stuff} (around|on) the {thing}?
    (it would be nice|it would be cool|I wonder) if the {thing} <was> {state}
    the {thing} <is> boring, (add {stuff}|give <it> {stuff})
    where <is> the {stuff} (around|on) the {thing}?
    what about the {thing} {state}?
    (isn't|shouldn't) the {thing} {state}?
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
    {thing} -> {stuff}
    {thing} + {stuff}
    {stuff}: {thing}
    {stuff} effect, {thing}
    (more|some) {stuff} on the {thing}
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
