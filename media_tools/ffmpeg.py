"""The one place that starts ffmpeg: argument lists only, under hard limits, killed with its group.

Where util-linux is installed, the kernel holds it to its limits and ends it with its worker.
"""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import re
import resource
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import IO

from media_tools.errors import ToolFailed, ToolMissing, WorkCancelled

# Local files only: a playlist disguised as a video must not make ffmpeg open a URL.
SAFE_INPUT = ("-protocol_whitelist", "file,pipe")

MAX_FILE_BYTES = 8 * 2**30
"""Of one written file: 600 s, the longest video, at 110 Mbit/s; decoded sound stays below 2 GiB."""

MEMORY_FOR_STRANGERS_BYTES = 2**30
"""Of address space, to read a file nobody has looked at yet. Decoding 4096x2160 takes up to 675 MiB
of it (AV1, 10 bit) and probing 210 MiB; 720 and 285 MiB with a shared build of ffmpeg."""

_PIPE_BYTES = 2**20  # Linux lets everybody have this much
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


def lacking_filters(names: Sequence[str]) -> list[str]:
    """Those of ffmpeg's filters that the binary in use was built without."""
    built = _filters(ffmpeg_exe())
    return [name for name in names if name not in built]


@lru_cache(maxsize=4)
def _filters(exe: str) -> frozenset[str]:
    listing = run_ffmpeg(["-v", "error", "-filters"], timeout_s=30.0, what=exe).stdout.decode()
    return frozenset(re.findall(r"^ [A-Z.]{2,3} (\w+) ", listing, flags=re.MULTILINE))


def _environment() -> dict[str, str]:
    """Ours, with one malloc arena: glibc's arena a thread costs ffmpeg some 10 % more memory."""
    return {**os.environ, "MALLOC_ARENA_MAX": "1"}


def _limits(timeout_s: float, memory_bytes: int | None) -> dict[str, int]:
    """What the kernel is to hold one ffmpeg to, by prlimit's names; empty where there is none."""
    if shutil.which("prlimit") is None:
        return {}
    # No core: the signal of a file's limit would dump one.
    limits = {"cpu": _cpu_limit_s(timeout_s), "fsize": MAX_FILE_BYTES, "core": 0}
    if memory_bytes is not None:
        limits["as"] = memory_bytes
    for name, wanted in limits.items():
        # A limit set from outside may not be raised: prlimit would start nothing at all.
        hard = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1]
        if hard != resource.RLIM_INFINITY:
            limits[name] = min(wanted, hard)
    return limits


def _cpu_limit_s(timeout_s: float) -> int:
    """All cores for the whole time: met only if nobody is there to watch the clock."""
    return math.ceil(timeout_s) * (os.cpu_count() or 1)


def _command(
    options: Sequence[str], arguments: Sequence[str], limits: Mapping[str, int]
) -> list[str]:
    """The full command line, guarded by the kernel; each guard becomes the next program.

    setpriv: a worker killed with SIGKILL runs no clean-up of its own, so only the kernel can end
    ffmpeg with it. Not preexec_fn, which may hang in a process that has threads.
    """
    guard = ["prlimit", *(f"--{name}={value}" for name, value in limits.items())] if limits else []
    if shutil.which("setpriv"):
        guard += ["setpriv", "--pdeathsig", "KILL", "--"]
    return [*guard, ffmpeg_exe(), "-hide_banner", *options, *arguments]


def _children_cpu_s() -> float:
    """CPU seconds of all processes this one started and saw end."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class _Guard:
    """The kernel's limits of one ffmpeg, from its start to the judgement of its end."""

    def __init__(self, timeout_s: float, memory_bytes: int | None = None) -> None:
        self.limits = _limits(timeout_s, memory_bytes)
        self._cpu_before_s = _children_cpu_s()

    def check_end(
        self, what: str, code: int, log: str, *, ok_codes: Sequence[int] = (0,), cut: bool = False
    ) -> None:
        """Raises ToolFailed if it failed, naming the limit it ended at if it was one.

        cut: it ended before it had read all it was given, whatever its code.
        """
        # Of whatever else of ours ended meanwhile too.
        cpu_s = _children_cpu_s() - self._cpu_before_s
        if cause := _limit_met(code, log, self.limits, cpu_s=cpu_s, ok_codes=ok_codes):
            raise ToolFailed(f"{what}: {cause}")
        if cut or code not in ok_codes:
            raise ToolFailed(f"{what}: ffmpeg failed ({code}): {last_lines(log)}")


def _limit_met(
    code: int, log: str, limits: Mapping[str, int], *, cpu_s: float, ok_codes: Sequence[int]
) -> str:
    """Which limit ffmpeg ended at and what to do, in words; empty if it was none."""
    if "fsize" in limits and code == -signal.SIGXFSZ:
        size_mib = limits["fsize"] / 2**20
        return (
            f"ffmpeg wrote more than {size_mib:.0f} MiB into one file and was stopped. "
            "Take a shorter input, or compress more (a higher CRF)."
        )
    # The kernel kills without a word; its clock and that of the ended process differ a little.
    if "cpu" in limits and code == -signal.SIGKILL and cpu_s > 0.9 * limits["cpu"]:
        return (
            f"ffmpeg used more than {limits['cpu']} s of CPU time and was stopped. "
            "Take a shorter or smaller input."
        )
    if "as" in limits and code not in ok_codes and _ran_out_of_memory(log):
        memory_mib = limits["as"] / 2**20
        return (
            f"ffmpeg got no more than the {memory_mib:.0f} MiB of memory it may use for this file. "
            "Take another one, or encode it anew with a smaller picture."
        )
    return ""


def _ran_out_of_memory(log: str) -> bool:
    # The H.264 decoder ends with "Invalid data found": only the buffer it did not get tells, and
    # it gets none for a picture above -max_pixels either.
    no_buffer = "get_buffer() failed" in log and "image parameters invalid" not in log
    no_thread = "Resource temporarily unavailable" in log
    return no_buffer or no_thread or "Cannot allocate memory" in log


@dataclass(frozen=True)
class Watch:
    """Who looks on while a long piece of work is done, and how long it may take."""

    # Gets the share that is done, 0..1.
    progress: Callable[[float], None] | None = None
    # Asked now and then; True stops the work with WorkCancelled.
    cancelled: Callable[[], bool] | None = None
    timeout_s: float = 3600.0

    def of_length(self, whole_s: float) -> Callable[[float], None] | None:
        """`progress` for work that reports the seconds it has written of `whole_s`."""
        if self.progress is None:
            return None
        report = self.progress  # narrowed for the closure
        return lambda written_s: report(min(written_s / whole_s, 1.0))

    def finished(self) -> None:
        """Report that all is done."""
        if self.progress is not None:
            self.progress(1.0)


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
    memory_bytes: int | None = None,
) -> FfmpegResult:
    """Run ffmpeg to its end, output captured.

    what: the object worked on, for the error message. memory_bytes: of address space it may use,
    None for any. Raises ToolFailed on a bad exit code, after timeout_s or at another limit,
    ToolMissing without a binary. For piped frames and progress use piped_ffmpeg.
    """
    guard = _Guard(timeout_s, memory_bytes)
    process = subprocess.Popen(
        _command(["-nostdin"], arguments, guard.limits),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
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
    guard.check_end(what, process.returncode, log, ok_codes=ok_codes)
    return FfmpegResult(log=log, stdout=stdout)


def _widen(pipe: IO[bytes]) -> None:
    """Let the pipe hold most of a picture: both ends then wake up a tenth as often."""
    # Linux only, and refused to accounts that hold many pipes.
    with contextlib.suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End ffmpeg and whatever it started, and reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(Exception):
        process.communicate(timeout=10)


def last_lines(log: str) -> str:
    """The end of ffmpeg's log, on one line, for an error message."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return " | ".join(lines[-3:])[-600:]


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
    waits for the end; an error inside it, a limit, or cancelled() kills the process group.
    Raises ToolFailed, ToolMissing, WorkCancelled.
    """
    guard = _Guard(timeout_s)
    process = subprocess.Popen(
        _command(["-nostats", "-progress", "pipe:1"], arguments, guard.limits),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=_environment(),
    )
    assert process.stdin is not None
    _widen(process.stdin)
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
    guard.check_end(what, process.returncode, text, cut=broken_pipe)
