"""Prints the rows of Parquet files as JSON Lines, as DuckDB or pandas see them: rows.py duckdb PATTERN, rows.py pandas PATH.

Files of several versions have the columns of the newest: that is asked for, as docs/lake.md says.
"""

import json
import math
import sys
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIMES = ("observed_at", "fetched_at", "issued_at")


def rows(reader: str, path: str):
    """Yields one dict per row and checks the types of the columns on the way."""
    if reader == "duckdb":
        import duckdb

        file = duckdb.read_parquet(path, union_by_name=True)
        types = dict(zip(file.columns, map(str, file.types)))
        assert types["observed_at"] == "TIMESTAMP WITH TIME ZONE", types
        assert types["temperature_c"] == "DOUBLE" and types["region"] == "VARCHAR", types
        # As microseconds, since Python's form of a time with its zone needs one more package.
        micros = ", ".join(f"epoch_us({name}) AS {name}" for name in TIMES)
        for row in file.project(f"* REPLACE ({micros})").fetchall():
            record = dict(zip(file.columns, row))
            for name in TIMES:
                if record[name] is not None:
                    record[name] = EPOCH + timedelta(microseconds=record[name])
            yield record
    else:
        import pandas
        import pyarrow
        from pyarrow import dataset, parquet

        files = sorted(dataset.dataset(path).files)
        schema = pyarrow.unify_schemas([parquet.read_schema(file) for file in files])
        table = pandas.read_parquet(path, schema=schema)
        assert str(table["observed_at"].dtype) == "datetime64[us, UTC]", table.dtypes
        assert str(table["temperature_c"].dtype) == "float64", table.dtypes
        # Whole numbers with gaps would become float64 and lose digits.
        table = pandas.read_parquet(path, schema=schema, dtype_backend="pyarrow")
        for row in table.astype(object).to_dict("records"):
            yield {name: None if value is pandas.NA else value for name, value in row.items()}


def known(value) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def plain(name: str, value):
    """Brings a value into the form that it has in senmeteo's JSON."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
    return json.loads(value) if name in ("quantiles", "qc", "original") else value


for record in rows(sys.argv[1], sys.argv[2]):
    print(json.dumps({name: plain(name, value) for name, value in record.items() if known(value)}))
