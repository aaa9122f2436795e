"""The same scene from elsewhere: the camera moves, comes closer, tilts."""

from __future__ import annotations

from distill.wording.grammar import HELDOUT_GLOBAL_CLOSERS, trained, unseen
from distill.wording.named import table

_SLOTS = ("do", "view", "where")
# "{do}", "show it {view}", "the camera should be {where}".
NAMES = table(
    """
    left: move the camera to the left;shift the camera left;go left with the camera;\
        slide the camera to the left;move left with the camera;truck left;pan to the left;\
        pan left;step to the left;take the camera left;push the camera to the left;\
        bring the camera to the left;go to the left side|from the left;from the left side;\
        from further left;from the left hand side;from my left;more from the left;\
        from the left end|further left;on the left;more to the left;to the left;on the left side;\
        left;on my left;farther to the left;left of where it is|camera left;move left;\
        view from the left side;go left;left;go to the left;shift left;slide left;left a bit;\
        step left;camera to the left;more left;camera: left;look at it from the left
    right: move the camera to the right;shift the camera right;go right with the camera;\
        slide the camera to the right;move right with the camera;truck right;pan to the right;\
        pan right;step to the right;take the camera right;push the camera to the right;\
        bring the camera to the right;go to the right side|from the right;from the right side;\
        from further right;from the right hand side;from my right;more from the right;\
        from the right end|further right;on the right;more to the right;to the right;\
        on the right side;right;on my right;farther to the right;right of where it is|\
        camera right;move right;view from the right side;go right;right;go to the right;\
        shift right;slide right;right a bit;step right;camera to the right;more right;\
        camera: right;look at it from the right
    up: move the camera up;raise the camera;lift the camera;put the camera higher;\
        move up with the camera;go up with the camera;lift the viewpoint;rise with the camera;\
        raise the viewpoint;fly up;push the camera up;take the camera higher;\
        climb with the camera;bring the camera up|from above;from higher up;from a higher place;\
        from the top;from a drone|higher;higher up;above the scene;at the top;above;\
        above everything;above the table;up|camera up;move up;top view;view from above;go up;\
        go higher;higher;camera higher;rise;fly up;from above;drone view;raise it;a higher camera
    down: move the camera down;lower the camera;put the camera lower;bring the camera down;\
        move down with the camera;go down with the camera;drop the camera;lower the viewpoint;\
        lower your camera;take the camera lower;push the camera down;bring the camera lower|\
        from below;from lower down;from a low place;from the bottom;from down low;from low down;\
        from the ground;from a low angle|lower;lower down;near the table top;down low;low;down;\
        below;lower than now|camera down;move down;low angle;view from below;go down;go lower;\
        lower;camera lower;from below;low camera;lower it;from low down;a lower camera
    closer: move the camera closer;zoom in;come closer with the camera;go nearer with the camera;\
        move in;move in with the camera;move closer;get closer;come nearer;\
        bring the camera closer;go in closer;push in;step closer;zoom in more;get the camera near|\
        from closer up;from close by;from nearby;from up close;from very near;from closer;\
        from a short distance;in close up;from right in front|closer;nearer;close to the table;\
        near;closer up;close;up close;close by;nearer to it;close to the things|zoom in;closer;\
        close up;get closer;zoom in on it;zoom;magnify;bigger view;come closer;nearer;\
        zoom in more;go closer;up close;closeup;zoom way in;get nearer;step forward;closer please
    farther: move the camera back;zoom out;pull the camera back;go farther away with the camera;\
        move back;move away;move back with the camera;back up;back off;back away;go back;\
        go further away;take the camera further away;step back;zoom out more;pull back|\
        from farther away;from a distance;from further back;from far away;from afar;\
        from further away;from the distance;from the back of the room;from a long way off|\
        farther away;further back;more distant;far away;further off;far back;at a distance;\
        further away;farther back;far off|zoom out;farther;step back;further away;wide shot;\
        zoom out more;far away;back up;back off;pull back;go back;move back;wider;zoom way out;\
        get further away;more distance;a wider view;see more of the room;step away;less zoom
    tilt_left: tilt the camera to the left;roll the camera to the left;lean the camera left;\
        rotate the camera counterclockwise;tilt the camera left;roll left;lean to the left;\
        rotate the view to the left;turn the camera on its left side;roll the picture left;\
        slant the camera to the left;tip the camera to the left|tilted to the left;leaning left;\
        rolled to the left;rolled left;tilted left;leaning to the left;slanted to the left;\
        tipped to the left;rotated counterclockwise|tilted to the left;leaning left;rolled left;\
        slanted left;tipped left;rotated to the left;rotated counterclockwise;leaning to the left|\
        tilt left;roll left;lean left;tilted to the left;counterclockwise;rotate left;\
        roll the camera left;rotate counterclockwise;lean to the left;tip left;tilt to the left;\
        slant left;roll to the left
    tilt_right: tilt the camera to the right;roll the camera to the right;lean the camera right;\
        rotate the camera clockwise;tilt the camera right;roll right;lean to the right;\
        rotate the view to the right;turn the camera on its right side;roll the picture right;\
        slant the camera to the right;tip the camera to the right|tilted to the right;\
        leaning right;rolled to the right;rolled right;tilted right;leaning to the right;\
        slanted to the right;tipped to the right;rotated clockwise|tilted to the right;\
        leaning right;rolled right;slanted right;tipped right;rotated to the right;\
        rotated clockwise;leaning to the right|tilt right;roll right;lean right;\
        tilted to the right;clockwise;rotate right;roll the camera right;rotate clockwise;\
        lean to the right;tip right;tilt to the right;slant right;roll to the right
    tilt_up: tilt the camera up;point the camera up;aim the camera higher;turn the camera upwards;\
        look up;look further up;tip the camera up;turn the camera up;direct the camera upwards;\
        aim up;aim the camera up;angle the camera upwards;face the camera upwards|looking up;\
        looking further up;tilted upwards;looking upwards;pointed up;aimed up;angled upwards;\
        turned upwards|looking up;pointing up;tilted up;upwards;aimed up;pointed upwards;\
        angled up;turned up|tilt up;look up;look upwards;camera looking up;tilt upwards;face up;\
        aim up;point up;look higher;angle up;tip up;camera upwards
    tilt_down: tilt the camera down;point the camera down;aim the camera lower;\
        turn the camera downwards;look down;look further down;tip the camera down;\
        turn the camera down;direct the camera downwards;aim down;aim the camera down;\
        angle the camera downwards;face the camera downwards|looking down;looking further down;\
        tilted downwards;looking downwards;pointed down;aimed down;angled downwards;\
        turned downwards|looking down;pointing down;tilted down;downwards;aimed down;\
        pointed downwards;angled down;turned down|tilt down;look down;look downwards;\
        camera looking down;tilt downwards;face down;aim down;point down;look lower;angle down;\
        tip down;camera downwards
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
    (can you|please|you should|let's) {do}
    {do} (now|for a better look|so I can see more|so that we see it better|just a touch|\
        as far as you can)
    (film|shoot|record|show) (my hands|the things|what I do|the room) {view}
    (put|place|set|hold|bring) (the view|my viewpoint) {where}
    (stand|be|stay) {where} (with the camera|when you film)
    (take|get|give me) (another angle|a new angle|a different view): {view}
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
    (it would be nice|it would be cool|I wonder) if we saw it {view}
    (is it possible to|may I) see (it|this|the scene) {view}?
    the (view|angle|perspective) should be {where}
    I (can't|cannot) see (it|this) well, {do}
    what does (it|this|the scene) look like {view}?
    (another|a new) (angle|view|perspective): {view}
    the camera is {where} now
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
    (camera|view|angle): {where}
    camera -> {where}
    (angle|look|framing) {view}
    now {where}
    {where}, a bit
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
