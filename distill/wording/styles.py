"""The whole picture in another manner: drawn, painted, filmed."""

from __future__ import annotations

from distill.wording.grammar import GLOBAL_CLOSERS, HELDOUT_GLOBAL_CLOSERS, trained, unseen
from distill.wording.named import table

_SLOTS = ("noun", "kind", "look")
# "turn it into {noun}", "{kind} style", "make it {look}".
NAMES = table(
    """
    sketch: a pencil sketch;a pencil drawing;a sketch;a line drawing;a rough sketch;a hand sketch;\
        a drawing;something drawn with a pencil;a black pencil drawing on white paper;\
        a page of a sketchbook|pencil sketch;sketch;pencil drawing;sketchbook;sketchy;pencil;\
        line drawing;hand drawn;pencil on paper|hand drawn;drawn in pencil;sketchy;pencilled;\
        like a sketch;like a pencil drawing;drawn by hand|draw this in pencil;\
        convert it to line art;as if drawn by hand with a pencil;\
        make it look like an artist's sketch on paper;sketch it;sketch;just the lines of a pencil;\
        thin grey pencil lines;a sketch artist drew this;pencil shading with hatching;\
        draw everything by hand
    charcoal: a charcoal drawing;a charcoal sketch;a drawing in charcoal;\
        a picture drawn with charcoal;a smudgy charcoal picture;a coal drawing|charcoal;\
        charcoal drawing;black charcoal;coal drawing;smudged charcoal;charcoal sketch|\
        drawn in charcoal;like a charcoal drawing;charcoal;smudgy like charcoal;drawn with coal|\
        a rough charcoal sketch;draw it with charcoal;smudged charcoal on paper;\
        dark charcoal strokes;charcoal on rough paper;smudge it like charcoal;\
        grainy charcoal shading
    cartoon: a cartoon;an animated cartoon;an animation;a cartoon film;a cartoon movie;\
        a kids cartoon;an anime;an anime movie;a Disney movie;a Pixar film;a manga cartoon|\
        cartoon;anime;animated cartoon;Disney;Pixar;anime movie;kids cartoon;children's cartoon;\
        cel shading;cartoony;Ghibli;animation|cartoonish;like a cartoon;cartoony;animated;anime;\
        toon shaded;like an anime;like a Disney film;drawn like a cartoon;like animation|\
        toon shading;cel shaded;anime;draw it like an animated film;cartoonify it;\
        cartoonize the video;toonify;flat colors with outlines;turn us into cartoon characters;\
        like the Simpsons;make an anime out of it
    pixel_art: pixel art;an 8-bit game;an old video game;an 8 bit video game;a retro game;\
        a pixel game;an old Nintendo game;a picture of big pixels;a Game Boy game;\
        a Minecraft world|pixel art;8-bit;pixelated;8 bit;16 bit;pixel;retro game;Minecraft;\
        old video game;pixel game;Nintendo|pixelated;blocky;8-bit;pixelly;like an old video game;\
        like Minecraft;made of pixels|pixelate it;retro video game pixels;\
        show everything as big pixels;16-bit pixels;pixelate;pixelate everything;\
        big square pixels;blocky pixels please;make the pixels huge
    watercolor: a watercolor painting;a watercolour;a watercolor;a watercolour painting;\
        a picture in watercolors;a painting with watery colours;a soft watercolour picture;\
        something painted with water paints|watercolor;watercolour;watercolor painting;\
        water colour;watercolour painting;watery paint;water paint|painted in watercolor;\
        like a watercolor;painted with watercolors;watercolor;painted in water paint|\
        paint it with watercolors;wet watercolor on paper;soft watercolor washes;watercolour it;\
        paint everything in watercolour;runny wet paint on paper;pale washes of paint;\
        bleeding wet colours;brush and water paints
    oil_painting: an oil painting;a painting in oil;a painting on canvas;a painting;\
        an oil painting on canvas;a Van Gogh;a Van Gogh painting;a classical painting;\
        an impressionist painting;a Monet;a picture painted in oil|oil painting;painted;oil paint;\
        Van Gogh;impressionist;classical painting;oil on canvas;oil;brush stroke;Monet|\
        painted in oil;like an oil painting;painted;painted on canvas;like a Van Gogh;oil painted;\
        painterly|paint it in oil;oil on canvas;thick brush strokes of oil paint;\
        painted by an old master;paint it like Van Gogh;paint this;impressionism;thick paint;\
        visible brush strokes;heavy oil paint on canvas
    neon: neon lines;a neon drawing;a neon light sign;a neon sign;neon lights;a neon city;\
        a Tron movie;glowing lines in the dark;a laser show;glowing wire lines|neon;neon light;\
        glowing neon;neon sign;Tron;neon glow;fluorescent;neon lights;synthwave;laser light|neon;\
        like neon lights;like a neon sign;glowing with neon;like Tron;fluorescent|\
        glowing neon outlines;draw everything in neon light;bright neon edges on black;neonize it;\
        neon edges;glow lines on black;light up all the outlines;bright glowing edges in the dark;\
        make the edges glow like neon
    blueprint: a blueprint;a technical drawing;an engineer's blueprint;blueprints;\
        a white on blue plan;an architect's drawing;a schematic;a technical plan;\
        an engineering drawing|blueprint;technical drawing;engineering plan;blueprints;\
        architect's plan;schematic;engineering drawing;technical plan|like a blueprint;\
        like a technical plan;like blueprints;blueprinted;like an architect's drawing;schematic|\
        white lines on blue paper;draw up a blueprint of this;an architect's blueprint;\
        blueprint it;blue paper with white lines;draw the plans;thin white lines on a blue sheet;\
        engineer's plan;technical blue paper drawing;draft it like an engineer
    comic: a comic;a comic book;a comic strip;a Marvel comic;a manga;a manga page;a comic panel;\
        a cartoon strip in a newspaper;a comic book page;a Batman comic|comic;comic book;\
        comic strip;Marvel;manga;comics;comic page;comic panel|like a comic book;like a comic;\
        comic;like a manga;inked like a comic|comic book with black outlines;\
        halftone dots and bold outlines;a page from a comic;comicify it;ink outlines and dots;\
        halftone;thick black ink outlines;like Spiderman comics;draw it as manga;\
        printed comic dots;Roy Lichtenstein
    stained_glass: stained glass;a stained glass window;a church window;a church glass window;\
        coloured window glass;a lead glass picture;colored church glass|stained glass;\
        church window;stained glass window;coloured glass;lead glass;colored glass window;\
        church glass|like stained glass;like a church window;made of coloured glass;\
        like church glass|pieces of coloured glass with lead lines;a window of coloured glass;\
        broken into coloured glass;shards of coloured glass;light shining through church windows
    black_and_white: a black and white film;a black and white picture;a grayscale image;\
        black and white;a b&w film;a b/w picture;an old black and white movie;a grey picture;\
        a monochrome picture;a silent movie;a black and white photo|black and white;monochrome;\
        grayscale;b&w;b/w;silent movie;black white;greyscale;no color;grey scale|black and white;\
        gray;grey;b&w;colorless;without color;grayscale;greyscale;black white;all grey;\
        desaturated|remove all the color;take the colours out;greyscale;desaturate the video;\
        shades of grey;without any colours;no colors;no colour please;drop all color;\
        remove colors;get rid of all the colours;kill the saturation;like a silent movie;\
        only grey tones;just black and white;convert to grayscale;b/w
    sepia: a sepia picture;a sepia photo;an old brown photograph;a brown photograph;\
        a sepia photograph;an antique photo;an old western photo;a wild west picture;\
        a picture in brown tones;a Victorian photo;grandma's photo|sepia;sepia tone;antique sepia;\
        antique photo;wild west;brown tone;old western;Victorian photo;sepia photo;brownish|sepia;\
        brown and old;brownish;like an antique photo;like a Victorian photo;tinted brown;\
        yellowed brown|sepia tones;sepia tint;like a brownish old photograph;\
        a century old photo in sepia;sepia filter on;brown tones;tint it brown;old western look;\
        like a photo from 1900;brown like old paper
    invert: a photo negative;a negative;its negative;a colour negative;inverted colours;\
        a film negative;flipped colours;its colour inverse|negative;inverted;color negative;\
        inverted color;negative film;inverse color;photo negative;flipped color|inverted;negative;\
        inverse;like a negative;colour inverted;with inverted colours|invert the colors;\
        reverse all colours;swap light and dark;invert;invert the video;invert colours;\
        flip the colors;flip all colours;negative image;make white black and black white;\
        colour inversion;inverse all the colors;turn black to white
    vintage: a vintage film;an old faded photo;a retro film;a 70s film;a seventies movie;\
        an 80s video;a VHS tape;an old VHS recording;a Super 8 film;an old home movie;a polaroid;\
        an old movie;something from my childhood;a film from the sixties|vintage;retro;old film;\
        70s;80s;VHS;Super 8;old school;polaroid;seventies;sixties;old home movie;old movie|\
        vintage;faded and old;old;retro;faded;like a VHS tape;like the seventies;aged;old school;\
        like an old movie|seventies film;retro faded colours;faded like an old home movie;\
        like an old tape;old film grain and scratches;age the video;film grain;polaroid colors;\
        like in the eighties
    night_vision: night vision;a night vision video;a night vision camera image;\
        night vision goggles;an army night camera;what a soldier sees at night;\
        a spy camera at night;the view through night goggles|night vision;green night vision;\
        night vision camera;night goggles;military night;green goggle;army night camera;\
        green night camera;soldier's goggle|like night vision;green like night vision;\
        green night vision;seen with night goggles;like in night goggles;green and grainy;\
        like an army camera|green night vision goggles;seen through night vision goggles;\
        military night vision;night goggles on;put on the night vision goggles;\
        turn on night vision;green glowing night picture;soldier goggles;grainy green picture;\
        enable night vision;green see in the dark camera
    thermal: a thermal image;a heat map;an infrared picture;a thermal camera picture;infrared;\
        a temperature map;a heat picture;Predator vision;a thermal video;what a heat camera sees;\
        a picture of warm and cold spots|thermal;infrared;heat camera;thermal camera;heat;\
        infrared camera;heat map;Predator;thermal vision;heat vision;warmth|like a thermal image;\
        like a heat camera;thermal;infrared;like an infrared picture;as heat;like a heat map;\
        like Predator vision|thermal vision;show the heat;seen through an infrared camera;\
        thermal imaging;heat vision;show temperatures;show how warm everything is;thermal camera;\
        heat map;infrared mode;false colours for temperature;see the heat like Predator;\
        hot things red and cold things blue
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
    (paint|draw|film|recreate) (it|this|the video|the scene|everything) as {noun}
    (put|place|run) <a> {kind} (filter|effect|look) (on|over) (it|this|the video|everything|\
        the picture)
    (imitate|copy|mimic) {noun}
    (wrap|change) (everything|the world|the room) (up as|into) {noun}
    (set|switch|change) the (style|look|filter|mode) to {kind}
    (load|select|pick|choose|activate|enable) (the|<a>) {kind} (filter|style|look|effect|mode)
    (let|have) (my hands|the room|the world|everything here) look like {noun}
    (transform|turn) (me and my room|my hands|the whole world|my room) into {noun}
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
    I (like|love|miss) {noun}, make (it|everything|this) like that
    (is it possible to|may I) (have|get|see) (this|everything|the video) as {noun}?
    (we are|I am|everything is) in {noun}
    this looks (boring|too normal|too plain), make it {noun}
    do you (know|have) {noun}? (do that|make it so)
    the world should look like {noun}
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
    style: {kind}
    style -> {kind}
    filter: {kind}
    video -> {noun}
    (look|mode|effect): {kind}
    {kind} (theme|art|please|everywhere|video|picture)
    {noun} (please|now|everywhere)
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
