"""The pipeline that the DAGs of the tests work on: topics, stores and a folder of secrets of its own, on the real servers."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from conftest import ROOT

IMAGE = "senmeteo:dags"
STATIONS = ["DK", "TH", "DB", "FK", "KL", "KA", "LG", "SL", "MT", "TC", "KE", "KD", "SE", "ZG"]


def server(name: str) -> str:
    """The address of a real server, as test/servers gives it."""
    value = os.environ.get(f"SENMETEO_TEST_{name}")
    assert value, f"SENMETEO_TEST_{name} is not set: run `make test`, or `make stack` and export the lines it prints"
    return value


def reading_only(url: str) -> str:
    """The URL of a login that can change nothing."""
    parts = urlsplit(url)
    option = "options=-c%20default_transaction_read_only%3Don"
    return urlunsplit(parts._replace(query=f"{parts.query}&{option}" if parts.query else option))


class Pipeline:
    """Its own topics, database, indices and lake."""

    def __init__(self, senmeteo: str, folder: Path) -> None:
        self.senmeteo, self.folder = senmeteo, folder
        self.prefix = f"t{secrets.token_hex(6)}"
        self.docker = server("DOCKER_HOST")
        self.postgres = self.database("meteo")
        self.es, self.namenode = server("ES_URL"), server("HDFS")
        owner = urlsplit(os.environ["SENMETEO_HDFS"]).username
        self.lake = f"hdfs://{owner}@{urlsplit(self.namenode).netloc}/{self.prefix}"
        # What docker and compose do with secrets: files that only their reader can read.
        self.secrets = folder / "secrets"
        self.secrets.mkdir()
        self.state = folder / "state"
        self.state.mkdir()
        (self.secrets / "pg-url").write_text(self.postgres)
        (self.secrets / "pg-reader-url").write_text(reading_only(self.postgres))
        self.use_up("key-of-a-test")
        for path in (*self.secrets.iterdir(), *self.state.iterdir(), self.state):
            os.chown(path, 65532, 65532)
        for path in self.secrets.iterdir():
            path.chmod(0o400)
        for up in (folder, *folder.parents):  # the engine's user is somebody else
            if up.is_relative_to("/tmp") and up != Path("/tmp"):
                up.chmod(up.stat().st_mode | 0o011)
        self.run("topics")

    def environment(self) -> dict[str, str]:
        """What an installation sets for the DAGs."""
        return {
            "DOCKER_HOST": self.docker,
            "SENMETEO_DAG_IMAGE": IMAGE,
            "SENMETEO_DAG_NETWORK": "host",
            "SENMETEO_DAG_SECRETS_DIR": str(self.secrets),
            "SENMETEO_DAG_STATE": str(self.state),
            "SENMETEO_DAG_SOURCES": "generate,tomorrow",
            "SENMETEO_DAG_SECRETS": "pg-url,pg-reader-url,tomorrow-api-key",
            "SENMETEO_DAG_RETRY_DELAY": "1",
            "SENMETEO_BROKERS": server("BROKERS"),
            "SENMETEO_TOPIC_PREFIX": self.prefix,
            "SENMETEO_HDFS": self.lake,
            "SENMETEO_ES_URL": self.es,
            "SENMETEO_REDIS": server("REDIS_URL"),
            "SENMETEO_REDIS_TTL": "0",  # what is generated may be of any time
        }

    def use_up(self, key: str) -> None:
        """Makes Tomorrow.io a source that is not due: all calls of this hour are made."""
        (self.secrets / "tomorrow-api-key").write_text(key)
        budget = f"tomorrow-{hashlib.sha256(f'tomorrow budget {key}'.encode()).hexdigest()[:12]}.json"
        (self.state / budget).write_text(json.dumps({"calls": [f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"] * 25}))

    def build_image(self) -> None:
        """Builds the image of the jobs in the engine, from the sources as they are."""
        environment = os.environ | {"DOCKER_HOST": self.docker, "SENMETEO_IMAGE_FROM": "host", "VERSION": "dags"}
        subprocess.run([ROOT / "docker" / "image", IMAGE], env=environment, check=True, stdout=subprocess.DEVNULL)

    def run(self, *command: str) -> str:
        """Runs the program itself on the pipeline and returns its standard output."""
        environment = os.environ | self.environment() | {"SENMETEO_PG_URL_FILE": str(self.secrets / "pg-url")}
        for name in [n for n in environment if n.startswith("SENMETEO_TEST_") or n == "SENMETEO_PG_URL"]:
            del environment[name]
        ended = subprocess.run([self.senmeteo, *command], env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, (command, ended.stdout, ended.stderr)
        return ended.stdout

    def database(self, name: str) -> str:
        """Makes a database of its own on the real PostgreSQL and returns its URL."""
        url = server("PG_URL")
        with closing(psycopg2.connect(url)) as connection:
            connection.autocommit = True
            connection.cursor().execute(f"CREATE DATABASE {self.prefix}_{name}")
        return urlunsplit(urlsplit(url)._replace(path=f"/{self.prefix}_{name}"))

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Asks the pipeline's PostgreSQL."""
        with closing(psycopg2.connect(self.postgres)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    # --- what the stores hold, read without the program -------------------------------------------------------------------

    def ids_in_postgres(self) -> Counter[str]:
        rows = self.query("SELECT station_id, observed_at, source, kind FROM meteo.observation")
        return Counter(identity(station, at, source, kind) for station, at, source, kind in rows)

    def ids_in_elasticsearch(self) -> Counter[str]:
        self.ask_elasticsearch(f"{self.prefix}-clean/_refresh")
        found: Counter[str] = Counter()
        page = self.ask_elasticsearch(f"{self.prefix}-clean/_search?scroll=1m", {"size": 10_000, "_source": False, "sort": ["_doc"]})
        while hits := page["hits"]["hits"]:
            found.update(h["_id"] for h in hits)
            page = self.ask_elasticsearch("_search/scroll", {"scroll": "1m", "scroll_id": page["_scroll_id"]})
        return found

    def count_in_elasticsearch(self) -> int:
        try:
            self.ask_elasticsearch(f"{self.prefix}-clean/_refresh")
            return self.ask_elasticsearch(f"{self.prefix}-clean/_count", {"query": {"match_all": {}}})["count"]
        except urllib.error.HTTPError as refused:
            if refused.code not in (404, 503):
                raise
            return 0  # not there yet, or just being created

    def ask_elasticsearch(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.es}/{path}", data, {"Content-Type": "application/json"}, method="POST")  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    def revisions_in_lake(self) -> Counter[tuple[str, int]]:
        """Copies the lake by Hadoop's own client and reads it by DuckDB: before compaction it keeps every revision."""
        copy = self.folder / f"lake-{secrets.token_hex(4)}"
        (self.folder / "core-site.xml").write_text("<configuration/>")  # Hadoop insists on one
        shell = ["java", "-cp", f"{self.folder}:{ROOT}/.cache/java/hdfs/*", "org.apache.hadoop.fs.FsShell", "-fs", self.namenode]
        subprocess.run([*shell, "-get", f"/{self.prefix}/clean", str(copy)], check=True, capture_output=True)
        script = "import duckdb, json, sys; print(json.dumps(duckdb.read_parquet(sys.argv[1]).project('id, revision').fetchall()))"
        python = ROOT / ".cache" / "venv" / "bin" / "python"
        out = subprocess.run([python, "-c", script, f"{copy}/date=*/*.parquet"], check=True, capture_output=True, text=True).stdout
        return Counter((identifier, revision) for identifier, revision in json.loads(out))

    def close(self) -> None:
        """Drops what other tests on the same servers should not see."""
        with closing(psycopg2.connect(server("PG_URL"))) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{self.prefix}\\_%",))
            for (name,) in cursor.fetchall():
                drop(cursor, name)
        with urllib.request.urlopen(f"{self.es}/{self.prefix}-*", timeout=60) as answer:  # noqa: S310
            indices = json.load(answer)
        for index in indices:
            urllib.request.urlopen(urllib.request.Request(f"{self.es}/{index}", method="DELETE"), timeout=60).close()  # noqa: S310


def drop(cursor: Any, database: str) -> None:
    """Drops a database. An autovacuum worker is nobody's to end by force, but it is done soon."""
    deadline = time.monotonic() + 30
    while True:
        try:
            cursor.execute(f"DROP DATABASE {database} WITH (FORCE)")
        except psycopg2.errors.InsufficientPrivilege:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


# --- the truth, by the documented rules and not by the program's code -----------------------------------------------------


def identity(station: str, at: datetime, source: str = "generate", kind: str = "observed") -> str:
    """The id of an observation that is not a forecast."""
    text = f"{station}|{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}|{source}|{kind}|"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def window(first: datetime, last: datetime) -> set[str]:
    """The ids of what `fetch generate` makes from first up to, and not with, last."""
    ids = set()
    at = first
    while at < last:
        ids |= {identity(f"SN-{s}", at) for s in STATIONS}
        at += timedelta(minutes=10)
    return ids


def refused(truth: Path) -> set[str]:
    """The ids that only a record with a defect bears: they must end among the dead letters."""
    lines = [json.loads(line) for line in truth.read_text().splitlines()]
    return {identity(x["station_id"], datetime.fromisoformat(x["observed_at"])) for x in lines if x["expect"] == "dead_letter"}
