"""What a person chooses to be told, and the link in each mail that ends it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ai_artist.kit.admin import actor
from runs.models import PersonalSettings
from runs.telling import sending
from runs.telling.sources import SOURCES

INPUT = {"class": "panel-input"}
HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]


class NotificationsForm(forms.ModelForm):  # type: ignore[type-arg]
    """When to write, and where to."""

    email = forms.EmailField(
        label="Your mail address", required=False, widget=forms.EmailInput(INPUT)
    )
    hour = forms.TypedChoiceField(
        label="Hour of the summary", choices=HOURS, coerce=int, widget=forms.Select(INPUT)
    )

    class Meta:
        model = PersonalSettings
        fields = ("mail", "hour")
        widgets = {"mail": forms.RadioSelect}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["email"] = user.email
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        wants = cleaned.get("mail", PersonalSettings.Mail.OFF) != PersonalSettings.Mail.OFF
        if wants and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", "Enter the address that the mail goes to.")
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> PersonalSettings:
        local = timezone.localtime()
        # An hour that is over begins tomorrow.
        if self.changed_data and self.cleaned_data["hour"] <= local.hour:
            self.instance.summed_up_on = local.date()
        saved: PersonalSettings = super().save(commit)
        User.objects.filter(pk=self.user.pk).update(email=self.cleaned_data["email"])
        return saved


@require_http_methods(["GET", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """Show and save one's own choice: a page of the panel, for everybody."""
    user = actor(request)
    if user is None:
        raise Http404
    own = PersonalSettings.objects.filter(user=user).first() or PersonalSettings(user=user)
    form = NotificationsForm(request.POST or None, instance=own, user=user)
    if form.is_valid():
        form.save()
        messages.success(request, "Your choice is saved.")
        return HttpResponseRedirect(reverse("admin:notifications"))
    told = [source for source in SOURCES if user.has_perm(source.permission)]
    context = {
        **admin.site.each_context(request),
        "title": "Notifications",
        "form": form,
        "mail_enabled": settings.MAIL_ENABLED,
        "alarms": [source for source in told if source.urgent],
        "others": [source for source in told if not source.urgent],
    }
    return render(request, "panel/notifications.html", context)


@csrf_exempt  # mail programs post it by themselves (RFC 8058); the signed address is the proof
@never_cache
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End a person's mail, without signing in. A look changes nothing: scanners open every link."""
    person = sending.person_of(token)
    if person is None:
        raise Http404
    if request.method == "POST":
        sending.unsubscribe(person)
    return render(request, "panel/unsubscribe.html", {"done": request.method == "POST"})
