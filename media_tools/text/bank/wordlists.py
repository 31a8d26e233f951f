"""What a song must keep away from: worn phrases, explicit words, names of real artists."""

from media_tools.text.bank.model import phrases

# Phrases worn out in pop lyrics; a few in one song are a finding.
CLICHES = phrases("""
    heart on fire; heart of gold; broken heart; heart on my sleeve; set my soul on fire; fire in
    my soul; fire in my heart; tears like rain; tears fall like rain; cry me a river; dancing in
    the moonlight; dance the night away; light up the night; set the world on fire; reach for the
    stars; shoot for the stars; follow your dreams; chasing my dreams; chasing dreams; live your
    dream; set me free; break these chains; spread your wings; learn to fly again; love at first
    sight; you complete me; love you forever; forever and ever; together forever; meant to be; two
    hearts beat as one; hearts beating as one; you and me against the world; take my breath away;
    take my hand and never let go; hold me tight tonight; feel the rhythm of the night; rhythm of
    the night; make it through the night; all through the night my love; end of the world without
    you; can't live without you; i would die for you; wear my heart; blinded by the light; light
    at the end of the tunnel; time will tell us; only time will tell; what doesn't kill you; like
    a phoenix; from the ashes; neon dreams; neon lights; electric dreams; city lights; digital
    rain; whispers in the dark; whispers in the wind; echoes in the dark; echoes of the past;
    shadows dance; dancing shadows; in the still of the night; sands of time; ships in the night;
    diamond in the rough; every fiber of my being; deep down inside; lost in your eyes; stars in
    your eyes; ocean eyes; head over heels; walk on air; on cloud nine; sky is the limit; the
    sky's the limit; rise from the ashes
""")

# Words that make a song explicit. Stems are matched as whole words with common endings.
EXPLICIT = phrases("""
    fuck; fucker; motherfucker; shit; bullshit; bitch; cunt; dick; cock; pussy; asshole; bastard;
    slut; whore; nigga; nigger; faggot; tits; blowjob; cum; porn; cocaine; heroin; goddamn
""")

# Names a release must not carry: the best known acts, far from complete.
KNOWN_ARTISTS = phrases("""
    Taylor Swift; Drake; Beyoncé; Beyonce; Ed Sheeran; Billie Eilish; The Weeknd; Ariana Grande;
    Justin Bieber; Rihanna; Bad Bunny; Dua Lipa; Adele; Kanye West; Kendrick Lamar; Eminem; Jay-Z;
    Lady Gaga; Katy Perry; Bruno Mars; Post Malone; Travis Scott; Harry Styles; Olivia Rodrigo;
    Sabrina Carpenter; Chappell Roan; Charli XCX; SZA; Doja Cat; Nicki Minaj; Cardi B; Megan Thee
    Stallion; Lana Del Rey; Lorde; Halsey; Sia; Shakira; Rosalía; Karol G; J Balvin; Daddy Yankee;
    Blackpink; Stray Kids; NewJeans; Coldplay; Imagine Dragons; Maroon 5; OneRepublic; Twenty One
    Pilots; Arctic Monkeys; Radiohead; The Beatles; The Rolling Stones; Rolling Stones; Pink
    Floyd; Led Zeppelin; Nirvana; Metallica; AC/DC; Michael Jackson; Elvis Presley; Freddie
    Mercury; David Bowie; Bob Dylan; Bob Marley; Elton John; Paul McCartney; John Lennon; Prince
    Rogers; Stevie Wonder; Whitney Houston; Mariah Carey; Madonna; Britney Spears; Celine Dion;
    Bruce Springsteen; Fleetwood Mac; Stevie Nicks; Kate Bush; Daft Punk; Deadmau5; Calvin Harris;
    David Guetta; Avicii; Marshmello; Skrillex; Aphex Twin; Boards of Canada; Kavinsky; The
    Midnight; Carpenter Brut; Perturbator; Tame Impala; Bon Iver; Phoebe Bridgers; Fleet Foxes;
    Sufjan Stevens; Mumford; Hans Zimmer; John Williams; Ludovico Einaudi; Brian Eno; Max Richter;
    Nils Frahm; Lil Nas X; Lil Wayne; Lil Baby; 21 Savage; Playboi Carti; Metro Boomin; Kid Cudi;
    Tyler, the Creator; Frank Ocean; Childish Gambino; Snoop Dogg; Dr. Dre; Tupac; Notorious
    B.I.G.; 50 Cent; Miley Cyrus; Selena Gomez; Demi Lovato; Shawn Mendes; Camila Cabello; Sam
    Smith; Lewis Capaldi; Hozier; Noah Kahan; Zach Bryan; Morgan Wallen; Luke Combs; Dolly Parton;
    Johnny Cash; Willie Nelson; Chris Stapleton; Kacey Musgraves; Nujabes; J Dilla; Swedish House
    Mafia; Chase & Status; Sub Focus; Netsky; Carl Cox; Nina Kraviz; Amelie Lens; Linkin Park;
    Green Day; Red Hot Chili Peppers; Foo Fighters; Pearl Jam; U2; Depeche Mode; The Cure; Joy
    Division; Pet Shop Boys; Gorillaz; Jennifer Lopez; Pitbull; Enrique Iglesias; Peso Pluma; Tate
    McRae
""")

# Of these, the ones that are ordinary words too: only their exact writing counts.
ARTISTS_LIKE_WORDS = frozenset(
    phrases("""
    The Midnight; The Cure; Drake; Nirvana; Madonna; Marshmello; Pitbull; Sia; Sub Focus; Green
    Day; Tame Impala; Imagine Dragons; Joy Division; Metro Boomin; John Williams; Sam Smith; Frank
    Ocean; Lorde; Halsey; Adele
    """)
)
