"""Raw topic -> bounds checked, duplicates dropped -> another topic; at least once."""

from functools import reduce

from pyspark.sql import functions as f
from readings import BOUNDS, KEY, arguments, records, run, session


def main() -> None:
    args = arguments("to")
    readings = records(session(), args)
    checks = [f.col(name).isNull() | f.col(name).between(low, high) for name, (low, high) in BOUNDS.items()]
    good = reduce(lambda a, b: a & b, checks, f.col("station_id").isNotNull() & f.col("observed_at").isNotNull())
    clean = readings.filter(good).dropDuplicates(KEY)
    out = clean.select(f.col("station_id").alias("key"), f.to_json(f.struct("*")).alias("value"))
    writer = (
        out.writeStream.format("kafka").option("kafka.bootstrap.servers", args.brokers).option("kafka.acks", "all").option("topic", args.to)
    )
    run(writer, args)


main()
