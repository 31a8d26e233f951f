"""Machines: screens, code, memory, whether any of it is us."""

from media_tools.text.bank.model import theme

THEME = theme(
    "machines that remember",
    matches="""
    machine; robot; digital; code; screen; internet; data; ai; phone; memory; computer; technology;
    game
    """,
    mood_words="sleek; uneasy; precise; tender",
    places="""
    in the server room; behind the firewall; on the login screen; in the cache; at the terminal;
    under the cables; in the waiting queue; on the second monitor; inside the archive; between the
    frames
    """,
    acts="""
    clear the history; type your name; read the error; save the file; trace the circuit; forget the
    password; scroll to the start; copy the key; learn your voice; pull the plug; count the pixels;
    charge the phone; mute the channel; close the window; wake the machine; search for your face
    """,
    events="""
    the cursor: blink; the servers*: hum; the screen: freeze; the pixels*: burn; the fans*: spin;
    the battery: fade; the network: sleep; the circuits*: learn; the update: fail; the cables*:
    cross; the archive: grow; the sensors*: wake
    """,
    things="""
    login name; blank tape; dead phone; silver disc; floppy disk; copper wire; avatar; keyboard;
    blue screen; backup; loading bar; password; glass screen; small machine
    """,
    plurals="""
    pixels; servers; circuits; cables; passwords; voices; numbers; batteries; avatars; screens;
    machines; error codes; copies; satellites
    """,
    adjectives="""
    digital; copper; silent; perfect; pixel; hollow; automatic; blinking; endless; magnetic;
    synthetic; gentle
    """,
    tails="""
    behind a pane of glass; in the source code; on a frozen screen; at the end of the command line;
    by remote control alone; in standard definition and grey; on a second-hand phone; in a loop all
    day; with the battery low; through a copper wire
    """,
    nouns="""
    a ghost in the code; a name on a screen; a copy of my face; a broken line; the cursor's light; a
    password made of rain; a voice on the phone; an endless feed to read; a wire through the wall;
    the memory of the machine
    """,
    verbs="""
    start again from the code; wait for the tone; write the code; log off and go; crash on the final
    frame; wait for a reply
    """,
    predicates="""
    made of code; lost on the screen; signed in and alone; saved in time; almost a dream
    """,
    hooks="""
    {Adj} Heart | I've got a {adj} heart made of wire
    Remember Me | check the box that remembers me
    Last Seen Today | it says that you were last seen today
    Ghost in the Code | I'm only a ghost in the lines of the code
    {Adj} Mirror | you are a mirror I can't break
    Do Machines Dream | ask the machine if it learned to dream
    Offline | pull the plug and we'll be fine
    Error, Try Again | close your eyes and try again
    Autocomplete | finish my line and finish it right
    {Adj} Copy | you love a {adj} copy of me
    """,
    stories="""
    A voice assistant is the last thing in the house that still says the name of someone who is
    gone. Its owner keeps asking small questions to hear it.

    Somebody finds an old {thing} and a conversation left open in it. They type the next line, years
    late, and the cursor waits with them.

    A machine that was built to finish sentences is asked to begin one. It thinks of the {plural},
    and of rain, which it has only read about.
    """,
    visuals="""
    macro pixels of a screen; cables in blue light; a face built of points; a blinking cursor in the
    dark
    """,
)
