"""The town one comes from: kitchens, back roads, people who stayed."""

from media_tools.text.bank.model import theme

THEME = theme(
    "the town we came from",
    matches="""
    home; town; village; family; father; mother; house; childhood; hometown; school; memory
    """,
    mood_words="warm; honest; bittersweet; grounded",
    places="""
    on the back porch; by the water tower; behind the school; on the church steps; at the corner
    store; along the fence; in the kitchen; down by the mill; at the crossroads; in the back yard;
    on the gravel
    """,
    acts="""
    paint the fence; ring the bell; walk the dog; mend the roof; bake the bread; keep the books;
    wave to the neighbours; cut the grass; carry the water; lock the gate; read the paper; bury the
    hatchet; plant the maple; stack the wood; sweep the porch; save the best plates
    """,
    events="""
    the screen door: slam; the kettle: sing; the church bells*: ring; the porch light: burn; the
    neighbours*: wave; the mill: close; the dogs*: bark; the freight train: pass; the kitchen clock:
    tick; the children*: grow; the river: flood; the maples*: turn
    """,
    things="""
    wooden chair; porch light; rusted gate; kitchen table; letter; bicycle; Sunday shirt; coffee
    tin; photograph; hymn book; house key; pocket knife; wedding plate; screen door
    """,
    plurals="""
    fences; back roads; maple trees; neighbours; church bells; brothers; letters; porches; freight
    trains; gravel roads; kitchens; street names; fathers; mill wheels
    """,
    adjectives="""
    rusted; honest; wooden; faded; stubborn; gentle; crooked; familiar; handmade; dusty; humble;
    golden
    """,
    tails="""
    on the edge of the county line; by the old oak tree; at my mother's door; with the porch light
    low; in my father's coat; down the gravel road; at the kitchen window pane; on the courthouse
    lawn; at the general store; in the house on the hill
    """,
    nouns="""
    a name carved in stone; the road back home; my father's gate; a freight train; the house on the
    hill; the kitchen door; a light down the hall; my mother's song; a bicycle left in the rain; the
    same front lawn
    """,
    verbs="""
    come back home; sit on the stair; paint the wall; leave the door unlocked and go; tend the fire;
    learn the old song
    """,
    predicates="safe at home; down the road; home to stay; tall as the wall; good as gold",
    hooks="""
    Porch Light | leave the porch light on tonight
    {Adj} Gate | meet me at the {adj} gate
    Names on the Wall | there's a place for our names on the wall
    Gravel Road | nothing as long as a gravel road
    Sunday Shirt | all my Sundays look the same
    The Mill Is Closed | the mill is closed but we're still here
    My Father's Coat | I'm getting old in my father's coat
    Water Tower | we wrote it up on the tower wall
    {Adj} Kitchen | there's a chair in the kitchen for you
    Back Roads | take the back roads all the way home
    """,
    stories="""
    A house is being sold, and somebody walks through it once more to find the {thing} that was
    never packed. Each room says a name, and the last one says their own.

    Two brothers meet after years to mend a fence neither of them owns. They talk about the weather
    until the {plural} have said the rest.

    Somebody who left first writes to somebody who stayed. The letter is about a {thing}, and
    everyone in town would know what it means.
    """,
    visuals="""
    a wooden porch at dusk; a gravel road between fields; a kitchen table by a window; a water tower
    against the sky
    """,
)
