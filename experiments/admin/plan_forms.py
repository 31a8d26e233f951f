"""Forms of an experiment's plan: what is compared, with whose songs, and how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from ai_artist.kit.fields import PercentField, flat
from ai_artist.kit.values import counted, genre
from artists.models import Artist
from experiments import setup
from experiments.controls import control
from experiments.models import ARMS, Experiment
from experiments.parameters import PARAMETERS, in_words
from experiments.rules import FINAL_BAR
from experiments.statistics import findable_points
from media_tools.foreign import digits

# Reviewed songs per arm that a person chooses from.
SIZES = (20, 50, 100, 200, 400)
CONTROL_NAME = "As today"
LONGEST_ARM_NAME = 60
LONGEST_NAME = 120


@dataclass(frozen=True)
class Scope:
    """Whose songs: an artist's, a genre's, or everybody's."""

    artist_id: int | None = None
    genre: str = ""

    @classmethod
    def read(cls, code: str) -> Self:
        kind, _, name = code.partition(":")
        if kind == "artist":
            return cls(artist_id=digits(name))
        return cls(genre=name) if kind == "genre" else cls()

    @property
    def code(self) -> str:
        if self.artist_id:
            return f"artist:{self.artist_id}"
        return f"genre:{self.genre}" if self.genre else ""


class PlanForm(forms.Form):
    """Everything but the arms. weekly: reviewed songs a week by artist."""

    whose = forms.ChoiceField(required=False, label="Whose songs", widget=UnfoldAdminSelectWidget)
    planned_runs_per_arm = forms.TypedChoiceField(
        coerce=int, label="How many reviewed songs each", widget=forms.RadioSelect, initial=50
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
            (size, size_in_words(size)) for size in sizes
        ]
        self.fields["whose"].choices = list(scope_choices(weekly))  # type: ignore[attr-defined]
        if experiment:
            self.initial["whose"] = Scope(experiment.artist_id, experiment.genre).code

    @property
    def scope(self) -> Scope:
        """What is chosen, bound or not; everybody if it is no choice."""
        code = str(self["whose"].value() or "")
        known = code in set(flat(self.fields["whose"].choices))  # type: ignore[attr-defined]
        return Scope.read(code if known else "")

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
        scope = Scope.read(cleaned.pop("whose"))
        cleaned |= {"artist_id": scope.artist_id, "genre": scope.genre}
        arms = tuple(self._arms())
        cleaned["name"] = cleaned["name"] or self._name(arms)
        cleaned["salt"] = cleaned["salt"] or setup.new_salt()
        return setup.Plan(parameter=self.parameter, arms=arms, fields=cleaned)

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


def size_in_words(size: int) -> str:
    """Say what a planned size can find."""
    points = findable_points(size, bar=FINAL_BAR)
    found = "only a very large difference" if points is None else f"a difference of {points} points"
    return f"{size}: finds {found}"


def scope_choices(weekly: dict[int, float]) -> Iterator[tuple[Any, Any]]:
    """Yield everybody, the genres, and each genre's artists, with the songs reviewed in a week."""
    by_genre: dict[str, list[Artist]] = {}
    for artist in Artist.objects.selectable().order_by("genre", "name"):
        by_genre.setdefault(artist.genre, []).append(artist)
    count = sum(map(len, by_genre.values()))
    yield "", f"All artists ({counted(count, 'artist')})"
    yield (
        "A genre",
        [
            (Scope(genre=name).code, f"All {genre(name)} ({counted(len(artists), 'artist')})")
            for name, artists in by_genre.items()
        ],
    )
    for name, artists in by_genre.items():
        yield (
            genre(name),
            [
                (Scope(artist.pk).code, f"{artist.name} ({weekly.get(artist.pk, 0):.3g} a week)")
                for artist in artists
            ],
        )
