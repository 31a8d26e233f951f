"""Listening on a run's page: comparing, comments at a second, and preview links."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ai_artist.kit.admin import actor
from ai_artist.kit.values import minutes
from ai_artist.kit.views import PageViewsMixin, page_view
from runs.comparison import comparison_of
from runs.models import PreviewLink, Release, Run, TimedComment
from runs.previews import (
    MAY_SHARE,
    Invitation,
    links_of,
    make_link,
    note_seen,
    revoke_link,
    songs_of,
)
from runs.reviewing.comments import (
    MAY_COMMENT,
    Remark,
    add_comment,
    comments_for,
    delete_comment,
    edit_comment,
    may_change,
)

MAY_SEE_LINKS, MAY_REVOKE = "runs.view_previewlink", "runs.change_previewlink"
CLOCK = r"^(?:[0-9]{1,3}:)?[0-9]{1,5}(?:\.[0-9]{1,3})?$"


class CommentForm(forms.Form):
    """A comment at a second. at: a place in the song as people write it, "1:04" or "64"."""

    at = forms.RegexField(
        CLOCK,
        max_length=12,
        error_messages={"invalid": "Write the place as minutes and seconds, such as 1:04."},
    )
    text = forms.CharField(max_length=TimedComment.LONGEST)

    def clean_at(self) -> float:
        minutes_in, _, seconds = self.cleaned_data["at"].rpartition(":")
        return 60 * int(minutes_in or 0) + float(seconds)


class OneCommentForm(forms.Form):
    """What is done with one's own comment."""

    comment = forms.IntegerField(min_value=1, max_value=2**62)
    verb = forms.ChoiceField(choices=[("edit", "Edit"), ("delete", "Delete")])
    text = forms.CharField(max_length=TimedComment.LONGEST, required=False)


class LinkForm(forms.Form):
    """A new preview link."""

    recipient = forms.CharField(max_length=80, required=False)
    days = forms.IntegerField(min_value=1, max_value=PreviewLink.LONGEST_DAYS)
    takes_comments = forms.BooleanField(required=False)


class OneLinkForm(forms.Form):
    """The link that is revoked."""

    link = forms.IntegerField(min_value=1, max_value=2**62)


# --- Comparing and comments, of runs ---


class ListeningMixin(PageViewsMixin):
    """What a run's page answers to its player."""

    @page_view("<uuid:run_id>/compare/", "view", methods=("GET",))
    def compare_view(self, request: HttpRequest, run: Run) -> HttpResponse:
        """Answer with what the track can be compared with; asked for by the player's button."""
        answer = JsonResponse(comparison_of(run))
        add_never_cache_headers(answer)
        return answer

    @page_view("<uuid:run_id>/comments/", MAY_COMMENT)
    def comments_view(self, request: HttpRequest, run: Run) -> HttpResponse:
        """Add a comment; with `verb`, edit or delete one's own."""
        author, page = actor(request), reverse("admin:runs_run_change", args=[run.pk])
        form = (OneCommentForm if "verb" in request.POST else CommentForm)(request.POST)
        if author and self.usable(request, form):
            with self.refusals_shown(request):
                said = _perform(form, run, author)
                self.message_user(request, said, messages.SUCCESS)
                return HttpResponseRedirect(f"{page}#comments")
        # What went wrong is said at the head of the page.
        return HttpResponseRedirect(page)


def _perform(form: forms.Form, run: Run, author: User) -> str:
    """Do what a form of a comment asks for; returns what was done. Raises ReviewRefused."""
    sent, now = form.cleaned_data, timezone.now()
    if isinstance(form, CommentForm):
        remark = Remark(sent["at"], sent["text"])
        comment = add_comment(run_id=run.pk, remark=remark, author=author, now=now)
        return f"Your comment stands at {minutes(comment.at_s)}."
    one = {"comment_id": sent["comment"], "run_id": run.pk, "author": author}
    if sent["verb"] == "delete":
        delete_comment(**one)
        return "Your comment is removed."
    edit_comment(**one, text=sent["text"], now=now)
    return "Your comment is changed."


def comments_context(request: HttpRequest, run: Run) -> dict[str, Any]:
    """Return the comments on a run that the user may see, with their place in percent."""
    reader = actor(request)
    comments = list(comments_for(reader, [run.pk])) if reader else []
    length = run.duration_s or 1.0
    return {
        "comments": [
            {
                "row": comment,
                "place": round(min(100.0, 100 * comment.at_s / length), 2),
                "mine": reader is not None and may_change(comment, reader),
                "other_take": comment.take != run.take,
            }
            for comment in comments
        ],
        "may_comment": run.duration_s is not None and request.user.has_perm(MAY_COMMENT),
        "longest_comment": TimedComment.LONGEST,
    }


# --- Preview links, of runs and releases ---


class PreviewsMixin(PageViewsMixin):
    """Makes and revokes the preview links of a row."""

    @page_view("<uuid:subject_id>/share/", MAY_SHARE)
    def share_view(self, request: HttpRequest, subject: Run | Release) -> HttpResponse:
        """Make a link; its address is told once."""
        form, maker = LinkForm(request.POST), actor(request)
        if not form.is_valid() or maker is None:
            said = f"A link lasts 1 to {PreviewLink.LONGEST_DAYS} days; its name is a short one."
            self.message_user(request, said, messages.ERROR)
            return HttpResponseRedirect(_address(subject, "change"))
        with self.refusals_shown(request):
            invitation = Invitation(**form.cleaned_data)
            _, token = make_link(subject, invitation, maker=maker, now=timezone.now())
            self.message_user(request, _told_once(request, token), messages.SUCCESS)
        return HttpResponseRedirect(_address(subject, "change"))

    @page_view("<uuid:subject_id>/revoke/", MAY_REVOKE)
    def revoke_view(self, request: HttpRequest, subject: Run | Release) -> HttpResponse:
        form, page = OneLinkForm(request.POST), _address(subject, "change")
        if form.is_valid():
            with self.refusals_shown(request):
                revoke_link(subject, form.cleaned_data["link"], now=timezone.now())
                said = "The link is revoked: nobody hears anything by it any more."
                self.message_user(request, said, messages.SUCCESS)
                return HttpResponseRedirect(f"{page}#previews")
        return HttpResponseRedirect(page)


def _told_once(request: HttpRequest, token: str) -> SafeString:
    """Return the message with a new link's address; only the hash of its token is kept."""
    return format_html(
        "The link is made. Copy it now: it is not shown again. "
        '<code class="panel-address" id="preview-address">{}</code> '
        '<button type="button" class="panel-button is-small" data-copy="preview-address">Copy'
        "</button>",
        request.build_absolute_uri(reverse("preview", args=[token])),
    )


def previews_context(request: HttpRequest, subject: Run | Release) -> dict[str, Any]:
    """Return the links of a row for its page, and note their comments as seen by the maker."""
    if not request.user.has_perm(MAY_SEE_LINKS):
        return {}
    now, links = timezone.now(), list(links_of(subject))
    if (maker := actor(request)) is not None:
        note_seen(links, maker=maker, now=now)
    return {
        "previews": [{"link": link, "over": link.is_over(now=now)} for link in links],
        "may_share": request.user.has_perm(MAY_SHARE) and bool(songs_of(subject)),
        "may_revoke": request.user.has_perm(MAY_REVOKE),
        "share_url": _address(subject, "share"),
        "revoke_url": _address(subject, "revoke"),
        "usual_days": PreviewLink.USUAL_DAYS,
        "longest_days": PreviewLink.LONGEST_DAYS,
    }


def _address(subject: Run | Release, what: str) -> str:
    return reverse(f"admin:runs_{subject._meta.model_name}_{what}", args=[subject.pk])
