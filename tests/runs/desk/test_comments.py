"""Comments at a second, left at the desk."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import Permission, User
from django.http import HttpResponse

from runs.models import Run, TimedComment


def test_comments_need_their_right(
    desk: Callable[..., HttpResponse], anna: User, new_run: Callable[..., Run]
) -> None:
    run = new_run()
    said = {"run": run.pk, "at_s": 3.5, "text": "Too loud"}
    assert desk("comments", **said).status_code == 403

    anna.user_permissions.add(Permission.objects.get(codename="add_timedcomment"))
    [comment] = desk("comments", **said).json()["comments"]

    assert comment == {
        "id": TimedComment.objects.get().pk,
        "at_s": 3.5,
        "text": "Too loud",
        "by": "anna",
        "mine": True,
        "take": 0,
    }
    assert desk("next", want=1).json()["items"][0]["comments"] == [comment]


def test_one_is_changed_removed_and_refused(
    desk: Callable[..., HttpResponse], anna: User, new_run: Callable[..., Run]
) -> None:
    anna.user_permissions.add(Permission.objects.get(codename="add_timedcomment"))
    run = new_run()
    [comment] = desk("comments", run=run.pk, at_s=3, text="Loud").json()["comments"]
    own = {"run": run.pk, "comment": comment["id"]}

    assert desk("comments", **own, text="Softer").json()["comments"][0]["text"] == "Softer"
    assert desk("comments", **own, text="").json()["comments"] == []
    assert desk("comments", **own, text="Again").status_code == 409
    assert desk("comments", run=run.pk, at_s=-1, text="x").status_code == 400
    assert desk("comments", run=run.pk, text="x" * 501).status_code == 400
