"""Clean topic -> a table with a primary key: rows go to another table by JDBC and from there by an upsert."""

import os

from pyspark.sql import DataFrame
from readings import KEY, NUMBERS, arguments, records, run, session

COLUMNS = [*KEY, "region", "fetched_at", *NUMBERS, "interval_s"]
DEFINITION = ", ".join(
    [
        "station_id text, observed_at timestamptz, source text, kind text, region text, fetched_at timestamptz",
        *(f"{name} double precision" for name in NUMBERS),
        "interval_s bigint",
    ]
)
CREATE = [
    f"CREATE TABLE IF NOT EXISTS observation ({DEFINITION}, PRIMARY KEY ({', '.join(KEY)}))",
    f"CREATE UNLOGGED TABLE IF NOT EXISTS staging ({DEFINITION})",
]
UPSERT = f"""INSERT INTO observation SELECT DISTINCT ON ({", ".join(KEY)}) {", ".join(COLUMNS)} FROM staging
ORDER BY {", ".join(KEY)}, fetched_at DESC
ON CONFLICT ({", ".join(KEY)}) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in COLUMNS if c not in KEY)}
WHERE observation.fetched_at < excluded.fetched_at"""  # noqa: S608 - of constants


def main() -> None:
    args = arguments("url", "user")
    spark = session()
    login = {"user": args.user, "password": os.environ["PGPASSWORD"]}

    def execute(*statements: str) -> None:
        connection = spark._jvm.java.sql.DriverManager.getConnection(args.url, *login.values())
        try:
            for statement in statements:
                connection.createStatement().execute(statement)
        finally:
            connection.close()

    def upsert(batch: DataFrame, _: int) -> None:
        execute("TRUNCATE staging")
        options = {**login, "batchsize": "10000", "reWriteBatchedInserts": "true", "driver": "org.postgresql.Driver"}
        batch.select(COLUMNS).write.mode("append").jdbc(args.url, "staging", properties=options)
        execute(UPSERT)

    execute(*CREATE)
    run(records(spark, args).writeStream.foreachBatch(upsert), args)


main()
