"""Making it: long shifts, corner shops, family, a name of one's own."""

from media_tools.text.bank.model import theme

THEME = theme(
    "the proving ground",
    matches="""
    hustle; grind; money; work; street; block; fame; success; pride; crown; win; struggle; game;
    rise
    """,
    mood_words="hungry; proud; defiant; focused",
    places="""
    on the corner; at the night shift; in the stairwell; on the top bunk; behind the counter; at the
    bus depot; on the late train; in the basement; under the scaffold; outside the studio
    """,
    acts="""
    count the coins; work the late shift; sign the line; pay the rent; double the savings; skip the
    small talk; write the verse; learn the ropes; call home early; lace the sneakers; read the
    contract; hold the silence; build the table; bet on the long shot; lift the others; take the
    stairs
    """,
    events="""
    the meter: run; the sub bass: shake; the elevators*: stall; the bills*: pile; the doors*: open;
    the block: listen; the trains*: roll; the cameras*: turn; the clock: punch in; the windows*:
    shake; the doubters*: call; the dollars*: talk
    """,
    things="""
    gold chain; time card; notebook; corner store; paper plate; phone bill; microphone; front seat;
    brand-new suit; rent receipt; bus pass; trophy; pen; second job
    """,
    plurals="""
    sneakers; contracts; corners; doubters; cameras; towers; night shifts; receipts; brothers;
    sisters; trophies; headlines; hallways; dollar signs
    """,
    adjectives="""
    hungry; patient; golden; concrete; loyal; heavy; sleepless; fearless; solid; self-made; steady;
    bulletproof
    """,
    tails="""
    on the graveyard shift and the day; on the thirteenth floor; from the bottom of the hill; with a
    back to the wall; on a minimum wage and a prayer; with the rent still due; in the same old coat;
    from the basement to the sky; in the studio light; at a quarter past nine
    """,
    nouns="""
    a name in light; a seat at the table and a view; my grandmother's ring; a dollar and a dream;
    the bottom line; a foot in the door; a crack in the wall; a crown of my own; the last train; the
    price of the climb
    """,
    verbs="""
    own the floor; change the game; work through the night; earn the crown; make a way
    """,
    predicates="""
    built from stone; paid for it all; higher than the wall; hard as stone; next in line
    """,
    hooks="""
    {Adj} Crown | put the {adj} crown on the town
    Night Shift | I made it out of the dead of night
    Started with Nothing | I started with nothing, now look at the view
    Mama's Kitchen | everything good is a call back home
    Foot in the Door | all I ever had was a foot in the door
    {Adj} Ground | this is the {adj} ground where I stand
    Not for Sale | you can keep the gold, I keep my name
    Stairs | I took the stairs all the way to the sky
    Thirteenth Floor | look at me now on the thirteenth floor
    Count Me In | count me in on the one and the two
    """,
    stories="""
    A cleaner writes verses on the back of time cards and reads them to an empty office at four in
    the morning. One night somebody forgets to leave.

    Somebody signs a contract with the {thing} their grandmother pawned and bought back. The ink is
    dry before the pride is.

    Three friends split one rent and one microphone. When the first of them makes it, the other two
    are already in the song.
    """,
    visuals="""
    a concrete stairwell in hard light; a skyline from a rooftop; a bus window at dawn; gold light
    on a dark face
    """,
)
