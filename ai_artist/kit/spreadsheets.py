"""What spreadsheets make of the cells of a CSV file."""

from __future__ import annotations

import re

# A spreadsheet runs a cell that begins so.
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
