"""Clean topic -> Parquet files on HDFS by day; a day's records go to one file."""

from pyspark.sql import functions as f
from readings import arguments, records, run, session


def main() -> None:
    args = arguments("to")
    days = records(session(), args).withColumn("date", f.to_date("observed_at")).repartition("date")
    run(days.writeStream.format("parquet").option("compression", "zstd").partitionBy("date").option("path", args.to), args)


main()
