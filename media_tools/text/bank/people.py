"""Sentences for an artist's backstory."""

from media_tools.text.bank.model import phrases

FIRST_ROOMS = phrases("""
    in a room above a closed cinema; in the back of a laundrette; in a flat beside the ring road;
    in a garden shed with one socket; in a church hall that was free on Tuesdays; on a houseboat
    with a leaking roof; on the top floor of a car park office; in a kitchen after everybody had
    gone to bed; in a caravan at the end of the season; in a school music room in the holidays; in
    a cellar with very good neighbours; in an empty shop on the high street
""")

FIRST_LISTENERS = phrases("""
    a sister who asked for one more; the night porter next door; four friends and a dog; a
    neighbour who never complained; a small radio show at two in the morning; the other people in
    the queue; a class that was supposed to be asleep; somebody who had already left; a
    grandmother who only liked the endings; a stranger on a long train ride
""")

RULES = phrases("""
    every song has to fit on one side of a postcard; nothing is recorded before dark; the first
    take stays unless the window was open; no song may use a word nobody says aloud; one
    instrument is always slightly out of place; the last line is written first; a chorus must make
    sense to somebody who came in late; each record begins where the last one ended; whatever can
    be left out is left out; the title comes before the tune; somebody in the song has to change
    their mind; no verse may be sadder than the chorus
""")

AIMS = (
    "The aim is small and stubborn: songs that still work at half volume.",
    "What matters is the moment just before something is said.",
    "The songs are short letters, and most of them have an address.",
    "The records sound like one place seen at different hours.",
    "Nothing here is autobiography, and people keep recognising themselves.",
    "The idea is to be of use to someone on a bad evening.",
    "The music keeps moving so that the words can stand still.",
    "Each release asks one question and leaves it open.",
)  # fmt: skip
