"""A small room while it rains: tea, books, thinking of somebody."""

from media_tools.text.bank.model import theme

THEME = theme(
    "rain on the window",
    matches="rain; room; window; study; coffee; tea; quiet; book; sunday; lofi; calm; sleep; alone",
    mood_words="cosy; mellow; drowsy; reflective",
    places="""
    at my desk; by the window; on the unmade bed; under the skylight; at the tram stop; on the fire
    escape; in the stairwell; beside the lamp; on the top floor; in the library
    """,
    acts="""
    pour the coffee; turn the page; wind the clock; dim the lamp; fold the laundry; read your
    letter; water the fern; open the window; draw the curtains; tune the guitar; learn the chords;
    wash the dishes; hum the chorus; lose the pencil; feed the cat; play the record
    """,
    events="""
    the rain: begin; the kettle: click; the gutters*: sing; the tape: hiss; the pages*: turn; the
    neighbours*: laugh; the lamp: flicker; the trams*: pass; the clock: slow; the cat: dream; the
    clouds*: gather; the steam: rise
    """,
    things="""
    coffee cup; desk lamp; notebook; umbrella; postcard; old guitar; paper crane; tape machine;
    window seat; library card; grey sweater; teapot; bookmark; piano stool
    """,
    plurals="""
    raindrops; umbrellas; pages; gutters; rooftops; postcards; teacups; neighbours; headphones;
    paper cranes; bus stops; clouds; puddles; margins
    """,
    adjectives="""
    quiet; rainy; paper; sleepy; half-lit; gentle; borrowed; lukewarm; woollen; yellow; tender;
    unread
    """,
    tails="""
    on a Sunday afternoon; in a cup gone cold; under the desk lamp's light; in the corner of the
    room; on the second floor; with the window ajar; at the back of the book; behind the steamed-up
    glass; while the city's asleep; in a minor key
    """,
    nouns="""
    a cup gone cold; a rainy afternoon; a page I couldn't write; the sound of the rain; a cat
    asleep; the hum of the room; a chord in a minor key; an unread book; a lamp left on till day; a
    drop on the glass
    """,
    verbs="""
    stay in bed; watch the rain; read the book; sleep till noon; hum the tune; let the kettle sing
    """,
    predicates="warm and dry; half awake; quiet as the rain; soft and slow; as good as new",
    hooks="""
    {Adj} Sunday | it's a {adj} kind of day
    Window Seat | save the window seat for me
    Rain Check | I'll take a rain check, I'll take the rain
    Cup Gone Cold | I forgot the cup and the coffee's cold
    Paper Cranes | fold me a paper bird to let go
    Lamp Light | there's enough in the lamp for one more night
    Unread | you're a line in a book that I never read
    {Adj} Umbrella | there's room for you here in the rain
    Top Floor | up on the top floor, close to the sky
    Slow Clock | the clock on the wall is slow
    """,
    stories="""
    It rains for a whole Sunday and nothing happens: a {thing} is moved from one side of the desk to
    the other, a call is not made. By evening that turns out to have been a decision.

    Somebody borrows a book and finds another person's notes in the margins. They start to answer in
    pencil.

    Two neighbours share a wall and a habit of playing the same record late. One night the rain
    stops, and both wait for the other to start.
    """,
    visuals="""
    raindrops on a window at dusk; a desk lamp and a cup; a cat on a sill; a rooftop under low
    clouds
    """,
)
