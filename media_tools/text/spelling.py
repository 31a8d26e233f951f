"""Turns English spelling into sound by rule, for words without a written pronunciation.

An ordered list of rules per letter, in the manner of Elovitz, Johnson, McHugh and Shore,
"Letter-to- sound rules for automatic translation of English text to phonetics", IEEE Trans. ASSP 24
(1976); the rules themselves were written for this module. Good enough to count syllables and to
judge a rhyme; names and loan words are guesses.
"""

from __future__ import annotations

import re
from functools import lru_cache

from media_tools.text.bank.model import tokens

_C = "[bcdfghjklmnpqrstvwxz]"
_V = "[aeiouy]"
_E_END = f"(?={_C}e(?:$|[sd]$))"  # a silent e makes the vowel long: "lake", "lakes"
_LONG = f"(?={_C}(?:e|es|ed|er|ers|ing|ings)$)"
_LE = "(?=[bcdfgkpt]le(?:$|[sd]$))"  # "table", "rifle"

# Letters (a regular expression matched at the present place in the word) and their sounds.
_RULES: dict[str, tuple[tuple[str, str], ...]] = {
    "a": (
        (r"augh", "AO"),
        (r"aigh|ai(?!r)|ay", "EY"),
        (r"air|are$|are(?=[sd]$)", "EH R"),
        (r"au|aw", "AO"),
        (r"(?<=w)ar|(?<=qu)ar|(?<=wh)ar", "AO R"),
        (rf"ar(?=r{_V})|ar(?={_V})", "EH R"),
        (r"ar", "AA R"),
        (r"alk", "AO K"),
        (r"alm", "AA M"),
        (r"alf", "AE F"),
        (r"all|al(?=[dt])|^al(?=[mrsw])", "AO L"),
        (r"al$|al(?=ly$)|al(?=s$)", "AH L"),
        (r"age$(?<=.{5})", "AH JH"),
        (r"a(?=nge)|a(?=ste?$)(?=ste)", "EY"),
        (r"ance$|ant$", "AH N T"),
        (rf"a{_LE}|a{_LONG}|a(?=ti)|a(?=ci)|a(?=v[yo])|a(?=d[yi])", "EY"),
        (r"(?<=w)a(?=[tnds])|(?<=qu)a", "AA"),
        (rf"^a(?={_C}{_C}?{_V})", "AH"),
        (r"a$", "AH"),
        (r"a", "AE"),
    ),
    "b": ((r"bb", "B"), (r"b(?=t$)", ""), (r"(?<=m)b$|(?<=m)b(?=s$|ing$|ed$)", ""), (r"b", "B")),
    "c": (
        (r"ch(?=r)", "K"),
        (r"ch", "CH"),
        (r"ck", "K"),
        (r"cc(?=[eiy])", "K S"),
        (r"cc", "K"),
        (r"ci(?=[ao])|ce(?=an)", "SH"),
        (r"c(?=[eiy])", "S"),
        (r"c", "K"),
    ),
    "d": ((r"dge", "JH"), (r"dg(?=ing)", "JH"), (r"dd", "D"), (r"d", "D")),
    "e": (
        (r"eigh", "EY"),
        (r"ear(?=[nlt]$|[nlt]h|ch|ly|ne)", "ER"),
        (r"ear|eer|ere$", "IH R"),
        (r"ea(?=d$|ds$|dy|th$|lth|ven|ther|sure|nt$|vy)", "EH"),
        (r"ea(?=u)", ""),
        (r"ea|ee|ei", "IY"),
        (r"ey$|ey(?=s$)", "IY"),
        (r"ey", "EY"),
        (r"eu|ew", "UW"),
        (rf"er(?=r|{_V})", "EH R"),
        (r"er", "ER"),
        (r"(?<=[aeiouy].)e(?=d$)(?<![td]e)", ""),
        (r"(?<=[aeiouy]..)e(?=d$)(?<![td]e)", ""),
        (r"(?<=[sxzcg])e(?=s$)|(?<=sh)e(?=s$)|(?<=ch)e(?=s$)", "IH"),
        (r"(?<=[aeiouy].)e(?=s$)|(?<=[aeiouy]..)e(?=s$)", ""),
        (r"(?<=[bcdfgkptz])(?<=..)e(?=l$)", "AH"),
        (r"e(?=n$|nt$|nce$|less$|ness$)(?<=...)", "AH"),
        (rf"e{_E_END}", "IY"),
        (rf"(?<=^[brdp])e(?={_C}{_V})|(?<=^pr)e(?={_C}{_V})", "IH"),
        (r"(?<=^[a-z])e$|(?<=^[a-z][a-z])e$(?<![aeiouy].e)", "IY"),
        (r"e$", ""),
        (r"e(?=ly$|ful$|less$|ment$|ness$)(?<=[a-z]{3})", ""),
        (r"e", "EH"),
    ),
    "f": ((r"ff", "F"), (r"f", "F")),
    "g": (
        (r"(?<=[aeiou])gh(?=t|$)", ""),
        (r"gh", "G"),
        (r"gn$|^gn|gn(?=s$|ed$|ing$)", "N"),
        (r"gg", "G"),
        (r"gue$", "G"),
        (r"^g(?=e[ta]|i[rvfg])", "G"),
        (r"g(?=[eiy])", "JH"),
        (r"g", "G"),
    ),
    "h": ((r"^h(?=our|onest|onou?r|eir)", ""), (rf"(?<={_V})h(?!{_V})", ""), (r"h", "HH")),
    "i": (
        (r"igh|i(?=gn$|gns$)", "AY"),
        (r"i(?=ld$|nd$|lds$|nds$)", "AY"),
        (r"iew", "Y UW"),
        (r"(?<=^[a-z])ie$|(?<=^[a-z][a-z])ie$", "AY"),
        (r"(?<=^[a-z])ie(?=[sd]$)|(?<=^[a-z][a-z])ie(?=[sd]$)", "AY"),
        (r"ie(?=[fvldcs])|ie$", "IY"),
        (r"iou", "IY AH"),
        (r"ire$|ire(?=[sd]$)", "AY ER"),
        (rf"ir(?={_V})", "AY R"),
        (r"ir", "ER"),
        (r"ine$(?<=.{6})", "IY N"),
        (r"ice$(?<=.{6})|ive$(?<=.{5})", "IH _"),
        (rf"i{_LE}|i{_LONG}", "AY"),
        (rf"(?<=^[a-z])i(?={_V})|(?<=^[a-z][a-z])i(?={_V})", "AY"),
        (r"i(?=[aou])|i$", "IY"),
        (r"i", "IH"),
    ),
    "j": ((r"j", "JH"),),
    "k": ((r"^k(?=n)", ""), (r"k", "K")),
    "l": (
        (rf"(?<={_C})le$", "AH L"),
        (rf"(?<={_C})le(?=[sd]$)", "AH L"),
        (r"ll", "L"),
        (r"l", "L"),
    ),
    "m": ((r"mm", "M"), (r"^mn", "N"), (r"mn$", "M"), (r"m", "M")),
    "n": (
        (r"ng$|ng(?=s$|ing|ed$|er$|ers$)", "NG"),
        (r"ng(?=[lrao])", "NG G"),
        (r"n(?=[kx])|n(?=q)", "NG"),
        (r"nn", "N"),
        (r"n", "N"),
    ),
    "o": (
        (r"oar|oor", "AO R"),
        (r"oa", "OW"),
        (r"oo(?=k)|oo(?=d$|ds$)", "UH"),
        (r"oo", "UW"),
        (r"ought", "AO T"),
        (r"ough", "OW"),
        (r"ould", "UH D"),
        (r"our(?=[nst]|$)", "AO R"),
        (r"ous$|ous(?=ly$|ness$)", "AH S"),
        (r"ou", "AW"),
        (r"(?<=t|d|r|l)own(?=$|s$)(?<=[tdr]own)(?<!gr)", "AW N"),
        (r"ow(?=$|s$|n$|ing$|ed$|er$)", "OW"),
        (r"ow", "AW"),
        (r"oy|oi", "OY"),
        (r"o(?=l[dtkl])|o(?=st$)|o(?=sts$)", "OW"),
        (r"(?<=w)or", "ER"),
        (r"or$(?<=.{4})|ors$(?<=.{5})", "ER"),
        (r"ore$|ore(?=[sd]$)|or", "AO R"),
        (r"on$(?<=.{4})|on(?=s$)(?<=.{4})|om$(?<=.{5})", "AH N"),
        (rf"o{_LE}|o{_LONG}", "OW"),
        (r"o(?=ng|ff|ss|th)", "AO"),
        (rf"o$|o(?=es?$)|o(?={_C}[yia])", "OW"),
        (r"o", "AA"),
    ),
    "p": ((r"ph", "F"), (r"^p(?=[sn])", ""), (r"pp", "P"), (r"p", "P")),
    "q": ((r"que$", "K"), (r"qu", "K W"), (r"q", "K")),
    "r": ((r"rr", "R"), (r"rh", "R"), (rf"(?<={_C})re$", "ER"), (r"r", "R")),
    "s": (
        (r"sh", "SH"),
        (r"sm$", "Z AH M"),
        (r"sch", "S K"),
        (rf"(?<={_V})sion", "ZH AH N"),
        (r"ssion|sion", "SH AH N"),
        (rf"(?<={_V})sure", "ZH ER"),
        (r"s(?=tle$)|sc(?=[eiy])", "S"),
        (r"ss", "S"),
        (rf"(?<={_V})s(?={_V})", "Z"),
        (r"(?<=[bdglmnrvwaeo])s$", "Z"),
        (r"s", "S"),
    ),
    "t": (
        (r"tion", "SH AH N"),
        (r"ti(?=[ao])", "SH"),
        (r"ture", "CH ER"),
        (r"tch", "CH"),
        (r"(?<=s)t(?=le$|en$)", ""),
        (r"^th(?=e[yr]|is|at|ose|ough|us)", "DH"),
        (rf"(?<={_V})th(?=er|e$|ing$)", "DH"),
        (r"th", "TH"),
        (r"tt", "T"),
        (r"t", "T"),
    ),
    "u": (
        (r"uy", "AY"),
        (r"ui(?=[td])", "UW"),
        (r"ure$", "Y UH R"),
        (r"ur", "ER"),
        (r"^u(?=n[ih])|^u(?=s[ei])", "Y UW"),
        (rf"(?<=g)u(?={_V})", ""),
        (r"ue$|ue(?=[sd]$)", "UW"),
        (rf"u{_LE}|u{_LONG}|u(?={_C}[iao])|u$", "UW"),
        (r"u(?=ll|sh$)", "UH"),
        (r"u", "AH"),
    ),
    "v": ((r"v", "V"),),
    "w": ((r"^w(?=r)", ""), (r"wh", "W"), (r"w", "W")),
    "x": ((r"^x", "Z"), (r"x", "K S")),
    "y": (
        (r"^y", "Y"),
        (rf"(?<=^{_C})y$|(?<=^{_C}{_C})y$|(?<=^{_C}{_C}{_C})y$", "AY"),
        (rf"y{_E_END}|ye$", "AY"),
        (r"y$|y(?=s$)", "IY"),
        (rf"y(?={_V})", "Y"),
        (r"y", "IH"),
    ),
    "z": ((r"zz", "Z"), (r"z", "Z")),
}

_COMPILED = {
    letter: tuple(
        (re.compile(pattern), tuple(sounds.replace("_", "").split())) for pattern, sounds in rules
    )
    for letter, rules in _RULES.items()
}

VOWELS = frozenset(tokens("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"))

_STRESS_BEFORE = re.compile(r"(?:tion|sion|cian|ic|ics|ical|ity|ety|ial|ian|ious|eous|ium)s?$")
_STRESS_LAST = re.compile(r"(?:ee|eer|ette|oon|ique|esque|aire)s?$")
_WEAK_FIRST = re.compile(
    r"^(?:a(?=[^aeiou][^aeiou]?[aeiou])|be|de|re|un|dis|ex|en|em|im|con|com|per|pre|pro|sur|mis|"
    r"to(?=[^aeiou])|for(?=[bg]))"
)


def _letters_to_sounds(word: str) -> list[str]:
    sounds: list[str] = []
    at = 0
    while at < len(word):
        for pattern, replacement in _COMPILED.get(word[at], ()):
            match = pattern.match(word, at)
            if match and match.end() > at:
                sounds.extend(replacement)
                at = match.end()
                break
        else:
            at += 1
    return sounds


def _stressed_vowel(word: str, vowels: int) -> int:
    """Return the index of the vowel with the main stress."""
    if vowels == 1:
        return 0
    if _STRESS_LAST.search(word):
        return vowels - 1
    if _STRESS_BEFORE.search(word):
        tail = 3 if re.search(r"(?:ical|ity|ety|ium|ian|ial)s?$", word) else 2
        return max(0, vowels - tail)
    if vowels == 2:
        return 1 if _WEAK_FIRST.match(word) else 0
    if vowels == 3:
        return 1 if _WEAK_FIRST.match(word) else 0
    return vowels - 3


@lru_cache(maxsize=8192)
def spelled_phones(word: str) -> tuple[str, ...]:
    """Return the sounds of a lower-case word in ARPAbet with stress; empty without letters."""
    sounds = _letters_to_sounds(word)
    vowels = [index for index, sound in enumerate(sounds) if sound in VOWELS]
    if not vowels:
        # "hmm", "tv" are spelled out or hummed; one beat is the best guess.
        return ("AH1", *sounds) if sounds else ()
    main = vowels[_stressed_vowel(word, len(vowels))]
    return tuple(
        sound if sound not in VOWELS else f"{sound}{1 if index == main else 0}"
        for index, sound in enumerate(sounds)
    )
