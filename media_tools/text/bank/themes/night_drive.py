"""Driving at night: motorways, dashboards, somewhere else to be."""

from media_tools.text.bank.model import theme

THEME = theme(
    "night drives",
    matches="night; drive; driving; road; car; city; neon; highway; motorway; midnight; street",
    mood_words="restless; cool; wistful; electric",
    places="""
    on the overpass; by the exit sign; at the red light; in the passing lane; under the bridge; in
    the rear-view mirror; at the petrol pumps; behind the billboards; past the toll booth; on the
    ring road; outside the diner
    """,
    acts="""
    turn the key; hold the wheel; miss the exit; chase the taillights; count the bridges; follow the
    river; kill the headlights; drive all night; roll the window down; cross the border; burn the
    map; fix the mirror; pass the diner; pay the toll; take the long way; race the morning
    """,
    events="""
    the radio: hum; the sirens*: fade; the engine: turn; the city: blur; the signals*: change; the
    tunnel: sing; the billboards*: glow; the motor: cool; the skyline: rise; the static: swell; the
    wipers*: beat; the headlights*: bend
    """,
    things="""
    road map; paper cup; leather glove; motel key; parking ticket; mirror; lighter; radio; house
    key; cassette; jacket; photograph; receipt; compass
    """,
    plurals="""
    taillights; streetlights; exits; billboards; bridges; tunnels; engines; windows; overpasses;
    strangers; signals; skylines; trucks; white lines
    """,
    adjectives="""
    silver; electric; midnight; restless; amber; faded; hollow; sleepless; violet; distant;
    chromium; borrowed
    """,
    tails="""
    under the sodium light; on the motorway; in a rented car; on the interstate road; with the
    windows down; where the tarmac ends its climb; through the pouring rain; by the border line; at
    the speed of sound; down the boulevard alone
    """,
    nouns="""
    the dashboard glow; the exit sign; a stranger's car; a full tank and the road; a motel wall; a
    red brake light; a city made of chrome; a mile of rain; the only car in town; a ribbon of road
    """,
    verbs="""
    drive; drive into the rain; chase the light; miss the sign; take the road; burn through the
    night
    """,
    predicates="lost in the rain; a blur of light; out on the road; miles from home; running late",
    hooks="""
    {Adj} Mile | one more {adj} mile
    The Long Way | take the long way, take it slow
    No Exit Tonight | there's no exit, only night
    {Adj} Headlights | follow the {adj} headlights home
    Leave the Radio On | leave the radio on in the rain
    Motel Key | I still carry your motel key
    Border Town | meet me on the edge of town
    {Adj} Engine | hear the {adj} engine start
    Passenger | you were the song on the passenger side
    Green Lights | every light is green tonight
    """,
    stories="""
    Someone drives through the night to return a {thing} nobody asked for. Every exit is a chance to
    turn back, and by dawn the drive itself has become the answer.

    Two people share a car for the last time and talk about everything except the {thing} on the
    seat between them. The city thins out behind the windows until only the radio is left to speak.

    A driver keeps passing the same street, telling the {plural} what should have been said there
    years ago. The song ends with the engine off and the lights still on.
    """,
    visuals="""
    wet asphalt reflecting signs; an empty motorway from above; a dashboard in the dark; a lone car
    under sodium lamps
    """,
)
