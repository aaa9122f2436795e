"""The same scene from elsewhere: the camera moves, comes closer, tilts."""

from __future__ import annotations

from distill.wording.grammar import HELDOUT_GLOBAL_CLOSERS
from distill.wording.local import trained, unseen
from distill.wording.named import table

_SLOTS = ("do", "view", "where")
# "{do}", "show it {view}", "the camera should be {where}".
NAMES = table(
    """
    left: move the camera to the left;shift the camera left;go left with the camera;\
        slide the camera to the left|from the left;from the left side;from further left|\
        further left;on the left;more to the left|camera left;move left;view from the left side;\
        go left
    right: move the camera to the right;shift the camera right;go right with the camera;\
        slide the camera to the right|from the right;from the right side;from further right|\
        further right;on the right;more to the right|camera right;move right;\
        view from the right side;go right
    up: move the camera up;raise the camera;lift the camera;put the camera higher|from above;\
        from higher up;from a higher place|higher;higher up;above the scene|camera up;move up;\
        top view;view from above
    down: move the camera down;lower the camera;put the camera lower;bring the camera down|\
        from below;from lower down;from a low place|lower;lower down;near the table top|\
        camera down;move down;low angle;view from below
    closer: move the camera closer;zoom in;come closer with the camera;go nearer with the camera|\
        from closer up;from close by;from nearby|closer;nearer;close to the table|zoom in;closer;\
        close up;get closer;zoom in on it
    farther: move the camera back;zoom out;pull the camera back;go farther away with the camera|\
        from farther away;from a distance;from further back|farther away;further back;\
        more distant|zoom out;farther;step back;further away;wide shot
    tilt_left: tilt the camera to the left;roll the camera to the left;lean the camera left;\
        rotate the camera counterclockwise|tilted to the left;leaning left;rolled to the left|\
        tilted to the left;leaning left;rolled left|tilt left;roll left;lean left;tilted to the left
    tilt_right: tilt the camera to the right;roll the camera to the right;lean the camera right;\
        rotate the camera clockwise|tilted to the right;leaning right;rolled to the right|\
        tilted to the right;leaning right;rolled right|tilt right;roll right;lean right;\
        tilted to the right
    tilt_up: tilt the camera up;point the camera up;aim the camera higher;\
        turn the camera upwards|looking up;looking further up;tilted upwards|looking up;\
        pointing up;tilted up|tilt up;look up;look upwards;camera looking up
    tilt_down: tilt the camera down;point the camera down;aim the camera lower;\
        turn the camera downwards|looking down;looking further down;tilted downwards|\
        looking down;pointing down;tilted down|tilt down;look down;look downwards;\
        camera looking down
    """,
    _SLOTS,
)
NAMES_UNSEEN = table(
    """
    left: truck leftwards;relocate the lens leftwards|from a leftward position;\
        as seen from my left shoulder|leftwards of here;over my left shoulder|sidestep leftwards;\
        leftward vantage point
    right: truck rightwards;relocate the lens rightwards|from a rightward position;\
        as seen from my right shoulder|rightwards of here;over my right shoulder|\
        sidestep rightwards;rightward vantage point
    up: crane upwards;elevate the lens|from overhead;from an elevated position|overhead;elevated|\
        bird's eye perspective;overhead shot
    down: crane downwards;sink the lens|from table height;from underneath|at table height;\
        underneath|worm's eye perspective;down at table height
    closer: dolly in;approach with the lens|at close range;magnified|at close range;\
        within arm's reach|macro shot;enlarge what I see
    farther: dolly out;retreat with the lens|at long range;as a wide panorama|at long range;\
        way back|show more of the surroundings;retreat a little
    tilt_left: bank leftwards;cant the lens leftwards|with the horizon banked leftwards;\
        canted leftwards|canted leftwards;banked leftwards|dutch angle leftwards;anticlockwise roll
    tilt_right: bank rightwards;cant the lens rightwards|with the horizon banked rightwards;\
        canted rightwards|canted rightwards;banked rightwards|dutch angle rightwards;\
        rolling the horizon rightwards
    tilt_up: pitch upwards;raise the gaze|with a raised gaze;pitched upwards|pitched upwards;\
        facing the ceiling|gaze at the ceiling;chin up
    tilt_down: pitch downwards;drop the gaze|with a lowered gaze;pitched downwards|\
        pitched downwards;facing the floor|gaze at the floor;chin down
    """,
    _SLOTS,
)

CAMERA = trained(
    """
    {do}
    {do} (a bit|a little|a little bit)
    (show|film|render) (this|it|the scene|the table|everything) {view}
    {do} (a lot|some more|slowly|gently|further)
    (let me see|show me) (this|it|the scene|the table|everything) {view}
    (look at|view) (this|it|the scene|the table|everything) {view}
    (put|place|set) the camera so that it is {where}
    (put|bring) the viewpoint to where it is {where}
    (change|set|switch) the (camera|view|viewpoint|perspective|camera angle): {where}
    (change|move|set) the (view|viewpoint|perspective|camera angle) so that we see it {view}
    (make|let) it look as if (seen|filmed) {view}
    {do} (and keep|but keep) the scene (as it is|the same)
    {do} while I (move|keep going|work)
    (use|give me|take) (a view|a shot) {view}
    """,
    """
    the (camera|viewpoint) should be {where}
    (I want|I'd like|I would like) to see (it|this|the scene|everything|the table) {view}
    (I want|I need|I'd like|I would like) (a view|a shot|a look) {view}
    (I want|I'd like|I would like) the (camera|viewpoint) {where}
    (what if|imagine) (it|this|the scene) was (seen|filmed) {view}
    how would (it|this|the scene) look {view}?
    (how about|what about) (a view|a shot) {view}?
    can I (see|have) (it|this|the scene|everything) {view}?
    (pretend|imagine) the camera is {where}
    (this|the scene) would look (better|nicer|great) {view}
    (we|I) should (see|look at) (it|this|the scene|everything) {view}
    (the camera|the viewpoint) (must|has to) be {where}
    """,
    """
    {do}
    {view}
    {where}
    (a view|a shot|a look) {view}
    (view|seen|shot|filmed) {view}
    camera {where}
    (the scene|the table|the same) {view}
    {view}, please
    {where} (please|with the camera)
    """,
    """
    and keep (the things where they are|everything else the same)
    (from now on|right now|please)
    """,
)
CAMERA_UNSEEN = unseen(
    """
    have the observer {do}
    (reframe|reshoot|recompose) (this|the footage|my view) {view}
    have the (lens|observer|eye) {where}
    (adopt|assume) a vantage point {where}
    shift my perspective until it is {where}
    present (the footage|my surroundings) {view}
    depict (the footage|my surroundings) {view}
    """,
    """
    the (lens|observer) ought to be {where}
    suppose I were {where}
    I fancy a vantage point {where}
    what I am after is a perspective {view}
    wouldn't it be better {view}?
    """,
    """
    vantage point {where}
    perspective {view}
    the footage, {view}
    lens {where}
    reframed {view}
    my eyes {where}
    (novel|alternative) perspective {view}
    """,
    HELDOUT_GLOBAL_CLOSERS,
)
