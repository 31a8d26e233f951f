"""Youth and summer: rooftops, bicycles, somebody leaving in September."""

from media_tools.text.bank.model import theme

THEME = theme(
    "the last summer",
    matches="summer; youth; young; beach; friends; love; sun; holiday; festival; first; kiss; july",
    mood_words="sunlit; playful; nostalgic; breezy",
    places="""
    on the rooftop; at the swimming pool; in the parking lot; on the ferris wheel; behind the
    bleachers; at the lemonade stand; on the tennis court; by the ice cream truck; in the tall
    grass; on the lifeguard chair
    """,
    acts="""
    skip the stones; share the headphones; climb the roof; borrow your brother's car; lose the
    sandals; count to seven; learn to swim; steal the cherries; miss the last bus; paint the boat;
    make the mixtape; write on the wall; chase the ice cream; stay for the fireworks; ride the
    bikes; jump the fence
    """,
    events="""
    the crickets*: sing; the sprinklers*: turn; the sun: linger; the carousel: stop; the swings*:
    creak; the boys*: shout; the pool lights*: shimmer; the heat: rise; the fireworks*: bloom; the
    ice: melt; the fireflies*: drift; the summer: end
    """,
    things="""
    bicycle; mixtape; cherry; paper fan; beach towel; blue bicycle; disposable camera; sundress;
    bracelet; tennis ball; guitar; postcard; ticket stub; pair of shades
    """,
    plurals="""
    fireworks; bicycles; crickets; rooftops; freckles; cherries; swimming pools; ferris wheels;
    polaroids; seashells; sandals; sunburns; fireflies; best friends
    """,
    adjectives="""
    sunburnt; golden; reckless; barefoot; lemon; careless; sugar; hazy; turquoise; lazy; freckled;
    seventeen
    """,
    tails="""
    in the August heat; on the hottest day of June; with sand in the car; on the ferris wheel; till
    the streetlights bloom; on a stolen bike ride; with the radio on the sand; in the back of your
    brother's car; under the boardwalk light; to the end of the song
    """,
    nouns="""
    a freckle of light; the last day of June; a lemonade sky; a ride in your car; a postcard of the
    sea; a sunburnt smile; a summer song; your name on my hand; a rooftop view; the ferris wheel
    """,
    verbs="""
    jump in the sea; sing the wrong song; sleep in the sand; kiss and tell; run for the sea; beg to
    stay
    """,
    predicates="""
    seventeen, or so it would seem; gold in the sun; young and brave; brown from the sun; drunk on
    the sun
    """,
    hooks="""
    {Adj} Summer | it was a {adj} summer and you were mine
    Seventeen Again | I don't want to be seventeen again
    Rooftop | nobody finds us this close to the sky
    August Never Ends | tell me that August is here to stay
    {Adj} Bicycles | we were two {adj} wheels and a road
    Ferris Wheel | we stopped at the top of the ferris wheel
    Lemonade | you were the sugar, I was the sun
    Polaroid | shake the picture, wait for the light
    Swim | hold your breath and swim to me
    Best Friends Forever, Maybe | maybe forever was only June
    """,
    stories="""
    One of them moves away in September and both pretend not to count the days. On the last evening
    they steal a {thing} and return it before anyone wakes up.

    Four friends promise to meet on the same rooftop in ten years. The song is sung by the one who
    came.

    A first kiss goes wrong in front of the whole pool and becomes the best joke of the summer. Only
    years later does it hurt a little, and then it is sweet.
    """,
    visuals="""
    overexposed film of a beach; a bicycle against a wall; sun flare on a pool; polaroids on a bed
    """,
)
