"""Weather, time of day, and light: what the whole scene is in."""

from __future__ import annotations

from distill.wording.grammar import GLOBAL_CLOSERS, HELDOUT_GLOBAL_CLOSERS
from distill.wording.local import trained, unseen
from distill.wording.named import table

_SLOTS = ("be", "scene", "at", "add")
# "make it {be}", "<a> {scene} scene", "show it {at}", "add {add}".
NAMES = table(
    """
    night: night;dark like midnight;nighttime|night;moonlit;night-time|at night;\
        in the middle of the night;in the moonlight|moonlight;dark blue moonlight;\
        the darkness of night|turn day into night;change the time of day to night;\
        turn the lights off as if it were night;night time
    sunset: sunset;evening|sunset;evening;orange evening|at sunset;in the light of the sunset;\
        in the evening sun|orange sunset light;the light of a sunset;an evening glow|\
        the sun is setting;turn the time of day to sunset;like dusk with orange light;\
        the sun goes down behind us
    golden: golden hour;golden|golden hour;golden light|at golden hour;in golden light;\
        in golden sunshine|golden light;golden sunshine;the light of the golden hour|golden hour;\
        low golden sun;golden afternoon light
    autumn: autumn;autumnal;fall|autumn;autumnal;fall|in autumn;in the fall;\
        on an autumn day|falling leaves;autumn leaves;autumn colors|let leaves fall;\
        autumn leaves are falling;make it look like October;red and yellow autumn leaves
    snow: snow;snowy;winter|snowy;winter;snow|in the snow;in falling snow;in winter|falling snow;\
        snowflakes;snow|let it snow;snowfall;snowflakes are falling;make it a snowstorm
    rain: rain;rainy|rainy;rain|in the rain;in heavy rain;on a rainy day|rain;falling rain;\
        raindrops|let it rain;rainfall;raindrops are falling;make it pour with rain;rainy weather
    fog: foggy;misty|foggy;misty;fog|in the fog;in thick fog;in the mist|fog;thick fog;mist|\
        fill the scene with fog;a misty morning;cover everything in mist;hazy and foggy
    storm: stormy;a stormy day|stormy;thunderstorm;storm|in a storm;in a thunderstorm;\
        during a storm|a thunderstorm;a storm;storm clouds and wind|let a storm come up;\
        thunder and lightning in the sky;wild stormy weather;dark storm clouds
    underwater: underwater;like the bottom of the sea|underwater;undersea|under water;\
        under the sea;at the bottom of the ocean|blue water all around;water and bubbles;\
        the light of the deep sea|as if we were under water;put the scene under the sea;\
        like diving in the ocean;submerged in the ocean
    warm: warmer;warm;cosy and warm|warm;warmer|in warm light;in warm tones;in warm colors|\
        warm light;warm tones;a warm yellow tint|warm up the colors;use a warm white balance;\
        warmer colour temperature
    cold: colder;cold;cold and bluish|cold;cool;colder|in cold light;in cold tones;\
        in cool colors|cold light;cold tones;a cold blue tint|cool down the colors;\
        use a cool white balance;cooler colour temperature;icy cold colours
    vivid: more vivid;vivid;more colourful|vivid;colourful;vibrant|in vivid colors;\
        in strong colours;in vibrant colours|vivid colors;more saturation;more colour|\
        make the colours pop;increase the saturation;boost the colors and contrast;punchy colours
    brighter: brighter;bright;lighter|bright;brighter|in bright light;in brighter light;\
        in full light|more light;more brightness;brighter light|brighten the video;\
        increase the brightness;turn up the light;lighten the picture
    darker: darker;dark;dimmer|dark;darker;dim|in dim light;in the dark;in weak light|darkness;\
        more shadow;dim light|darken the video;less light;decrease the brightness;dim the light;\
        dim the picture
    blurred: blurry;blurred;out of focus|blurry;blurred;soft focus|out of focus;in soft focus;\
        with a blur|blur;a strong blur;soft focus|blur it;blur the video;defocus the camera;\
        soft and blurred
    """,
    _SLOTS,
)
NAMES_UNSEEN = table(
    """
    night: midnight;pitch dark under the stars|nocturnal;starlit|after nightfall;\
        under a starry sky|starlight;nightfall|a nocturnal view;the stars are out
    sunset: dusk;twilight|dusk;twilight|at dusk;at sundown|the red of dusk;a sundown glow|\
        at the close of day;sundown
    golden: gilded by a low sun;honey coloured|honey coloured light;late afternoon|\
        under a honey coloured sun;late in a sunny afternoon|honey coloured rays;\
        rays of a low sun|honey coloured rays from a low sun
    autumn: like the season of harvest;like November in the woods|harvest season;\
        November|in the season of harvest;late in November|foliage on the wind;\
        rust coloured foliage|rust coloured foliage drifts down;the trees shed their foliage
    snow: wintry;frosty with flurries|wintry;blizzard|in a blizzard;amid flurries|flurries;\
        a blizzard|flakes drift down from the sky;a wintry blizzard
    rain: drizzly;wet from a downpour|drizzly;downpour|in a downpour;during a shower|a downpour;\
        drizzle|it is drizzling;let showers come down
    fog: murky;veiled by haze|hazy;murky|in a haze;amid murky haze|haze;a veil of haze|\
        a veil of haze hangs over all
    storm: tempestuous;as wild as a hurricane|tempest;hurricane|amid a tempest;in a hurricane|\
        a tempest;gales|gales and black clouds overhead
    underwater: submarine;like an aquarium|submarine;aquarium|in an aquarium;beneath the waves|\
        sea water up to the ceiling;an aquarium|sunk beneath the waves;seen by a diver
    warm: toasty;like candle light|toasty;amber|in amber light;by candle light|an amber tinge;\
        candle light|a toasty amber mood
    cold: chilly;wintry blue in tone|chilly;icy blue|in chilly light;in icy blue tones|\
        an icy blue tinge;chilly tones|a chilly bluish mood
    vivid: more intense in colour;saturated|saturated;intense|in saturated tones;\
        in intense tones|intense tones;more chroma|crank up the saturation
    brighter: luminous;better lit|well lit;luminous|in a flood of light;better lit|\
        extra exposure;a flood of light|raise the exposure
    darker: gloomy;underexposed|gloomy;underexposed|in the gloom;underexposed|gloom;deep shadow|\
        lower the exposure
    blurred: unsharp;fuzzy|fuzzy;unsharp|through frosted glass;without any sharpness|\
        a gaussian blur;fuzziness|smear the picture until it is unsharp
    """,
    _SLOTS,
)

WEATHER = trained(
    """
    make it {be}
    add {add}
    let (it|this|everything|the video|the scene) (look|become|be) {be}
    make (this|everything|the scene|the video|the picture) {be}
    (show|render|redo|film|display) (it|this|the video|the scene|everything) {at}
    give (it|this|the video|the picture|the scene|everything) {add}
    give (it|this|the video|the picture|the scene) <a> {scene} (look|mood|feel|atmosphere)
    (turn|change|transform) (it|this|the video|the picture|the scene) into <a> {scene} (scene|\
        picture)
    add {add} (to the scene|to the video|to this|everywhere|to the picture|around us)
    (put|place|set) (us|it|this|the scene|everything) {at}
    (set|change|switch) the (mood|light|atmosphere) to {scene}
    (use|apply|create|add) <a> {scene} (look|mood|atmosphere|effect)
    (bring|put) {add} (into the scene|into the picture|into the video)
    (fill|cover) (the scene|the picture|everything) with {add}
    let me see (this|it|the scene|everything) {at}
    let there be {add}
    make (it|this|the video) look as if it was filmed {at}
    """,
    """
    (it|this|everything|the scene) should (be|look|become) {be}
    there should be {add} (|everywhere|in the scene|in the video|around us)
    (I want|I'd like|I would like|I need) {add} (|in the scene|everywhere|in the video)
    (I want|I'd like|I would like) (it|this|everything|the scene) to (be|look) {be}
    (I want|I'd like|I would like) to see (it|this|the scene|everything) {at}
    (I want|I'd like|I would like|I need) <a> {scene} (scene|mood|atmosphere|look)
    (what if|imagine) it (was|were) {be}
    (what if|imagine) (this|the scene|everything) happened {at}
    what would (it|this|the scene) look like {at}?
    how about {add}?
    how about <a> {scene} (look|mood|atmosphere)?
    can (I|we) have {add} (|in the scene|in the video|around us)?
    can (I|we) see (it|this|the scene) {at}?
    pretend it was (shot|filmed) {at}
    (this|the video) would look (great|better|nicer) {at}
    """,
    """
    {be}
    {at}
    {add}
    {scene} (look|mood|scene|atmosphere)
    <a> {scene} (look|mood|scene|atmosphere)
    with {add}
    {add} (everywhere|please|all around|now)
    {be}, please
    (this|everything|the same scene) but {at}
    {scene} effect
    """,
    GLOBAL_CLOSERS,
)
WEATHER_UNSEEN = unseen(
    """
    have it appear {be}
    have (the footage|my view) take place {at}
    introduce {add} (to the footage|to my view)
    (steep|bathe|immerse) (the footage|my surroundings) in <a> {scene} ambience
    shift the ambience to {scene}
    (simulate|evoke|summon) {add}
    dress up the clip as if taken {at}
    """,
    """
    (the footage|all of this) ought to seem {be}
    suppose this were taken {at}
    I fancy <a> {scene} ambience
    what I am after is {add}
    wouldn't {add} be lovely?
    this clip is lacking {add}
    """,
    """
    {scene} ambience
    {scene} conditions
    ambience: {scene}
    shot {at}
    my surroundings {at}
    {scene} version of this
    the footage, {be}
    featuring {add}
    """,
    HELDOUT_GLOBAL_CLOSERS,
)
