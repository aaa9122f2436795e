"""What each kind is usually made of, and what it is for.

A line is "kind: materials | uses". Uses are phrases that follow "the thing" and are true of that
kind; kinds that share a use share its very words, so that a scene in which a phrase fits two
things can be told from one in which it fits one.
"""

from __future__ import annotations

_TABLE = """
cup: ceramic, plastic, metal | used for drinking; that holds hot coffee
bottle: glass, plastic, metal | that keeps water for the road; used for drinking
can: metal | that soda is sold in
bowl: ceramic, wood, metal | that soup is served in
plate: ceramic, plastic | that dinner is served on
vase: ceramic, glass | that cut flowers stand in
ball: rubber, plastic | that you throw and catch
block: wood, plastic | that children build towers with
box: cardboard, wood | that a gift could be packed in
book: paper | that you read; with a story inside
phone: glass, metal, plastic | used for calling someone
banana: fruit | that grows on trees; that you peel before eating
apple: fruit | that grows on trees; that is pressed for cider
candle: wax | that burns with a small flame; that gives light
lamp: metal, fabric | that gives light; that you switch on when it gets dark
teapot: ceramic, metal | used for brewing tea
car: metal, plastic | that drives on a road
wine glass: glass, metal | used for drinking; that wine is served in
jug: ceramic, glass | used for pouring a drink
pan: metal | used for frying eggs
pot: metal | used for cooking soup
coffee pot: metal | used for brewing coffee
jar: glass | that jam is kept in
salt shaker: glass, ceramic | that makes food salty; used for seasoning food
pepper mill: wood, plastic | that grinds peppercorns; used for seasoning food
mortar: stone, ceramic | used for crushing spices
toaster: metal, plastic | that makes toast
fork: metal, plastic | used for eating noodles
knife: metal, ceramic | used for slicing vegetables
ladle: metal, plastic | used for serving soup
spatula: plastic, metal | used for flipping pancakes
whisk: metal, plastic | used for beating eggs
rolling pin: wood, plastic | used for flattening dough
cutting board: wood, plastic | that vegetables are chopped on
grater: metal | that turns cheese into shreds
pear: fruit | that grows on trees
lemon: fruit | that grows on trees; that tastes sour
carrot: vegetable | that rabbits love to eat; that grows underground
pumpkin: vegetable | that is carved for Halloween
mushroom: fungus | that grows on the forest floor
strawberry: fruit | that carries its seeds on the outside
pineapple: fruit | that is a spiky tropical fruit
grapes: fruit | that wine is made from
eggplant: vegetable | that moussaka is made from
watermelon: fruit | that is a juicy slice of summer fruit
bread: dough | that sandwiches are cut from; that is baked in an oven
cake: dough | that is eaten at birthdays; that is baked in an oven
cheese: milk | that is made from milk; that mice are said to love
donut: dough | that is a sweet ring with icing
ice cream: milk | that melts in the sun; that is served in a cone
popsicle: ice | that melts in the sun; that is frozen on a stick
pizza: dough | that is baked in an oven; that comes from Naples
hamburger: dough, meat | that is eaten as fast food; with a patty between two buns
cupcake: dough | that is baked in an oven; with frosting and a cherry on top
croissant: dough | that is baked in an oven; that the French eat for breakfast
lollipop: sugar | that is a candy on a stick
pretzel: dough | that is baked in an oven; that is twisted and salted
fries: potato | that is eaten as fast food; made from potatoes
egg: eggshell | that a hen lays
pen: plastic, metal | used for writing
notepad: paper | used for taking notes
stapler: metal, plastic | that fastens sheets of paper together
tape dispenser: plastic | used for sticking things together with tape
scissors: plastic, metal | that cuts paper
ruler: plastic, wood, metal | used for measuring length
globe: plastic, paper | that shows the countries of the earth
picture frame: wood, metal | that holds a photograph
hourglass: wood, glass | that measures time; filled with sand
envelope: paper | that a letter is sent in
magnifying glass: plastic, metal, glass | that makes small things look bigger
computer mouse: plastic | that moves the pointer on a screen
laptop: metal, plastic | used for typing on; used for computing
headphones: plastic, metal | used for listening to music
calculator: plastic | used for adding up numbers
camera: metal, plastic | that takes photographs
remote control: plastic | used for changing the channel
gamepad: plastic | used for playing video games
fan: plastic, metal | that blows cool air
microphone: metal, plastic | that singers sing into
light bulb: glass | that gives light; that screws into a socket
wristwatch: leather, metal | that measures time; that is worn on the wrist
glasses: plastic, metal | that helps people see better; that is worn on the nose
key: metal | that opens a lock
hammer: wood, metal | that drives nails into wood
screwdriver: plastic, metal | that tightens screws
wrench: metal | that tightens nuts
pliers: metal, rubber | used for gripping and bending wire
saw: metal, wood | that cuts boards with its teeth
paintbrush: wood, plastic | used for painting a wall
axe: metal, wood | used for splitting firewood
trowel: metal, wood | used for digging in the garden
drill: plastic, metal | that makes holes in a wall
flashlight: plastic, metal | that gives light; that you take along into a dark cellar
toolbox: metal, plastic | that tools are carried in
padlock: metal | that keeps a gate locked
traffic cone: plastic, rubber | that warns drivers of roadworks
stepladder: metal, wood | used for climbing up to a high shelf
spray bottle: plastic | that sprays a fine mist
bolt: metal | that a nut is screwed on
gear: metal, plastic | that turns inside a machine; with teeth all around
magnet: metal | that attracts iron
bucket: plastic, metal | used for carrying water
teddy bear: fabric | that a child cuddles in bed
rubber duck: rubber, plastic | that floats in the bathtub
robot: metal, plastic | that is a machine with arms and legs
dice: plastic, wood | used for rolling a number from one to six
spinning top: wood, plastic | that spins on its tip
puzzle cube: plastic | that is a puzzle to be twisted and solved
turtle: plastic, rubber | that looks like a reptile with a shell
piggy bank: ceramic | that coins are saved in
snowman: snow, plastic | that children build in winter
train: wood, metal, plastic | that runs on rails
truck: metal, plastic | that drives on a road; that hauls heavy loads
airplane: metal, plastic | that flies with passengers
rocket: metal, plastic | that flies into space
sailboat: wood, plastic | that is driven by the wind across water
helicopter: metal, plastic | that hovers with a rotor
basketball: rubber, leather | that is thrown through a hoop
skateboard: wood | that you ride standing, on four small wheels
bowling pin: wood, plastic | that is knocked over in an alley
dumbbell: metal, rubber | used for training muscles
racket: plastic, metal, wood | used for playing tennis
shuttlecock: plastic, feathers | that is hit in badminton
whistle: plastic, metal | that a referee blows
trophy: metal, plastic | that the winner takes home
bell: metal | that is rung by hand
drum: wood, metal | that is beaten with sticks; that makes music
ukulele: wood | that has strings to pluck; that makes music
xylophone: wood, metal | that is played with mallets; that makes music
trumpet: metal | that is a brass instrument; that makes music
boot: leather, rubber | that is worn on the foot
baseball cap: fabric | that shades the eyes from the sun
crown: metal | that a king wears
mitten: wool, fabric | that keeps a hand warm
cactus: plant | that grows in the desert
potted plant: ceramic, plant | that needs watering
watering can: metal, plastic | used for watering plants
basket: straw, wood | used for carrying a picnic
fir tree: plastic, plant | that is decorated for Christmas
house: wood, plastic | that people live in
tent: fabric | that campers sleep in
castle: stone, plastic | that knights defend
"""


def _facts() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    table = {}
    for line in _TABLE.strip().splitlines():
        kind, rest = line.split(": ", 1)
        materials, uses = rest.split(" | ")
        table[kind] = tuple(materials.split(", ")), tuple(uses.split("; "))
    return table


# {kind: (materials, uses)}
FACTS = _facts()
