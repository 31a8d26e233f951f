"""A list as a CSV file: the rows that are filtered for, in the words of the list."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import islice
from typing import Any

from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import BooleanField, ManyToOneRel
from django.utils.text import capfirst
from unfold.utils import display_for_value

from ai_artist.kit.portions import in_portions
from ai_artist.kit.spreadsheets import FORMULA
from ai_artist.kit.values import DASH, yes_no

# What a spreadsheet opens without asking: its rows without the one of headings.
MOST_ROWS = 1_048_575
AT_ONCE = 500
# Excel takes a file for UTF-8 only with this in front.
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
# Begins as a formula does, and is none.
NUMBER = re.compile(r"[+-]?[\d.,]+")
# Columns that hold a small picture and no words.
PICTURES = ("", "Cover")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Echo:
    """A file that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


class PlainText(HTMLParser):
    """The text of a cell's HTML: times and shortened ids whole, no icons, no buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        # The element whose text is left out, and the one that is told by an attribute.
        self.silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        told = {"time": given.get("title"), "code": given.get("title"), "img": given.get("alt")}
        if self.silent:
            return
        if tag == "button" or "material-symbols-outlined" in (given.get("class") or ""):
            self.silent = tag
        elif text := told.get(tag):
            self.pieces.append(text)
            self.silent = "" if tag == "img" else tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self.silent:
            self.silent = ""

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)


def csv_lines(changelist: Any) -> Iterator[str]:
    """Yield the lines of a list's file, with a bounded number of rows in memory."""
    page = changelist.model_admin
    columns = columns_of(changelist)
    writer = csv.writer(Echo())
    yield BYTE_ORDER_MARK + str(writer.writerow(safe(heading) for _, heading in columns))
    for rows in portions_of(changelist):
        for row in rows:
            yield str(writer.writerow(safe(words_in(row, name, page)) for name, _ in columns))


def columns_of(changelist: Any) -> list[tuple[str, str]]:
    """Return (name, heading) of each column but ticks and pictures."""
    named = [
        (name, str(label_for_field(name, changelist.model, changelist.model_admin)))
        for name in changelist.list_display
        if name != "action_checkbox"
    ]
    return [(name, capfirst(heading)) for name, heading in named if heading not in PICTURES]


def portions_of(changelist: Any) -> Iterator[list[Any]]:
    """Yield the rows in the order of the list, each portion with what its columns show."""
    page = changelist.model_admin
    bare = changelist.queryset.prefetch_related(None).values_list("pk", flat=True)
    ids = bare.iterator(chunk_size=AT_ONCE)
    for some in in_portions(islice(ids, MOST_ROWS), AT_ONCE):
        rows = changelist.apply_select_related(changelist.root_queryset.filter(pk__in=some))
        load = getattr(page, "with_row_extras", list)
        found = {row.pk: row for row in load(rows)}
        # A row that was removed meanwhile is left out.
        yield [found[row_id] for row_id in some if row_id in found]


def words_in(row: Any, name: str, page: Any) -> str:
    """Return what the list shows in a cell, as text."""
    try:
        field, attribute, value = lookup_field(name, row, page)
    except ObjectDoesNotExist:
        return ""
    if field is None or field.auto_created:
        # A label's value is its kind and its words.
        if getattr(attribute, "label", None) and isinstance(value, tuple):
            value = value[-1]
        if isinstance(value, bool):
            return yes_no(value)
        return text_of(display_for_value(value, ""))
    if isinstance(field, BooleanField):
        return "" if value is None else yes_no(value)
    if isinstance(field.remote_field, ManyToOneRel):
        related = getattr(row, field.name)
        return "" if related is None else str(related)
    return text_of(display_for_field(value, field, ""))


def text_of(html: str) -> str:
    """Return a cell's text, without the dash that stands for nothing."""
    if not hasattr(html, "__html__"):
        text = str(html)
    else:
        parser = PlainText()
        parser.feed(html)
        parser.close()
        text = " ".join("".join(parser.pieces).split())
    return "" if text == DASH else text


def safe(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, without control characters."""
    clean = CONTROL.sub("", text)
    if FORMULA.match(clean) and not NUMBER.fullmatch(clean):
        return f"'{clean}"
    return clean
