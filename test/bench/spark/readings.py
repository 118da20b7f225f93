"""What the peers share: a session, the columns of the records, and a topic as a stream of them."""

import argparse
import json

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.streaming import DataStreamWriter, StreamingQuery

NUMBERS = [
    "latitude",
    "longitude",
    "elevation_m",
    "temperature_c",
    "dew_point_c",
    "humidity_pct",
    "pressure_hpa",
    "wind_speed_ms",
    "wind_gust_ms",
    "wind_direction_deg",
    "rain_mm",
    "rain_rate_mm_h",
    "cloud_cover_pct",
    "visibility_m",
]
KEY = ["station_id", "observed_at", "source", "kind"]

# Bounds of values; a record with a value out of them is dropped.
BOUNDS = {"temperature_c": (-10, 60), "humidity_pct": (0, 100), "pressure_hpa": (850, 1100), "wind_speed_ms": (0, 100), "rain_mm": (0, 500)}

SCHEMA = ", ".join(
    [
        "schema INT, station_id STRING, region STRING, observed_at TIMESTAMP, fetched_at TIMESTAMP, source STRING, kind STRING",
        *(f"{name} DOUBLE" for name in NUMBERS),
        "interval_s BIGINT",
    ]
)


def arguments(*names: str) -> argparse.Namespace:
    """Read the options of a peer; all are needed."""
    parser = argparse.ArgumentParser()
    for name in ("brokers", "topic", "checkpoint", *names):
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_args()


def session() -> SparkSession:
    """Return a session for two cores; the other settings are those that made the peers fastest."""
    return (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )


def records(spark: SparkSession, args: argparse.Namespace) -> DataFrame:
    """Return the committed records of a topic, from its beginning or the checkpoint, with their JSON as columns."""
    topic = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", args.brokers)
        .option("kafka.isolation.level", "read_committed")
        .option("subscribe", args.topic)
        .option("startingOffsets", "earliest")
        .load()
    )
    return topic.select(f.from_json(f.col("value").cast("string"), SCHEMA).alias("r")).select("r.*")


def run(writer: DataStreamWriter, args: argparse.Namespace) -> None:
    """Move all that is there and print how many records that were."""
    query: StreamingQuery = writer.option("checkpointLocation", args.checkpoint).trigger(availableNow=True).start()
    query.awaitTermination()
    print(json.dumps({"read": sum(p["numInputRows"] for p in query.recentProgress)}))
