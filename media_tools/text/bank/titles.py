"""Titles that are noun phrases, and chorus lines that can sing any of them."""

from media_tools.text.bank.model import hook, lines

# {title} stands in lower case, with its article when it has one.
TITLES = ("{Adj} {Plural}", "The {Adj} {Thing}", "{Adj} {Plural}", "The {Thing}")

SUNG = lines("""
{title}, carry me home
{title}, don't let me go
nothing but {title} tonight
I still dream of {title} and rain
give me {title}, give me time
all I see is {title} and sky
keep me {title} for the road
say it with {title}, say it slow
{title} in the middle of the night
leave me with {title} and light
it was {title} after all
you and me and {title} below
I would trade it for {title} and rain
{title} at the end of the day
bring me {title} and stay
we'll have {title} and we'll have time
there is {title} on the other side
show me {title} in the morning sun
don't wake {title}, don't make a sound
{title} on the edge of town
I was looking for {title} and you
""")

# Hooks for a release that follows a trend; {trend} as it is said, {Trend} as in a title.
TREND_HOOKS = tuple(
    hook(line)
    for line in lines("""
    {Trend} After Dark | meet me for {trend} after dark
    {Trend} and Me | nothing left but {trend} and me
    More Than {Trend} | I want more than {trend} tonight
    The Year of {Trend} | this was the year of {trend} and rain
    {Trend} Weather | {trend} weather, {trend} sky
    All for {Trend} | we gave it all for {trend} and more
    A Word for {Trend} | give me a word for {trend} and rain
    Waiting on {Trend} | I'm still waiting on {trend} and time
    """)
)
