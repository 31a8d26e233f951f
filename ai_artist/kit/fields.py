"""Form fields of the panel: each kind of value with the control that suits it.

Every control works without JavaScript; with it, lists become chips with a search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import (
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from media_tools.genres import GENRES, NAMES

# (value, words), or (heading, [(value, words), ...]).
Choices = Sequence[tuple[str, Any]]

MORE = "_more"


class NumberInput(forms.NumberInput, UnfoldAdminTextInputWidget):
    """A number with its unit in the field: attrs `prefix` or `suffix`.

    Django gives it the bounds and the step of its field.
    """

    template_name = UnfoldAdminTextInputWidget.template_name

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        room = {"prefix": "pl-8", "suffix": "pr-14"}
        given = attrs or {}
        classes = " ".join(text for name, text in room.items() if name in given)
        super().__init__({**given, "class": classes})


class MoneyField(forms.DecimalField):
    """US dollars, never negative."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", Decimal(0))
        options.setdefault("decimal_places", 2)
        options["widget"] = NumberInput({"prefix": "$", "inputmode": "decimal"})
        super().__init__(**options)


class PercentField(forms.FloatField):
    """A share that people read and write in percent."""

    def __init__(self, *, most: int | None = 100, **options: Any) -> None:
        options["widget"] = NumberInput({"suffix": "%", "inputmode": "decimal"})
        super().__init__(min_value=0, max_value=most, **options)

    def prepare_value(self, value: Any) -> Any:
        return f"{100 * value:.10g}" if isinstance(value, int | float) else value

    def clean(self, value: Any) -> float | None:
        percent = super().clean(value)
        return None if percent is None else round(percent / 100, 10)

    def has_changed(self, initial: Any, data: Any) -> bool:
        shown = None if initial is None else float(self.prepare_value(initial))
        return super().has_changed(shown, data)


class FromToInput(forms.MultiWidget):
    """Two numbers beside each other."""

    template_name = "unfold/widgets/range.html"

    def decompress(self, value: Any) -> list[Any]:
        return list(value) if isinstance(value, list | tuple) else [None, None]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0"


class RangeField(forms.MultiValueField):
    """The lowest and the highest of a range of whole numbers, as a list; None if both are empty."""

    def __init__(self, *, limits: tuple[int, int], unit: str, **options: Any) -> None:
        low, high = limits
        ends = [
            forms.IntegerField(
                min_value=low,
                max_value=high,
                widget=NumberInput({"suffix": unit, "aria-label": f"{end} ({unit})"}),
            )
            for end in ("Lowest", "Highest")
        ]
        widget = FromToInput([end.widget for end in ends])
        super().__init__(ends, widget=widget, require_all_fields=False, **options)
        for end in self.fields:
            end.error_messages["incomplete"] = "Enter both numbers, or none."

    def compress(self, data_list: Any) -> list[int] | None:
        if not data_list:
            return None
        low, high = data_list
        if low > high:
            raise forms.ValidationError("The first number must not be above the second.")
        return [low, high]


class OwnWordMixin:
    """Keeps a value that is not among the choices, and offers it, so that it can be corrected."""

    choices: Any

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        known = set(flat(self.choices))
        missing = [(text, text) for text in value if text and text not in known]
        kept = self.choices
        self.choices = [*kept, *missing]
        try:
            return super().optgroups(name, value, attrs)  # type: ignore[misc]
        finally:
            self.choices = kept


class OwnSelect(OwnWordMixin, forms.Select):
    """A plain list that keeps a stored value which is not on it."""


class ChoiceOrOwnInput(OwnWordMixin, UnfoldAdminSelect2Widget):
    """A list to choose from; with JavaScript another word can be typed."""


class ChipsInput(OwnWordMixin, UnfoldAdminSelect2MultipleWidget):
    """Several of a list, shown as chips.

    free: other words can be typed; without JavaScript, one a line below the list.
    """

    def __init__(self, *, free: bool, choices: Choices = ()) -> None:
        own = {"data-tags": "true", "data-token-separators": '[","]'} if free else {}
        super().__init__({**own, "multiple": True}, choices)
        self.free = free

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        listed: SafeString = super().render(name, value, attrs, renderer)
        if not self.free:
            return listed
        return format_html(
            '{}<noscript><textarea class="panel-input" name="{}" rows="2" '
            'aria-label="More, one a line"></textarea></noscript>',
            listed,
            name + MORE,
        )

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        if not isinstance(data, MultiValueDict):
            return list(data.get(name) or [])
        more = data.get(name + MORE, "") if self.free else ""
        return [*data.getlist(name), *more.splitlines()]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class ChoiceOrOwnField(forms.CharField):
    """One of the choices, or another word. The choices are a help; validators decide."""

    def __init__(self, *, choices: Choices, **options: Any) -> None:
        attrs = {"data-tags": "true"}
        super().__init__(widget=ChoiceOrOwnInput(attrs, choices=choices), **options)


class GenreField(ChoiceOrOwnField):
    """A genre of the local engine by its title, or any other word.

    nothing: the words for an empty field.
    """

    def __init__(self, *, nothing: str, **options: Any) -> None:
        listed = [("", nothing), *((genre.name, genre.title) for genre in GENRES)]
        super().__init__(choices=listed, **options)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value))
        known = genre_named(text)
        return known if known in NAMES else text


class ChipsField(forms.Field):
    """A list of short texts. The choices are a help; validators decide."""

    def __init__(self, *, choices: Choices = (), free: bool = True, **options: Any) -> None:
        super().__init__(widget=ChipsInput(free=free, choices=choices), **options)

    def to_python(self, value: Any) -> list[str]:
        words = (" ".join(str(word).split()) for word in value or ())
        return list(dict.fromkeys(word for word in words if word))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(data) != (initial or [])


class NamedPairInput(forms.MultiWidget):
    """A choice, and a text that goes with it."""

    template_name = "unfold/widgets/range.html"

    def __init__(self, choices: Choices, labels: tuple[str, str]) -> None:
        self.labels = labels
        super().__init__(
            [
                UnfoldAdminSelectWidget(
                    {"aria-label": labels[0], "class": "panel-pair-choice"}, choices
                ),
                UnfoldAdminTextInputWidget({"aria-label": labels[1], "placeholder": labels[1]}),
            ]
        )

    def decompress(self, value: Any) -> list[str]:
        first, _, second = str(value or "").partition(":")
        return [first, second]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0"


class NamedPairField(forms.MultiValueField):
    """A choice and a text, stored as "choice:text"; empty if both are."""

    def __init__(self, *, choices: Choices, labels: tuple[str, str], **options: Any) -> None:
        parts = [forms.ChoiceField(choices=choices), forms.CharField(max_length=100)]
        widget = NamedPairInput(choices, labels)
        super().__init__(parts, widget=widget, require_all_fields=False, **options)
        for part in self.fields:
            part.error_messages["incomplete"] = f"{labels[0]} and {labels[1].lower()} go together."

    def compress(self, data_list: Any) -> str:
        return ":".join(data_list) if data_list else ""


def genre_named(text: str) -> str:
    """Return the name of a genre by its title or name; another word in small letters."""
    word = " ".join(text.casefold().split())
    return next((genre.name for genre in GENRES if genre.title.casefold() == word), word)


def flat(choices: Iterable[tuple[Any, Any]]) -> Iterable[str]:
    """Yield the values of choices, those under headings included."""
    for value, words in choices:
        if isinstance(words, list | tuple):
            yield from (str(inner) for inner, _ in words)
        else:
            yield str(value)
