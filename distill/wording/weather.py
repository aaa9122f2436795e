"""Weather, time of day, and light: what the whole scene is in."""

from __future__ import annotations

from distill.wording.grammar import GLOBAL_CLOSERS, HELDOUT_GLOBAL_CLOSERS, trained, unseen
from distill.wording.named import table

_SLOTS = ("be", "scene", "at", "add")
# "make it {be}", "<a> {scene} scene", "show it {at}", "add {add}".
NAMES = table(
    """
    night: night;dark like midnight;nighttime;dark like the night;late at night;a dark night;\
        nighttime with a moon;moonlit|night;moonlit;night-time;dark night;moon;full moon;\
        late night;moonlight|at night;in the middle of the night;in the moonlight;at midnight;\
        by night;late at night;under the moon;under the stars;by moonlight;during the night;\
        after dark|moonlight;dark blue moonlight;the darkness of night;night;blue moonlight;\
        stars and a moon;a full moon;a night sky;night time light;moonbeams|turn day into night;\
        change the time of day to night;turn the lights off as if it were night;night time;\
        make it midnight;it is night now;night falls;let night fall;turn it to night;\
        nighttime please;the moon is out;switch to night;day to night
    sunset: sunset;evening;like sunset;late evening;a red evening;an evening with a low red sun|\
        sunset;evening;orange evening;red evening sky;sunset sky;end of day|at sunset;\
        in the light of the sunset;in the evening sun;in the evening;late in the day;\
        as the sun goes down;during sunset;while the sun sets|orange sunset light;\
        the light of a sunset;an evening glow;sunset;sunset colors;a red sun;\
        an orange evening sky;evening light;a sinking sun;dusk light;red evening light|\
        the sun is setting;turn the time of day to sunset;like dusk with orange light;\
        the sun goes down behind us;let the sun set;let the sun go down;orange and pink sky light;\
        evening sun;end of the day;turn it to evening;red light of the setting sun;\
        the day is ending
    golden: golden hour;golden|golden hour;golden light;sunshine;golden sun;magic hour;sunlit|\
        at golden hour;in golden light;in golden sunshine;in the low sun;in the afternoon sun;\
        in golden sunlight;in the magic hour|golden light;golden sunshine;\
        the light of the golden hour;golden sunlight;sunshine;warm sunlight;low sunshine;\
        a golden glow;sunbeams|golden hour;low golden sun;golden afternoon light;\
        let the sun shine;sun shining low;golden sun;afternoon sunlight streaming in;\
        magic hour light
    autumn: autumn;autumnal;fall;like autumn;autumn weather;like fall;October|autumn;autumnal;\
        fall;October;leafy autumn;autumn leaf|in autumn;in the fall;on an autumn day;during fall;\
        in October;in autumn weather;under falling leaves;when leaves fall|falling leaves;\
        autumn leaves;autumn colors;dead leaves;dry leaves;fall leaves;orange leaves;fall colors;\
        leaves falling down;brown leaves|let leaves fall;autumn leaves are falling;\
        make it look like October;red and yellow autumn leaves;brown leaves in the wind;\
        make it fall;leaves coming down;dry leaves blowing around;an October day;autumn time;\
        turn summer into autumn
    snow: snow;snowy;winter;snowing;white with snow;like winter;covered in snow;a snowy day;\
        Christmas weather|snowy;winter;snow;snowing;snowstorm;Christmas;snow covered;snowfall|\
        in the snow;in falling snow;in winter;on a snowy day;in a snowstorm;during a snowfall;\
        at Christmas;in December;while it snows;in wintertime|falling snow;snowflakes;snow;\
        snowfall;white snow;fresh snow;a snowstorm;a layer of snow|let it snow;snowfall;\
        snowflakes are falling;make it a snowstorm;make it snow;it is snowing;snow falling;\
        start snowing;snow everywhere;winter time;white winter;december weather;a white Christmas
    rain: rain;rainy;raining;pouring;wet;wet from rain;a rainy day;pouring rain|rainy;rain;\
        raining;pouring;wet;wet weather|in the rain;in heavy rain;on a rainy day;in pouring rain;\
        while it rains;in wet weather|rain;falling rain;raindrops;rain drops;pouring rain;\
        heavy rain;water drops from the sky|let it rain;rainfall;raindrops are falling;\
        make it pour with rain;rainy weather;make it rain;it is raining;start raining;\
        rain falling;wet weather;rain please;let it pour;cats and dogs weather;\
        water falling from the sky;rain drops on everything
    fog: foggy;misty;full of mist;covered by fog;like a foggy morning;like London fog|foggy;misty;\
        fog;mist;foggy morning;thick fog;London fog|in the fog;in thick fog;in the mist;\
        in dense fog;in a cloud;on a foggy day;on a misty morning;through fog;through mist|fog;\
        thick fog;mist;dense fog;ground fog;a cloud of fog;a bank of fog;grey mist;white fog|\
        fill the scene with fog;a misty morning;cover everything in mist;hazy and foggy;\
        let fog roll in;foggy weather;make fog;mist rising;fog rolling in;like Silent Hill;\
        cannot see far because of fog;white mist everywhere;hard to see in the mist
    storm: stormy;a stormy day;thundery;a thunderstorm;wild weather;dark and stormy|stormy;\
        thunderstorm;storm;thundery;stormy sky;wild weather;bad weather;lightning storm;gale|\
        in a storm;in a thunderstorm;during a storm;in stormy weather;during a thunderstorm;\
        in bad weather;under storm clouds;in a gale;in a wild storm|a thunderstorm;a storm;\
        storm clouds and wind;lightning flashes;thunder and lightning;wind and rain;dark clouds;\
        lightning in the sky;a heavy storm;thunder|let a storm come up;\
        thunder and lightning in the sky;wild stormy weather;dark storm clouds;let it thunder;\
        make a thunderstorm;lightning and thunder;a storm is coming;flashes of lightning;\
        bad stormy weather;dark clouds and lightning;stormy sky with flashes
    underwater: underwater;like the bottom of the sea;under water;undersea;deep under the sea;\
        flooded;like the ocean;in the ocean|underwater;undersea;ocean;deep sea;diving;flooded|\
        under water;under the sea;at the bottom of the ocean;underwater;in the ocean;in the sea;\
        below the sea;in deep water;at the bottom of a lake|blue water all around;\
        water and bubbles;the light of the deep sea;water;bubbles;sea water;ocean water;\
        blue water;deep water;bubbles and blue light|as if we were under water;\
        put the scene under the sea;like diving in the ocean;submerged in the ocean;\
        under the ocean;diving under water;deep sea;fill the room with water;\
        bubbles rising in blue water
    warm: warmer;warm;cosy and warm;more orange;more yellow;cosy;cozy;warmer in colour;less blue|\
        warm;warmer;cosy;cozy;fireplace;yellowish|in warm light;in warm tones;in warm colors;\
        in cosy light;in a warmer tone;in yellow light;in orange tones;by the fireplace;\
        in lamp light|warm light;warm tones;a warm yellow tint;warmth;a warm tone;warmer colors;\
        warm colours;a warmer tint;an orange tint;cosy light;more warmth;fireplace light|\
        warm up the colors;use a warm white balance;warmer colour temperature;warmer;warm it up;\
        shift to warm tones;warm colors;more yellow and orange;warmer white balance;cozy;\
        raise the color temperature;make the light cosy;warmer light please
    cold: colder;cold;cold and bluish;bluer;more blue;icy;cooler;less yellow|cold;cool;colder;icy;\
        bluish;arctic;cooler|in cold light;in cold tones;in cool colors;in icy light;\
        in blue tones;in bluish light;in a colder tone;in cooler light;in arctic light|cold light;\
        cold tones;a cold blue tint;coldness;a cool tone;cooler colors;cool colours;a blue tint;\
        a colder tint;icy light;more blue;a bluish tone;arctic light|cool down the colors;\
        use a cool white balance;cooler colour temperature;icy cold colours;colder;cool it down;\
        shift to blue tones;cool colors;more blue;cooler white balance;\
        lower the color temperature;bluish light;colder light please
    vivid: more vivid;vivid;more colourful;colorful;more colorful;vibrant;bold in colour;\
        rich in colour;psychedelic|vivid;colourful;vibrant;colorful;rich;bold;psychedelic;candy|\
        in vivid colors;in strong colours;in vibrant colours;in rich colors;in bold colors;\
        in bright bold colors;in candy colours;in full colour|vivid colors;more saturation;\
        more colour;color;saturation;rich colours;stronger colors;bolder colours;vibrance;\
        more contrast|make the colours pop;increase the saturation;boost the colors and contrast;\
        punchy colours;more colour;boost the colors;increase color;stronger colors;\
        pump up the colors;turn up the saturation;intensify the colours;make the colors stronger;\
        richer colors;saturate it
    brighter: brighter;bright;lighter;more bright;light;very bright;less dark;sunlit and bright|\
        bright;brighter;lighter;daylight;more light|in bright light;in brighter light;\
        in full light;in daylight;in better light;in strong light;with the lights on;\
        with more light;in bright daylight|more light;more brightness;brighter light;brightness;\
        light;a bright light;daylight;better lighting;stronger light|brighten the video;\
        increase the brightness;turn up the light;lighten the picture;brighten;brighten it up;\
        lighten it;turn the lights on;lights on;too dark;it is too dark;raise the brightness;\
        more brightness;lighten up;brightness up;add light;I cannot see well, more light
    darker: darker;dark;dimmer;less bright;shadowy;very dark|dark;darker;dim;shadowy;low light;\
        less light|in dim light;in the dark;in weak light;in darkness;in low light;in the shadows;\
        in shadow;with the lights low;with less light|darkness;more shadow;dim light;shadow;\
        shadows;less light;darkness all around;low light;dimmer light|darken the video;less light;\
        decrease the brightness;dim the light;dim the picture;darken;darken it;dim it;\
        lower the brightness;lights low;too bright;it is too bright;less brightness;\
        brightness down;turn the light down;dim everything;make the room dark
    blurred: blurry;blurred;out of focus;unfocused;smeared;soft;not sharp;\
        hazy like without glasses|blurry;blurred;soft focus;unfocused;blur;smeared;soft|\
        out of focus;in soft focus;with a blur;unfocused;in blur;without focus;with soft edges;\
        like without glasses|blur;a strong blur;soft focus;blurriness;a soft blur;a blur effect;\
        some blur;heavy blur;unsharpness|blur it;blur the video;defocus the camera;\
        soft and blurred;blur everything;blur;blurry;out of focus;as if I lost my glasses;\
        less sharp;soften it
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
    (turn on|switch on|start|bring on|throw in|give us|give me) {add}
    (set|change) the (weather|time|light|scene|look) to {scene}
    (set|place|play|stage) (everything|the scene|the video|this) {at}
    (make|let) (the world|the room|it all|the place|my room) {be}
    (film|shoot|record|paint) (this|everything|the scene) {at}
    (move|take|bring) (us|me|everything) (to where it is|into) <a> {scene} (place|scene|world)
    (mix|put|blend) in {add}
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
    (it would be nice|it would be cool|I wonder) if it was {be}
    I (like|love|miss) it {at}
    I (like|love|miss) {add}
    (is it possible to|may I) (have|get|see) {add}?
    (where is|what about|bring back) the {scene} (mood|look|weather)?
    the (room|world|place|whole scene) should be {be}
    it (is|looks) too (boring|plain), make it {be}
    it feels {be} (in here|here), doesn't it?
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
    (weather|light|mood|look|time): {scene}
    video -> {be}
    + {add}
    more {add}
    {scene} (weather|light|time|video|picture|filter)
    {at}, everything
    some {add}
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
