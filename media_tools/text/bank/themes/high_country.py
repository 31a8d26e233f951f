"""Mountains and a long march: the climb, the storm, the other side."""

from media_tools.text.bank.model import theme

THEME = theme(
    "the high country",
    matches="""
    mountain; climb; journey; hero; storm; fire; battle; epic; horizon; desert; wild; wind; rise
    """,
    mood_words="heroic; solemn; soaring; vast",
    places="""
    on the ridge; above the tree line; at the summit; in the narrow pass; below the glacier; beside
    the embers; on the last plateau; in the eagle's shadow; at the base camp; along the cliff
    """,
    acts="""
    climb the ridge; carry the flag; face the storm; light the beacon; follow the eagle; cross the
    valley; hold the rope; leave the trail; break the silence; name the mountain; read the clouds;
    share the water; guard the fire; march through the night; cut the steps; earn the view
    """,
    events="""
    the thunder: roll; the eagles*: rise; the embers*: glow; the valley: wake; the drums*: answer;
    the avalanche: sleep; the banners*: fly; the mountain: wait; the horizon: burn; the wolves*:
    run; the clouds*: part; the glacier: groan
    """,
    things="""
    climbing rope; torn flag; iron bell; stone; water skin; map; torch; crown; compass; signal fire;
    wooden cross; drum; iron key; feather
    """,
    plurals="""
    eagles; summits; valleys; embers; banners; glaciers; thunderheads; pilgrims; shadows; drums;
    ridges; wolves; torches; giants
    """,
    adjectives="""
    iron; ancient; fearless; nameless; rising; scarlet; northern; broken; thunderous; golden;
    silent; relentless
    """,
    tails="""
    on the mountainside; against the northern sky; at the end of the climb; through the wall of the
    storm and the rain; where the eagles fly; in the thinning air; at the edge of the known; on the
    final hill; with the sun in the east and the stars in the west; in the valley below
    """,
    nouns="""
    a flag on the hill; the mountain air; a fire in the stone; a rope and a prayer; the long way
    down; the roar of the choir; a hard-won mile; a storm in the west; a crown made of fire; the
    rest of the climb
    """,
    verbs="""
    climb; rise above the rain; face the wind and the sky; carry the fire; stand on the hill; cross
    the great divide
    """,
    predicates="""
    tall as the sky; closer to the sky; made of stone; born for the climb; steady as stone
    """,
    hooks="""
    {Adj} Summit | I will carry you up to the sky
    Above the Tree Line | nothing above us but open sky
    The Long Climb | one hand, one step, one climb
    {Adj} Banners | raise the {adj} banners higher
    Carry the Fire | carry the fire, carry it on till day
    Thunder Road Home | thunder is rolling, roll me home
    Eagle's Shadow | let the eagle's shadow fall
    Hold the Rope | hold the rope and don't let go
    {Adj} Ground | this is {adj} ground, this is home
    Nameless Peak | the mountain has no need of a name
    """,
    stories="""
    A climber turns back within sight of the top to bring somebody else down. Nobody hears of it,
    and the mountain keeps the secret well.

    A village sends its youngest up the pass to light the old beacon. The answer from the other side
    comes three nights later, when only one person is still watching.

    Two rivals share one rope through a storm. By morning the {thing} they both wanted has blown
    away, and neither goes to look for it.
    """,
    visuals="""
    a ridge above clouds; a tiny figure on a snow slope; a fire on a dark summit; storm light on
    rock
    """,
)
