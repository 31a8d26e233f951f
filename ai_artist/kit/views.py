"""Adds views to an admin page, each with its address, methods and permission.

@page_view states them beside the view; PageViewsMixin serves and guards it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ClassVar, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from ai_artist.kit.admin import AdminBase

View = TypeVar("View", bound=Callable[..., HttpResponse])


@dataclass(frozen=True)
class Guard:
    """The conditions for a view of an admin page."""

    route: str
    permission: str | None
    methods: tuple[str, ...]
    name: str


def page_view(
    route: str,
    permission: str | None,
    *,
    methods: tuple[str, ...] = ("POST",),
    name: str = "",
) -> Callable[[View], View]:
    """Mark a method of an admin page as a view with its own address.

    route: below the page's list. An id in it is looked up, and the method gets the row.
    permission: a word of the page, as in actions ("change" asks has_change_permission), or a
    permission's full name ("runs.operate_run"); None: anybody who may log in.
    name: for reverse(); by default app, model and the last part of the route.
    """

    def mark(view: View) -> View:
        view.guard = Guard(route, permission, methods, name)  # type: ignore[attr-defined]
        return view

    return mark


class PageViewsMixin(AdminBase):
    """Serves the methods marked with @page_view.

    Answers 405 to the wrong method, then 403 without permission, and only then 404 to an unknown
    row, so that nobody learns which rows exist.

    refusals: services' errors that are an answer to the person, not a fault of the program.
    """

    refusals: ClassVar[tuple[type[Exception], ...]] = ()

    def get_urls(self) -> list[URLPattern]:
        own = inspect.getmembers(type(self), lambda member: hasattr(member, "guard"))
        # Before Django's own, the last of which takes any address for a row's id.
        return [*(self._address(view) for _, view in own), *super().get_urls()]

    def _address(self, view: Any) -> URLPattern:
        guard: Guard = view.guard
        last = guard.route.strip("/").split("/")[-1].replace("-", "_")
        address: URLPattern = path(
            guard.route,
            self.admin_site.admin_view(require_http_methods(guard.methods)(self._guarded(view))),
            name=guard.name or f"{self.opts.app_label}_{self.opts.model_name}_{last}",
        )
        return address

    def _guarded(self, view: Any) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, **ids: Any) -> HttpResponse:
            if not self._may(request, view.guard.permission):
                raise PermissionDenied
            rows = [self.get_object(request, str(row_id)) for row_id in ids.values()]
            if None in rows:
                raise Http404(f"No such {self.opts.verbose_name}.")
            answer: HttpResponse = view(self, request, *rows)
            return answer

        return guarded

    def _may(self, request: HttpRequest, permission: str | None) -> bool:
        if permission is None:
            return True
        if "." in permission:
            return bool(request.user.has_perm(permission))
        return bool(getattr(self, f"has_{permission}_permission")(request))

    def refusals_shown(self, request: HttpRequest) -> RefusalsShown:
        """Return a block that turns a service's refusal into a message; the code after it runs."""
        return RefusalsShown(self, request)

    def usable(self, request: HttpRequest, form: Form) -> bool:
        """Tell whether a form is valid; what is wrong with it becomes messages."""
        for errors in form.errors.values():
            for error in errors:
                self.message_user(request, error, messages.ERROR)
        return form.is_valid()

    def page(
        self, request: HttpRequest, template: str, *, status: int = 200, **context: Any
    ) -> TemplateResponse:
        """Return a page inside the panel."""
        request.current_app = self.admin_site.name
        whole = {**self.admin_site.each_context(request), **context}
        return TemplateResponse(request, template, whole, status=status)


@dataclass(frozen=True)
class RefusalsShown:
    """The block that PageViewsMixin.refusals_shown returns."""

    page: PageViewsMixin
    request: HttpRequest

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        refused = isinstance(error, self.page.refusals)
        if refused:
            self.page.message_user(self.request, str(error), messages.ERROR)
        return refused
