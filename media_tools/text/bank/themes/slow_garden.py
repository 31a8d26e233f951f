"""A garden: seeds, seasons, patience, things that grow back."""

from media_tools.text.bank.model import theme

THEME = theme(
    "slow growing things",
    matches="""
    garden; forest; tree; flower; grow; spring; green; earth; nature; wood; field; season; leaf
    """,
    mood_words="hopeful; earthy; patient; bright",
    places="""
    in the orchard; under the elm; by the garden wall; among the ferns; in the greenhouse; at the
    river bend; on the forest path; beneath the roots; along the hedge; in the clover
    """,
    acts="""
    plant the seeds; turn the soil; water the roses; prune the apple tree; follow the bees; pick the
    berries; wait for the rain; name the flowers; walk the furrow; gather the leaves; mend the wall;
    taste the honey; learn the seasons; save the seeds; watch the swallows; dig the well
    """,
    events="""
    the ivy: climb; the roses*: open; the bees*: return; the river: run; the branches*: lean; the
    swallows*: circle; the moss: spread; the ferns*: uncurl; the orchard: wake; the apples*: fall;
    the morning: warm; the roots*: hold
    """,
    things="""
    wooden spade; clay pot; apple; straw hat; bird's nest; seed; glass jar; garden gate; feather;
    oak leaf; rain barrel; honey jar; ladder; rose
    """,
    plurals="""
    roses; ferns; swallows; apples; honeybees; branches; roots; seasons; petals; wildflowers;
    sparrows; rivers; evergreens; raindrops
    """,
    adjectives="""
    green; patient; tangled; golden; tender; wild; early; hidden; gentle; mossy; humble; rising
    """,
    tails="""
    under the apple tree; in the early spring; where the wild things grow and go; by the orchard
    gate; in the evening air; after the April rain; at the turn of the year; along the river bed;
    between the roots and the sky; in the tall green grass
    """,
    nouns="""
    a seed in the ground; the first day of spring; a leaf on the stream; the apple tree; a river to
    the sea; a rose on the wall; the end of the rain; a song in the tree; a bird on the wing; the
    lay of the land
    """,
    verbs="""
    grow; wait for the rain; lie in the grass; put down roots deep; bloom in the spring; bend and
    never break
    """,
    predicates="green again; open to the air; wild and free; deep in the ground; ready for spring",
    hooks="""
    {Adj} Orchard | meet me under the apple tree
    Slow Things Grow | all the slow things learn to grow
    Seed | I am a seed and you are the rain
    The Garden Wall | you're the sun on the garden wall
    {Adj} Roots | give me {adj} roots, give me ground
    Wildflowers | let the wildflowers have the land
    Come Back, Green | everything green comes back again
    Honey Jar | keep me a jar of the summer sun
    {Adj} Season | every season has a song
    Rain Barrel | everything grows in its own sweet time
    """,
    stories="""
    Somebody plants a row of trees they will be too old to sit under. Years later a child asks who
    did it, and nobody remembers, and the shade is cool.

    After a long illness a person learns the names of everything that came up without help. The last
    name on the list is their own.

    Two gardens share a wall, and a rose climbs over it. The {thing} that is handed back over the
    stones says more than the neighbours ever have.
    """,
    visuals="""
    macro leaves with dew; light through an orchard; hands in dark soil; ferns uncurling
    """,
)
