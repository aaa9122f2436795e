"""The whole picture in another manner: drawn, painted, filmed."""

from __future__ import annotations

from distill.wording.grammar import (
    GLOBAL_CLOSERS,
    HELDOUT_GLOBAL_CLOSERS,
)
from distill.wording.local import trained, unseen
from distill.wording.named import table

_SLOTS = ("noun", "kind", "look")
# "turn it into {noun}", "{kind} style", "make it {look}".
NAMES = table(
    """
    sketch: a pencil sketch;a pencil drawing;a sketch;a line drawing|pencil sketch;sketch;\
        pencil drawing|hand drawn;drawn in pencil|draw this in pencil;convert it to line art;\
        as if drawn by hand with a pencil;make it look like an artist's sketch on paper
    charcoal: a charcoal drawing;a charcoal sketch;a drawing in charcoal|charcoal;\
        charcoal drawing;black charcoal|drawn in charcoal;like a charcoal drawing|\
        a rough charcoal sketch;draw it with charcoal;smudged charcoal on paper;\
        dark charcoal strokes
    cartoon: a cartoon;an animated cartoon;an animation|cartoon;anime;animated cartoon|\
        cartoonish;like a cartoon|toon shading;cel shaded;anime;draw it like an animated film
    pixel_art: pixel art;an 8-bit game;an old video game|pixel art;8-bit;pixelated|pixelated;\
        blocky|pixelate it;retro video game pixels;show everything as big pixels;16-bit pixels
    watercolor: a watercolor painting;a watercolour;a watercolor|watercolor;watercolour;\
        watercolor painting|painted in watercolor;like a watercolor|paint it with watercolors;\
        wet watercolor on paper;soft watercolor washes
    oil_painting: an oil painting;a painting in oil;a painting on canvas|oil painting;painted;\
        oil paint|painted in oil;like an oil painting|paint it in oil;oil on canvas;\
        thick brush strokes of oil paint;painted by an old master
    neon: neon lines;a neon drawing;a neon light sign|neon;neon light;glowing neon|neon;\
        like neon lights|glowing neon outlines;draw everything in neon light;\
        bright neon edges on black
    blueprint: a blueprint;a technical drawing;an engineer's blueprint|blueprint;\
        technical drawing;engineering plan|like a blueprint;like a technical plan|\
        white lines on blue paper;draw up a blueprint of this;an architect's blueprint
    comic: a comic;a comic book;a comic strip|comic;comic book;comic strip|like a comic book;\
        like a comic|comic book with black outlines;halftone dots and bold outlines;\
        a page from a comic
    stained_glass: stained glass;a stained glass window;a church window|stained glass;\
        church window;stained glass window|like stained glass;like a church window|\
        pieces of coloured glass with lead lines;a window of coloured glass
    black_and_white: a black and white film;a black and white picture;a grayscale image|\
        black and white;monochrome;grayscale|black and white;gray;grey|remove all the color;\
        take the colours out;greyscale;desaturate the video;shades of grey;without any colours
    sepia: a sepia picture;a sepia photo;an old brown photograph|sepia;sepia tone;antique sepia|\
        sepia;brown and old|sepia tones;sepia tint;like a brownish old photograph;\
        a century old photo in sepia
    invert: a photo negative;a negative;its negative|negative;inverted;color negative|inverted;\
        negative|invert the colors;reverse all colours;swap light and dark;invert;invert the video
    vintage: a vintage film;an old faded photo;a retro film|vintage;retro;old film|vintage;\
        faded and old|seventies film;retro faded colours;faded like an old home movie
    night_vision: night vision;a night vision video;a night vision camera image|night vision;\
        green night vision;night vision camera|like night vision;green like night vision|\
        green night vision goggles;seen through night vision goggles;military night vision
    thermal: a thermal image;a heat map;an infrared picture|thermal;infrared;heat camera|\
        like a thermal image;like a heat camera|thermal vision;show the heat;\
        seen through an infrared camera;thermal imaging
    """,
    _SLOTS,
)
NAMES_UNSEEN = table(
    """
    sketch: a graphite study;a crayon doodle|graphite;hand sketched|scribbled by hand|\
        shade it with graphite;scribble it on paper
    charcoal: a burnt stick drawing;a sooty chalk study|sooty chalk;burnt stick|\
        rubbed on with soot|sooty smears on rough paper;a study in soot
    cartoon: a Saturday morning toon;a toon|toon;cel animation|toonish|let it resemble toons on TV
    pixel_art: a retro arcade game;a low resolution mosaic|arcade game;mosaic|coarse and blocky|\
        chunky squares as in an arcade
    watercolor: an aquarelle;a gouache picture|aquarelle;gouache|washed with aquarelle|\
        an aquarelle on rough paper
    oil_painting: a Rembrandt canvas;an impasto picture|impasto;museum canvas|\
        like a museum canvas|brushed on canvas, impasto
    neon: glowing tube lights;a cyberpunk light show|cyberpunk;luminous tube|\
        lit like a cyberpunk club|luminous tubes along all edges
    blueprint: a construction plan;an architectural diagram|construction plan;architectural|\
        drafted like a plan|drafted in white on blue
    comic: a graphic novel;a superhero strip|graphic novel;pop art|like a graphic novel|\
        panels of a superhero strip
    stained_glass: a cathedral window;leaded glass|leaded glass;cathedral glass|\
        leaded like a cathedral window|leaded panes in bright colours
    black_and_white: a noir movie;a colourless picture|noir;colourless|colourless|\
        drain every colour;film noir
    sepia: a daguerreotype;a brown toned print|brown toned;daguerreotype|brown toned|\
        an album photo of great grandmother
    invert: an X-ray like reversal;a reversed print|reversed colour;X-ray|reversed in colour|\
        flip each colour to its opposite
    vintage: an eight millimetre reel;a nostalgic home movie|nostalgic;analogue reel|nostalgic|\
        a dusty reel from grandad's attic
    night_vision: a sniper's scope view;a low light intensifier shot|light intensifier;\
        commando goggles|as seen by commandos in the dark|light intensifier goggles
    thermal: a body heat scan;a temperature chart|temperature;heat scanner|\
        coloured by temperature|colour it by temperature
    """,
    _SLOTS,
)

STYLE = trained(
    """
    (turn|change) (it|this|the video|the picture) into {noun}
    make (it|this|everything|the video) look like {noun}
    make (it|this|everything|the video|the picture|the scene|the whole thing) {look}
    (turn|change|convert|transform) (it|this|the video|the picture|the scene|everything|\
        the image|all of it) (to|into) {noun}
    (make|let) (everything|the scene|the picture|the whole thing|all of this) look like {noun}
    (make|let) (it|this|everything|the video) (look|appear|become) {look}
    (render|show|redo|display) (it|this|the video|the picture|the scene|everything) as {noun}
    (render|show|redo) (it|this|the video|the picture|the scene|everything) in <a> {kind} style
    give (it|this|the video|the picture|the scene|everything) <a> {kind} (look|style|feel)
    (apply|use|add) <a> {kind} (style|filter|effect|look) (|to the video|to everything|to the scene)
    (use|apply|switch to|change to) {kind} style
    change the style (|of the video|of the picture|of the scene|of everything) to {kind}
    show me (this|it|the scene|everything|the world|my hands) as {noun}
    let me see (this|it|the scene|everything|the world) as {noun}
    (restyle|rework|remake) (it|this|the video|the picture|the scene) as {noun}
    """,
    """
    (it|this|everything|the video|the scene) should (look like {noun}|be like {noun}|look {look})
    (I want|I'd like|I would like) (it|this|everything|the video|the scene) (to look like {noun}|\
        as {noun}|in {kind} style)
    (I want|I'd like|I would like|I need) (<a> {kind} (look|style|filter))
    (what if|imagine) (this|everything|the scene) (was|were) like {noun}
    what would (this|it|everything|the scene) look like as {noun}?
    (how about|what about) <a> {kind} (look|style|filter)?
    can (I|we) (have|see|get) (this|it|everything|the scene) (as {noun}|in {kind} style)?
    from now on everything (should look like {noun}|looks like {noun})
    the (video|picture|scene) should be in {kind} style
    """,
    """
    {noun}
    {kind} style
    {look}
    {kind}
    in {kind} style
    {kind} (look|filter|effect|mode)
    (like|as) {noun}
    everything as {noun}
    <a> {kind} (look|style|filter)
    {kind} (style|look), please
    as if it were {noun}
    in the style of {noun}
    """,
    GLOBAL_CLOSERS,
)
STYLE_UNSEEN = unseen(
    """
    (reimagine|recast|repaint|reinterpret) (this|the footage|the clip|what I see) as {noun}
    (stylise|stylize) (it|the footage|the clip) like {noun}
    have (the footage|the clip|my view) resemble {noun}
    (switch|set) the (aesthetic|artistic style) to {kind}
    put <a> {kind} (treatment|aesthetic) on (the footage|the clip|my view)
    translate (this|the footage|the clip) into <a> {kind} aesthetic
    present (the footage|my surroundings) {look}
    """,
    """
    (the footage|my view) ought to resemble {noun}
    suppose all this came from {noun}
    I fancy <a> {kind} aesthetic
    what I am after is {noun}
    wouldn't <a> {kind} aesthetic be lovely?
    """,
    """
    {kind} aesthetic
    {kind} rendition
    reminiscent of {noun}
    the clip, {look}
    art direction: {kind}
    the lot, {look}
    in the manner of {noun}
    """,
    HELDOUT_GLOBAL_CLOSERS,
)
