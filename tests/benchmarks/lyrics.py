"""Three hundred songs of the starter roster by the offline writer: cost, variety, rhyme, story.

Each song knows what the latest songs used, as the steps of a run tell it (runs/steps/wording.py).
"""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ai_artist.benchmarks.measuring import Result
from artists.starter_roster import STARTER_ROSTER
from media_tools.text import ledger
from media_tools.text.base import Concept, ConceptBrief, Lyrics, LyricsBrief, Persona, UsedWords
from media_tools.text.checks import lyric_findings
from media_tools.text.filling import content_words
from media_tools.text.offline import OfflineWriter
from media_tools.text.phonemes import clean_words
from media_tools.text.shingles import LEAST_SHINGLES, shared_share, shingles, title_key
from runs.steps.wording import LATEST_OF_ARTIST, LATEST_OF_ROSTER
from tests.media_tools.text.rhyming import section_rhymes

SONGS = 300
_COMMON = 20  # openings of two words whose share of all lines is told


@dataclass(frozen=True)
class Song:
    """A song and its different lines, in order."""

    artist: str
    concept: Concept
    lyrics: Lyrics

    @property
    def lines(self) -> list[str]:
        said = (line for section in self.lyrics.sections for line in section.lines)
        return list(dict.fromkeys(" ".join(clean_words(line)) for line in said))

    @property
    def story(self) -> frozenset[str]:
        return frozenset(content_words(self.concept.story.split(" The chorus holds")[0]))


def used_in(songs: Sequence[Song], artist: str) -> UsedWords:
    """Return what the latest songs used; titles and hooks of all of them."""
    own = [song for song in songs if song.artist == artist]
    latest = [*songs[-LATEST_OF_ROSTER:], *own[-LATEST_OF_ARTIST:]]
    return UsedWords(
        titles=frozenset(title_key(song.concept.title) for song in songs),
        hooks=frozenset(title_key(song.concept.hook) for song in songs),
        openings=frozenset(text for song in latest for text in ledger.openings(song.lyrics)),
        endings=frozenset(text for song in latest for text in ledger.endings(song.lyrics)),
    )


def written(artist: Persona, seed: int, songs: Sequence[Song]) -> Song:
    """Write a song for the artist after the others."""
    writer, used = OfflineWriter(), used_in(songs, artist.name)
    concept = writer.concept(ConceptBrief(artist, (), None, (), "", (60, 120), seed, used))
    lyrics = writer.lyrics(LyricsBrief(concept, artist, (), seed, used=used))
    return Song(artist.name, concept, lyrics)


def catalogue(count: int) -> Iterator[Song]:
    """Write songs in turn for the ten artists of the starter roster, seeds 1 and on for each."""
    songs: list[Song] = []
    for number in range(count):
        turn, place = divmod(number, len(STARTER_ROSTER))
        songs.append(written(STARTER_ROSTER[place], turn + 1, songs))
        yield songs[-1]


def repeated_share(items: Iterable[str]) -> float:
    """Return the share of items that are there more than once."""
    counts = Counter(items)
    return sum(n for n in counts.values() if n > 1) / counts.total()


def _runs_of_four(song: Song) -> set[str]:
    words = [line.split() for line in song.lines]
    return {" ".join(line[i : i + 4]) for line in words for i in range(len(line) - 3)}


def _head(line: str) -> str:
    return " ".join(line.split()[:2])


def _heads(song: Song) -> list[str]:
    return [_head(line) for line in song.lines]


def _words(song: Song) -> list[str]:
    return [word for line in song.lines for word in content_words(line)]


def told_artists(
    train: Sequence[Song], test: Sequence[Song], parts: Callable[[Song], list[str]]
) -> float:
    """Return in how many songs naive Bayes tells the artist from parts of the lyrics."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for song in train:
        counts[song.artist].update(parts(song))
    known = len({part for own in counts.values() for part in own})

    def likelihood(artist: str, song: Song) -> float:
        own = counts[artist]
        total = own.total() + known
        return sum(math.log((own[part] + 1) / total) for part in parts(song))

    right = sum(max(counts, key=lambda a: likelihood(a, song)) == song.artist for song in test)
    return right / len(test)


def _told_both_ways(
    one: Sequence[Song], other: Sequence[Song], parts: Callable[[Song], list[str]]
) -> float:
    return (told_artists(one, other, parts) + told_artists(other, one, parts)) / 2


def shares(songs: Sequence[Song]) -> dict[str, float]:
    """Return the measured shares of a catalogue, each from 0 to 1."""
    lines = [line for song in songs for line in song.lines]
    last, before = songs[-10:], {line for song in songs[:-10] for line in song.lines}
    late = [line for song in last for line in song.lines]
    heads = Counter(map(_head, lines))
    by_artist: dict[str, set[str]] = defaultdict(set)
    for song in songs:
        by_artist[song.artist].update(map(_head, song.lines))
    everybody = set.intersection(*by_artist.values())
    told = [len(song.story & {*content_words(" ".join(song.lines))}) for song in songs]
    rhymes = [section_rhymes(part) for song in songs for part in song.lyrics.sections]
    half = len(songs) // 2
    first, second = songs[:half], songs[half:]
    return {
        "distinct_lines": len(set(lines)) / len(lines),
        "lines_used_before_in_last_ten": sum(line in before for line in late) / len(late),
        "repeated_endings": repeated_share(map(ledger.line_ending, lines)),
        "repeated_runs_of_four": repeated_share(r for song in songs for r in _runs_of_four(song)),
        "lines_with_common_openings": sum(n for _, n in heads.most_common(_COMMON)) / len(lines),
        "lines_with_openings_of_all_artists": sum(heads[head] for head in everybody) / len(lines),
        "artists_told_by_openings": _told_both_ways(first, second, _heads),
        "artists_told_by_words": _told_both_ways(first, second, _words),
        "story_words": sum(n / len(s.story) for n, s in zip(told, songs, strict=True)) / len(songs),
        "lines_that_rhyme": sum(s.perfect for s in rhymes) / sum(s.lines for s in rhymes),
    }


def likeness(songs: Sequence[Song]) -> list[float]:
    """Return what each song shares with the song most like it."""
    known = [shingles(song.lyrics) for song in songs]
    assert all(len(one) >= LEAST_SHINGLES for one in known)
    return [max(shared_share(one, other) for other in known if other is not one) for one in known]


def lyrics() -> Result:
    """Write three hundred songs and measure them."""
    started = time.process_time()
    songs = list(catalogue(SONGS))
    cpu_s = time.process_time() - started
    alike = likeness(songs)
    return Result(
        "lyrics",
        {
            "cpu_s_per_song": cpu_s / SONGS,
            "lines": sum(len(song.lines) for song in songs),
            "distinct_stories": len({song.concept.story[:60] for song in songs}),
            "distinct_titles": len({title_key(song.concept.title) for song in songs}),
            "distinct_hooks": len({title_key(song.concept.hook) for song in songs}),
            "songs_with_findings": sum(bool(lyric_findings(song.lyrics)) for song in songs),
        },
        {
            **shares(songs),
            "shared_with_nearest_median": sorted(alike)[SONGS // 2],
            "shared_with_nearest_most": max(alike),
        },
    )


def ten_in_full() -> str:
    """Return a song of each artist as the docs show it, seeds 1 to 10."""
    songs: list[Song] = []
    for seed, artist in enumerate(STARTER_ROSTER, start=1):
        songs.append(written(artist, seed, songs))
    return "\n".join(
        f"### {song.concept.title}\n\n*{song.artist}.* {song.concept.story}\n\n"
        f"```text\n{song.lyrics.as_text()}```\n"
        for song in songs
    )
