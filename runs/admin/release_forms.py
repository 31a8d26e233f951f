"""Forms of releases: label data, tracks and codes in one, as people write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from django import forms

from ai_artist.kit.fields import OwnSelect, genre_named
from ai_artist.kit.values import genre
from media_tools.foreign import clean_text, label
from media_tools.records import Unreadable
from runs.errors import ReleaseRefused
from runs.models import Credit, LabelProfile, Release, Role, Track
from runs.models.label import WORLDWIDE, credits_from, credits_to_json
from runs.releasing.codes import checked_isrc, checked_upc
from runs.releasing.editing import RELEASE_FIELDS, TRACK_FIELDS, ReleaseEdit
from runs.releasing.iso import (
    countries,
    country_code,
    country_name,
    language_code,
    language_name,
    languages,
)
from runs.releasing.releases import CodeChanges

MOST_LINES = 60
MOST_TERRITORIES = 250
LONGEST_NAME = 120
PLAIN = {"class": "panel-input", "autocomplete": "off"}
ROLES = {role.label.lower(): role for role in Role}


class LineField(forms.CharField):
    """A text on one line, cleaned."""

    def __init__(self, *, longest: int, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(max_length=longest, widget=forms.TextInput(attrs=PLAIN), **options)

    def to_python(self, value: Any) -> str:
        return label(super().to_python(value), longest=1000)


class CodeField(LineField):
    """An ISRC or UPC in its stored form when valid."""

    def __init__(self, check: Callable[[str], str], **options: Any) -> None:
        # A worker may draw a code while the page is open: only what was changed on it is written.
        super().__init__(longest=20, show_hidden_initial=True, **options)
        self.check = check

    def clean(self, value: Any) -> str:
        try:
            return self.check(str(super().clean(value)))
        except ReleaseRefused as error:
            raise forms.ValidationError(str(error)) from error


class ListedField(LineField):
    """One of a list with names; a stored value that is not on it is kept."""

    def __init__(self, choices: Callable[[], list[tuple[str, str]]], **options: Any) -> None:
        super().__init__(longest=3, **options)
        self.widget = OwnSelect({"class": "panel-input"})
        self.widget.choices = lambda: [("", "–"), *choices()]


class CountryField(ListedField):
    def __init__(self, **options: Any) -> None:
        super().__init__(countries, **options)

    def clean(self, value: Any) -> str:
        return known_country(super().clean(value))


class LanguageField(ListedField):
    def __init__(self, **options: Any) -> None:
        super().__init__(languages, **options)

    def clean(self, value: Any) -> str:
        return known_language(super().clean(value))


class LanguageNameField(LineField):
    """A language that is typed: one list for each of many tracks would make the page heavy."""

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=60, **options)

    def prepare_value(self, value: Any) -> Any:
        return language_name(value) or value if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        return known_language(super().clean(value))


class LinesField(forms.CharField):
    """A list that people write one entry a line, or with commas."""

    def __init__(self, *, rows: int, **options: Any) -> None:
        widget = forms.Textarea(attrs={**PLAIN, "rows": rows})
        super().__init__(required=False, max_length=8000, widget=widget, **options)

    def lines(self, value: Any) -> list[str]:
        written = clean_text(super().clean(value)).splitlines()
        lines = [line for line in map(label, written) if line]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(f"{len(lines)} lines; {MOST_LINES} are allowed.")
        return lines


class CreditsField(LinesField):
    """People by their legal names: “Erika Example: composer, producer”, one a line."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) or value is None:
            return value
        try:
            return credits_in_words(credits_from(value))
        except Unreadable:
            return ""

    def clean(self, value: Any) -> list[dict[str, Any]]:
        credits: dict[Credit, None] = {}
        for line in self.lines(value):
            name, colon, roles = line.partition(":")
            name = label(name, longest=LONGEST_NAME)
            if not colon or not roles.strip():
                raise forms.ValidationError(
                    f"“{line}”: write the name, a colon and roles, such as "
                    "“Erika Example: composer, producer”."
                )
            if " " not in name:
                raise forms.ValidationError(f"“{name}”: write first and last name; shops ask so.")
            for word in re.split(r"[,;/]", roles):
                role = ROLES.get(word.strip().lower())
                if role is None:
                    raise forms.ValidationError(
                        f"“{word.strip()}” is no role; there are {', '.join(ROLES)}."
                    )
                credits[Credit(name, role)] = None
        return credits_to_json(credits)


class TerritoriesField(LinesField):
    """Names or codes of countries, or Worldwide."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(country_name(code) or code for code in value)

    def clean(self, value: Any) -> list[str]:
        words = [word for line in self.lines(value) for word in self._words(line)]
        words = list(dict.fromkeys(words))[:MOST_TERRITORIES]
        if [word.casefold() for word in words] == [WORLDWIDE.casefold()]:
            return [WORLDWIDE]
        return list(dict.fromkeys(known_country(word) for word in words))

    def _words(self, line: str) -> list[str]:
        """One name, which may hold a comma, or several with commas."""
        if country_code(line):
            return [line]
        return [word for word in map(str.strip, re.split(r"[,;]", line)) if word]


class NamesField(LinesField):
    """Names, with commas or one a line."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        names = [name for line in self.lines(value) for name in map(label, line.split(",")) if name]
        return [label(name, longest=LONGEST_NAME) for name in dict.fromkeys(names)]


class SubGenresField(LinesField):
    """Lines such as “Synthwave: Electronic / Synthpop”."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{genre(name)}: {' / '.join(shops)}" for name, shops in value.items())

    def clean(self, value: Any) -> dict[str, list[str]]:
        table = {}
        for line in self.lines(value):
            named, colon, shops = line.partition(":")
            main, _, sub = shops.partition("/")
            if not colon or not named.strip() or not main.strip():
                raise forms.ValidationError(
                    f"“{line}”: write “Synthwave: Electronic / Synthpop”, one a line."
                )
            table[genre_named(named)] = [main.strip()[:60], sub.strip()[:60]]
        return table


def known_country(text: str) -> str:
    """The code of a country by its name or code. Raises ValidationError."""
    code = country_code(text)
    if text and not code:
        raise forms.ValidationError(f"“{text}” is no country; write it like Germany, or DE.")
    return code


def known_language(text: str) -> str:
    """The code of a language by its name or code. Raises ValidationError."""
    code = language_code(text)
    if text and not code:
        raise forms.ValidationError(f"“{text}” is no language; write it like English, or en.")
    return code


def credits_in_words(credits: Iterable[Credit]) -> str:
    """As people write them: each name once, with all its roles."""
    roles: dict[str, list[str]] = {}
    for credit in credits:
        roles.setdefault(credit.legal_name, []).append(credit.role.label.lower())
    return "\n".join(f"{name}: {', '.join(words)}" for name, words in roles.items())


def date_field(text: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"class": "panel-input", "type": "date"}, format="%Y-%m-%d")
    return forms.DateField(required=False, label=text, widget=widget)


class LabelDataForm(forms.Form):
    """What a profile and a release have in common. Empty on a release: the profile's."""

    label = LineField(longest=120, label="Label")
    c_owner = LineField(longest=120, label="(C) owner, without the year")
    p_owner = LineField(longest=120, label="(P) owner, without the year")
    credits = CreditsField(
        rows=3,
        label="Writers and producers by their legal names",
        help_text="One a line: “Erika Example: composer, lyricist, producer”.",
    )
    territories = TerritoriesField(
        rows=2, label="Territories", help_text="Worldwide, or countries: Germany, Austria."
    )
    language = LanguageField(label="Language of titles")
    recording_country = CountryField(label="Country of the recording")


class ReleaseForm(LabelDataForm):
    """A release's own values. Tracks are forms of their own beside it."""

    title = LineField(longest=120, label="Title", required=True)
    version_title = LineField(
        longest=60, label="Version", help_text="Such as Acoustic; without brackets."
    )
    profile = forms.ModelChoiceField(
        LabelProfile.objects.order_by("name"),
        required=False,
        label="Label profile",
        empty_label="the default one",
        widget=forms.Select(attrs={"class": "panel-input"}),
    )
    genre = LineField(longest=60, label="Genre in shops")
    sub_genre = LineField(longest=60, label="Sub-genre")
    release_date = date_field("Release date")
    original_release_date = date_field("Original release date, if it was out before")
    upc = CodeField(checked_upc, label="UPC or EAN")

    field_order = ("title", "version_title", "upc", "release_date", "profile")


class TrackForm(forms.Form):
    """What a track has of its own."""

    title = LineField(longest=120, label="Title")
    version_title = LineField(longest=60, label="Version")
    featured = NamesField(rows=1, label="Featured artists", help_text="With commas.")
    isrc = CodeField(checked_isrc, label="ISRC")
    video_isrc = CodeField(checked_isrc, label="ISRC of the video")
    explicit = forms.NullBooleanField(
        required=False,
        label="Explicit",
        widget=forms.Select(
            attrs={"class": "panel-input"},
            choices=[("unknown", "as its lyrics are"), ("true", "yes"), ("false", "no")],
        ),
    )
    language = LanguageNameField(label="Sung in", help_text="Such as English.")
    credits = CreditsField(rows=2, label="Writers and producers, if not the release's")


class ReleaseForms:
    """The form of a release and those of its tracks, bound together or not at all.

    data: of a POST; None shows what is stored.
    """

    def __init__(self, release: Release, data: Any = None) -> None:
        self.release = release
        self.main = ReleaseForm(data, initial=values_of(release, (*RELEASE_FIELDS, "upc")))
        self.tracks = [(track, self._track_form(track, data)) for track in release.tracks.all()]

    def _track_form(self, track: Track, data: Any) -> TrackForm:
        initial = values_of(track, (*TRACK_FIELDS, "isrc", "video_isrc"))
        form = TrackForm(data, initial=initial, prefix=f"track-{track.position}")
        if self.release.is_single:
            # Its title is the release's.
            del form.fields["title"], form.fields["version_title"], form.fields["credits"]
        return form

    def is_valid(self) -> bool:
        # All of them, so that each says what is wrong with it.
        answers = [form.is_valid() for form in (self.main, *(form for _, form in self.tracks))]
        return all(answers)

    def edit(self) -> ReleaseEdit:
        """Of valid forms: what they say."""
        main = self.main.cleaned_data
        cleaned = {track.pk: form.cleaned_data for track, form in self.tracks}
        changed = {track.pk: form.changed_data for track, form in self.tracks}
        return ReleaseEdit(
            values={name: main[name] for name in RELEASE_FIELDS},
            tracks={
                pk: {name: values[name] for name in TRACK_FIELDS if name in values}
                for pk, values in cleaned.items()
            },
            codes=CodeChanges(
                upc=main["upc"] if "upc" in self.main.changed_data else None,
                isrcs={pk: form["isrc"] for pk, form in cleaned.items() if "isrc" in changed[pk]},
                video_isrcs={
                    pk: form["video_isrc"]
                    for pk, form in cleaned.items()
                    if "video_isrc" in changed[pk]
                },
            ),
        )


def values_of(row: Release | Track, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


class PublishForm(forms.Form):
    """The codes a distributor gave, and that the bundle is really out."""

    isrc = CodeField(checked_isrc, label="ISRC")
    upc = CodeField(checked_upc, label="UPC or EAN")
    confirmed = forms.BooleanField(
        label="The bundle is with the distributor, and I went through the checklist.",
        error_messages={"required": "Tick this first: nothing was published."},
    )


class LabelProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """A label profile, its lists as people write them."""

    # Not the column itself: one that becomes the default takes over from another.
    default = forms.BooleanField(
        required=False, help_text="Of releases that name no profile; there is one default."
    )
    credits = CreditsField(
        rows=4,
        label="Writers and producers by their legal names",
        help_text="One a line: “Erika Example: composer, producer”.",
    )
    territories = TerritoriesField(rows=2, help_text="Worldwide, or countries: Germany, Austria.")
    language = LanguageField(help_text="Of titles.")
    recording_country = CountryField()
    sub_genres = SubGenresField(
        rows=6,
        label="Genres in shops",
        help_text="By the artist's genre, one a line: “Synthwave: Electronic / Synthpop”.",
    )

    class Meta:
        model = LabelProfile
        fields = (
            "name",
            "label",
            "c_owner",
            "p_owner",
            "credits",
            "territories",
            "language",
            "recording_country",
            "lead_time_days",
            "sub_genres",
        )
        labels = {"lead_time_days": "Lead time, in days"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["default"].initial = self.instance.is_default


class AlbumForm(forms.Form):
    """An EP or album that is wanted; its songs are numbered beside the form."""

    kind = forms.ChoiceField(
        choices=[(Release.Kind.EP, "EP"), (Release.Kind.ALBUM, "Album")],
        widget=forms.Select(attrs={"class": "panel-input"}),
    )
    title = LineField(longest=120, label="Title", required=True)
