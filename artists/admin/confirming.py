"""The question before an artist is paused, retired, run and so on: where the palette leads to."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from ai_artist.kit.views import PageViewsMixin, page_view
from artists.models import Artist

# What each verb does, for the person who is asked.
EFFECTS = {
    "pause": "It gets no more turns until somebody resumes it. Runs on their way are finished.",
    "resume": "It gets turns again, in the status it had before the pause.",
    "retire": "It gets no more turns. Its songs and decisions stay, and it can be reinstated.",
    "reinstate": "It gets turns again: as active, or as a candidate if nothing was approved yet.",
    "run": "One run of it is queued now, beside its turns.",
}
RUN = "run"


class ConfirmingMixin(PageViewsMixin):
    """A view for ArtistAdmin; the forms on it go to the views that do the work."""

    def has_verb_permission(self, request: HttpRequest) -> bool:
        wanted = "operate" if request.GET.get("verb") == RUN else "change"
        return self._may(request, wanted)

    @page_view("<int:artist_id>/confirm/", "verb", methods=("GET",))
    def confirm_view(self, request: HttpRequest, artist: Artist) -> HttpResponse:
        verb = request.GET.get("verb", "")
        if verb not in EFFECTS:
            raise Http404("No such move.")
        return self.page(
            request,
            "panel/confirm_move.html",
            title=f"{verb.capitalize()} {artist.name}?",
            artist=artist,
            verb=verb,
            effect=EFFECTS[verb],
            runs=verb == RUN,
            page=reverse("admin:artists_artist_change", args=[artist.pk]),
        )
