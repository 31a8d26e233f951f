"""What fits a genre: tempo, keys, sound, look, people, forms."""

from __future__ import annotations

from dataclasses import dataclass

from media_tools.text.bank.model import phrases

MINOR_KEYS = (
    "A minor",
    "C minor",
    "D minor",
    "E minor",
    "F minor",
    "G minor",
    "B minor",
    "F# minor",
)
MAJOR_KEYS = (
    "C major",
    "D major",
    "E major",
    "F major",
    "G major",
    "A major",
    "Bb major",
    "Eb major",
)
DORIAN_KEYS = ("D dorian", "E dorian", "A dorian", "G dorian")
LYDIAN_KEYS = ("F lydian", "C lydian")
MIXOLYDIAN_KEYS = ("G mixolydian", "D mixolydian")
PHRYGIAN_KEYS = ("E phrygian", "A phrygian")

# Forms by how many lines there is time for: V verse, P prechorus, C chorus, B bridge, O outro, and
# how many lines each has.
SHORT_FORM = "V4 C4 V4 C4"
SONG_FORMS = ("V4 C4 V4 C4 B4 C4", "V4 P2 C4 V4 P2 C4 B4 C4", "V4 C4 V4 C4 B4 C4 O2")
STORY_FORMS = ("V4 V4 C4 V4 C4 B4 C4", "V4 C4 V4 C4 V4 C4", "V4 V4 C4 V4 C4 O2")
CLUB_FORMS = ("V4 C4 V4 C4 B2 C4", "V4 P2 C4 V4 P2 C4 C4", "V4 C4 V4 C4 B4 C4")


BRIGHT_MOODS = ("bright", "hopeful", "sunlit", "playful", "joyful", "glowing", "warm")
DARK_MOODS = ("dark", "brooding", "shadowy", "solemn", "stormy", "cold", "tense")
CALM_MOODS = ("calm", "soft", "still", "gentle")
LIVELY_MOODS = ("driving", "lively", "urgent", "energetic")


@dataclass(frozen=True)
class Genre:
    """Facts of one genre. tempo: lowest and highest BPM; syllables: a line of a verse and of a
    chorus; palettes: four colours each, dark to light."""

    name: str
    label: str
    tempo: tuple[int, int]
    keys: tuple[str, ...]
    themes: tuple[str, ...]
    forms: tuple[str, ...]
    syllables: tuple[int, int]
    instruments: tuple[str, ...]
    styles: tuple[str, ...]
    moods: tuple[str, ...]
    palettes: tuple[tuple[str, str, str, str], ...]
    looks: tuple[str, ...]
    voices: tuple[str, ...]
    audiences: tuple[str, ...]
    beginnings: tuple[str, ...]


def _genre(
    name: str,
    label: str,
    *,
    tempo: tuple[int, int],
    keys: tuple[str, ...],
    themes: str,
    forms: tuple[str, ...],
    syllables: tuple[int, int],
    instruments: str,
    styles: str,
    moods: str,
    palettes: str,
    looks: str,
    voices: str,
    audiences: str,
    beginnings: str,
) -> Genre:
    rows = [tuple(row.split()) for row in phrases(palettes)]
    return Genre(
        name=name,
        label=label,
        tempo=tempo,
        keys=keys,
        themes=phrases(themes),
        forms=forms,
        syllables=syllables,
        instruments=phrases(instruments),
        styles=phrases(styles),
        moods=phrases(moods),
        palettes=tuple((a, b, c, d) for a, b, c, d in rows),
        looks=phrases(looks),
        voices=phrases(voices),
        audiences=phrases(audiences),
        beginnings=phrases(beginnings),
    )


GENRES: dict[str, Genre] = {
    genre.name: genre
    for genre in (
        _genre(
            "synthwave",
            "synthwave",
            tempo=(84, 124),
            keys=MINOR_KEYS + DORIAN_KEYS,
            themes="""
            night drives; signals from space; machines that remember; the last summer; the all-night
            floor; open water
            """,
            forms=SONG_FORMS,
            syllables=(9, 8),
            instruments="""
            analogue bass arpeggio; gated snare; wide poly-synth pads; glassy lead; tape-warm drum
            machine; octave bass; bell-like FM keys
            """,
            styles="retro-futurist synthwave; outrun; dreamy synth-pop; dark electro; chillwave",
            moods="nostalgic; cool; cinematic; restless; bittersweet; glowing",
            palettes="""
            #10061f #5b1a8c #f2388f #ffd9ec; #07122b #2b3a9e #19c8e6 #e8fbff; #1a0b14 #7a1f4d
            #ff7a59 #ffe9c7
            """,
            looks="""
            grid horizons and wet asphalt at night; VHS grain over magenta light; chrome lettering
            and long shadows; palm silhouettes in a hot sky
            """,
            voices="""
            cool and close, doubled an octave up; a calm tenor with a long echo; breathy and
            unhurried over a wall of synths; plain-spoken, almost a voice-over
            """,
            audiences="""
            night drivers, retro game players and people who miss a decade they never saw; listeners
            of film scores who want a beat; late-shift workers on the way home
            """,
            beginnings="""
            a broken drum machine bought at a car boot sale; soundtracks taped from the television;
            a summer job in an arcade; night shifts at a petrol station
            """,
        ),
        _genre(
            "lofi",
            "lo-fi",
            tempo=(66, 92),
            keys=MAJOR_KEYS + DORIAN_KEYS + MINOR_KEYS[:4],
            themes="""
            rain on the window; the town we came from; slow growing things; the long winter;
            machines that remember; the last summer
            """,
            forms=("V4 C4 V4 C4", "V4 C4 V4 C4 O2", "V4 C4 V4 C4 B4 C4"),
            syllables=(8, 7),
            instruments="""
            dusty electric piano; brushed swing drums; upright bass; vinyl crackle; muted guitar;
            soft vibraphone; tape-wobbled strings
            """,
            styles="lo-fi hip-hop; jazzy beats; bedroom soul; tape ambient; slow chillhop",
            moods="drowsy; warm; reflective; content; wistful; soft",
            palettes="""
            #1e1a24 #5a4a63 #c98f6b #f6e7d0; #16211f #3f6259 #a8c09a #f3f1de; #201713 #6e4a3a
            #d9a066 #fbeeda
            """,
            looks="""
            a desk by a rainy window; hand-drawn rooms with one warm lamp; faded film photographs of
            plants and cups; paper textures and soft grain
            """,
            voices="""
            almost spoken, very near the microphone; a sleepy alto with no hurry; half-sung, with
            the room left in
            """,
            audiences="""
            students, night readers and people who work to quiet music; listeners who put one record
            on repeat; anyone who is up too late on purpose
            """,
            beginnings="""
            a four-track under the bed; a library card and a box of old jazz records; the last room
            on the corridor; a flat above a bakery
            """,
        ),
        _genre(
            "ambient",
            "ambient",
            tempo=(54, 84),
            keys=MAJOR_KEYS + LYDIAN_KEYS + DORIAN_KEYS,
            themes="""
            signals from space; open water; the long winter; slow growing things; rain on the
            window; the high country
            """,
            forms=("V4 C4 V4 C4", "V4 C4 V4 C4 O2"),
            syllables=(8, 7),
            instruments="""
            evolving pads; bowed glass; distant piano; granular choir; sub drone; soft bells;
            processed field recordings
            """,
            styles="ambient; drone; modern classical ambient; space music; quiet electronics",
            moods="still; weightless; tender; vast; luminous; solemn",
            palettes="""
            #0b1a24 #2e5a6b #8fc1c7 #f0faf7; #14141f #3d4470 #a9b4e0 #f4f3ff; #101c16 #33594a
            #a3c7a7 #f5f8ea
            """,
            looks="""
            slow water in low light; fog over hills; macro ice and breath; gradients that hardly
            move
            """,
            voices="""
            a voice used as an instrument, few words; whispered lines with long pauses; a single
            soft layer, far back in the hall
            """,
            audiences="""
            people who meditate, paint or cannot sleep; listeners of long forms; gallery visitors
            and slow walkers
            """,
            beginnings="""
            recordings of a frozen harbour; a church organ played one note at a time; a winter as a
            lighthouse volunteer; a broken piano in a school hall
            """,
        ),
        _genre(
            "house",
            "house",
            tempo=(116, 128),
            keys=MINOR_KEYS + DORIAN_KEYS,
            themes="""
            the all-night floor; the last summer; night drives; machines that remember; open water;
            the proving ground
            """,
            forms=CLUB_FORMS,
            syllables=(8, 7),
            instruments="""
            four-on-the-floor kick; warm organ bass; shuffled hats; piano stabs; filtered strings;
            hand claps; soft vocal chops
            """,
            styles="deep house; piano house; soulful house; filter house; organic house",
            moods="joyful; open; sensual; sunlit; warm; driving",
            palettes="""
            #1b0f1e #7b2d5b #ff8552 #fff1d6; #0e1b2a #17637a #3fd0b6 #f1fff4; #211407 #8a4b14
            #ffb627 #fff6da
            """,
            looks="""
            hands and sunlight on a rooftop; cut-out shapes in warm colours; a mirror ball in
            daylight; close portraits with motion blur
            """,
            voices="""
            a bright alto with gospel in it; short lines sung like a promise; smooth and low, riding
            just behind the beat
            """,
            audiences="""
            dancers, runners and people cooking for friends; club goers who come early and stay
            late; everyone who likes a piano on the off-beat
            """,
            beginnings="""
            Sunday afternoons at a youth centre; a record bag inherited from an aunt; a residency in
            a bar with no sign; summers on a ferry's dance deck
            """,
        ),
        _genre(
            "techno",
            "techno",
            tempo=(124, 140),
            keys=MINOR_KEYS + PHRYGIAN_KEYS,
            themes="""
            the all-night floor; machines that remember; signals from space; the proving ground;
            night drives; the high country
            """,
            forms=CLUB_FORMS,
            syllables=(8, 7),
            instruments="""
            pounding kick; rolling sub bass; metallic percussion; acid line; cold stabs; noise
            sweeps; distant sirens
            """,
            styles="melodic techno; peak-time techno; dub techno; hypnotic techno; acid techno",
            moods="hypnotic; dark; tense; relentless; focused; euphoric",
            palettes="""
            #08090b #2a2f36 #8d99a6 #f2f6f8; #0a0508 #4b0d1b #e0213a #ffe6e2; #05100d #0e3d33
            #19e68c #e6fff2
            """,
            looks="""
            concrete halls and a single beam; strobed silhouettes; technical drawings in black and
            one colour; steel surfaces close up
            """,
            voices="""
            dry spoken lines over the kick; a processed voice between machine and prayer; clipped
            phrases, repeated until they change meaning
            """,
            audiences="""
            dancers who arrive at three; listeners who run at night; people who like their music
            built like architecture
            """,
            beginnings="""
            an apprenticeship in a machine hall; a basement under a closed printing works; a modular
            synthesizer soldered from kits; years of closing sets nobody filmed
            """,
        ),
        _genre(
            "drum_and_bass",
            "drum and bass",
            tempo=(168, 178),
            keys=MINOR_KEYS + DORIAN_KEYS,
            themes="""
            the all-night floor; night drives; signals from space; machines that remember; the
            proving ground; the high country
            """,
            forms=CLUB_FORMS,
            syllables=(9, 8),
            instruments="""
            chopped breakbeats; reese bass; liquid piano; airy pads; sub drops; rapid hats; string
            swells
            """,
            styles="""
            liquid drum and bass; rolling drum and bass; atmospheric jungle; soulful breaks
            """,
            moods="urgent; soaring; euphoric; deep; restless; bright",
            palettes="""
            #0a0f1f #1d3f8a #3ea8ff #eef7ff; #120a1c #4c1f7d #b35cff #f6ecff; #08140c #1c5a2a
            #8be04e #f6ffe6
            """,
            looks="""
            rushing tunnels and light trails; rooftop views at speed; liquid metal and rain; fast
            cuts of a city waking up
            """,
            voices="""
            a clear soprano over fast drums; quick half-sung verses and long open choruses; urgent
            but never shouted
            """,
            audiences="""
            dancers, skaters and night cyclists; people who work fast and feel slowly; festival
            crowds in front of the small stage
            """,
            beginnings="""
            pirate radio heard through a wall; a drum kit practised on pillows; night buses across a
            whole city; a borrowed sampler with one working pad
            """,
        ),
        _genre(
            "trap",
            "trap",
            tempo=(126, 156),
            keys=MINOR_KEYS + PHRYGIAN_KEYS,
            themes="""
            the proving ground; night drives; machines that remember; the town we came from; the
            long winter; the all-night floor
            """,
            forms=("V4 C4 V4 C4 B4 C4", "V4 V4 C4 V4 C4", "V4 C4 V4 V4 C4"),
            syllables=(10, 8),
            instruments="""
            gliding 808 bass; rapid hi-hat rolls; dark bells; snapping claps; minor-key piano; choir
            stabs; reversed textures
            """,
            styles="melodic trap; dark trap; ambient trap; orchestral trap; cloud rap",
            moods="proud; menacing; cold; hungry; triumphant; lonely",
            palettes="""
            #0b0b0d #3a2f12 #d4a72c #fff7d9; #0d0714 #3b1a66 #8f5bff #f0e8ff; #100808 #521515
            #e5533d #ffece6
            """,
            looks="""
            stairwells in hard light; gold on black; a skyline through a dirty window; slow
            portraits with smoke
            """,
            voices="""
            low and even, melody at the end of the line; half-sung with patience between phrases;
            close, dry, certain
            """,
            audiences="""
            people who train early and study late; headphone listeners who play the bass loud;
            anyone with something to prove
            """,
            beginnings="""
            a notebook filled on the night bus; a bedroom booth made of blankets; a choir left at
            fifteen; beats made on a school laptop
            """,
        ),
        _genre(
            "indie_pop",
            "indie pop",
            tempo=(96, 136),
            keys=MAJOR_KEYS + MIXOLYDIAN_KEYS + MINOR_KEYS[:3],
            themes="""
            the last summer; the town we came from; rain on the window; night drives; open water;
            slow growing things; the all-night floor
            """,
            forms=SONG_FORMS,
            syllables=(9, 8),
            instruments="""
            jangling guitars; tight live drums; melodic bass; glockenspiel; warm synth pads; hand
            claps; group vocals
            """,
            styles="indie pop; jangle pop; bedroom pop; dream pop; sunny power pop",
            moods="playful; bittersweet; bright; hopeful; breezy; tender",
            palettes="""
            #1f1433 #6a3fa0 #ff8fb1 #fff4e6; #0f2433 #1f7a8c #ffd166 #fffbea; #231a12 #c1553b
            #8ecae6 #fdf8f0
            """,
            looks="""
            sunny film with light leaks; collages of paper and polaroids; friends running through a
            field; pastel rooms with odd objects
            """,
            voices="""
            bright and conversational, cracks left in; sweet verses and shouted choruses; a light
            voice that means what it says
            """,
            audiences="""
            people who make mixtapes for friends; festival mornings and long train rides; listeners
            who learn every word
            """,
            beginnings="""
            a school band that lost its drummer; songs written in a shared kitchen; a ukulele won at
            a fair; four summers at the same campsite
            """,
        ),
        _genre(
            "folk",
            "folk",
            tempo=(72, 116),
            keys=MAJOR_KEYS + MIXOLYDIAN_KEYS + DORIAN_KEYS,
            themes="""
            the town we came from; slow growing things; open water; the long winter; the high
            country; rain on the window
            """,
            forms=STORY_FORMS,
            syllables=(9, 8),
            instruments="""
            fingerpicked steel guitar; upright bass; fiddle; brushed snare; banjo; harmonium; close
            harmonies
            """,
            styles="indie folk; americana; acoustic folk; chamber folk; story songs",
            moods="warm; honest; wistful; hopeful; plain; homesick",
            palettes="""
            #1c1a14 #5c4a2e #c08f4f #f7ecd7; #131c17 #3e5a44 #b7b779 #f7f5e3; #1d1513 #7a3e2d
            #d98e5f #fbeee2
            """,
            looks="""
            wooden rooms and window light; fields in late autumn; linocut prints of birds; a porch,
            a coat, a guitar case
            """,
            voices="""
            plain and near, with a catch in it; an old voice in a young mouth; two voices that
            breathe together
            """,
            audiences="""
            people who listen to the words; walkers, carpenters and letter writers; small rooms with
            wooden floors
            """,
            beginnings="""
            a grandfather's guitar with five strings; a season of harvest work; a choir in a village
            of forty; a mail route through the hills
            """,
        ),
        _genre(
            "cinematic",
            "cinematic",
            tempo=(64, 112),
            keys=MINOR_KEYS + LYDIAN_KEYS + MAJOR_KEYS[:3],
            themes="""
            the high country; signals from space; open water; the long winter; night drives;
            machines that remember
            """,
            forms=("V4 C4 V4 C4", "V4 C4 V4 C4 B4 C4", "V4 C4 V4 C4 O2"),
            syllables=(9, 8),
            instruments="""
            low strings; felt piano; war drums; brass swells; wordless choir; pulsing synth
            ostinato; solo cello
            """,
            styles="cinematic; epic orchestral; hybrid score; neo-classical; trailer music",
            moods="heroic; solemn; soaring; tense; majestic; mournful",
            palettes="""
            #0c0f14 #34445a #c7a35b #f7f0df; #0f0a0a #4a1c17 #d5633a #fdeadb; #0a1315 #1f4a50
            #7fb7b0 #eef8f5
            """,
            looks="""
            a tiny figure in a huge landscape; storm light and long lenses; dust in a beam of sun;
            ruins, flags and snow
            """,
            voices="""
            a solo voice above the orchestra; slow vowels, few consonants; from a whisper to a choir
            in one verse
            """,
            audiences="""
            players, film lovers and people who need courage on a Monday; listeners who close their
            eyes; trailer editors
            """,
            beginnings="""
            a village brass band; years of scoring student films for free; a cello carried over two
            borders; a cinema projectionist's night shifts
            """,
        ),
    )
}


def line_count_of(form: str) -> int:
    """Lines of a form such as "V4 C4 V4 C4"."""
    return sum(int(part[1:]) for part in form.split())


def genre_of(name: str) -> Genre:
    """The genre's facts; free text is matched by its words, indie pop if nothing fits."""
    key = name.lower().replace("-", "_").replace(" ", "_").replace("&", "and")
    if key in GENRES:
        return GENRES[key]
    text = f" {name.lower()} "
    for words, found in _NEAREST:
        if any(word in text for word in words):
            return GENRES[found]
    return GENRES["indie_pop"]


_NEAREST = (
    (("lo-fi", "lo fi", "lofi", "chillhop", "jazz"), "lofi"),
    (("drum and bass", "drum & bass", "dnb", "jungle", "breakbeat"), "drum_and_bass"),
    (("synth", "retro", "outrun", "80s"), "synthwave"),
    (("ambient", "drone", "meditation", "new age"), "ambient"),
    (("techno", "industrial", "acid", "trance"), "techno"),
    (("house", "disco", "garage", "edm", "dance"), "house"),
    (("trap", "hip-hop", "hip hop", "rap", "drill"), "trap"),
    (("folk", "country", "acoustic", "americana", "singer"), "folk"),
    (("cinematic", "orchestral", "score", "classical", "epic", "film"), "cinematic"),
)
