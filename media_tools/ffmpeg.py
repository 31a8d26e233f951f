"""The one place that starts ffmpeg: argument lists only, bounded in time, killed with its group."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from media_tools.errors import ToolFailed, ToolMissing, WorkCancelled

# Local files only: a playlist disguised as a video must not make ffmpeg open a URL.
SAFE_INPUT = ("-protocol_whitelist", "file,pipe")

_INSTALL_HINT = (
    "Reinstall with `pip install imageio-ffmpeg`, or point IMAGEIO_FFMPEG_EXE at an ffmpeg binary."
)


def ffmpeg_exe() -> str:
    """Path of the ffmpeg binary: IMAGEIO_FFMPEG_EXE, imageio-ffmpeg's own, then PATH.

    Raises ToolMissing when none can be run.
    """
    import imageio_ffmpeg

    try:
        found = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise ToolMissing(f"ffmpeg was not found. {_INSTALL_HINT}") from error
    path: str | None = shutil.which(str(found))
    if path is None:
        raise ToolMissing(f"ffmpeg cannot be run at {found}. {_INSTALL_HINT}")
    return path


def _environment() -> dict[str, str]:
    """Ours, with one malloc arena: glibc's arena a thread costs ffmpeg some 10 % more memory."""
    return {**os.environ, "MALLOC_ARENA_MAX": "1"}


def _command(options: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """The full command line; where setpriv exists, the kernel ends ffmpeg with its parent.

    A worker killed with SIGKILL runs no clean-up of its own, so only the kernel can do that.
    """
    setpriv = shutil.which("setpriv")
    guard = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
    return [*guard, ffmpeg_exe(), "-hide_banner", *options, *arguments]


@dataclass(frozen=True)
class FfmpegResult:
    """What a finished ffmpeg said on stderr (its log) and stdout."""

    log: str
    stdout: bytes


def run_ffmpeg(
    arguments: Sequence[str],
    *,
    timeout_s: float,
    what: str,
    ok_codes: Sequence[int] = (0,),
    cwd: Path | None = None,
) -> FfmpegResult:
    """Run ffmpeg to its end, output captured.

    what: the object worked on, for the error message. Raises ToolFailed on a bad exit code or
    after timeout_s, ToolMissing without a binary. For piped frames and progress use start_ffmpeg.
    """
    process = subprocess.Popen(
        _command(["-nostdin"], arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        start_new_session=True,
        env=_environment(),
    )
    try:
        stdout, stderr = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        kill_group(process)
        raise ToolFailed(
            f"{what}: ffmpeg took more than {timeout_s:.0f} s and was stopped."
        ) from None
    except BaseException:
        kill_group(process)
        raise
    log = stderr.decode(errors="replace")
    if process.returncode not in ok_codes:
        raise ToolFailed(f"{what}: ffmpeg failed ({process.returncode}): {last_lines(log)}")
    return FfmpegResult(log=log, stdout=stdout)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End ffmpeg and whatever it started, and reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(Exception):
        process.communicate(timeout=10)


def last_lines(log: str, count: int = 3) -> str:
    """The end of ffmpeg's log, on one line, for an error message."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return " | ".join(lines[-count:])[-600:]


@contextlib.contextmanager
def piped_ffmpeg(
    arguments: Sequence[str],
    *,
    timeout_s: float,
    what: str,
    on_progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """ffmpeg with a stdin to write raw frames to (`-i pipe:0` in the arguments).

    Progress goes to on_progress as seconds of output written. Leaving the block closes stdin and
    waits for the end; an error inside it, the time limit, or cancelled() kills the process group.
    Raises ToolFailed, ToolMissing, WorkCancelled.
    """
    process = subprocess.Popen(
        _command(["-nostats", "-progress", "pipe:1"], arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=_environment(),
    )
    log: list[bytes] = []
    stopped = threading.Event()
    reasons: list[str] = []

    def read_log() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            log.append(line)
            del log[:-200]

    def read_progress() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            match = re.match(rb"out_time_us=(\d+)", line)
            if match and on_progress:
                on_progress(int(match.group(1)) / 1_000_000)

    def watch() -> None:
        deadline = timeout_s
        while not stopped.wait(0.5):
            deadline -= 0.5
            if cancelled is not None and cancelled():
                reasons.append("cancelled")
            elif deadline <= 0:
                reasons.append("timeout")
            else:
                continue
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            return

    threads = [
        threading.Thread(target=target, daemon=True) for target in (read_log, read_progress, watch)
    ]
    for thread in threads:
        thread.start()
    broken_pipe = False
    try:
        try:
            yield process
        except BrokenPipeError:
            broken_pipe = True  # ffmpeg ended early; its log says why
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    finally:
        stopped.set()
        for thread in threads:
            thread.join(timeout=10)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
    text = b"".join(log).decode(errors="replace")
    if "cancelled" in reasons:
        raise WorkCancelled(f"{what}: stopped on request; nothing was written.")
    if "timeout" in reasons:
        raise ToolFailed(f"{what}: ffmpeg took more than {timeout_s:.0f} s and was stopped.")
    if process.returncode != 0 or broken_pipe:
        raise ToolFailed(f"{what}: ffmpeg failed ({process.returncode}): {last_lines(text)}")
