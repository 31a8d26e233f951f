"""Every form asks in words, with a control for each kind of value, and refuses in words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.test import Client

from tests.addresses import addresses

pytestmark = pytest.mark.django_db

# What a constraint says by itself, or a reader of JSON.
RAW = re.compile(r"Constraint “|\bJSON\b|violat|__all__|<=|>=|\b[a-z0-9]+(?:_[a-z0-9]+)+\b")


def entries_of(form: forms.BaseForm, odd: str) -> dict[str, Any]:
    """Something for each field: a number that is too low or too high, the first choice, a word."""
    entries: dict[str, Any] = {}
    for name, field in form.fields.items():
        # Checked by the choice, or read as a number, or taken as text.
        choices = [str(value) for value, _ in getattr(field, "choices", ()) if value]
        for part, one in enumerate(getattr(field, "fields", ())):
            entries[f"{form.add_prefix(name)}_{part}"] = odd if number(one) else choices[:1]
        entries[form.add_prefix(name)] = odd if number(field) else choices[:1] or "word"
    return entries


def number(field: forms.Field) -> bool:
    return isinstance(field, forms.IntegerField | forms.FloatField | forms.DecimalField)


def test_a_refused_form_says_why_in_words(boss: Client, everything: None) -> None:
    refused, found = 0, []
    for address in addresses():
        if not address.name.endswith(("_add", "_change")) or "axes_" in address.name:
            continue
        shown = boss.get(address.url)
        adminform = (shown.context or {}).get("adminform")
        if shown.status_code != 200 or adminform is None or not adminform.form.fields:
            continue
        for odd in ("-5", "999999"):
            answer = boss.post(address.url, entries_of(adminform.form, odd))
            if answer.status_code == 302:
                continue
            refused += 1
            form = answer.context["adminform"].form
            said = [str(text) for texts in form.errors.values() for text in texts]
            found += [f"{address.url}: {text}" for text in said if RAW.search(text)]

    assert refused > 20
    assert not found, "\n".join(found)
