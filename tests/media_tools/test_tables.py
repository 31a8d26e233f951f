"""Tables from strangers: what is read as a row, and what is refused by its line."""

from __future__ import annotations

import tracemalloc

import pytest

from media_tools.tables import MAX_CELL, Fault, Row, Table, TableRefused, decode


def rows(text: str) -> list[tuple[int, list[str]]]:
    return list(Table.parse("t.csv", text).rows())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("divided", [",", ";", "\t", "|"])
def test_line_ends_and_delimiters(end: str, divided: str) -> None:
    text = end.join([f"A{divided}b", f"1{divided}2", "", f"3{divided}4"])

    table = Table.parse("t.csv", text)

    assert table.header == ("a", "b")
    assert list(table.rows()) == [(2, ["1", "2"]), (4, ["3", "4"])]


@pytest.mark.parametrize("divided", [",", ";", "\t", "|"])
def test_first_line_may_name_the_delimiter(divided: str) -> None:
    text = f"sep={divided}\r\na{divided}b\r\n1{divided}2\r\n"

    assert rows(text) == [(3, ["1", "2"])]


def test_a_column_called_sep_is_no_such_line() -> None:
    assert Table.parse("t.csv", "sep,b\n1,2\n").header == ("sep", "b")


def test_quotes_are_text_between_tabs_and_quotes_between_commas() -> None:
    assert rows('a\tb\n"x" y\t"\n') == [(2, ['"x" y', '"'])]
    assert rows('a,b\n"x, ""y""",z\n') == [(2, ['x, "y"', "z"])]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the header is missing"),
        ("\n", "line 1: the header is missing"),
        ("sep=;\n", "line 2: the header is missing"),
        ("sep=#\na#b\n", "line 1: columns divided by '#'"),
        ("a\0,b\n", "line 1: NUL characters"),
        ("a,b,A\n", "line 1: the header has twice the column 'a'"),
        (",".join(f"c{n}" for n in range(501)), "line 1: 501 columns; at most 500"),
        ('a,b\n1,2\n"x,2\n', "line 3: a value begins with a double quote that never ends"),
        ('a,b\n"x" y,2\n', "line 2: a double quote within a quoted value"),
        (f"a,b\n1,{'x' * 200_000}\n", "line 2: a value is longer than 131,072 characters"),
        (f"a,b\n1,{'x' * 1_000_000}\n", "line 2: longer than 1,000,000 characters"),
        ("x" * 2_000_000, "line 1: longer than 1,000,000 characters"),
    ],
)
def test_what_is_no_table_is_refused_by_its_line(text: str, said: str) -> None:
    with pytest.raises(TableRefused) as refused:
        rows(text)

    assert str(refused.value).startswith("t.csv, ")
    assert said in str(refused.value)


def test_only_a_header_is_a_table_without_rows() -> None:
    assert rows("a,b\n") == []


@pytest.mark.parametrize("cells", ["1", "1,2,3", f"1,{'x' * (MAX_CELL + 1)}", "1,x\0y"])
def test_a_row_that_does_not_fit_is_refused(cells: str) -> None:
    table = Table.parse("t.csv", f"a,b\n{cells}\n")
    (line, found), *_ = table.rows()

    with pytest.raises(Fault, match=r"t\.csv, line 2"):
        Row(table, line, found).check()


def test_cells_are_cleaned_and_composed() -> None:
    table = Table.parse("t.csv", "a\n Zoe\u0308\x07\x85 \n")
    (line, found), *_ = table.rows()

    assert Row(table, line, found).text("a") == "Zoë"


def test_rows_are_read_one_at_a_time() -> None:
    text = "a,b\n" + "1,2\n" * 100_000
    table = Table.parse("t.csv", text)
    tracemalloc.start()

    for number, _ in enumerate(table.rows(), start=1):
        if number == 30_000:
            break

    assert tracemalloc.get_traced_memory()[1] < 300_000  # bytes; the text has 400,000
    tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_byte_order_marks_are_read(encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""

    assert decode((mark + "a,b\n").encode(encoding)) == "a,b\n"
