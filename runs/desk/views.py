"""The review desk: one page, and the small JSON requests it makes.

Every request checks the permission again and is a POST with the CSRF token. A decision answers 200;
if it is not possible, 409 with the present verdict on the run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from runs.desk.items import items_of
from runs.desk.requests import (
    BadRequest,
    CommentForm,
    Conflict,
    ReasonsForm,
    TogetherForm,
    VerdictForm,
    body_of,
    clean_form,
    items_together,
    parse_id,
    parse_ids,
    scope_of,
)
from runs.desk.verdicts import newest_of, standing_verdict, verdict_of
from runs.errors import ReviewRefused
from runs.models import Review, Run
from runs.reviewing import leases, reviews
from runs.reviewing.comments import (
    MAY_COMMENT,
    Remark,
    add_comment,
    comment_as_json,
    comments_for,
    delete_comment,
    edit_comment,
)
from runs.reviewing.reviewers import MAY_REVIEW

RECENT = 8  # decisions a reviewer can correct at the desk

Answer = Callable[[User, dict[str, Any]], dict[str, Any]]


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the desk's addresses inside an admin site."""

    def api(route: str, answer: Answer) -> URLPattern:
        view = site.admin_view(never_cache(require_POST(json_answer(answer))))
        return path(f"desk/{route}/", view, name=f"desk_{route}")

    @require_GET
    def page(request: HttpRequest) -> HttpResponse:
        return desk(request, site)

    return [
        path("desk/", site.admin_view(never_cache(page)), name="desk"),
        api("next", next_items),
        api("heartbeat", heartbeat),
        api("release", release),
        api("decide", decide),
        api("undo", undo),
        api("reasons", reasons),
        api("scopes", scopes),
        api("several", several),
        api("together", together),
        api("comments", comments),
    ]


def reviewer_of(request: HttpRequest) -> User:
    """Return the user of a request, if it may review. Raises PermissionDenied."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(MAY_REVIEW):
        raise PermissionDenied
    return user


def json_answer(answer: Answer) -> Callable[[HttpRequest], HttpResponse]:
    """Return a view that answers JSON with JSON and turns refusals into 400 and 409."""

    @wraps(answer)
    def view(request: HttpRequest) -> HttpResponse:
        reviewer = reviewer_of(request)
        try:
            return JsonResponse(answer(reviewer, body_of(request)))
        except BadRequest as error:
            return JsonResponse({"error": str(error)}, status=400)
        except Conflict as error:
            return JsonResponse({"error": str(error), "theirs": error.standing}, status=409)
        except ReviewRefused as error:
            return JsonResponse({"error": str(error)}, status=409)

    return view


def desk(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show the page, which then fetches its items."""
    reviewer = reviewer_of(request)
    context = {
        **site.each_context(request),
        "title": "Review desk",
        "reasons": list(Review.Reason.choices),
        "desk": {
            "reviewer": reviewer.pk,
            "grace_s": settings.REVIEW_GRACE_S,
            "lease_s": leases.LEASE_S,
            "ahead": leases.AHEAD,
            "together": leases.TOGETHER,
            "reasons": list(Review.Reason.choices),
            "login": reverse("admin:login"),
            "may_comment": reviewer.has_perm(MAY_COMMENT),
            "urls": {
                name: reverse(f"admin:desk_{name}")
                for name in (
                    "next",
                    "heartbeat",
                    "release",
                    "decide",
                    "undo",
                    "reasons",
                    "scopes",
                    "several",
                    "together",
                    "comments",
                )
            },
        },
    }
    request.current_app = site.name
    return TemplateResponse(request, "desk/desk.html", context)


def next_items(reviewer: User, body: dict[str, Any]) -> dict[str, Any]:
    """Lease and return the next items. have: items the page holds, or has decided or skipped."""
    now = timezone.now()
    reviews.apply_due(now=now)
    scope = scope_of(body)
    want = body.get("want")
    count = want if isinstance(want, int) else 1 + leases.AHEAD
    taken = leases.lease_runs(
        reviewer,
        now=now,
        count=max(0, min(count, 1 + leases.AHEAD)),
        scope=scope,
        without=parse_ids(body, "have"),
    )
    return {
        "items": items_of(taken, reviewer=reviewer, now=now),
        "counts": leases.queue_counts(scope=scope, now=now),
        "open_runs": 0 if taken else Run.objects.open()[: leases.COUNT_LIMIT].count(),
    }


def heartbeat(reviewer: User, body: dict[str, Any]) -> dict[str, Any]:
    """Renew the leases of the items on the desk, and apply the decisions that are due."""
    now = timezone.now()
    reviews.apply_due(now=now)
    held = leases.renew(reviewer, parse_ids(body, "runs"), now=now)
    return {"held": sorted(map(str, held))}


def release(reviewer: User, body: dict[str, Any]) -> dict[str, Any]:
    """Give items back to the queue: they were skipped, or the page is closed."""
    return {"released": leases.give_back(reviewer, parse_ids(body, "runs"))}


def decide(reviewer: User, body: dict[str, Any]) -> dict[str, Any]:
    """Take one decision; the same key again returns the same answer."""
    verdict = clean_form(VerdictForm(body))
    try:
        return {"verdict": verdict_of(take_decision(reviewer, **verdict))}
    except ReviewRefused as error:
        raise Conflict(str(error), standing_verdict(verdict["run"])) from error


def take_decision(reviewer: User, *, run: Any, key: Any, **verdict: Any) -> Review:
    """Decide unless the run is now on another reviewer's desk. Raises ReviewRefused."""
    now = timezone.now()
    holder = leases.holder_of(run, now=now)
    # A repeated request was decided already, whoever holds the run now.
    known = Review.objects.filter(key=key).exists()
    if holder and holder != reviewer and not known:
        raise ReviewRefused(
            f"{holder} has this run on the desk: your lease of it ran out. It comes back to you "
            "if they leave it."
        )
    return reviews.decide(
        run_id=run,
        reviewer=reviewer,
        now=now,
        key=key,
        grace_s=settings.REVIEW_GRACE_S,
        **verdict,
    )


def undo(reviewer: User, body: dict[str, Any]) -> dict[str, Any]:
    """Undo one decision by its key, or all of a group; repeating it returns the same answer."""
    now = timezone.now()
    if "group" not in body:
        key = parse_id(body.get("key"))
        review = reviews.undo_verdict(key=key, reviewer=reviewer, now=now)
        return {"undone": [verdict_of(review)], "refused": []}
    mine = Review.objects.filter(group=parse_id(body["group"]), reviewer=reviewer)
    undone, refused = [], []
    for review in mine.order_by("pk"):
        try:
            undone.append(reviews.undo_verdict(key=review.key, reviewer=reviewer, now=now))
        except ReviewRefused as error:
            refused.append(str(error))
    return {"undone": [verdict_of(review) for review in undone], "refused": refused}


def reasons(reviewer: User, body: dict[str, Any]) -> dict[str, Any]:
    """Correct the reasons of one's own decision; without a key, list one's newest decisions."""
    if "key" in body:
        correction = clean_form(ReasonsForm(body))
        reviews.edit_reasons(reviewer=reviewer, now=timezone.now(), **correction)
    return {"recent": newest_of(reviewer, count=RECENT)}


def scopes(reviewer: User, body: dict[str, Any]) -> dict[str, Any]:
    """Return what the queue can be narrowed to."""
    return leases.scopes_of_queue()


def several(reviewer: User, body: dict[str, Any]) -> dict[str, Any]:
    """Lease up to 25 items of one part of the queue, to decide them together."""
    scope = scope_of(body)
    if not scope:
        raise BadRequest("Choose an artist, a batch or a genre first.")
    now = timezone.now()
    taken = leases.lease_runs(reviewer, now=now, count=leases.TOGETHER, scope=scope)
    return {"items": items_of(taken, reviewer=reviewer, now=now)}


def together(reviewer: User, body: dict[str, Any]) -> dict[str, Any]:
    """Take one decision on several items of one part of the queue; each gets its own answer."""
    scope = scope_of(body)
    if not scope:
        raise BadRequest("Choose an artist, a batch or a genre first.")
    items = items_together(body)
    decision = clean_form(TogetherForm(body))
    inside = scope.of(Run.objects.filter(pk__in=[item["run_id"] for item in items]))
    if inside.count() != len({item["run_id"] for item in items}):
        raise BadRequest("Some of these runs lie outside the chosen part of the queue.")
    verdicts, refused = [], []
    for item in items:
        run_id = item.pop("run_id")
        try:
            review = take_decision(reviewer, run=run_id, **item, **decision)
        except ReviewRefused as error:
            refused.append(
                {"run": str(run_id), "error": str(error), "theirs": standing_verdict(run_id)}
            )
        else:
            verdicts.append(verdict_of(review))
    return {"verdicts": verdicts, "refused": refused}


def comments(reviewer: User, body: dict[str, Any]) -> dict[str, Any]:
    """Leave a comment at a second of a run; with its id, change one's own, or remove it.

    Returns the run's comments as they are then.
    """
    if not reviewer.has_perm(MAY_COMMENT):
        raise PermissionDenied
    sent, now = clean_form(CommentForm(body)), timezone.now()
    run_id, comment_id, text = sent["run"], sent["comment"], sent["text"]
    if comment_id is None:
        remark = Remark(sent["at_s"] or 0.0, text)
        add_comment(run_id=run_id, remark=remark, author=reviewer, now=now)
    elif text:
        edit_comment(comment_id=comment_id, run_id=run_id, text=text, author=reviewer, now=now)
    else:
        delete_comment(comment_id=comment_id, run_id=run_id, author=reviewer)
    shown = comments_for(reviewer, [run_id])
    return {"comments": [comment_as_json(comment, reviewer) for comment in shown]}
