"""Admin view that plays the sound of the values in an artist's form, before they are saved."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ai_artist.kit.caching import cache, cache_or_not
from ai_artist.kit.views import PageViewsMixin, page_view
from ai_artist.limits import Limit
from artists.admin.tabs import TABS
from artists.models import Artist
from media_tools.errors import ProviderError
from media_tools.music.base import MusicRequest
from media_tools.music.brief import read_brief
from media_tools.seeds import derive_seed

# Kept so long, by its values; the cache is bounded by itself.
KEPT_S = 3600
# What one person may have played: one at a time, and so many within a while.
LONGEST_WAIT_S = 60
LIMIT = Limit("sounds", most=20, within_s=600)


class TooMany(Exception):
    """This person has to wait; the message says how long."""


class ListeningMixin(PageViewsMixin):
    """The view, for ArtistAdmin."""

    @page_view("<int:artist_id>/listen/", "change")
    def listen_view(self, request: HttpRequest, artist: Artist) -> HttpResponse:
        """Answer with a player for the posted values, or with what is wrong with them."""
        fields = [name for name in TABS["sound"].fields if name != "change_reason"]
        form = self.get_form(request, artist, change=True, fields=fields)(
            request.POST, instance=artist
        )
        sound, refused = "", ""
        if form.is_valid():
            try:
                played = sound_of(form.instance, str(request.user.pk))
                sound = base64.b64encode(played).decode()
            except (TooMany, ProviderError) as error:
                refused = str(error)
        return self.page(
            request,
            "panel/listened.html",
            title=f"Sound of {artist}",
            artist=artist,
            form=form,
            sound=sound,
            refused=refused,
        )


def sound_of(artist: Artist, person: str) -> bytes:
    """Return the MP3 of an artist's values, kept from before if there is one. Raises TooMany."""
    request = request_for(artist)
    key = f"sound:{hashlib.sha256(repr(asdict(request)).encode()).hexdigest()}"
    with cache_or_not():
        if kept := cache.get(key):
            return bytes(kept)
    if LIMIT.counts(person):
        raise TooMany(
            f"You heard {LIMIT.most} within {LIMIT.within_s // 60} minutes. Try again a little "
            "later."
        )
    with _turn_of(person):
        # Takes a second to load, which other pages should not wait for.
        from media_tools.music.local.sketch import sketch

        played = sketch(request, settings.SOUNDFONT)
    with cache_or_not():
        cache.set(key, played, KEPT_S)
    return played


@contextmanager
def _turn_of(person: str) -> Iterator[None]:
    """Hold the person's only turn while a sound is made. Raises TooMany if it is held already."""
    turn = f"sound-of:{person}"
    free = True
    with cache_or_not():
        free = cache.add(turn, True, LONGEST_WAIT_S)
    if not free:
        raise TooMany("Your last one is still being played in. Try again in a few seconds.")
    try:
        yield
    finally:
        with cache_or_not():
            cache.delete(turn)


def request_for(artist: Artist) -> MusicRequest:
    """Return what the local engine is asked for: the middle of the tempo range, the first key."""
    sound: Mapping[str, Any] = {
        "genre": artist.genre,
        "prompt": artist.style_notes,
        "tempo_bpm": (artist.tempo_min_bpm + artist.tempo_max_bpm) // 2,
        "key": artist.keys[0] if artist.keys else None,
        "artist_sound": artist.sound_identity,
    }
    return MusicRequest(
        **sound,
        title=artist.name,
        mood="",
        duration_s=10.0,
        lyrics="",
        lyric_form=(),
        instrumental=True,
        seed=derive_seed("sound", artist.sound_identity),
        brief=read_brief(artist.style_notes),
    )
