"""What keeps a release from its channels, and the values that a sheet works out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from media_tools.records import to_json
from runs.models import Credit, LabelProfile, Packing, Release, Role, Step
from runs.models.label import credits_to_json
from runs.outputs import LyricsOutput, MusicOutput
from runs.releasing.blockers import DISTRIBUTOR, FEED, VIDEO, blockers_of, of_channel
from runs.releasing.editing import ReleaseEdit, edit_release, save_profile
from runs.releasing.releases import CodeChanges, settle_due
from runs.releasing.sheet import RightsLine, sheet_of
from tests.factories import NOON, RunFactory, StepFactory, single_of
from tests.outputs import OUTPUTS
from tests.runs.releasable import write_told

pytestmark = pytest.mark.django_db

WRITERS = [
    Credit("Erika Example", Role.COMPOSER),
    Credit("Erika Example", Role.LYRICIST),
    Credit("Max Muster", Role.PRODUCER),
]


def profile(**fields: Any) -> LabelProfile:
    values: dict[str, Any] = {
        "name": "Night",
        "is_default": True,
        "label": "Night Label",
        "c_owner": "Night Words",
        "credits": credits_to_json(WRITERS),
        "territories": ["DE", "AT"],
        "language": "de",
        "recording_country": "DE",
        "sub_genres": {"synthwave": ["Electronic", "Synthpop"]},
    }
    return LabelProfile.objects.create(**{**values, **fields})


@pytest.fixture
def release() -> Release:
    """A packaged single of 80 seconds without any label data."""
    run = RunFactory(reviewable=True, status="approved", decided_at=NOON)
    return single_of(run, created_at=NOON)


def fields_of(release: Release, channel: str) -> list[str]:
    release.refresh_from_db()
    return [
        blocker.field for blocker in of_channel(blockers_of(release, sheet_of(release)), channel)
    ]


def edit(release: Release, **values: Any) -> None:
    edit_release(release_id=release.pk, edit=ReleaseEdit(values=values), actor=None, now=NOON)
    Packing.objects.all().delete()


def sing(release: Release, *, vocals: str = "synthetic", **lyrics: Any) -> None:
    run = release.tracks.get().run
    words = replace(OUTPUTS["lyrics"].lyrics, **lyrics)
    for output in (MusicOutput(vocals=vocals), LyricsOutput(lyrics=words)):
        StepFactory(
            run=run,
            name=output.step,
            status=Step.Status.DONE,
            finished_at=NOON,
            output=to_json(output),
        )


def test_each_channel_lists_what_it_lacks(release: Release) -> None:
    assert fields_of(release, DISTRIBUTOR) == ["label", "release_date", "cover", "credits"]
    assert fields_of(release, FEED) == ["label", "release_date", "upc", "cover", "credits", "isrc"]
    assert fields_of(release, VIDEO) == ["cover"]


def test_a_profile_fills_in_and_the_release_overrides(release: Release) -> None:
    profile()
    edit(release, label="Other Label", territories=["CH"])

    sheet = sheet_of(Release.objects.get())

    assert (sheet.label, sheet.territories, sheet.language) == ("Other Label", ("CH",), "de")
    assert (sheet.genre, sheet.sub_genre) == ("Electronic", "Synthpop")
    assert sheet.release_date == date(2026, 3, 30)
    assert sheet.c_line == RightsLine(2026, "Night Words")
    # Without an owner of the recording, the label is.
    assert str(sheet.p_line) == "2026 Other Label"
    assert sheet.tracks[0].credits == tuple(WRITERS)


def test_without_a_profile_a_release_goes_everywhere_and_has_no_date(release: Release) -> None:
    sheet = sheet_of(release)

    assert sheet.worldwide
    assert (sheet.release_date, sheet.c_line, sheet.language) == (None, None, "en")


def test_an_instrumental_has_no_words_and_needs_no_lyricist(release: Release) -> None:
    profile(credits=credits_to_json([WRITERS[0], WRITERS[2]]))

    track = sheet_of(release).tracks[0]

    assert (track.instrumental, track.language, track.explicit) == (True, "zxx", False)
    assert "credits" not in fields_of(release, DISTRIBUTOR)
    sing(release, language="en", explicit=True)
    track = sheet_of(release).tracks[0]
    assert (track.instrumental, track.language, track.explicit) == (False, "en", True)
    assert "credits" in fields_of(release, DISTRIBUTOR)


def test_an_undeclared_part_blocks_every_channel(release: Release) -> None:
    def said(channel: str) -> bool:
        found = of_channel(blockers_of(release, sheet_of(release)), channel)
        return any("Nobody declared how vocals" in blocker.text for blocker in found)

    sing(release, vocals="undeclared")

    assert [said(channel) for channel in (DISTRIBUTOR, FEED, VIDEO)] == [True, True, True]


def test_a_single_with_another_title_needs_another_cover(release: Release) -> None:
    edit(release, title="Neon Harbour")

    release.refresh_from_db()
    assert release.tracks.get().title == "Neon Harbour"
    texts = [blocker.text for blocker in blockers_of(release, sheet_of(release))]
    assert any("still says “Neon Rivers”" in text for text in texts)


def test_two_singles_of_an_artist_with_one_title_are_told_apart(release: Release) -> None:
    run = RunFactory(reviewable=True, status="approved", decided_at=NOON, artist=release.artist)
    other = single_of(run)
    assert "version_title" in fields_of(release, DISTRIBUTOR)

    edit(other, version_title="Acoustic")

    assert "version_title" not in fields_of(release, DISTRIBUTOR)


def test_a_short_song_and_an_odd_title_are_told(release: Release) -> None:
    run = release.tracks.get().run
    run.duration_s = 12.0
    run.save()
    edit(release, title="Neon Rivers (Official Video)")

    release.refresh_from_db()
    texts = " ".join(blocker.text for blocker in blockers_of(release, sheet_of(release)))

    assert "12 seconds" in texts
    assert "leave out “Official”" in texts


def test_a_code_of_two_earlier_releases_is_told_and_links_to_its_field(release: Release) -> None:
    other = single_of(RunFactory(reviewable=True, status="approved", decided_at=NOON))
    edit_codes = ReleaseEdit(codes=CodeChanges(isrcs={other.tracks.get().pk: "QZABC2600001"}))
    edit_release(release_id=other.pk, edit=edit_codes, actor=None, now=NOON)
    release.tracks.update(isrc="QZABC2600001")

    (blocker,) = [
        blocker
        for blocker in blockers_of(release, sheet_of(release))
        if "QZABC2600001" in blocker.text
    ]

    assert "belongs to the song" in blocker.text
    assert blocker.anchor == "id_track-1-isrc"


def test_a_release_is_ready_once_nothing_is_missing(release: Release) -> None:
    release.cover = release.bundle  # any file will do
    release.save()

    assert save_profile(LabelProfile(name="Night", is_default=True)) == 1
    write_told(release)
    assert settle_due(now=NOON) == 1
    release.refresh_from_db()
    assert release.status == Release.Status.DRAFT
    full = profile(name="Full", is_default=False)
    full.is_default = True
    save_profile(full)
    write_told(release)
    assert (settle_due(now=NOON), settle_due(now=NOON)) == (1, 0)

    release.refresh_from_db()
    assert release.status == Release.Status.READY
    assert LabelProfile.objects.get(is_default=True) == full
    edit_release(
        release_id=release.pk, edit=ReleaseEdit(values={"label": "X"}), actor=None, now=NOON
    )
    release.refresh_from_db()
    # Its bundle has to be made again first.
    assert release.status == Release.Status.DRAFT


def test_the_log_names_fields_and_no_legal_name(release: Release) -> None:
    edit(release, credits=credits_to_json(WRITERS), label="Night Label")

    (event,) = release.events.filter(kind="edited")
    assert "writers and producers" in event.message
    assert "Erika" not in event.message
    assert not edit_release(
        release_id=release.pk,
        edit=ReleaseEdit(values={"label": "Night Label"}),
        actor=None,
        now=NOON,
    )
