"""The key by which a form that starts something does its work once (middleware: SentOnce)."""

from __future__ import annotations

import uuid

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.forms import ActionForm

FIELD = "form_key"


def key_input() -> SafeString:
    """A hidden field with a new key."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, uuid.uuid4())


class OnceActionForm(ActionForm):
    """The actions of a list, with a key like any other form that starts something."""

    form_key = forms.UUIDField(
        required=False, label="", initial=uuid.uuid4, widget=forms.HiddenInput
    )
