"""Each release of before becomes a single with one track; each bundle that is due, one of a single."""

import uuid

from django.db import migrations
from django.utils import timezone

OF_RELEASES = ("packaged", "published", "codes", "recalled")
BATCH = 500


def in_batches(rows):
    """Lists of at most BATCH rows."""
    some = []
    for row in rows:
        some.append(row)
        if len(some) == BATCH:
            yield some
            some = []
    if some:
        yield some


def move_releases(apps, schema_editor):
    Release = apps.get_model("runs", "Release")
    Track = apps.get_model("runs", "Track")
    RunEvent = apps.get_model("runs", "RunEvent")
    ids = list(Release.objects.order_by("pk").values_list("pk", flat=True))
    for some_ids in in_batches(ids):
        some = list(Release.objects.filter(pk__in=some_ids).select_related("run"))
        for release in some:
            release.artist_id = release.run.artist_id
            release.title = release.run.title
            release.packaged_at = release.created_at
            if release.status == "packaged":
                release.status = "draft"
        Release.objects.bulk_update(some, ["artist", "title", "packaged_at", "status"])
        Track.objects.bulk_create(
            Track(release=release, run=release.run, title=release.run.title, isrc=release.isrc)
            for release in some
        )
        for release in some:
            RunEvent.objects.filter(run=release.run, kind__in=OF_RELEASES).update(release=release)


def book_codes(apps, schema_editor):
    """Note who holds which code. One that two releases have stays with the first."""
    Release = apps.get_model("runs", "Release")
    Code = apps.get_model("runs", "Code")
    coded = Release.objects.exclude(isrc="", upc="")
    out = coded.filter(published_at__isnull=False).order_by("published_at", "pk")
    others = coded.filter(published_at=None).order_by("created_at", "pk")
    for releases in (out, others):
        for some in in_batches(releases.iterator(chunk_size=BATCH)):
            Code.objects.bulk_create(
                [
                    Code(
                        code=code,
                        kind=kind,
                        source="typed",
                        run_id=release.run_id,
                        release=release if kind == "upc" else None,
                        imported_at=release.created_at,
                        taken_at=release.created_at,
                    )
                    for release in some
                    for kind, code in (("isrc", release.isrc), ("upc", release.upc))
                    if code
                ],
                ignore_conflicts=True,
            )


def move_packings(apps, schema_editor):
    Packing = apps.get_model("runs", "Packing")
    ReleasePacking = apps.get_model("runs", "ReleasePacking")
    Release = apps.get_model("runs", "Release")
    Track = apps.get_model("runs", "Track")
    now = timezone.now()
    rows = Packing.objects.select_related("run").order_by("pk").iterator(chunk_size=BATCH)
    for some in in_batches(rows):
        known = {
            run_id: pk
            for pk, run_id in Release.objects.filter(
                run__in=[packing.run_id for packing in some]
            ).values_list("pk", "run_id")
        }
        new = [packing.run for packing in some if packing.run_id not in known]
        made = [
            Release(
                id=uuid.uuid4(), run=run, artist_id=run.artist_id, title=run.title, created_at=now
            )
            for run in new
        ]
        Release.objects.bulk_create(made)
        Track.objects.bulk_create(
            Track(release=release, run=release.run, title=release.title) for release in made
        )
        known |= {release.run_id: release.pk for release in made}
        ReleasePacking.objects.bulk_create(
            ReleasePacking(
                release_id=known[packing.run_id],
                due_at=packing.due_at,
                attempts=packing.attempts,
                error=packing.error,
            )
            for packing in some
        )


class Migration(migrations.Migration):
    dependencies = [("runs", "0010_label_data_tracks_and_codes")]

    operations = [
        migrations.RunPython(move_releases, migrations.RunPython.noop),
        migrations.RunPython(book_codes, migrations.RunPython.noop),
        migrations.RunPython(move_packings, migrations.RunPython.noop),
    ]
