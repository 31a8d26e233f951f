"""Public pages of preview links: no account, no cookie, no script needed, not for search engines.

Who has the address hears the song. An unknown token is answered like any other unknown address, and
one that is over says so in words.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from csp.constants import NONE, SELF
from csp.decorators import csp
from django import forms
from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from ai_artist import media
from ai_artist.limits import Limit
from media_tools.records import Unreadable
from runs.errors import PreviewRefused
from runs.models import Artifact, PreviewComment, PreviewLink, Release, Run
from runs.presentation import RunCard, card, with_card_rows
from runs.previews import Said, count_open, heard_by, link_of, say
from runs.releasing.disclosure import (
    Contribution,
    disclosure_of,
    statement_of,
    whole_disclosure,
)

# Of one address. A player asks for a song in many pieces.
LOOKS, PIECES, COMMENTS = Limit("look", 60, 60), Limit("piece", 600, 60), Limit("say", 6, 300)
FILES = [SELF, *settings.FILE_ORIGINS]
POLICY = {
    "default-src": [NONE],
    "img-src": FILES,
    "media-src": FILES,
    "style-src": [SELF],
    "script-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
VIRTUAL = "This is a song of a virtual artist."
UNDECIDED = "Nobody has approved it yet."
GONE, TOO_MANY = 410, 429

View = Callable[..., HttpResponseBase]


class SayForm(forms.Form):
    """A comment without an account. What is longer than its column is cut, not refused."""

    name = forms.CharField(required=False)
    text = forms.CharField(required=False)
    thumb = forms.ChoiceField(required=False, choices=PreviewComment.Thumb.choices)


class Gone(Exception):
    """The link is over."""


def public(limit: Limit) -> Callable[[View], View]:
    """Wrap a view of a link: limited, unlisted, and told in words what it cannot show."""

    def wrap(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, token: str, **place: Any) -> HttpResponseBase:
            response: HttpResponseBase
            if limit.is_over(request):
                response = words(TOO_MANY, "Too many requests", "Wait a minute, then try again.")
            else:
                response = _answer(view, request, token, **place)
            response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
            response["Referrer-Policy"] = "no-referrer"
            return response

        # Who may say something has the token, which no other site knows: no cookie proves more.
        exempt: View = csrf_exempt(answer)
        return csp(POLICY)(exempt)

    return wrap


def _answer(view: View, request: HttpRequest, token: str, **place: Any) -> HttpResponseBase:
    link = link_of(token)
    try:
        if link is None:
            raise Http404
        runs = heard_by(link, now=timezone.now())
        if not runs:
            raise Gone
        return view(request, link, runs, **place)
    except Http404:
        return words(
            404,
            "There is nothing here",
            "The address is wrong or incomplete. Ask whoever sent it to you for the whole of it.",
        )
    except Gone:
        return words(
            GONE,
            "This link is over",
            "Its time has run out, or the song is not to be heard by it any more. Ask whoever sent "
            "it to you for a new one.",
        )


# The limit of looks holds for comments too, which have one of their own beside it.
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@public(LOOKS)
def preview(request: HttpRequest, link: PreviewLink, runs: list[Run]) -> HttpResponse:
    """Show what a link is for; by POST, keep what its visitor says."""
    if request.method == "POST":
        return take_comment(request, link, runs)
    if request.method == "GET":
        count_open(link, now=timezone.now())
    return page(request, link, runs, thanks="thanks" in request.GET)


def take_comment(request: HttpRequest, link: PreviewLink, runs: list[Run]) -> HttpResponse:
    """Keep a comment, or show the page again with what was typed and why it was not taken."""
    form = SayForm(request.POST)
    if COMMENTS.is_over(request):
        form.add_error(None, "That was a lot at once. Wait some minutes, then send it again.")
        return page(request, link, runs, form=form, status=TOO_MANY)
    if form.is_valid():
        try:
            say(link, Said(**form.cleaned_data), now=timezone.now())
        except PreviewRefused as error:
            form.add_error(None, str(error))
        else:
            return HttpResponseRedirect(f"{request.path}?thanks=1#say", status=303)
    return page(request, link, runs, form=form, status=400)


@require_safe
@public(PIECES)
def preview_song(
    request: HttpRequest, link: PreviewLink, runs: list[Run], position: int
) -> HttpResponseBase:
    """Send the streaming copy of one of a link's songs, by ranges."""
    if not 1 <= position <= len(runs):
        raise Http404
    return send(request, runs[position - 1].artifact(Artifact.Kind.MP3))


@require_safe
@public(PIECES)
def preview_cover(request: HttpRequest, link: PreviewLink, runs: list[Run]) -> HttpResponseBase:
    """Send the picture of what a link shows: the release's own cover, or a small one of a song."""
    own = link.release.cover if link.release else None
    return send(request, own or runs[0].artifact(Artifact.Kind.THUMBNAIL))


def send(request: HttpRequest, artifact: Artifact | None) -> HttpResponseBase:
    """Send a file as the panel does, to be kept by nobody for long: the link may be revoked."""
    if artifact is None or artifact.purged_at:
        raise Http404
    response = media.send(request, artifact)
    response["Cache-Control"] = "private, max-age=60"
    return response


# --- Pages ---


def page(
    request: HttpRequest,
    link: PreviewLink,
    runs: list[Run],
    *,
    form: SayForm | None = None,
    thanks: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Return a link's page. It is made without the request, whose session it must not touch."""
    token = request.resolver_match.kwargs["token"] if request.resolver_match else ""
    cards = cards_of(runs)
    release = link.release
    context = {
        "title": release.title if release else runs[0].title,
        "artist": runs[0].artist.name,
        "kind": release.get_kind_display() if release else "",
        "has_cover": bool((release and release.cover) or (cards and cards[0].thumbnail)),
        "cover_url": reverse("preview_cover", args=[token]),
        "tracks": [
            {"card": card, "url": reverse("preview_song", args=[token, place])}
            for place, card in enumerate(cards, start=1)
        ],
        "statement": told_of(release, runs),
        "until": link.expires_at,
        "takes_comments": link.takes_comments,
        "form": form or SayForm(),
        "thumbs": PreviewComment.Thumb.choices,
        "thanks": thanks,
    }
    return HttpResponse(render_to_string("listen/page.html", context), status=status)


def words(status: int, title: str, text: str) -> HttpResponse:
    """Return a page that says why there is nothing to hear."""
    context = {"title": title, "words": text}
    return HttpResponse(render_to_string("listen/words.html", context), status=status)


def cards_of(runs: list[Run]) -> list[RunCard]:
    """Return the songs with their files and words, in a fixed number of queries."""
    ids: list[UUID] = [run.pk for run in runs]
    by_id = {run.pk: run for run in with_card_rows(Run.objects.filter(pk__in=ids))}
    return [card(by_id[run_id]) for run_id in ids]


def told_of(release: Release | None, runs: list[Run]) -> str:
    """Return in plain words how the songs were made, and whether somebody approved them."""
    try:
        disclosure = (release and release.disclosure) or whole_disclosure(
            [disclosure_of(run) for run in runs]
        )
    except Unreadable:  # a visitor can do nothing about it; the panel says what is wrong
        return VIRTUAL
    if release is None and runs[0].status == Run.Status.AWAITING_REVIEW:
        parts = disclosure["contributions"].items()
        return statement_of({name: Contribution(**part) for name, part in parts}, UNDECIDED)
    return str(disclosure.get("statement", ""))
