"""Reading tables that people upload: workbooks and CSV, guarded, in bounded memory.

Glossary
--------
workbook 工作簿         an .xlsx file: a ZIP of XML parts
sheet 工作表           one table of a workbook; a CSV file counts as one sheet
guard 检查             what is refused before anything is read: see ``archive``
reader 读取进程         the child process that reads a workbook under limits of memory and time
fault 无法读取的单元格    a cell that holds an error, or a formula that was never calculated
"""

from __future__ import annotations

from app.infra.sheets.cells import Cell, Fault, SheetRow
from app.infra.sheets.limits import Limits
from app.infra.sheets.reading import Table, check_file, read_table

__all__ = ["Cell", "Fault", "Limits", "SheetRow", "Table", "check_file", "read_table"]
