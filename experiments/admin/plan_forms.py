"""Forms of an experiment's plan: what is compared, with whose songs, and how long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.utils.functional import cached_property
from unfold.widgets import (
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from ai_artist.kit.fields import PercentField, flat
from ai_artist.kit.values import counted, genre
from artists.models import Artist
from experiments import setup
from experiments.analysis import FOUND_HOW, findable_in_words
from experiments.controls import control
from experiments.models import ARMS, Experiment, whose
from experiments.parameters import PARAMETERS, in_words

# Reviewed songs per arm that a person chooses from.
SIZES = (20, 50, 100, 200, 400)
CONTROL_NAME = "As today"
LONGEST_ARM_NAME = 60
LONGEST_NAME = 120
# Kinds of what can be chosen, before a colon and its id or name.
ARTIST, GENRE = "artist", "genre"


@dataclass(frozen=True)
class Scope:
    """Whose songs: those of some artists, of a genre, or without both everybody's."""

    artists: tuple[Artist, ...] = ()
    genre: str = ""

    @classmethod
    def read(cls, codes: Iterable[str]) -> Self:
        """Read what was chosen; a genre beside artists counts for nothing."""
        named = [code.partition(":") for code in codes]
        ids = [int(name) for kind, _, name in named if kind == ARTIST]
        genres = [name for kind, _, name in named if kind == GENRE]
        artists = tuple(Artist.objects.filter(pk__in=ids).order_by("name"))
        return cls(artists=artists, genre="" if artists else "".join(genres[:1]))

    @property
    def codes(self) -> list[str]:
        genres = [f"{GENRE}:{self.genre}"] if self.genre else []
        return [*genres, *(f"{ARTIST}:{artist.pk}" for artist in self.artists)]

    def __str__(self) -> str:
        return whose(self.artists, self.genre)


class PlanForm(forms.Form):
    """Everything but the arms. weekly: reviewed songs a week by artist."""

    whose = forms.MultipleChoiceField(
        required=False,
        label="Whose songs",
        widget=UnfoldAdminSelect2MultipleWidget(
            {"multiple": True, "data-placeholder": "All artists"}
        ),
        help_text="Choose artists, or one genre. Empty: all artists.",
    )
    planned_runs_per_arm = forms.TypedChoiceField(
        coerce=int,
        label="How many reviewed songs each",
        widget=forms.RadioSelect,
        initial=50,
        help_text=FOUND_HOW,
    )
    name = forms.CharField(
        required=False,
        max_length=LONGEST_NAME,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text="Empty: named after what it compares.",
    )
    question = forms.CharField(
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text="What the result is to tell.",
    )
    acts_by_itself = forms.BooleanField(
        required=False,
        initial=True,
        label="Ends by itself",
        widget=UnfoldBooleanSwitchWidget,
        help_text="Stops poor arms, concludes and puts the winner to use on the evidence planned "
        "here. Off: it only says what it would do.",
    )
    error_margin = PercentField(
        initial=0.10,
        label="Failed runs allowed above the control's",
        help_text="In points. An arm with more is stopped.",
    )
    cost_margin = PercentField(
        most=None,
        initial=0.25,
        required=False,
        label="Cost allowed above the control's",
        help_text="Of an approved song. Empty: cost does not count.",
    )
    salt = forms.CharField(
        required=False,
        max_length=32,
        label="Salt",
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text="Seeds the order of the arms. Empty: a new one.",
    )

    def __init__(
        self, *args: Any, experiment: Experiment | None, weekly: dict[int, float], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.experiment = experiment
        planned = self.initial.get("planned_runs_per_arm")
        sizes = sorted({*SIZES, *([planned] if planned else [])})
        self.fields["planned_runs_per_arm"].choices = [  # type: ignore[attr-defined]
            (size, f"{size}: finds {findable_in_words(size)}") for size in sizes
        ]
        stored = Scope(tuple(experiment.artists.all()), experiment.genre) if experiment else Scope()
        self.initial["whose"] = stored.codes
        choices = scope_choices(weekly, stored)
        self.fields["whose"].choices = list(choices)  # type: ignore[attr-defined]

    @cached_property
    def scope(self) -> Scope:
        """What is chosen, bound or not, without what is no choice."""
        known = set(flat(self.fields["whose"].choices))  # type: ignore[attr-defined]
        return Scope.read(code for code in self["whose"].value() or () if code in known)

    def clean_whose(self) -> list[str]:
        codes: list[str] = self.cleaned_data["whose"]
        if len(codes) > 1 and any(code.startswith(GENRE) for code in codes):
            raise forms.ValidationError("Choose artists or one genre, not both.")
        return codes

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        others = Experiment.objects.filter(name__iexact=name)
        if self.experiment:
            others = others.exclude(pk=self.experiment.pk)
        if name and others.exists():
            raise forms.ValidationError("There is an experiment of this name.")
        return name


class ArmForm(forms.Form):
    """One arm: its value, and a name for it."""

    def __init__(self, data: Any, *, parameter: str, number: int, initial: Any) -> None:
        super().__init__(data, prefix=f"arm-{number}", initial=initial)
        self.is_control = number == 0
        what = PARAMETERS[parameter].label
        self.fields["value"] = control(parameter, label=what, help_text="")
        self.fields["name"] = forms.CharField(
            required=False,
            max_length=LONGEST_ARM_NAME,
            widget=UnfoldAdminTextInputWidget(
                {"autocomplete": "off", "placeholder": CONTROL_NAME if self.is_control else ""}
            ),
            help_text="" if self.is_control else "Empty: named after its value.",
        )
        self.title = "What is in use today" if self.is_control else f"Try {number}"

    @property
    def value_field(self) -> forms.BoundField:
        return self["value"]

    @property
    def name_field(self) -> forms.BoundField:
        return self["name"]

    @property
    def value(self) -> Any:
        """The cleaned value; None if the field is empty or wrong."""
        return getattr(self, "cleaned_data", {}).get("value")

    @property
    def is_blank(self) -> bool:
        return not self.is_control and not self.has_changed()


class PlanForms:
    """The form of a plan and those of its arms, bound together or not at all.

    data: of a POST; None shows the draft's plan, or the usual one.
    """

    def __init__(
        self,
        parameter: str,
        *,
        experiment: Experiment | None,
        weekly: dict[int, float],
        data: Any = None,
    ) -> None:
        self.parameter, self.experiment = parameter, experiment
        stored = list(experiment.variants.order_by("-is_control", "pk")) if experiment else []
        names = set(PlanForm.base_fields) - {"whose"} if experiment else ()
        initial = {name: getattr(experiment, name) for name in names}
        self.main = PlanForm(data, initial=initial, experiment=experiment, weekly=weekly)
        # Not beside what was posted: an arm that is as stored would count as left blank.
        begun = [{"name": row.name, "value": row.value} for row in stored] if data is None else []
        self.arms = [
            ArmForm(
                data,
                parameter=parameter,
                number=number,
                initial=begun[number] if number < len(begun) else {},
            )
            for number in range(ARMS[1])
        ]

    @property
    def further(self) -> list[ArmForm]:
        """The arms beyond the usual two."""
        return self.arms[2:]

    @property
    def shows_further(self) -> bool:
        return any(not arm.is_blank or arm.errors for arm in self.further)

    @property
    def media(self) -> Any:
        return self.main.media + self.arms[0].media

    @property
    def used(self) -> list[ArmForm]:
        return [arm for arm in self.arms if not arm.is_blank]

    def is_valid(self) -> bool:
        # All of them, so that each says what is wrong with it.
        answers = [form.is_valid() for form in (self.main, *self.arms)]
        if not all(answers):
            return False
        self._check_values()
        return not any(arm.errors for arm in self.arms)

    def _check_values(self) -> None:
        """Every arm but the control needs a value, and no two may share one."""
        if len(self.used) < ARMS[0]:
            self.arms[1].add_error("value", "Choose what is compared with today's way.")
        seen: list[Any] = []
        for arm in self.used:
            if arm.value is None and not arm.is_control:
                arm.add_error("value", "Choose a value, or empty its name as well.")
            elif arm.value in seen:
                arm.add_error("value", "Another arm has this value already.")
            seen.append(arm.value)

    def plan(self) -> setup.Plan:
        """Return what valid forms say, with names for what has none."""
        cleaned = dict(self.main.cleaned_data)
        del cleaned["whose"]
        scope = self.main.scope
        cleaned["genre"] = scope.genre
        arms = tuple(self._arms())
        cleaned["name"] = cleaned["name"] or self._name(arms)
        cleaned["salt"] = cleaned["salt"] or setup.new_salt()
        return setup.Plan(self.parameter, arms, artists=scope.artists, fields=cleaned)

    def _arms(self) -> Iterator[setup.Arm]:
        taken: set[str] = set()
        for number, arm in enumerate(self.used):
            says = CONTROL_NAME if number == 0 else in_words(self.parameter, arm.value).strip("“”")
            name = str(arm.cleaned_data["name"] or says[:LONGEST_ARM_NAME])
            if name in taken:
                name = f"{name[: LONGEST_ARM_NAME - 4]} ({number})"
            taken.add(name)
            yield setup.Arm(name, arm.value)

    def _name(self, arms: tuple[setup.Arm, ...]) -> str:
        others = " or ".join(arm.name for arm in arms[1:])
        wanted = f"{PARAMETERS[self.parameter].label}: {others}"[: LONGEST_NAME - 6]
        rivals = Experiment.objects.filter(name__startswith=wanted)
        if self.experiment:
            rivals = rivals.exclude(pk=self.experiment.pk)
        count = rivals.count()
        return f"{wanted} ({count + 1})" if count else wanted


def scope_choices(weekly: dict[int, float], stored: Scope) -> Iterator[tuple[Any, Any]]:
    """Yield the genres, and each genre's artists with the songs reviewed in a week.

    stored: of a draft; it stays a choice although its artists get no turns any more.
    """
    by_genre: dict[str, list[Artist]] = {stored.genre: []} if stored.genre else {}
    offered = {*Artist.objects.selectable(), *stored.artists}
    for artist in sorted(offered, key=lambda artist: (artist.genre, artist.name)):
        by_genre.setdefault(artist.genre, []).append(artist)
    yield (
        "A genre",
        [
            (f"{GENRE}:{name}", f"All {genre(name)} ({counted(len(artists), 'artist')})")
            for name, artists in by_genre.items()
        ],
    )
    for name, artists in by_genre.items():
        yield (
            genre(name),
            [
                (f"{ARTIST}:{artist.pk}", f"{artist.name} ({weekly.get(artist.pk, 0):.3g} a week)")
                for artist in artists
            ],
        )
