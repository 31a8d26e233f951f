"""Parts of invented stage names."""

from media_tools.text.bank.model import tokens

GIVEN = tokens("""
    Mira Tobin Elsa Ravi Juno Caspian Noor Iris Levi Wren Ottilie Soren Marlo Thea Idris Anouk
    Bram Calla Dario Esme Faye Gideon Hollis Ines Jonas Kaia Linus Mabel Nico Odette Petra Quill
    Rhea Silas Tamsin Ulla Viggo Willa Xanthe Yara Zeno Amina Bodhi Clio Davin Eira Fenn Greta
    Hana Isko Jori Kemi Lior Maren Nils Orla Pax Romy Sunniva Tariq Una Vesper Wilder Yusra
    Zadie Alba Corin Delphine Emre Freya Goran Halle Imre Juna Kasper
""")

FAMILY_STARTS = tokens("""
    Ash Bel Black Bram Cal Carr Cor Dun Ell Fair Fen Gall Gray Hal Hart Hollo Kess Lang Lark Lin
    Mar Merri Mill Mor Nor Oak Pell Quin Raven Rook Sal Sear Stell Sutter Tal Thorn Vale Vann
    Ver Wake Wes Whit Win Wolf Yar
""")

FAMILY_ENDS = tokens("""
    bourne by combe croft dale den ell er feld field ford gate grave haven holt land ler ley
    lock lund man mere mont more ning ridge rose row sen ski son stad stead ston strand vane
    very ville ward water way wick wood worth
""")

COLLECTIVE_WORDS = tokens("""
    Paper Static Velvet Copper Northern Hollow Minor Silent Second Lunar Coral Marble Slow
    Borrowed Glass Winter Salt Amber Ivory Distant Late Parallel Pale Wooden Quiet Electric
    Saffron Cobalt Hidden Lesser Twin Early Cardinal Feral Gentle Tidal Ultra Violet Wild Ninth
    Little Analog Broken Inner Outer Civic Modern Plastic Rural Satin Solar Sunday Tin Vacant
    Woolen Zero
""")

COLLECTIVE_NOUNS = tokens("""
    Meridian Harbour Cassettes Orchard Lanterns Arcade Foxes Signals Parade Atlas Veranda
    Swimmers Archive Pilots Garden Engine Sparrows Motel Observatory Tides Cinema Wolves Compass
    Kites Almanac Ferry Museum Weather Antennas Choir District Elevator Festival Glacier Holiday
    Index Junction Kingdom Letters Magnets Novella Oracles Postcards Quarry Radio Satellites
    Telegraph Umbrellas Valley Windows Yearbook Cartographers Planetarium Aviary Trams Ballroom
    Lagoon Ledger
""")

SYLLABLE_STARTS = tokens("B Br C Ch D Dr F G H J K Kl L M N P R S Sh Sk T Tr V Vl Y Z")
SYLLABLE_VOWELS = ("a", "e", "i", "o", "u", "ae", "ei", "y")
SYLLABLE_MIDDLES = tokens("l r n v s th m d k ll nn rr lv nd sk x")
SYLLABLE_ENDS = tokens("a e i o en is on ara ela ix une oa ette yn ora eus ane ia ova ume")
