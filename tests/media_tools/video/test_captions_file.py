from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from media_tools.foreign import Refused
from media_tools.video.captions_file import LONGEST_TEXT, MAX_BYTES, MOST_CAPTIONS, read_captions
from media_tools.video.plan import Caption

HOLD_ME = Caption(0.5, 2.5, "Hold me")


def entry(**changes: Any) -> dict[str, Any]:
    return {"start": 0.5, "end": 2.5, "text": "Hold me", **changes}


def written(folder: Path, content: Any) -> Path:
    path = folder / "captions.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


PLAIN = json.dumps([entry()])


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-32"),
        json.dumps([entry(start="0.5", end=" 2.5 ")]),
        json.dumps([entry(note="kept by the editor")]),
        json.dumps([entry(text="Hold\u0000 me")]),
    ],
    ids=["plain", "BOM", "UTF-16", "UTF-32", "numbers as text", "other fields", "NUL"],
)
def test_what_editors_write_is_read(content: str | bytes, tmp_path: Path) -> None:
    assert read_captions(written(tmp_path, content)) == [HOLD_ME]


def test_captions_come_in_the_order_of_their_times(tmp_path: Path) -> None:
    path = written(tmp_path, [entry(start=4, end=5, text="later"), entry()])

    assert [caption.text for caption in read_captions(path)] == ["Hold me", "later"]


def test_a_caption_may_run_into_the_next(tmp_path: Path) -> None:
    path = written(tmp_path, [entry(), entry(start=2.0, end=4.0)])

    assert len(read_captions(path)) == 2


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", "line 1, column 1"),
        ('[{"start": 1,\n "end": }]', "line 2, column 9"),
        ("[" * 100_000, "nested too deeply"),
        ("[" * 80 + "]" * 80, "levels deep"),
        ('{"text": 1}', "no list"),
        ("3", "no list"),
        ('["Hold me"]', "caption 1: it is not"),
        ([entry(), {"start": 3, "end": 4}], 'caption 2: "text"'),
        ([entry(), entry(text=None)], 'caption 2: "text"'),
        ([{"end": 2, "text": "x"}], 'caption 1: it has no "start"'),
        ([entry(end=None)], 'caption 1: "end"'),
        ([entry(start=[1])], 'caption 1: "start"'),
        ([entry(start=True)], 'caption 1: "start"'),
        ([entry(start="soon")], 'caption 1: "start"'),
        ([entry(start="nan")], 'caption 1: "start"'),
        ([entry(start=-1)], 'caption 1: "start"'),
        ([entry(start=1500, end=4000)], 'caption 1: "end"'),
        ('[{"start": NaN, "end": 2, "text": "x"}]', "NaN cannot be used"),
        ('[{"start": 1, "end": 1e999, "text": "x"}]', "1e999 cannot be used"),
        ([entry(start=2.5)], "caption 1: it ends at 2.5 s"),
        ([entry(), entry(start=0.6)], "captions 1 and 2 overlap"),
        ([entry(start=9, end=10), entry(), entry()], "captions 2 and 3 overlap"),
        ([entry(text="x" * (LONGEST_TEXT + 1))], f"caption 1: its text has {LONGEST_TEXT + 1}"),
        (json.dumps([entry(text="café")], ensure_ascii=False).encode("latin-1"), "not UTF-8"),
        ([entry(word_starts=[0.5])], "caption 1: .*not one time for each word"),
        ([entry(word_starts=[0.5, "x"])], 'caption 1: "word_starts"'),
        ([entry(word_starts={"0": 1})], 'caption 1: "word_starts"'),
        ([1] * (MOST_CAPTIONS + 1), f"more than {MOST_CAPTIONS}"),
        (b" " * (MAX_BYTES + 1), "larger than"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(content: Any, cause: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=cause) as refused:
        read_captions(written(tmp_path, content))

    assert len(str(refused.value)) < 200
