"""The sentences that reviews are put together from; `demo.reviews` fills in what stands in braces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Talk:
    """Sentences of praise and of complaint; what stands in braces is filled in."""

    good: tuple[str, ...]
    bad: tuple[str, ...]
    uses: tuple[str, ...] = ()


CATEGORIES: Final = {
    "chairs": Talk(
        good=(
            "A {sturdy} chair that doesn't wobble even on our crooked old floor.",
            "The seat is {very} comfortable, even after hours.",
            "We bought it for {use} and ended up ordering three more.",
            "{very} comfortable to sit on, firm without being hard.",
            "The legs are {sturdy} and the joints are tight, this chair will outlive me.",
            "Just the right height for our dining table, my knees finally fit underneath.",
            "It took ten minutes to assemble and has stood rock solid ever since.",
            "I sit in it every day for {use} and still look forward to it.",
            "Small enough for {use}, yet roomy to sit in.",
            "The upholstery on the seat cleans up well after the children's breakfast.",
        ),
        bad=(
            "One leg is shorter than the others, so the chair rocks.",
            "The seat is harder than it looks, after an hour you feel your bones.",
            "The chair creaks whenever you move.",
            "The screws of the legs had to be tightened after a week.",
            "Rather low to sit on if you are tall.",
        ),
        uses=(
            "a small kitchen",
            "the dining table",
            "working at the desk",
            "the reading corner",
            "long dinners with friends",
            "the breakfast nook",
        ),
    ),
    "tables": Talk(
        good=(
            "The table top is {sturdy} and wipes clean without a trace.",
            "A {sturdy} table, nothing wobbles even when the children climb on it.",
            "We use it for {use} and it has exactly the right height.",
            "Hot cups leave no rings on the surface, I have tested that more than once.",
            "The table is easy to put together and heavy enough to stay where it is.",
            "Fits perfectly into our small flat and still seats everyone.",
            "The edges of the top are nicely rounded, no more bruised hips.",
            "A {lovely} table, we gather around it without noticing.",
        ),
        bad=(
            "The table top scratches as soon as you look at it.",
            "It wobbles a little, we had to put felt under one leg.",
            "Smaller than I had imagined, two plates and the table is full.",
            "The surface stains if you don't wipe up a spill at once.",
            "Assembling the table took two people and some swearing.",
        ),
        uses=("family dinners", "board games", "coffee in the afternoon", "homework", "a small kitchen", "the balcony door"),
    ),
    "lamps": Talk(
        good=(
            "The lamp gives a warm, soft light that makes the whole room calmer.",
            "Bright enough for {use} without glaring.",
            "The shade throws {lovely} shadows on the wall in the evening.",
            "I love the glow through the shade when everything else is dark.",
            "The switch is where the hand expects it and the cable is long enough.",
            "A lamp that is {lovely} even when the light is off.",
            "We bought the lamp for {use}, the light is perfect.",
        ),
        bad=(
            "The shade sits crooked and can't be straightened.",
            "Far too dim for {use}.",
            "The bulb flickers, and a new one did not help.",
            "The cable is so short that I needed an extension.",
            "The lampshade arrived with a dent.",
        ),
        uses=(
            "reading in bed",
            "evenings on the sofa",
            "the bedside table",
            "working late",
            "the dark corner by the window",
            "knitting",
        ),
    ),
    "rugs": Talk(
        good=(
            "The rug lies flat and doesn't slip, even on smooth floorboards.",
            "Soft under bare feet and easy to vacuum.",
            "It ties {use} together, the room looks finished at last.",
            "The weave is dense, crumbs stay on top and can simply be shaken out.",
            "We had red wine on the rug, it came out with water.",
            "Thick enough to quiet the footsteps, thin enough for the door to open.",
            "The edges don't curl, and the rug keeps its shape.",
            "The dog has claimed the rug, which says it all.",
            "Washed it once already, no shrinking and no fading.",
        ),
        bad=(
            "The rug sheds a lot, I vacuum up fluff every day.",
            "It slips on the floor without an underlay.",
            "The corners curl up and everybody trips.",
            "Thinner than expected, you feel the floorboards through it.",
            "It smelled of wet wool for a fortnight.",
        ),
        uses=(
            "the living room",
            "the hall",
            "the space beside the bed",
            "the nursery",
            "the place under the dining table",
            "our long corridor",
        ),
    ),
    "vases": Talk(
        good=(
            "The vase looks good even without flowers.",
            "A few branches from the garden in it, and the room is done.",
            "The vase holds {use} upright without any help.",
            "Heavy at the bottom, so the vase does not tip over with tall stems.",
            "Watertight, no rings on the sideboard.",
            "It has the right size for {use}.",
            "Tulips stay straight in it, no small thing.",
            "Easy to clean, my hand fits through the opening.",
            "I put dried grasses in the vase and get asked about it constantly.",
        ),
        bad=(
            "The vase leaks a little, there is a ring on my sideboard now.",
            "The opening is so narrow that you can't clean it.",
            "It tips over as soon as there are more than three stems in it.",
            "Smaller than in the picture, more of a bud vase.",
            "A hairline crack runs down from the rim.",
        ),
        uses=(
            "a bunch of tulips",
            "one big branch of magnolia",
            "flowers from the market",
            "dried grasses",
            "three peonies",
            "wild flowers",
        ),
    ),
    "mugs": Talk(
        good=(
            "The mug keeps coffee hot until the last sip.",
            "It sits well in the hand and the handle fits all my fingers.",
            "My favourite mug for {use}, I get cross when someone else takes it.",
            "The rim is thin and pleasant to drink from.",
            "Survives the dishwasher every day without losing any colour.",
            "Holds just enough tea for {use}.",
            "We bought six mugs and no two are exactly alike, which I like.",
            "It doesn't get too hot to hold, even from the microwave.",
            "A cup that makes even instant coffee feel like a treat.",
        ),
        bad=(
            "The mug holds less coffee than I thought, two sips and it is empty.",
            "The handle gets hot in the microwave.",
            "The glaze chipped at the rim after a few washes.",
            "Too heavy when it is full, my grandmother can't lift it.",
            "Tea leaves brown stains that won't come off.",
        ),
        uses=(
            "the first coffee of the day",
            "tea in the afternoon",
            "hot chocolate",
            "breakfast",
            "the office",
            "Sunday mornings",
        ),
    ),
    "clocks": Talk(
        good=(
            "The clock is {very} quiet, we can finally sleep.",
            "Easy to read from across the room, even without my glasses.",
            "It has kept perfect time since I put the battery in.",
            "The hands move in one smooth sweep, without any fuss.",
            "A clock that people compliment before they read the time.",
            "The right size for {use}, present but not loud.",
            "Since the clock is in {use} we are late less often.",
        ),
        bad=(
            "The clock loses five minutes a week.",
            "It ticks so loudly that I took the battery out at night.",
            "The hands are hard to tell from the face in dim light.",
            "The hook on the back is loose, the clock hangs at an angle.",
            "Stopped after a month, and a new battery did not help.",
        ),
        uses=("the kitchen", "the hall", "the bedroom", "my office", "the stairwell", "the children's room"),
    ),
    "cushions": Talk(
        good=(
            "The cushion is {very} plump and springs back after a whole evening of being leaned on.",
            "Soft, but firm enough to support the back on {use}.",
            "The cover comes off easily and survives the washing machine.",
            "Four cushions, and our tired old sofa looks new.",
            "The filling doesn't clump, even after washing.",
            "The zip is hidden and doesn't scratch.",
            "Just what {use} needed.",
            "The seams are tight and neatly sewn.",
            "My pillow for every nap, the cat agrees.",
        ),
        bad=(
            "The cushion went flat within a month.",
            "The filling clumps after the first wash.",
            "The zip broke when I took the cover off.",
            "The cover pills where you lean on it.",
            "Stiff as a board, more for looking than for leaning.",
        ),
        uses=("the sofa", "the window seat", "the garden bench", "our bed", "the armchair", "long train rides"),
    ),
    "shelves": Talk(
        good=(
            "A {sturdy} shelf that carries all my heavy books without bending.",
            "All the screws and plugs were in the box, and the holes were where they should be.",
            "Deep enough for {use} and still airy.",
            "It stands straight and doesn't sway.",
            "Finally a place for {use}.",
            "The shelf was up and full within the hour.",
            "The boards are thick and the edges neatly finished.",
            "My books have never looked so good.",
        ),
        bad=(
            "The boards bend under a row of books.",
            "The holes were not drilled where the manual says.",
            "The shelf sways if it isn't screwed to the wall.",
            "One board was scratched and the plugs were too small.",
            "Not deep enough for large books.",
        ),
        uses=(
            "cookbooks",
            "my record collection",
            "paperbacks",
            "plants and photos",
            "the children's books",
            "all the things that used to lie on the floor",
        ),
    ),
    "planters": Talk(
        good=(
            "My {use} has grown two new leaves since it moved into this pot.",
            "The drainage works, and the windowsill stays dry.",
            "Good size for {use}, with room for the roots.",
            "The pot is heavy enough to keep a top-heavy plant upright.",
            "It has been outside all winter without cracking.",
            "The planter makes even a supermarket plant look like a present.",
            "I have three of these planters on the windowsill and want more.",
            "The planter brings some green to a corner where nothing ever stood.",
        ),
        bad=(
            "There is no proper drainage, and my {use} drowned.",
            "Water runs out at the bottom, my windowsill is ruined.",
            "The pot cracked at the first frost.",
            "Smaller inside than it looks, the roots hardly fit.",
            "It leaves rings on the floor after watering.",
        ),
        uses=("monstera", "rubber plant", "snake plant", "ivy", "cactus", "basil"),
    ),
    "mirrors": Talk(
        good=(
            "The mirror makes {use} look twice as large.",
            "The glass is clear and free of distortion, right up to the edge.",
            "Heavy and {sturdy}, nothing rattles or bends.",
            "It catches the morning light and throws it into the room.",
            "The frame is the best part, people look at it before they look at themselves.",
            "Well packed, the glass arrived without a scratch.",
            "The right size for checking your face before you leave the house.",
            "We put the mirror in {use} opposite the window, what a difference.",
            "No fingerprints on the frame, and the glass cleans easily.",
        ),
        bad=(
            "The glass distorts a little at the edges, one looks wider than one is.",
            "There was a scratch in the glass right in the middle.",
            "The fittings are too weak for the weight of the mirror.",
            "Smaller than expected, you only see half your face.",
            "Dust had got between the glass and the frame.",
        ),
        uses=("the hall", "our tiny bathroom", "the bedroom", "the dressing room", "a dark corridor", "the entrance"),
    ),
    "bowls": Talk(
        good=(
            "The bowl is big enough for {use} and still fits into the dishwasher.",
            "I use the bowl every single day, for {use} and everything else.",
            "Serving from it is a pleasure, nothing slides over the rim.",
            "The glaze is smooth, and not even tomato sauce stains it.",
            "It looks {lovely} in the middle of the table, full or empty.",
            "Heavy enough not to run away while you whisk.",
            "Stacks well with the other bowls in the cupboard.",
            "A {lovely} bowl that people ask for after they have asked for the recipe.",
        ),
        bad=(
            "The bowl chipped the second time it was in the dishwasher.",
            "Too shallow, soup spills over the rim.",
            "Knives and forks leave grey marks on the glaze.",
            "It gets burning hot in the microwave.",
            "Not quite round, so it rocks on the table.",
        ),
        uses=("salad for six", "muesli", "fruit", "pasta", "ramen", "popcorn"),
    ),
    "blankets": Talk(
        good=(
            "The blanket is {very} warm without being heavy.",
            "Soft from the first day and even softer after washing.",
            "Big enough for two on {use}.",
            "It doesn't itch at all, and I am sensitive to wool.",
            "We fight over the blanket every evening.",
            "The blanket survived the washing machine without a fuss.",
            "Perfect for {use} when the nights get cooler.",
            "Keeps its shape and does not pill.",
            "I wrap myself in it with a book and am gone for hours.",
        ),
        bad=(
            "The blanket sheds fluff on every dark piece of clothing.",
            "It itches on bare skin.",
            "Too short to cover feet and shoulders at the same time.",
            "It shrank in the wash, although I followed the label.",
            "Thinner than I thought, not really warm.",
        ),
        uses=("the sofa", "the balcony", "film nights", "the guest bed", "picnics by the lake", "reading in the hammock"),
    ),
}

FORMS: Final = {
    "dining chair": (
        "The padded back of this dining chair sits exactly where my back needs it.",
        "Six of these dining chairs around the table, and guests stay until midnight.",
    ),
    "spindle chair": (
        "The spindles and the bent hoop look delicate, but the chair is {sturdy}.",
        "The seat pad can be untied and washed, which saves this spindle chair in a house with children.",
    ),
    "armchair": (
        "I fell asleep in this armchair on the first evening.",
        "The armrests are broad enough for a cup of tea and a book.",
    ),
    "stool": (
        "The stool is light enough to carry around, from the kitchen counter to the plant on top of the cupboard.",
        "Without a back it slips under the counter and is out of the way.",
    ),
    "side table": (
        "The side table is just big enough for a lamp and a cup of tea.",
        "It stands beside the armchair and carries my whole evening.",
    ),
    "dining table": (
        "Eight of us fit around the dining table at Christmas.",
        "The runner comes with the dining table and can be washed.",
    ),
    "coffee table": (
        "The shelf under the coffee table hides all the remote controls.",
        "The oval shape is kind to shins in front of a low sofa.",
    ),
    "pedestal table": (
        "With one foot in the middle nobody gets a table leg between the knees.",
        "The pedestal makes the table look light, yet nothing tips.",
    ),
    "table lamp": (
        "The table lamp on my sideboard is what I switch on first in the evening.",
        "Shade and base of the table lamp match {very} well.",
    ),
    "floor lamp": (
        "The tripod of the floor lamp stands firmly, the cat has tried.",
        "The floor lamp reaches over the back of the sofa and lights exactly my page.",
    ),
    "pendant lamp": (
        "The pendant hangs low over our table and nobody is dazzled.",
        "The cord of the pendant lamp is easy to shorten, hung in ten minutes.",
    ),
    "mushroom lamp": (
        "The mushroom lamp on my bedside table dims down to almost nothing.",
        "Its round cap glows like a small moon.",
    ),
    "woven rug": (
        "The fringes of the woven rug are properly knotted.",
        "Flat enough for chairs to slide over it, so it lies under our dining table.",
    ),
    "round rug": (
        "The round rug makes an island of our seating corner.",
        "A round rug was the best idea for our odd-shaped room.",
    ),
    "runner": (
        "The runner is as long as our hall and swallows the noise of boots.",
        "I put the runner beside the bed, no more cold feet in the morning.",
    ),
    "oval rug": (
        "The oval rug has no corners to trip over.",
        "The calm centre of the oval rug looks {lovely} under the coffee table.",
    ),
    "bottle vase": ("The slim neck of the bottle vase holds two branches just so.", "One twig in this bottle vase is enough."),
    "amphora vase": (
        "With its two handles the amphora looks like something from a museum.",
        "The amphora is big and {sturdy}, it lives on the floor beside the fireplace.",
    ),
    "cylinder vase": (
        "A whole bunch from the market fits into the cylinder without falling apart.",
        "The straight sides make the cylinder vase easy to clean.",
    ),
    "moon vase": (
        "Round as a ball, the moon vase catches the light {very} nicely.",
        "The dipped half of the moon vase looks painted by hand.",
    ),
    "tall mug": ("The tall mug holds so much tea that I get up half as often.", "A tall mug for long mornings."),
    "round mug": ("I warm both hands around the belly of this mug.", "Round and cosy, it fits under our coffee machine too."),
    "espresso cup": ("The espresso cup keeps the crema and stays warm.", "The saucer has room for a biscuit, as it should."),
    "footed mug": ("On its little foot the mug makes hot chocolate a festive thing.", "The foot keeps the table free of rings."),
    "wall clock": (
        "The broad rim makes the wall clock a picture in itself.",
        "The wall clock hung in two minutes, one nail and done.",
    ),
    "sunburst clock": (
        "The rays of the sunburst clock throw {lovely} shadows in the afternoon.",
        "Our sunburst clock hangs over the sofa like a small sun.",
    ),
    "square clock": (
        "The square clock fits exactly between our kitchen cupboards.",
        "I like the round face in the square frame.",
    ),
    "mantel clock": (
        "The mantel clock on the sideboard looks like an heirloom already.",
        "It ticks so softly that I only hear it when I miss it.",
    ),
    "square cushion": (
        "The piping gives the square cushion a neat edge.",
        "Two square cushions in each corner of the sofa, done.",
    ),
    "lumbar cushion": ("The lumbar cushion saved my back at the desk.", "Firm and long, a lumbar cushion as it should be."),
    "round cushion": (
        "The button in the middle of the round cushion is firmly sewn on.",
        "Plump and round, it sits on our window seat like a bun.",
    ),
    "tasselled cushion": (
        "The tassels survived the cat, I did not expect that.",
        "The tassels give the plain cushion its charm.",
    ),
    "wall shelf": (
        "The wall shelf hangs straight, and the brackets are slim and {sturdy}.",
        "Two boards over the desk and my table is free at last.",
    ),
    "bookcase": (
        "The patterned back makes the bookcase {lovely} even when it is half empty.",
        "Three metres of books in this bookcase and it doesn't bend.",
    ),
    "ladder shelf": (
        "The ladder shelf needs no screws, I just leaned it where I wanted it.",
        "The widening boards of the ladder shelf suit plants and towels alike.",
    ),
    "cube shelf": (
        "Two cubes open and two with a pattern, the cube shelf is never boring.",
        "We stacked two cube shelves as a room divider.",
    ),
    "plant pot": ("The rolled rim makes the plant pot easy to lift.", "The saucer inside the pot is a clever idea."),
    "standing planter": (
        "The stand lifts my plant into the light, and it thanks me for it.",
        "Pot and stand come apart, so watering is easy.",
    ),
    "bowl planter": (
        "The shallow bowl is ideal for a little landscape of cacti.",
        "My succulents sit in the bowl planter on the windowsill.",
    ),
    "hanging planter": (
        "The hanging planter frees the windowsill, and the ivy can trail as it likes.",
        "Cord and hook of the hanging planter hold {very} well.",
    ),
    "round mirror": (
        "The broad ring around the round mirror is a work of art.",
        "The round mirror over the washbasin softens all the straight lines.",
    ),
    "arched mirror": (
        "The arched mirror looks like a window to another room.",
        "Its arch gives our plain corridor some grandeur.",
    ),
    "oval mirror": (
        "The oval mirror hangs on its cord from one single nail.",
        "Something about the oval makes everybody look good.",
    ),
    "standing mirror": (
        "I can see myself from head to toe in the standing mirror, shoes included.",
        "The standing mirror tilts smoothly and stays where you leave it.",
    ),
    "salad bowl": ("You can toss a salad in it without losing a leaf.", "The salad bowl is wide and low, perfect for a buffet."),
    "footed bowl": (
        "On its foot the bowl turns three lemons into a still life.",
        "The footed bowl gives height to a long table.",
    ),
    "fruit bowl": (
        "Since the fruit bowl stands on the table we eat our apples.",
        "Air gets to the fruit in this wide bowl, so nothing goes mouldy.",
    ),
    "nesting bowls": (
        "The three nesting bowls take the place of one in the cupboard.",
        "I use the smallest of the nesting bowls for muesli and the largest for dough.",
    ),
    "folded blanket": (
        "The blanket is heavy and double-faced, I sleep like a stone under it.",
        "Folded at the end of the bed it looks as in a hotel.",
    ),
    "sofa throw": (
        "The throw hides the worn spot on our sofa and keeps us warm.",
        "The sofa throw is the first thing guests wrap themselves in.",
    ),
    "picnic blanket": (
        "The picnic blanket rolls up small, and the straps hold.",
        "Grass, sand and jam came off the picnic blanket with one shake.",
    ),
    "fringed throw": (
        "The fringes of this throw are thick and knotted by hand.",
        "The fringed throw is light enough for summer evenings outside.",
    ),
}
"""What people say about one form only."""

MATERIALS: Final = {
    "wood": Talk(
        good=(
            "The {material} is {very} well finished, without a single rough edge.",
            "You can tell that the {material} is the real thing, not some foil.",
            "{lovely} {material}, I keep running my hand over it.",
            "The {material} feels {sturdy} and looks even better than in the photo.",
            "Solid {material}, carefully made.",
        ),
        bad=(
            "The {material} has rough spots, I got a splinter when unpacking it.",
            "The finish of the {material} is uneven.",
            "The {material} scratches easily.",
        ),
    ),
    "clay": Talk(
        good=(
            "The {material} feels pleasantly heavy in the hand.",
            "{lovely} {material}, every piece is a little different.",
            "The {material} is smooth where it should be smooth and a bit rough where you hold it.",
            "You can see that this is proper {material}, made by someone who knows how.",
            "The {material} has survived a fall into the sink.",
        ),
        bad=(
            "The {material} chips easily.",
            "There is a small bubble in the {material}.",
            "The {material} feels thinner than I would like.",
        ),
    ),
    "cloth": Talk(
        good=(
            "The {material} is wonderful to touch.",
            "{lovely} {material}, dense and evenly made.",
            "The {material} hasn't faded, although it gets sun all day.",
            "The {material} is good quality and nicely finished at the seams.",
            "I didn't expect {material} this good at the price.",
        ),
        bad=(
            "The {material} has pulled threads already.",
            "The {material} feels cheaper than it looks.",
            "The {material} faded within one summer.",
        ),
    ),
}

FAMILY: Final = Talk(
    good=(
        "The {pattern} pattern in {colour} is even prettier than in the picture.",
        "The {colour} goes with everything we have.",
        "I love the {mood} look of the {family} series.",
        "We already own other {family} pieces, and this {noun} matches them perfectly.",
        "The {pattern} design is {mood} without being boring.",
        "That {colour} makes the whole room feel {mood}.",
        "Such a {lovely} {pattern} pattern, I smile whenever I walk past.",
    ),
    bad=(
        "The {colour} is darker than in the picture and doesn't match our other {family} things.",
        "The {pattern} pattern is printed slightly askew.",
        "The {colour} looks {mood} online and rather dull in daylight.",
    ),
)

NAMED: Final = {
    "Fjell": ("Clean Nordic stripes, like a beach hut in winter.", "The blue and the pale oak make me think of the sea."),
    "Soleng": (
        "Pure seventies sunshine, my parents had something like it.",
        "The mustard and orange half moons cheer up the darkest corner.",
    ),
    "Skogen": ("All those green leaves bring the forest indoors.", "The leaves look as if they had been painted by hand."),
    "Almar": (
        "The terracotta zigzag reminds me of holidays in the south.",
        "Earthy, warm and a little rough, exactly as it should be.",
    ),
    "Tessel": (
        "The terrazzo speckles look like confetti, in the best way.",
        "Pink and teal speckles with brass, I was sceptical and now I want everything.",
    ),
    "Nami": (
        "The indigo waves have something Japanese about them.",
        "Blue and white waves, timeless, like my grandmother's porcelain.",
    ),
    "Kontur": (
        "Checks with one thin line across them, very graphic.",
        "Strict, modern and clear, a bit like a Bauhaus poster.",
    ),
    "Siv": (
        "The basket weave is so cosy, it smells faintly of hay and autumn.",
        "The woven pattern goes beautifully with our wicker baskets.",
    ),
}

GENERAL: Final = Talk(
    good=(
        "Delivery was quick and the parcel well packed.",
        "Worth every cent.",
        "Bought it as a present for {who}, who was delighted.",
        "I would buy it again without thinking.",
        "Looks far more expensive than it was.",
        "After half a year of daily use it still looks new.",
        "{who} asked at once where it came from.",
        "Exactly as described.",
    ),
    bad=(
        "Delivery took three weeks and nobody answered my mail.",
        "The box was torn open when it arrived.",
        "Too expensive for what it is.",
        "I sent it back.",
        "In the photo it looked far better.",
        "For this price I had expected more.",
    ),
)

OPENERS: Final = {
    True: (
        "Very happy with this {noun}.",
        "What a {lovely} {noun}!",
        "I was looking for a {noun} like this for months.",
        "This {noun} is a real find.",
        "Second {noun} of the series for us.",
    ),
    False: (
        "Sadly not what I had hoped for.",
        "I really wanted to like this {noun}.",
        "Not my favourite {noun}.",
        "Disappointed with this {noun}.",
    ),
}

HEADLINES: Final = {
    5: (
        "Love it",
        "{lovely} {noun}",
        "Simply perfect",
        "My new favourite",
        "Even better in real life",
        "A {mood} {noun}",
        "Wonderful {colour}",
    ),
    4: ("Very nice {noun}", "Good buy", "Almost perfect", "Pretty and well made", "Happy with it"),
    3: ("Nice but not great", "All right", "Good looks, some flaws", "It's okay", "Mixed feelings"),
    2: ("Not convinced", "Had hoped for more", "Looks better than it is", "Meh"),
    1: ("Disappointing", "Sent it back", "Don't bother", "Poor quality"),
}

SYNONYMS: Final = {
    "lovely": ("lovely", "beautiful", "gorgeous", "pretty", "handsome"),
    "sturdy": ("sturdy", "solid", "robust", "stable"),
    "very": ("very", "really", "wonderfully", "surprisingly"),
}

PEOPLE: Final = (
    "my sister",
    "my mother",
    "a friend",
    "our neighbour",
    "my daughter",
    "my husband",
    "my wife",
    "my best friend",
    "my brother",
)
