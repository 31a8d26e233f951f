"""Space: signals, orbits, a voice from very far away."""

from media_tools.text.bank.model import theme

THEME = theme(
    "signals from space",
    matches="""
    space; star; stars; moon; planet; orbit; signal; satellite; sky; cosmos; galaxy; future
    """,
    mood_words="weightless; vast; hopeful; cold",
    places="""
    in orbit; beyond the moon; on the dark side; at mission control; above the weather; between the
    planets; past the last beacon; inside the airlock; near the horizon; among the satellites
    """,
    acts="""
    track the signal; count the orbits; name the planets; cut the engines; map the silence; read the
    static; leave the airlock; send the coordinates; check the oxygen; miss the landing; chase the
    comet; tune the antenna; log the hours; trust the numbers; cross the dark; carry the message
    """,
    events="""
    the beacon: blink; the signal: drift; the planets*: turn; the engines*: burn; the comet: pass;
    the static: break; the satellites*: fall; the stars*: move to the groove; the antenna: listen;
    the countdown: start; the solar winds*: rise; the heavens*: tilt
    """,
    things="""
    star map; radio; silver glove; flight recorder; telescope; message; logbook; postcard; helmet;
    beacon; glass dome; pocket watch; transmission; small blue dot
    """,
    plurals="""
    satellites; orbits; comets; planets; signals; astronauts; craters; meteors; antennas; solar
    winds; telescopes; stars; numbers; light years
    """,
    adjectives="""
    weightless; silver; lunar; distant; orbital; infinite; blinking; magnetic; cobalt; lonely;
    luminous; falling
    """,
    tails="""
    at the speed of light; on the dark side of the moon; in the silence of space; a million miles
    from home; under an alien sky; where the compass goes blind; in a slow decay; after the final
    wave; by the light of a dying star; on a satellite phone
    """,
    nouns="""
    a voice on the line from the moon; a radio wave; a satellite falling to the ground; the dark
    side of the moon; the afterglow; a flag in the stone; a star with no name; a pale blue light; a
    signal on the line; the empty space
    """,
    verbs="""
    drift through space; fall from the sky; circle the moon; carry the light; signal home; count
    down and go
    """,
    predicates="""
    lost in space; light years away; far from the light; out of the blue; alone in the sky
    """,
    hooks="""
    {Adj} Orbit | hold me in orbit, don't let me go
    Signal Lost | if the signal dies I'll find you by the light
    Come In, Houston | is there anybody there
    Small Blue Dot | all that I love is a small dot of blue
    {Adj} Satellites | watch the {adj} satellites fall
    Zero Gravity | there's no gravity when you're near
    Postcard from the Moon | send me a postcard back from the moon
    Reentry | I'm burning up on the way back home
    {Adj} Antenna | I can hear you in the static and the rain
    Light Years | you are light years away
    """,
    stories="""
    A probe past its last planned day keeps sending numbers nobody reads, until one night shift
    hears a pattern in them. It is not a message, but it is an answer.

    Somebody in orbit speaks to somebody asleep on earth. The delay grows with every pass, and so
    does what can be said before the reply.

    Two engineers fall in love over a {thing} that is already leaving the solar system. Everything
    they say takes hours and arrives exactly on time.
    """,
    visuals="""
    a thin blue horizon over a planet; a satellite dish under stars; a helmet reflecting light; dust
    rings in silhouette
    """,
)
