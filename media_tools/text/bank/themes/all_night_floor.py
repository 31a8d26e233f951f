"""The dance floor: bodies, speakers, the hour before dawn."""

from media_tools.text.bank.model import theme

THEME = theme(
    "the all-night floor",
    matches="dance; club; party; floor; rave; dj; body; beat; warehouse; disco; movement; crowd",
    mood_words="ecstatic; driving; open; physical",
    places="""
    by the speakers; at the front rail; in the strobe; on the fire stairs; at the cloakroom; in the
    back room; on the balcony; under the mirror ball; near the sound desk; in the queue outside
    """,
    acts="""
    find the rhythm; lose the hour; feel the bass; close both eyes; raise both hands; skip the
    queue; move as one; trust the drummer; shake the walls; ride the echo; drop the needle; leave
    the phone; catch the downbeat; follow the hi-hat; keep the tempo; turn the sound up
    """,
    events="""
    the bass: drop; the strobes*: flash; the speakers*: shake; the crowd: lean; the needle: land;
    the lasers*: sweep; the kick drum: knock; the doors*: open; the echo: bloom; the bodies*: sway;
    the mirror ball: turn; the record: spin
    """,
    things="""
    mirror ball; record; paper stamp; water bottle; cloakroom ticket; drum machine; silver shoe;
    microphone; fog machine; leather jacket; blue light; turntable; second chance; whistle
    """,
    plurals="""
    speakers; strobes; strangers; basslines; shadows; lasers; shoulders; echoes; drum machines;
    mirrors; footsteps; open hands; records; heartbeats
    """,
    adjectives="""
    electric; endless; fearless; liquid; open; sleepless; velvet; glowing; tireless; heavy;
    weightless; neon
    """,
    tails="""
    on the warehouse floor; with the bass in the feet; till the break of day; under the strobe
    light; to a four-four beat; at the speed of sound; in the smoke machine's bloom; in a line out
    the door; all in double time; with both hands in the air
    """,
    nouns="""
    a wall of sound; the concrete floor; a four-four beat; a mirror ball; the drum and the string;
    the morning train; a room full of light; the click of the track; an encore; a bassline in my
    chest
    """,
    verbs="""
    step to the beat; dance till day; jump in time; fall into line; shake the floor; lift off the
    ground
    """,
    predicates="lost in the beat; loud and clear; one with the sound; light on the feet; alive",
    hooks="""
    {Adj} Room | move with me in a {adj} room
    One More Track | don't go home, there's one more track
    Hands Up, Lights Down | hands up high when the lights go down
    Bass Is a Heart | feel the bass, it's beating for you
    {Adj} Hour | this is our {adj} hour of light
    Nobody's Watching | nobody's watching, so let it show
    Strangers in Time | we are strangers moving in time
    Four to the Floor | give me four, give me four to the floor
    {Adj} Bodies | we are {adj} and open wide
    Still Here at Seven | it's seven a.m. and we're still on the floor
    """,
    stories="""
    A night with no plan: somebody comes alone, leaves the phone with the coats, and lets a room of
    strangers keep the time. At seven the doors open and the light is not an enemy.

    Two people meet every week on the same square metre of floor and know nothing of each other but
    how they move. This is the week one of them speaks.

    The {thing} breaks at three in the morning and the crowd keeps the beat with its hands. Nobody
    who was there will ever explain it well.
    """,
    visuals="""
    silhouettes in coloured smoke; laser lines in a dark hall; hands in front of light; a mirror
    ball breaking a beam
    """,
)
