"""Reads a lake's Parquet files by DuckDB and by pandas and prints what each saw, one JSON object a line."""

import json
import sys

import duckdb
import pandas as pd

clean = sys.argv[1]

count, stations, days, warmest, rain = duckdb.sql(
    f"""
    SELECT count(DISTINCT id), count(DISTINCT station_id), count(DISTINCT date), max(temperature_c), sum(rain_rate_mm_h)
    FROM read_parquet('{clean}/date=*/*.parquet', hive_partitioning = true)
    """
).fetchall()[0]
thies = duckdb.sql(f"SELECT DISTINCT region FROM read_parquet('{clean}/date=*/*.parquet') WHERE station_id = 'SN-TH'").fetchall()
print(
    json.dumps(
        {
            "reader": "duckdb",
            "observations": count,
            "stations": stations,
            "days": days,
            "warmest": warmest,
            "rain": round(rain or 0, 6),
            "thies": [row[0] for row in thies],
        }
    )
)

frame = pd.read_parquet(clean)
print(
    json.dumps(
        {
            "reader": "pandas",
            "observations": int(frame["id"].nunique()),
            "stations": int(frame["station_id"].nunique()),
            "days": int(frame["date"].nunique()),
            "warmest": float(frame["temperature_c"].max()),
            "rain": round(float(frame["rain_rate_mm_h"].sum()), 6),
            "thies": frame.loc[frame["station_id"] == "SN-TH", "region"].unique().tolist(),
        }
    )
)
