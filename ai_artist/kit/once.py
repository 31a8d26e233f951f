"""The key that makes a form do its work only once (middleware: SentOnce)."""

from __future__ import annotations

import uuid

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.forms import ActionForm

FIELD = "form_key"


def key_input() -> SafeString:
    """Return a hidden field with a new key."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, uuid.uuid4())


class OnceActionForm(ActionForm):
    """The actions of a list, with a key like every other form that starts something."""

    form_key = forms.UUIDField(
        required=False, label="", initial=uuid.uuid4, widget=forms.HiddenInput
    )
