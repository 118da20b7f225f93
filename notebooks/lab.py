"""What the notebooks and explore.py share: where the stores are, connections that only read, and how numbers and figures look."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import duckdb
import matplotlib as mpl
import pandas as pd
import psycopg
from fsspec.implementations.webhdfs import WebHDFS
from IPython.display import Markdown, display

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch
    from pyspark.sql import SparkSession

# HDFS lets everybody read the lake, and its writer alone change it.
HDFS_USER = "reader"

# What a store that is not there, or not yet, makes of a question. RequestException is an OSError.
UNREACHABLE = (OSError, psycopg.Error, duckdb.Error)

# Colours of Okabe and Ito (2008), which people who see fewer colours can tell apart, in an order that also differs in grey.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#6E6E6E"
MONTHS = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]

# The valid revision of each observation (docs/lake.md), without forecasts.
VALID = """SELECT * FROM read_parquet('{files}', hive_partitioning = true, union_by_name = true) WHERE kind <> 'forecast'
QUALIFY row_number() OVER (PARTITION BY id ORDER BY fetched_at DESC, revision DESC) = 1"""


def setting(name: str, default: str) -> str:
    """Return the variable of that name, or the text of the file that NAME_FILE names, or the default, which is an address in the stack."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get(name) or default


def lake_url() -> str:
    """Return the address of the lake, hdfs://HOST:PORT/PATH without a user, or the path of a folder."""
    url = urlsplit(setting("SENMETEO_HDFS", "hdfs://namenode:8020/data/meteo"))
    return f"hdfs://{url.hostname}:{url.port}{url.path}" if url.scheme == "hdfs" else url.path


class Lake(WebHDFS):
    """WebHDFS that asks once about each file and folder: files of the lake never change, and DuckDB asks a dozen times."""

    cachable = False  # a new one sees new files

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._known: dict[str, dict[str, Any]] = {}
        self._listed: dict[str, list[dict[str, Any]]] = {}

    def info(self, path: str) -> dict[str, Any]:
        path = self._strip_protocol(path)
        if path not in self._known:
            self._known[path] = super().info(path)
        return self._known[path]

    def ls(self, path: str, detail: bool = False, **options: Any) -> list[Any]:
        path = self._strip_protocol(path).rstrip("/")
        if path not in self._listed:
            self._listed[path] = super().ls(path, detail=True, **options)
            self._known |= {info["name"]: info for info in self._listed[path]}
        return self._listed[path] if detail else [info["name"] for info in self._listed[path]]


def lake(valid: str = "clean") -> duckdb.DuckDBPyConnection:
    """Return a DuckDB whose table `valid` holds the valid observations of the lake, read from HDFS by WebHDFS, or from a folder."""
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    files = f"{lake_url()}/clean/date=*/*.parquet"
    if files.startswith("hdfs://"):
        web = urlsplit(setting("SENMETEO_WEBHDFS", "http://namenode:9870"))
        db.register_filesystem(Lake(host=web.hostname, port=web.port, user=HDFS_USER))
        files = f"webhdfs://{urlsplit(files).path}"
    db.execute(f"CREATE TABLE {valid} AS {VALID.format(files=files)}")
    return db


def spark() -> SparkSession:
    """Return a Spark of two threads on this machine; it reads HDFS directly, as HDFS_USER."""
    from pyspark.sql import SparkSession

    os.environ["HADOOP_USER_NAME"] = HDFS_USER
    return (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "1g")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.extraJavaOptions", f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.hadoop.dfs.client.use.datanode.hostname", "true")
        .getOrCreate()
    )


def postgres() -> psycopg.Connection:
    """Return a connection to PostgreSQL in which nothing can be changed."""
    url = setting("SENMETEO_PG_URL", "postgres://reader@postgres:5432/meteo?sslmode=disable")
    return psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=on -c timezone=UTC")


def table(connection: psycopg.Connection, query: str, *values: object) -> pd.DataFrame:
    """Return the rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description])


def elasticsearch() -> Elasticsearch:
    """Return a client of Elasticsearch."""
    from elasticsearch import Elasticsearch

    return Elasticsearch(setting("SENMETEO_ES_URL", "http://elasticsearch:9200"), request_timeout=60)


def senmeteo(*args: str) -> str:
    """Run the program and return what it prints; what it complains of is in the error."""
    done = subprocess.run([setting("SENMETEO_PROGRAM", "senmeteo"), *args], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"senmeteo {' '.join(args)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def senmeteo_json(*args: str) -> dict[str, Any]:
    """Run the program with --json and return what it prints."""
    return json.loads(senmeteo(*args, "--json"))


def fr(number: float, digits: int = 0) -> str:
    """Write a number as French readers do: 12 345,6, below zero with a minus sign."""
    return f"{number:,.{digits}f}".replace(",", "\u202f").replace(".", ",").replace("-", "\u2212")


def say(text: str) -> None:
    """Show words that hold computed numbers."""
    display(Markdown(text))


def style() -> None:
    """Make figures readable in print and, as wide as a phone, on a screen: few ticks, large letters."""
    mpl.rcParams.update(
        {
            "figure.figsize": (6.4, 4.0),
            "figure.dpi": 110,
            "figure.constrained_layout.use": True,
            "font.size": 12,
            "axes.titlesize": 13,
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.alpha": 0.3,
            "legend.frameon": False,
            "lines.linewidth": 2,
            "axes.prop_cycle": mpl.cycler(color=[BLUE, ORANGE, GREEN, RED, GREY]),
        }
    )
    pd.options.display.float_format = lambda number: fr(number, 1)
