"""Tables in text files: CSV and its relatives, in any usual form, as columns of text."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructType

from domain.cleaning.csv_fields import csv_fields
from domain.cleaning.layouts import SHOWN, Layout, NoLayout
from domain.cleaning.table_forms import BLANKS, COMMENT, LOOKED_AT, TableForm, table_form
from spark_jobs.frames import written
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import spark_path
from spark_jobs.storage.plain_files import plain_file
from spark_jobs.storage.raw_files import RawFile, line_of, read_lines, read_records

log = logging.getLogger(__name__)

FILE_LINE, TEXT, RAGGED, CELLS = "file_line", "text", "ragged", "cells"
RUN_OF_BLANKS = r"[ \t]+"
LONGEST_START = 1 << 22  # characters of the first lines
NUMBER_OF_OTHERS = r"^[+-]?[0-9][0-9.,]*[.,][0-9]*$"  # with a decimal comma, or with thousands


@dataclass(frozen=True)
class TextTable:
    """`frame` has the number of each line, its text, its cells (the row's name first where it has one) and `ragged`."""

    path: Path
    form: TableForm
    frame: DataFrame

    def cell(self, name: str) -> Column:
        """The text of a column, without spaces around it."""
        return F.trim(F.col(f"{CELLS}.c{self.form.names.index(name) + self.form.row_names}"))

    @property
    def row_name(self) -> Column | None:
        """The name of the row, where rows have one."""
        return F.trim(F.col(f"{CELLS}.c0")) if self.form.row_names else None

    def number(self, name: str) -> Column:
        """The number of a column, of true and false 1 and 0; null where none is written."""
        if name in self.form.truths:
            return written.truth(self.cell(name)).cast("double")
        return written.number(self._pointed(name))

    def whole(self, name: str) -> Column:
        """The whole number of a column; null where none is written."""
        return written.whole(self._pointed(name))

    def is_unreadable(self, name: str) -> Column:
        """Whether something is written that is neither a number nor a missing one."""
        return self.cell(name).isNotNull() & ~written.is_missing(self.cell(name)) & self.number(name).isNull()

    def _pointed(self, name: str) -> Column:
        text = self.cell(name)
        if self.form.decimal == ".":
            return text
        return F.when(~text.contains("."), F.translate(text, ",", "."))


def is_parquet(path: Path) -> bool:
    """Whether a file or folder is Parquet, whatever its name is."""
    if path.is_dir():
        return any(is_parquet(part) for part in sorted(path.rglob("*")) if part.is_file() and part.name[0] not in "._")
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def read_parquet(spark: SparkSession, path: Path) -> DataFrame:
    """A Parquet file or folder, whatever its name is.

    Raises:
        JobError: it is damaged, or Spark cannot tell its columns apart.
    """
    try:
        return spark.read.parquet(spark_path(path))
    except AnalysisException as error:
        raise JobError(f"{path}: cannot be read as Parquet: {str(error).splitlines()[0]}") from error


def read_text_table(
    spark: SparkSession, path: Path, work: Path, header: str = "auto", reserved: Sequence[str] = ()
) -> TextTable:
    """The table in a text file; `work` is a folder of the run for a plain copy, needed as long as the frame is.

    Raises:
        JobError: it is a folder or no text, may be read in two ways, or its lines have different numbers of values.
    """
    if path.is_dir():
        raise JobError(f"{path}: no Parquet files in it. A CSV file must be named itself, not its folder.")
    plain, lines = plain_file(path, work / f"table-{len(list(work.glob('*')))}")
    form = _form(path, plain, header, reserved)
    width = form.width + form.ended
    layout = Layout((), (), width, form.separator, form.separator != BLANKS, first=form.first)
    raw = RawFile(path.name, (plain,), (path.name,), lines, plain.stat().st_size, "", layout)
    for read in (read_lines, read_records):
        table = TextTable(path, form, _cells(read(spark, raw), form))
        bad = table.frame.where(RAGGED).agg(F.min(F.struct(FILE_LINE, TEXT)).alias("first")).collect()[0]["first"]
        if bad is None:
            return table
        if '"' not in bad[TEXT] or form.separator == BLANKS:  # else a quoted value may go on in the next line
            break
    raise JobError(f"{path}, line {bad[FILE_LINE]}: {_fault(bad[TEXT], form)} Mend or delete the line.")


def _fault(text: str, form: TableForm) -> str:
    values = csv_fields(text, form.separator) if form.separator != BLANKS else text.split()
    if values is None:
        return f"a quote is not closed, or stands inside a value ({text[:SHOWN]!r})."
    return f"{len(values)} values ({text[:SHOWN]!r}), but other lines have {form.width}."


def _form(path: Path, plain: Path, header: str, reserved: Sequence[str]) -> TableForm:
    with plain.open(encoding="utf-8-sig", errors="replace", newline="\n") as stream:
        first = [line.rstrip("\r\n") for line in islice(iter(lambda: stream.readline(LONGEST_START), ""), LOOKED_AT)]
    try:
        form = table_form(first, header, reserved)
    except NoLayout as error:
        raise JobError(f"{path}: {error}") from error
    if form.renamed:
        log.warning("%s: columns are called otherwise here: %s", path, ", ".join(form.renamed))
    return form


def _cells(lines: DataFrame, form: TableForm) -> DataFrame:
    text = F.regexp_replace(F.decode("value", "UTF-8"), "^\ufeff|\r+$", "")
    there = lines.select(line_of("position").alias(FILE_LINE), text.alias(TEXT)).where(F.trim(TEXT) != "")
    if form.has_comments:
        there = there.where(~F.col(TEXT).rlike(COMMENT))
    schema = StructType()
    for at in range(form.width):
        schema.add(f"c{at}", StringType())
    options = {
        "sep": form.separator,
        "escape": '"',
        "ignoreLeadingWhiteSpace": "true",
        "columnNameOfCorruptRecord": RAGGED,
        "maxColumns": str(form.width + 100),
    }
    parsed = F.from_csv(_tidied(F.col(TEXT), form), _ddl(schema.add(RAGGED, StringType())), options)
    is_ragged = F.col(f"{CELLS}.{RAGGED}").isNotNull()
    if form.separator != BLANKS:
        is_ragged |= F.length(F.regexp_replace(TEXT, '[^"]', "")) % 2 == 1  # a quote that is not closed
    return there.withColumn(CELLS, parsed).withColumn(RAGGED, is_ragged)


def _ddl(schema: StructType) -> str:
    return ", ".join(f"{field.name} string" for field in schema.fields)


def _tidied(text: Column, form: TableForm) -> Column:
    """Without spaces around it and a separator at its end; BLANKS are one space each, as which they separate."""
    if form.separator == BLANKS:
        return F.trim(F.regexp_replace(text, RUN_OF_BLANKS, " "))
    edge = F.trim(text)
    return F.regexp_replace(edge, f"[{form.separator}]\\s*$", "") if form.ended else edge


def tell_unreadable(table: TextTable, names: Sequence[str]) -> None:
    """Warn of what stands in columns of numbers and is none.

    Raises:
        JobError: one may be a number with the other decimal sign.
    """
    wrong = [
        F.when(table.is_unreadable(name), F.struct(F.lit(at).alias("at"), table.cell(name).alias("value")))
        for at, name in enumerate(names)
    ]
    if not wrong:
        return
    each = table.frame.select(FILE_LINE, F.explode(F.filter(F.array(*wrong), lambda one: one.isNotNull())).alias("one"))
    counted = each.groupBy("one.at").agg(
        F.count("*").alias("count"),
        F.min(F.struct(~F.col("one.value").rlike(NUMBER_OF_OTHERS), FILE_LINE, "one.value")).alias("first"),
    )
    for row in sorted(counted.collect(), key=lambda row: row["at"]):
        line, value = row["first"][FILE_LINE], row["first"]["value"]
        place = f"{table.path}, line {line}, column {names[row['at']]}: {value[:SHOWN]!r}"
        if re.match(NUMBER_OF_OTHERS, value):
            raise JobError(
                f"{place} has another decimal sign than the numbers before it, or one of thousands. Write every number"
                f" with a decimal {'point' if table.form.decimal == '.' else 'comma'}, and nothing for thousands."
            )
        log.warning("%s is no number, and so are %d in all: they count as missing.", place, row["count"])
