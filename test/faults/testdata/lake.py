"""Says what DuckDB and pyarrow see in a lake, as JSON: lake.py FOLDER, which holds date=.../*.parquet."""

import json
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet

folder = Path(sys.argv[1])
lake = f"read_parquet('{folder}/date=*/*.parquet', hive_partitioning = true)"


def one(query: str):
    return duckdb.sql(query).fetchall()[0][0]


files = [pyarrow.parquet.ParquetFile(path) for path in sorted(folder.glob("date=*/*.parquet"))]
columns = [
    (group.column(i), group)
    for file in files
    for group in (file.metadata.row_group(n) for n in range(file.metadata.num_row_groups))
    for i in range(group.num_columns)
]
print(
    json.dumps(
        {
            "rows": one(f"SELECT count(*) FROM {lake}"),
            "stations": dict(duckdb.sql(f"SELECT station_id, count(DISTINCT id) FROM {lake} GROUP BY 1").fetchall()),
            "corrections": one(f"SELECT count(*) FROM (SELECT id FROM {lake} GROUP BY id HAVING max(revision) > 1)"),
            "repeats": one(f"SELECT count(*) FROM (SELECT id, revision FROM {lake} GROUP BY ALL HAVING count(*) > 1)"),
            "strays": one(f"SELECT count(*) FROM {lake} WHERE date <> CAST(observed_at AT TIME ZONE 'UTC' AS DATE)"),
            "codecs": sorted({column.compression for column, _ in columns}),
            "statistics": all(column.is_stats_set for column, _ in columns),
            "page_index": all(column.has_column_index and column.has_offset_index for column, _ in columns),
            "sorted_by": sorted(
                {
                    tuple(file.schema.names[s.column_index] for s in group.sorting_columns)
                    for file in files
                    for group in [file.metadata.row_group(0)]
                }
            ),
            "in_order": all(
                (rows := file.read(columns=["station_id", "observed_at"]).to_pylist())
                == sorted(rows, key=lambda r: (r["station_id"], r["observed_at"]))
                for file in files
            ),
            "keys": sorted({key.decode() for file in files for key in file.metadata.metadata}),
        }
    )
)
