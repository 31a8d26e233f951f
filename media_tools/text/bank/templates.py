"""Lines with gaps, in six roles.

Notation: "tense line" where tense is past, now or any, so that one verse keeps one tense. Gaps:
{place} {thing} {plural} {adj} {act} {acting} {acted} {acts} {event} {event_past} {event_ing}
{event_bare}; a 2 behind a name asks for another one. The last gap, {T} {N} {V} or {A}, takes an
ending (model.py). "a {thing}" becomes "an" by sound.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("scene", "address", "turn", "hook", "list", "close")

_LINES = {
    "scene": """
past I {acted} {T}
past we {acted} {T}
past {event_past} {T}
past we were {acting} {T}
past you were {acting} {T}
past I was {acting} {T}
past I was still {acting} {T}
past there was a {thing} {T}
past I found a {thing} {T}
past I left the {thing} {T}
past you left your {thing} {T}
past we hid the {thing} {T}
past I dropped the {thing} {T}
past the {plural} were {A}
past the {thing} was {A}
past all the {plural} were {A}
past {place} the {plural} were {A}
past the {adj} {plural} were {A}
past I knew the {plural} {T}
past it was {adj} {plural} {T}
now {event} {T}
now and {event} {T}
now I {act} {T}
now we {act} {T}
now I'm {acting} {T}
now we're {acting} {T}
now I'm still {acting} {T}
now there's a {thing} {T}
now there's a {adj} {thing} {T}
now there are {plural} {T}
now the {thing} is {A}
now the {plural} are {A}
now every {thing} is {A}
now all the {plural} are {A}
now {place} the {plural} are {A}
now the {adj} {plural} are {A}
any {adj} {plural} {T}
any {event_ing} {T}
any {plural} and {plural2} {T}
any {place}, {N}
any {plural} {place}, {N}
any a {thing} {place}, {N}
""",
    "address": """
now tell me you {act} {T}
now do you still {act} {T}
now I {act} so I don't {V}
now I {act} so you can {V}
now if I {act}, will you {V}
now when you {act}, I {V}
now you {act} and I {V}
now I know that you want to {V}
now some nights I {act} just to {V}
now show me how you {act} and {V}
now teach me to {act} and to {V}
now nobody told me to {V}
any I never learned how to {V}
now I wait for you to {V}
now how do you {act} and still {V}
now you make it look easy to {V}
now it isn't like you to {V}
now promise me that you will {V}
past I asked you to {act} and {V}
past nobody taught us to {V}
past you made it look easy to {V}
past it wasn't like you to {V}
past I waited for you to {V}
now call me when the {plural} are {A}
now call me when {event} {T}
now you can keep the {thing} if you {V}
now what do you do when you {V}
now you say that the {plural} are {A}
now I still have your {thing} {T}
now I think of you {acting} {T}
now you're the {adj} {thing} {T}
past you said you would {V}
past you told me to {act} and {V}
past you asked me to {V}
past you were {N}
past I was {N2}, you were {N}
past you said the {plural} were {A}
past I thought the {thing} was {A}
past I thought that you were {A}
past you kept my {thing} {T}
past I gave you the {thing} {T}
past I gave you {N}
past you gave me {N}
past we said that we would {V}
past I saw you {acting} {T}
past I heard you {acting} {T}
past you wanted to {act}, I wanted to {V}
past you looked like {N}
past you called it {N}
""",
    "turn": """
now but I don't {act} and I don't {V}
now but nobody {acts} {T}
now but the {thing} is still {A}
now and still {event} {T}
now so I {act} and I {V}
now so I {act} {T}
now now I {act} {T}
now now there is only {N}
now and all that is left is {N}
now but I would rather {act} than {V}
now I would {act} before I {V}
now maybe I {act} because I can't {V}
now and if {event} I will {V}
now even the {plural} are {A}
now even the {thing} is {A}
now and maybe the {plural} are {A}
now what if the {plural} are {A}
now what if the {thing} is {N}
now and it's harder to {act} than to {V}
now but somebody {acts} {T}
now and nothing but {N}
now I don't need the {thing}, I need {N}
past then {event_past} {T}
past then you {acted} {T}
past but we {acted} {T}
past and nobody {acted} {T}
past until {event_past} {T}
past I meant to {act}, I meant to {V}
past I wanted to {act} and {V}
past we tried to {act}, we tried to {V}
past we didn't {act}, we didn't {V}
past I almost {acted} {T}
past and then there was only {N}
past but the {thing} was never {A}
past but nothing we had was {A}
past and no one was there to {V}
past so I {acted} {T}
past and I had to {act} and {V}
""",
    "hook": """
now come and {act} {T}
now we {act} and we {V}
now I will {act} till we {V}
now just {act} with me {T}
now let the {plural} be {A}
now let the {thing} be {A}
now let {event_bare} {T}
now I can feel {event_bare} {T}
now all I need is {N}
now all that I want is to {V}
now give me {N}
now give me the {thing}, give me {N}
now leave me the {thing} and {N}
now say that you'll {act}, say that you'll {V}
now if you {act} I will {V}
now every night we {act} {T}
now nothing but {plural} {T}
now nothing but {plural} and {N}
now you and I {T}
now you and the {thing} and {N}
now we don't {act}, we just {V}
now we're only {acting} {T}
now won't you {act} {T}
now won't you {V}
now oh, won't you let me {V}
now I could {act} {T}
now I want to {act} and {V}
now and we are {A}
now tonight we {V}
now don't ask me to {V}
now wherever you {V}
now until we {V}
""",
    "list": """
any {plural}, {plural2}, {N}
any one {thing}, one {thing2}, {N}
any a {thing}, a {thing2}, {N}
any the {thing}, the {plural}, {N}
any {adj} {plural} and {N}
any some {plural}, some {plural2}, {N}
any half of the {plural} and {N}
any your {thing} and my {thing2} {T}
any no {plural}, no {plural2}, only {N}
any too many {plural} {T}
any a hundred {plural} {T}
any one for the {plural}, one for {N}
any here is the {thing}, here is {N}
any first the {plural}, then {N}
any between the {plural} and {N}
any something {adj}, something {A}
any the {adj} {thing} and {N}
any more than the {plural}, more than {N}
any all of the {plural} {T}
any three {plural}, two {plural2}, {N}
any my {thing}, your {thing2}, {N}
any a little bit {adj}, a little bit {A}
any {acting}, {acting2} {T}
any {adj} {plural}, {adj2} {plural2} {T}
any as {adj} as {plural} {T}
""",
    "close": """
now and that's how we {V}
now that is the way that we {V}
now it's the only way to {V}
now and I'm never going to {V}
now and no one has to {V}
now we'll {act} until we {V}
now and I am {A}
now and everything is {A}
now and all that we had is {A}
now I guess we are all {A}
now I leave the {thing} {T}
now I keep the {thing} {T}
now goodbye to the {plural} {T}
now you are still {N}
now we are still {acting} {T}
now that's where I {act} {T}
now so here's to the {plural}, here's to {N}
now one last {thing} {T}
now the rest of it is {N}
now and what remains is {N}
now and I'm ready to {V}
now I'll {act} and then I'll {V}
now maybe tomorrow we {V}
past what we had was {N}
past it was only {N}
past that was how we {acted} {T}
past and that was {N}
past and after that we were {A}
past and I never did {V}
past and we went {acting} {T}
past and I went home to {V}
""",
}

TREND_LINES = """
now everyone's talking of {trend} {T}
now it's {trend} on every screen {T}
now they're playing {trend} {T}
now I hear about {trend} {T}
now you and me and {trend} {T}
now give me {trend}, give me {N}
now {trend} and {N}
now {trend} {T}
now so much for {trend}, let it {V}
now all this {trend} and {N}
now {trend}, {trend}, {N}
"""


@dataclass(frozen=True)
class Template:
    """One line with gaps. tense: past, now or any; ending: the kind of its last gap."""

    role: str
    tense: str
    text: str

    @property
    def ending(self) -> str:
        return self.text.rstrip("}")[-1]


def _read(role: str, block: str) -> tuple[Template, ...]:
    rows = (line.partition(" ") for line in block.strip().splitlines())
    return tuple(Template(role=role, tense=tense, text=text) for tense, _, text in rows)


TEMPLATES: dict[str, tuple[Template, ...]] = {role: _read(role, _LINES[role]) for role in ROLES}
TREND_TEMPLATES: tuple[Template, ...] = _read("trend", TREND_LINES)
