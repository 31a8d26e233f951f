"""The sea: harbours, tides, letting somebody go."""

from media_tools.text.bank.model import theme

THEME = theme(
    "open water",
    matches="sea; ocean; water; tide; harbour; harbor; boat; shore; island; wave; sail; river",
    mood_words="wide; calm; longing; clear",
    places="""
    on the harbour wall; below the lighthouse; at the water line; on the slipway; under the pier;
    along the breakwater; beyond the reef; on the far shore; at the river mouth; in the boathouse
    """,
    acts="""
    watch the tide; drop the anchor; raise the sail; read the stars; cross the bay; mend the nets;
    follow the gulls; count the waves; leave the shore; trust the current; cut the rope; light the
    lantern; hold the rudder; wait for the boats; learn the wind; draw the coast
    """,
    events="""
    the tide: turn; the gulls*: cry; the harbour: sleep; the anchors*: lift; the fog: roll; the
    lantern: swing; the masts*: sway; the water: rise; the foghorn: call; the islands*: fade; the
    shoreline: shift; the storm: break
    """,
    things="""
    lantern; compass; anchor; bottle; paddle; sea shell; ferry ticket; sailor's knot; logbook; rope;
    fishing net; letter; chart; whistle
    """,
    plurals="""
    gulls; islands; currents; tides; sails; lighthouses; ferries; harbours; breakers; buoys;
    fishermen; white caps; storms; shallows
    """,
    adjectives="""
    tidal; silver; salted; northern; patient; weathered; emerald; drifting; distant; moonlit; quiet;
    endless
    """,
    tails="""
    under a sailor's sky; on the incoming tide; with salt on the air; by the light of the bay; at
    the end of the pier; beyond the last wave; on the open sea; where the water runs deep; down on
    the shore; in a wooden boat
    """,
    nouns="""
    the turning of the tide; a sail on the bay; a boat with no name; a lighthouse to climb; the cry
    of a bird; the harbour wall; a rope and a stone; a distant shore; the weight of the wave; a
    letter to the sea
    """,
    verbs="""
    float; drift out to sea; sail away; swim for the shore; follow the tide; dive down deep
    """,
    predicates="lost at sea; washed by the tide; anchored deep; miles from shore; salt and stone",
    hooks="""
    {Adj} Water | {adj} water, carry me home
    Harbour Light | keep a harbour light for me
    High Tide | I'll be back on the high tide
    Let the Anchor Go | let the anchor go, let it go
    {Adj} Island | we could live on a {adj} shore
    Breakwater | be the breakwater, I'll be the wave
    Letters to the Sea | all my letters went to the sea
    The Ferry Leaves at Nine | the ferry leaves at nine, be mine
    Salt | I still taste the salt and the stone
    Lighthouse Keeper | I'm keeping the light for you
    """,
    stories="""
    A keeper of a {adj} harbour writes down every boat that leaves and waits for one name. When it
    comes back under another flag, the light stays on all the same.

    Two people cross a bay in a boat too small for what they have to say. The {thing} goes
    overboard, and with it the last reason to row back.

    Somebody learns to sail from a book, because the one who promised to teach them left with the
    tide. Out beyond the {plural} the fear turns into distance.
    """,
    visuals="""
    a long exposure of waves on rock; a lighthouse in fog; a rowing boat from above; a horizon in
    two blues
    """,
)
