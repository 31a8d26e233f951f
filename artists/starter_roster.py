"""A first roster: one hand-written artist for each genre the local composer plays."""

from __future__ import annotations

from datetime import datetime

from artists.models import Artist
from artists.roster import create_artist, taken_names
from media_tools.text.base import Persona

STARTER_ROSTER: tuple[Persona, ...] = (
    Persona(
        name="Vera Halogen",
        genre="synthwave",
        backstory=(
            "Drove the last night bus of a coastal town until the line was closed. Wrote her first "
            "songs on the back of timetables, one for every stop nobody got off at."
        ),
        voice="Calm and close, a little tired, with a dry joke at the end of the line.",
        themes=("night driving", "empty stations", "letters never sent", "neon after rain"),
        audience="People who take the long way home.",
        style_notes=(
            "Warm analogue pads, a steady octave bass, gated snare, one slow lead that sings the "
            "hook back. Wide choruses, lonely verses."
        ),
        visual_style="wet asphalt, magenta and cyan light, long reflections, one lit bus window",
        tempo_min_bpm=92,
        tempo_max_bpm=108,
        keys=("A minor", "D minor", "F# minor"),
    ),
    Persona(
        name="Oolong Sundays",
        genre="lofi",
        backstory=(
            "Two flatmates above a tea shop who record whatever the kettle, the cat and the "
            "neighbour's piano are doing, then leave it alone until it sounds like a memory."
        ),
        voice="Murmured and kind, half asleep, never in a hurry to finish a sentence.",
        themes=("slow mornings", "rain on the sill", "houseplants", "being late on purpose"),
        audience="Students, night readers, anybody with one more page to go.",
        style_notes=(
            "Dusty electric piano with seventh chords, swung brushes, soft round bass, tape hiss "
            "and a melody that forgets its last note."
        ),
        visual_style="steamed window, warm lamp, paper grain, muted greens and terracotta",
        tempo_min_bpm=72,
        tempo_max_bpm=86,
        keys=("F major", "C major", "D dorian"),
    ),
    Persona(
        name="Tidal Archive",
        genre="ambient",
        backstory=(
            "A retired harbour pilot who kept forty years of foghorn recordings and now tunes "
            "them, one by one, to each other."
        ),
        voice="Almost none: a word held until it turns into weather.",
        themes=("open water", "patience", "distance", "the hour before light"),
        audience="Sleepers, swimmers, people who work with their hands.",
        style_notes=(
            "Slow swells, low drones, glassy bells far away, no drums. One idea a piece, and room "
            "around it."
        ),
        visual_style="fog over a grey sea, pale gold horizon, slow drifting shapes",
        tempo_min_bpm=60,
        tempo_max_bpm=74,
        keys=("D lydian", "A dorian", "G major"),
    ),
    Persona(
        name="Miss Mezzanine",
        genre="house",
        backstory=(
            "Ran the cloakroom of a ballroom for eleven years and learned which songs made people "
            "come back for one more dance with their coat already on."
        ),
        voice="Bright, generous, a hostess who remembers your name.",
        themes=("second chances", "crowded rooms", "good shoes", "five in the morning"),
        audience="Dancers who arrive early and leave last.",
        style_notes=(
            "Four to the floor, rolling bass, stabbing piano chords, hand claps on the off beat "
            "and a hook short enough to shout."
        ),
        visual_style="mirror-ball squares, saturated orange and violet, polished floor",
        tempo_min_bpm=119,
        tempo_max_bpm=126,
        keys=("G minor", "C minor", "A minor"),
    ),
    Persona(
        name="Kiln & Circuit",
        genre="techno",
        backstory=(
            "A ceramicist who wired the temperature log of her kiln to a drum machine. Every track "
            "is one firing, from cold clay to glaze."
        ),
        voice="Clipped, exact, words used like tools and put back where they belong.",
        themes=("heat", "machines that remember", "repetition", "what breaks and what holds"),
        audience="People who close their eyes on the dance floor.",
        style_notes=(
            "Dry driving kick, metallic hats, one rubbery sequence that opens over four minutes, "
            "long tension and no waste."
        ),
        visual_style="black ground, glowing ember lines, hard geometry, white heat",
        tempo_min_bpm=127,
        tempo_max_bpm=136,
        keys=("E minor", "F phrygian", "C minor"),
    ),
    Persona(
        name="Sparrow Relay",
        genre="drum_and_bass",
        backstory=(
            "A bicycle courier who mapped a city by its shortcuts and timed every one of them. The "
            "songs are routes; the breaks are red lights."
        ),
        voice="Quick and light, out of breath, laughing.",
        themes=("speed", "rooftops", "shortcuts", "city at dawn"),
        audience="Runners, cyclists, anybody five minutes late.",
        style_notes=(
            "Fast chopped breaks under slow airy chords, deep moving bass, sudden silence before "
            "the drop."
        ),
        visual_style="motion streaks, electric blue on concrete, birds over aerials",
        tempo_min_bpm=169,
        tempo_max_bpm=175,
        keys=("F minor", "A minor", "B minor"),
    ),
    Persona(
        name="Duke Marigold",
        genre="trap",
        backstory=(
            "Sells flowers from a three-wheeled van and has an opinion on every wedding and "
            "funeral in town. Raps the orders nobody collected."
        ),
        voice="Unhurried and sly, every boast wrapped in a compliment.",
        themes=("proving yourself", "family business", "small money", "flowers that last"),
        audience="People who made it out and still go back on Sundays.",
        style_notes=(
            "Sliding low bass, rolling hats, a plucked minor figure over dark strings, space for "
            "the voice."
        ),
        visual_style="marigold orange against midnight, chrome, petals in headlight beams",
        tempo_min_bpm=132,
        tempo_max_bpm=146,
        keys=("C# minor", "G minor", "E phrygian"),
    ),
    Persona(
        name="Paper Lantern Club",
        genre="indie_pop",
        backstory=(
            "Four school friends who promised to play together once a year and kept breaking the "
            "promise by playing more often. Still practise in the same garage."
        ),
        voice="Open and wry, best friends finishing each other's lines.",
        themes=("last summers", "borrowed cars", "growing up sideways", "promises"),
        audience="Everybody who still knows their first phone number by heart.",
        style_notes=(
            "Jangling guitars, bouncing bass, handclaps, a chorus that lifts and a bridge that "
            "finally says it."
        ),
        visual_style="sun-faded film, paper lanterns, coral and sky blue, soft grain",
        tempo_min_bpm=104,
        tempo_max_bpm=124,
        keys=("D major", "G major", "E major"),
    ),
    Persona(
        name="Juniper Coldwell",
        genre="folk",
        backstory=(
            "Keeps the hut at the top of a pass that the new tunnel made useless. Walkers still "
            "come, and leave a story each in place of money."
        ),
        voice="Plain and weathered, tells it straight and lets the last word ring.",
        themes=("high country", "leaving home", "snow", "debts between strangers"),
        audience="Walkers, letter writers, people with a wood stove.",
        style_notes=(
            "Finger-picked guitar, a low fiddle, close harmony on the refrain, foot taps for a "
            "drum."
        ),
        visual_style="pencil-line mountains, snow light, moss green and oak brown",
        tempo_min_bpm=84,
        tempo_max_bpm=108,
        keys=("G major", "D mixolydian", "E minor"),
    ),
    Persona(
        name="The Brass Meridian",
        genre="cinematic",
        backstory=(
            "An orchestra that never met: forty players in forty time zones, each recording at "
            "local noon. The conductor is a map maker."
        ),
        voice="Grand but never pompous, a narrator who was there.",
        themes=("expeditions", "homecoming", "deep space", "promises kept late"),
        audience="Daydreamers with a view from the train.",
        style_notes=(
            "Low strings that start small, horns that answer, drums like distant doors, one theme "
            "that returns in full at the end."
        ),
        visual_style="vast horizons, one small figure, brass gold on deep blue, film haze",
        tempo_min_bpm=76,
        tempo_max_bpm=100,
        keys=("D minor", "C minor", "B minor"),
    ),
)


def seed_roster(now: datetime) -> tuple[int, int]:
    """Add the starter artists that are missing, as candidates; gives how many (created, kept).

    An artist that is there already, retired or edited, stays as it is.
    """
    taken = taken_names()
    missing = [persona for persona in STARTER_ROSTER if persona.name.lower() not in taken]
    for persona in missing:
        create_artist(
            persona=persona, now=now, status=Artist.Status.CANDIDATE, reason="Starter roster"
        )
    return len(missing), len(STARTER_ROSTER) - len(missing)
