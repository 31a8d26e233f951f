"""What a release says of how it was made: machine, person, sources; for shops and for listeners.

Shops ask for each contribution by itself (DDEX's AI disclosure, Spotify's AI credits, Apple's
transparency tags), none for one yes or no. What an algorithm made counts as machine-made like
what a model generated; `made_by` tells them apart, `digital_source_type` in IPTC's words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.conf import settings

from media_tools.music.declaration import NAME as IMPORTED
from media_tools.music.declaration import NOT_DECLARED
from media_tools.provenance import digital_source_type
from runs.models import Artifact, Review, Run
from runs.outputs import MusicOutput, VisualsOutput

# What the disclosure repeats of each artifact's provenance.
DISCLOSED = ("provider", "model", "generator", "licence", "source_url")
# What it and the credits repeat of each clip in the video.
CREDITED = ("credit", "author", "author_url", "page_url", "licence", "key")
PARTS = (
    ("lyrics", Artifact.Kind.LYRICS),
    ("music", Artifact.Kind.MIX),
    ("voice_tag", Artifact.Kind.VOICE_TAG),
    ("cover", Artifact.Kind.COVER),
    ("video", Artifact.Kind.VIDEO),
)
VOCALS = {
    "none": "",
    "synthetic": "sung by a synthetic voice",
    "undeclared": "not declared: the music was imported",
}
ALGORITHM = "algorithm"
MADE_BY = {"ai": "generative model", "algorithm": ALGORITHM, "human": "person"}
LOCAL = "local"


@dataclass(frozen=True)
class Contribution:
    """One part of the work. extent: how much of it a machine made: none, partial, full, undeclared.

    made_by: generative model, algorithm, person, or empty. tools: engines and versions.
    """

    extent: str
    made_by: str = ""
    tools: str = ""
    digital_source_type: str = ""


NOT_THERE = Contribution("none")
UNDECLARED = Contribution("undeclared")
SUNG = {"model": ""}


def disclosure_of(run: Run, *, cover: Artifact | None = None) -> dict[str, Any]:
    """Which part was made how: by a generative model, by an algorithm, or by a person.

    cover: of a release that does not take the run's own.
    """
    artifacts = run.artifacts_by_kind()
    files = {part: artifacts.get(kind) for part, kind in PARTS}
    if cover is not None:
        files["cover"] = cover
    parts = {
        part: {name: artifact.provenance.get(name, "") for name in DISCLOSED}
        for part, artifact in files.items()
        if artifact
    }
    sung = sung_in(run.output(MusicOutput))
    footage = footage_of(run)
    human = human_role(run)
    contributions = contributions_of(parts, sung=sung, footage=bool(footage))
    return {
        "artist_is_virtual": True,
        "machine_made": parts,
        "contributions": {name: asdict(one) for name, one in contributions.items()},
        "stores": store_flags(contributions),
        "human_role": human,
        "vocals": vocals_of(sung, tagged="voice_tag" in parts),
        "footage": footage,
        "statement": statement_of(contributions, human),
    }


def whole_disclosure(tracks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a release says as a whole: of one track what the track says, of several the sum."""
    if len(tracks) == 1:
        return tracks[0]
    names = tracks[0]["contributions"] if tracks else {}
    contributions = {
        name: together([Contribution(**track["contributions"][name]) for track in tracks])
        for name in names
    }
    human = " ".join(dict.fromkeys(track["human_role"] for track in tracks))
    footage = {clip["key"]: clip for track in tracks for clip in track["footage"]}
    return {
        "artist_is_virtual": True,
        "contributions": {name: asdict(one) for name, one in contributions.items()},
        "stores": store_flags(contributions) if contributions else {},
        "human_role": human,
        "vocals": "; ".join(dict.fromkeys(track["vocals"] for track in tracks)),
        "footage": list(footage.values()),
        "statement": statement_of(contributions, human),
        "tracks": list(tracks),
    }


def together(parts: Sequence[Contribution]) -> Contribution:
    """One contribution to several tracks: undeclared if one is, partial if they differ."""
    extents = {part.extent for part in parts}
    if "undeclared" in extents:
        return UNDECLARED
    made = [part for part in parts if part.extent != "none"]
    if not made:
        return parts[0] if len(set(parts)) == 1 else NOT_THERE
    # Where tracks differ, the stricter word stands for all.
    makers = {part.made_by for part in made}
    generator = next(name for name, maker in MADE_BY.items() if maker in makers)
    types = {part.digital_source_type for part in made}
    return Contribution(
        extent="full" if extents == {"full"} else "partial",
        made_by=MADE_BY[generator],
        tools=", ".join(sorted({part.tools for part in made if part.tools})),
        digital_source_type=(
            types.pop() if len(types) == 1 else digital_source_type(generator, mixed=True)
        ),
    )


def contributions_of(
    parts: dict[str, dict[str, str]], *, sung: str, footage: bool
) -> dict[str, Contribution]:
    """Each contribution by the names shops use. sung: as the music step tells it."""
    music = played(parts.get("music"))
    return {
        "composition": music,
        "instruments": music,
        "vocals": voiced(parts, sung),
        "lyrics": contribution(parts.get("lyrics")),
        # Mastering measures and filters; it generates nothing.
        "post_production": NOT_THERE,
        "artwork": contribution(parts.get("cover")),
        "video": contribution(parts.get("video"), mixed=footage),
    }


def contribution(made: dict[str, str] | None, *, mixed: bool = False) -> Contribution:
    """A contribution from the provenance of its file. mixed: people's material is in it as well."""
    if made is None:
        return NOT_THERE
    generator = made["generator"] or "algorithm"
    if generator == "human":
        return Contribution("none", MADE_BY[generator], made["model"])
    return Contribution(
        extent="partial" if mixed else "full",
        made_by=MADE_BY[generator],
        tools=made["model"],
        digital_source_type=digital_source_type(generator, mixed=mixed),
    )


def played(music: dict[str, str] | None) -> Contribution:
    """The music without its voices."""
    if music and music["provider"] == IMPORTED and music["licence"] == NOT_DECLARED:
        return UNDECLARED
    if music and music["provider"] == LOCAL:
        # A file with a sung voice counts as a model's; the band is played by rule all the same.
        return contribution(music | {"generator": "algorithm"})
    return contribution(music)


def voiced(parts: dict[str, dict[str, str]], sung: str) -> Contribution:
    """The voices: sung by a model, or a spoken name alone. sung: a key of VOCALS."""
    if sung == "undeclared":
        return UNDECLARED
    if sung == "synthetic":
        return contribution(parts.get("music", SUNG) | {"generator": "ai"})
    if "voice_tag" in parts:
        return replace(contribution(parts["voice_tag"]), extent="partial")
    return NOT_THERE


def store_flags(contributions: dict[str, Contribution]) -> dict[str, Any]:
    """What to set in the shops' own forms; where the law leaves a choice, the open answer."""

    def machine_made(*names: str) -> bool:
        return any(told_extent(asdict(contributions[name])) != "none" for name in names)

    tags = {
        "track": ("instruments", "vocals"),
        "composition": ("composition", "lyrics"),
        "artwork": ("artwork",),
        "music_video": ("video",),
    }
    synthetic = machine_made(*contributions)
    return {
        "apple_music_transparency_tags": [
            tag for tag, names in tags.items() if machine_made(*names)
        ],
        "youtube_contains_synthetic_media": synthetic,
        "tiktok_is_aigc": synthetic,
    }


def human_role(run: Run) -> str:
    """What people did, as far as it is recorded."""
    review = run.reviews.standing().first()
    if review is None:
        return "None recorded."
    if review.source == Review.Source.AUTOPILOT:
        return "Approved by an autopilot that people set up and check by samples."
    if review.reviewer is None:
        return "An operator approved the release from the command line."
    return "A person listened, watched and approved the release."


def vocals_of(sung: str, *, tagged: bool) -> str:
    """What is heard of voices, in words. tagged: the artist's name is spoken in it."""
    spoken = "the artist's name is spoken by a synthetic voice" if tagged else ""
    return "; ".join(filter(None, (VOCALS[sung], spoken))) or "none"


def statement_of(contributions: dict[str, Contribution], human: str) -> str:
    """The disclosure in plain words, to stand in a description."""
    made: dict[str, list[str]] = {}
    for name, one in contributions.items():
        if one.extent in ("full", "partial"):
            made.setdefault(one.made_by, []).append(
                name.replace("_", "-") + (" (in part)" if one.extent == "partial" else "")
            )
    undeclared = [name for name, one in contributions.items() if one.extent == "undeclared"]
    sentences = ["This is a release of a virtual artist."]
    sentences += [f"Made by {maker}: {', '.join(names)}." for maker, names in made.items()]
    if undeclared:
        sentences.append(f"Imported and not declared: {', '.join(undeclared)}.")
    return " ".join([*sentences, human])


def footage_of(run: Run) -> list[dict[str, str]]:
    """Credit, source and licence of each clip in the video; people filmed them."""
    visuals = run.output(VisualsOutput)
    clips = visuals.footage.clips if visuals and visuals.footage else ()
    return [{name: getattr(clip, name) for name in CREDITED} for clip in clips]


def sung_in(music: MusicOutput | None) -> str:
    """Who sings: "none", "synthetic" or "undeclared"."""
    return music.vocals if music else "none"


def credits_of(disclosure: dict[str, Any]) -> str:
    """Text of credits.txt: what the sources of footage ask to be shown; empty without footage."""
    blocks = [
        "\n".join(
            filter(
                None,
                (
                    clip["credit"] or f"Video {clip['key']}",
                    clip["page_url"],
                    clip["author_url"],
                    f"Licence: {clip['licence']}",
                ),
            )
        )
        for clip in disclosure["footage"]
    ]
    return "\n\n".join(["Footage in the video", *blocks]) + "\n" if blocks else ""


# --- As shops are told ---


def told_extent(made: Mapping[str, str]) -> str:
    """Return the extent of a contribution as shops are told: none, partial, full or undeclared.

    They ask for generative AI. Whether an algorithm counts is not settled: it does, unless the
    operator sets AI_ARTIST_DISCLOSE_ALGORITHMS_AS_AI to no. metadata.json tells the maker either
    way.
    """
    if made["made_by"] == ALGORITHM and not settings.DISCLOSE_ALGORITHMS_AS_AI:
        return "none"
    return made["extent"]


def parts_of(disclosure: Mapping[str, Any], *, instrumental: bool) -> dict[str, dict[str, str]]:
    """Return the contributions to a track. An instrumental has no words, whatever was written."""
    parts: dict[str, dict[str, str]] = dict(disclosure["contributions"])
    return parts | {"lyrics": asdict(NOT_THERE)} if instrumental else parts
