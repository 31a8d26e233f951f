"""The form on a waiting run's page that uploads its song."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NoReturn

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from unfold.widgets import UnfoldAdminSelectWidget
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

from ai_artist.kit.admin import actor
from ai_artist.kit.views import PageViewsMixin, page_view
from media_tools.errors import ProviderError
from media_tools.music.declaration import GENERATORS, MAX_UPLOAD_BYTES, Declaration
from media_tools.music.intake import LONGEST_S, SHORTEST_S
from media_tools.side_files import LONGEST_TEXT
from runs.errors import RunRefused
from runs.models import Run
from runs.work.songs import awaits_song, deliver_song

FIELD = "song"
TOO_LARGE = f"The song is larger than {MAX_UPLOAD_BYTES // 1_000_000} MB. Nothing was kept."
NOT_WAITING = "The run waits for no song any more. Nothing was kept."
MAKERS = dict(
    zip(GENERATORS, ("People", "An AI model", "An algorithm without a model"), strict=True)
)


def _text(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        required=False,
        label=label,
        help_text=help_text,
        max_length=LONGEST_TEXT,
        widget=TextInput(attrs={"autocomplete": "off"}),
    )


class SongForm(forms.Form):
    """A song and what its side file in the inbox would declare."""

    song = forms.FileField(
        widget=forms.FileInput(attrs={"accept": "audio/*,video/mp4,.flac,.opus,.aiff,.aif"}),
        help_text=(
            f"WAV, FLAC, MP3, M4A, AAC, OGG, Opus or AIFF: {SHORTEST_S:.0f} seconds to "
            f"{LONGEST_S / 60:.0f} minutes, at most {MAX_UPLOAD_BYTES // 1_000_000} MB."
        ),
    )
    generator = forms.ChoiceField(
        label="Made by",
        choices=[("", "Choose…"), *MAKERS.items()],
        widget=UnfoldAdminSelectWidget,
        help_text="A release has to tell what an AI made.",
    )
    model = _text("Model or tool", "Such as “Suno V6, own Premier account”.")
    licence = _text(
        "Rights",
        "The terms you may use it under, such as “own work” or “CC BY 4.0”. Empty: none recorded.",
    )
    author = _text("Author", "Whom its terms ask to credit.")
    source_url = forms.URLField(
        required=False,
        label="Where it is from",
        max_length=LONGEST_TEXT,
        assume_scheme="https",
        widget=TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        help_text="Its page, if it has one.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "song-%s"
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"song-{name}-help song-{name}-error"

    def declaration(self) -> Declaration:
        """What a valid form declares."""
        return Declaration.from_json(
            {name: self.cleaned_data[name] for name in Declaration.names()}
        )


class SongUpload(FileUploadHandler):
    """Streams the song into a file without a name on the inbox's disk.

    refused: why no song is taken; set from the beginning or by what arrives. The rest of the body
    is read and dropped then, so that the form's other fields and an answer in words get through.
    """

    def __init__(self, folder: Path, *, refused: str = "") -> None:
        super().__init__()
        self.folder = folder
        self.refused = refused
        self._kept: Any = None

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if self.refused or self._kept or field_name != FIELD:
            raise SkipFile
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # Unnamed: nothing is left behind, whatever ends this process.
            self._kept = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115 - the request closes it
        except OSError as error:
            self._refuse(f"The inbox cannot be written ({error.strerror}).")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > MAX_UPLOAD_BYTES:
            self._refuse(TOO_LARGE)
        try:
            self._kept.write(raw_data)
        except OSError as error:
            self._refuse(f"The song could not be kept ({error.strerror}).")

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        self._kept.seek(0)
        return UploadedFile(self._kept, self.file_name, self.content_type, file_size)

    def _refuse(self, why: str) -> NoReturn:
        self.refused = why
        raise SkipFile


class SongMixin(PageViewsMixin):
    """The view of RunAdmin that takes a song."""

    # The check of the token reads the body: it comes when the permission and the upload's place
    # are clear, around _receive_song.
    @page_view("<uuid:run_id>/song/", "operate", methods=("GET", "POST"))
    @csrf_exempt
    def song_view(self, request: HttpRequest, run: Run) -> HttpResponse:
        """A page of the form alone, and where it is posted."""
        refused = "" if awaits_song(run) else NOT_WAITING
        if request.method == "POST":
            upload = SongUpload(settings.INBOX_DIR, refused=refused)
            request.upload_handlers = [upload]
            return csrf_protect(self._receive_song)(request, run, upload)
        if refused:
            return self._to_page(request, run, refused, messages.WARNING)
        return self._song_page(request, run, SongForm())

    def _receive_song(self, request: HttpRequest, run: Run, upload: SongUpload) -> HttpResponse:
        form = SongForm(request.POST, request.FILES)
        if form.is_valid() and not upload.refused:
            self._deliver(request, run, form)
        if upload.refused:
            form.errors[FIELD] = form.error_class([upload.refused])
        if form.errors:
            if _asks_for_json(request):
                return JsonResponse({"errors": form.errors})
            return self._song_page(request, run, form)
        return self._to_page(
            request, run, "The song is in the inbox; the run goes on.", messages.SUCCESS
        )

    def _deliver(self, request: HttpRequest, run: Run, form: SongForm) -> None:
        try:
            deliver_song(
                run_id=run.pk,
                chunks=form.cleaned_data[FIELD].chunks(),
                declared=form.declaration(),
                actor=actor(request),
                now=timezone.now(),
            )
        except RunRefused as refused:
            form.add_error(FIELD, str(refused))
        except ProviderError as error:
            form.add_error(FIELD, f"{error.cause[:1].upper()}{error.cause[1:]}: {error.action}.")

    def _to_page(self, request: HttpRequest, run: Run, said: str, level: int) -> HttpResponse:
        self.message_user(request, said, level)
        address = reverse("admin:runs_run_change", args=[run.pk])
        if _asks_for_json(request):
            return JsonResponse({"next": address})
        return HttpResponseRedirect(address)

    def _song_page(self, request: HttpRequest, run: Run, form: SongForm) -> HttpResponse:
        context = song_context(form)
        return self.page(request, "panel/song.html", title=f"Song of {run}", run=run, **context)


def song_context(form: SongForm | None) -> dict[str, Any]:
    """What panel/_song_form.html shows; None: the run waits for no song."""
    return {"song_form": form, "song_limit": MAX_UPLOAD_BYTES, "song_too_large": TOO_LARGE}


def _asks_for_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
