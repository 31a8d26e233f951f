"""Oblong pixels, HDR, wide gamuts: shown as a player shows them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media_tools.errors import MediaInvalid
from media_tools.ffmpeg import ffmpeg_exe, run_ffmpeg
from media_tools.video.encoding import to_bt709, to_square_pixels
from media_tools.video.plan import LyricVideo, VideoSpec, VisualPlan
from media_tools.video.probe import FOOTAGE_LIMITS, probe
from media_tools.video.render import render_lyric_video
from tests.media_tools.video.conftest import X264
from tests.media_tools.video.overlays import overlaid

MakeClip = Callable[..., Path]
CORNER = {"position": (0, 0), "font_size_px": 10, "preset": "ultrafast", "crf": 10}
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-pix_fmt", "yuv420p10le")
DISC = (
    "color=black:s={size}:r=10:d=1,geq=lum='255*lte(hypot(({sar})*(X-W/2),Y-H/2),80)':cb=128:cr=128"
)


def disc(make_clip: MakeClip, size: str, sar: str) -> Path:
    """A white disc that is round, 160 px high, once pixels have this aspect."""
    return make_clip(DISC.format(size=size, sar=sar), None, "-vf", f"setsar={sar}", *X264)


def extent(picture) -> tuple[int, int]:
    """Width and height of the white disc."""
    rows, columns = np.nonzero(np.asarray(picture.convert("L")) > 128)
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def lyric_video(clip: Path, song: Path, output: Path, size: tuple[int, int] = (270, 480)) -> None:
    render_lyric_video(
        LyricVideo(song, VisualPlan("footage", footage=(clip,)), "T", "A"),
        output,
        spec=VideoSpec(*size, fps=10, preset="ultrafast", crf=10),
    )


@pytest.mark.parametrize(
    ("size", "sar", "shown"),
    [
        ("720x480", "32/27", (854, 480)),
        ("720x576", "16/15", (768, 576)),
        ("720x480", "8/9", (720, 540)),
        ("352x576", "30/11", (960, 576)),
        ("320x240", "1/1", (320, 240)),
    ],
)
def test_the_size_is_the_one_shown(make_clip: MakeClip, size, sar, shown) -> None:
    info = probe(disc(make_clip, size, sar))

    assert (info.width, info.height) == shown


@pytest.mark.parametrize("engine", ["ffmpeg", "moviepy"])
@pytest.mark.parametrize("sar", ["32/27", "8/9", "2/1"])
def test_a_disc_stays_round(make_clip, tmp_path: Path, picture_at, engine, sar) -> None:
    output = tmp_path / "out.mp4"

    info = overlaid(
        disc(make_clip, "480x320", sar), output, "x", engine=engine, end_s=0.2, **CORNER
    )

    width, height = extent(picture_at(output, 0.5))
    assert width / height == pytest.approx(1, abs=0.03)
    assert info.pixel_aspect == 1


def test_footage_fills_the_frame_undistorted(make_clip, song, tmp_path: Path, picture_at) -> None:
    output = tmp_path / "out.mp4"

    lyric_video(disc(make_clip, "480x320", "3/2"), song, output, (320, 320))

    below_the_card = picture_at(output, 2.5).crop((0, 160, 320, 320))
    assert extent(below_the_card) == pytest.approx((160, 80), abs=3)


@pytest.mark.parametrize("engine", ["ffmpeg", "moviepy"])
def test_a_turned_clip_turns_its_pixels_too(make_clip, tmp_path, picture_at, engine) -> None:
    turned, output = tmp_path / "turned.mp4", tmp_path / "out.mp4"
    lying = disc(make_clip, "480x320", "3/2")
    turn = ["-v", "error", "-display_rotation", "90", "-i", str(lying), "-c", "copy", str(turned)]
    run_ffmpeg(turn, timeout_s=30, what="rotation")

    info = overlaid(turned, output, "x", end_s=0.2, engine=engine, **CORNER)

    width, height = extent(picture_at(output, 0.5))
    assert (info.width, info.height) == (320, 720)
    assert width / height == pytest.approx(1, abs=0.03)


def test_the_containers_word_on_pixels_counts(make_clip: MakeClip, tmp_path: Path) -> None:
    told = tmp_path / "told.mp4"
    clip = disc(make_clip, "480x320", "1/1")
    run_ffmpeg(
        ["-v", "error", "-i", str(clip), "-c", "copy", "-aspect", "2:1", str(told)],
        timeout_s=30,
        what="aspect",
    )

    assert (probe(told).width, probe(told).height) == (640, 320)


@pytest.mark.parametrize("aspect", [(0, 1), (1, 0)])
def test_pixels_without_an_aspect_are_square(make_clip, tmp_path: Path, aspect) -> None:
    clip = with_pixel_aspect(disc(make_clip, "480x320", "4/3"), tmp_path / "odd.mp4", aspect)

    info = probe(clip)

    assert (info.width, info.height, info.pixel_aspect) in [(480, 320, 1.0), (640, 320, 4 / 3)]


@pytest.mark.parametrize("aspect", [(255, 1), (1, 255), (2**31 - 1, 1)])
def test_absurd_pixels_are_refused(make_clip: MakeClip, tmp_path: Path, aspect) -> None:
    clip = with_pixel_aspect(disc(make_clip, "480x320", "4/3"), tmp_path / "odd.mp4", aspect)

    with pytest.raises(MediaInvalid, match="times as wide as high"):
        probe(clip)


def with_pixel_aspect(clip: Path, target: Path, aspect: tuple[int, int]) -> Path:
    """The MP4 with other numbers in its `pasp` box."""
    content = bytearray(clip.read_bytes())
    at = content.index(b"pasp") + 4
    content[at : at + 8] = struct.pack(">II", *aspect)
    target.write_bytes(content)
    return target


def with_box(clip: Path, target: Path, codec: bytes, name: bytes, body: bytes) -> Path:
    """The MP4 (its index at the end, as ffmpeg writes it) with one more box on its video."""
    content = bytearray(clip.read_bytes())
    box = struct.pack(">I4s", len(body) + 8, name) + body
    at, size = content.rindex(b"moov") - 4, 0
    for parent in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", codec):
        at = content.index(parent, at) - 4
        (size,) = struct.unpack_from(">I", content, at)
        struct.pack_into(">I", content, at, size + len(box))
    content[at + size : at + size] = box
    target.write_bytes(content)
    return target


@pytest.mark.parametrize(("sar", "shown"), [("1/1", (400, 300)), ("3/2", (600, 300))])
def test_what_the_container_crops_is_not_shown(make_clip, tmp_path: Path, sar, shown) -> None:
    clean_aperture = struct.pack(">8I", 400, 1, 300, 1, 0, 1, 0, 1)
    clip = disc(make_clip, "480x320", sar)
    cropped = with_box(clip, tmp_path / "cropped.mp4", b"avc1", b"clap", clean_aperture)

    info = overlaid(cropped, tmp_path / "out.mp4", "x", **CORNER)

    assert (info.width, info.height) == shown


def test_plain_footage_meets_no_filter(clip: Path) -> None:
    info = probe(clip)

    assert (to_square_pixels(info), to_bt709(info)) == ("null", "null")


# Four upright bars; 75 % of grey, green and red, and full white.
BARS = (
    "color=0xbfbfbf:s=640x360:r=10:d=1,format=rgb24,drawbox=160:0:160:360:0x00bf00:fill,"
    "drawbox=320:0:160:360:0xbf0000:fill,drawbox=480:0:160:360:0xffffff:fill,"
    "scale=out_color_matrix=bt709:out_range=tv,format=yuv444p,"
    "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
)
GREY, GREEN, RED, WHITE = ((x, 90) for x in (80, 240, 400, 560))


@pytest.fixture(scope="module")
def wide(make_clip: MakeClip) -> Callable[[str], Path]:
    """The bars as a camera would film them, white at 203 cd/m2, in colours of BT.2020."""

    def film(transfer: str) -> Path:
        into = (
            "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020,"
            f"zscale=t={transfer}:m=bt2020nc:r=tv:npl=203,format=yuv420p10le"
        )
        return make_clip(BARS, None, "-vf", into, *X265)

    return film


@pytest.mark.parametrize("transfer", ["arib-std-b67", "smpte2084", "bt2020-10"])
@pytest.mark.parametrize("engine", ["overlay", "footage"])
def test_wide_colors_become_bt709(engine, transfer, wide, song, tmp_path, picture_at) -> None:
    output = tmp_path / "out.mp4"

    if engine == "overlay":
        overlaid(wide(transfer), output, "x", end_s=0.2, **CORNER)
    else:
        lyric_video(wide(transfer), song, output, (640, 360))

    shown = picture_at(output, 0.8)
    assert shown.getpixel(GREY) == pytest.approx((190, 190, 190), abs=6)
    assert shown.getpixel(GREEN)[1] == pytest.approx(190, abs=6)
    assert shown.getpixel(RED)[0] == pytest.approx(190, abs=6)
    assert max(shown.getpixel(GREEN)[0], *shown.getpixel(RED)[1:]) < 30
    assert min(shown.getpixel(WHITE)) > 222
    assert probe(output).color_transfer == "bt709"


def test_moviepy_refuses_wide_colors(wide, tmp_path: Path) -> None:
    with pytest.raises(MediaInvalid, match="only the ffmpeg engine"):
        overlaid(wide("smpte2084"), tmp_path / "out.mp4", "x", engine="moviepy", **CORNER)


def test_without_the_filters_wide_colors_are_refused(
    wide, clip: Path, tmp_path: Path, monkeypatch
) -> None:
    lean = tmp_path / "ffmpeg"
    lean.write_text(
        f'#!/bin/sh\ncase "$*" in *-filters*) exit 0;; esac\nexec {ffmpeg_exe()} "$@"\n'
    )
    lean.chmod(0o755)
    film = wide("arib-std-b67")
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(lean))

    with pytest.raises(MediaInvalid, match="HLG, and this ffmpeg lacks zscale and tonemap"):
        probe(film, limits=FOOTAGE_LIMITS)
    assert probe(clip).width == 270


def test_dolby_vision_without_a_base_layer_is_refused(wide, tmp_path: Path) -> None:
    profile_5 = struct.pack(">BBH", 1, 0, 5 << 9 | 1 << 3 | 0b101) + bytes(20)
    path = with_box(wide("smpte2084"), tmp_path / "phone.mp4", b"hvc1", b"dvcC", profile_5)

    with pytest.raises(MediaInvalid, match="Dolby Vision"):
        probe(path)
