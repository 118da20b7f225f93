"""A real Airflow: its scheduler with the LocalExecutor, its DAG processor and its API server with the UI."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from conftest import DAGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline import Pipeline

TERMINAL = {"success", "failed", "skipped", "upstream_failed"}
BIN = Path(sys.executable).parent
T = TypeVar("T")


class Airflow:
    """`airflow standalone`, for the DAGs of the repository and those of the tests."""

    def __init__(self, pipeline: Pipeline, folder: Path) -> None:
        self.log = folder / "airflow.log"
        port, *others = free_ports(3)
        self.url = f"http://127.0.0.1:{port}"
        bundles = [
            {"name": name, "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle", "kwargs": {"path": str(path)}}
            for name, path in {"dags-folder": DAGS, "tests": DAGS / "tests" / "dags"}.items()
        ]
        home = folder / "airflow"
        home.mkdir()
        database = folder / "database-url"  # by a command, as in docker-compose.yml
        database.write_text(pipeline.database("airflow").replace("postgres:", "postgresql+psycopg2:", 1))
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "SENMETEO_"))},
            **pipeline.environment(),
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "PYTHONPATH": str(DAGS),
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD": f"cat {database}",
            "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",  # of this test alone, on 127.0.0.1
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(others[0]),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(others[1]),
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles),
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        }
        self._run("db", "migrate")
        self._run("pools", "import", str(DAGS / "pools.json"))
        # In a process namespace of its own, so that nothing of it outlives the tests, whatever ends them.
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    "setpriv",
                    "--pdeathsig",
                    "KILL",
                    "unshare",
                    "--pid",
                    "--fork",
                    "--kill-child",
                    "--mount-proc",
                    BIN / "airflow",
                    "standalone",
                ],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._token: str | None = None

    def _run(self, *command: str) -> None:
        with self.log.open("ab") as log:
            subprocess.run([BIN / "airflow", *command], env=self.environment, stdout=log, stderr=log, check=True)

    def wait_until_up(self) -> None:
        """Returns when scheduler, DAG processor and API server work and all DAGs are known."""

        def up() -> bool:
            assert self._process.poll() is None, f"Airflow ended: {self.log.read_text()[-3000:]}"
            try:
                health = self.get("monitor/health")
                known = {d["dag_id"] for d in self.get("dags")["dags"]}
            except OSError:
                return False
            healthy = all(health[part]["status"] == "healthy" for part in ("scheduler", "dag_processor", "metadatabase"))
            return healthy and known >= {path.stem for path in DAGS.glob("*.py")} | {"exit_codes"}

        wait(up, 480, lambda: f"Airflow is not up: {self.log.read_text()[-3000:]}")

    # --- the REST API ---------------------------------------------------------------------------------------------------------

    def get(self, path: str, **query: Any) -> Any:
        return self._call("GET", f"{path}?{urlencode(query)}", None)

    def _call(self, method: str, path: str, body: Any) -> Any:
        if self._token is None:
            with urllib.request.urlopen(f"{self.url}/auth/token", timeout=60) as answer:  # noqa: S310
                self._token = json.load(answer)["access_token"]
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v2/{path}", data, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    def pause(self, dag: str, paused: bool) -> None:
        self._call("PATCH", f"dags/{dag}?update_mask=is_paused", {"is_paused": paused})

    def trigger(self, dag: str, **conf: Any) -> str:
        """Starts a run by hand, as the button in the UI does, and returns its id."""
        self.pause(dag, paused=False)
        return self._call("POST", f"dags/{dag}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"]

    def runs(self, dag: str) -> list[dict[str, Any]]:
        return self.get(f"dags/{dag}/dagRuns")["dag_runs"]

    def finished(self, dag: str, run: str, seconds: float = 600) -> str:
        """Waits for the end of a run and returns its state."""

        def state() -> str:
            found = self.get(f"dags/{dag}/dagRuns/{quote(run)}")["state"]
            return found if found in TERMINAL else ""

        return wait(state, seconds, lambda: f"{dag} {run} does not end: {self.states(dag, run)}; {self.log.read_text()[-3000:]}")

    def tasks(self, dag: str, run: str) -> list[dict[str, Any]]:
        return self.get(f"dags/{dag}/dagRuns/{quote(run)}/taskInstances")["task_instances"]

    def task(self, dag: str, run: str, task: str) -> dict[str, Any]:
        return next(t for t in self.tasks(dag, run) if t["task_id"] == task)

    def states(self, dag: str, run: str) -> dict[str, str]:
        """The state of each task of a run; of a mapped one, with its index."""
        return {t["task_id"] + (f"[{t['map_index']}]" if t["map_index"] >= 0 else ""): t["state"] for t in self.tasks(dag, run)}

    def xcom(self, dag: str, run: str, task: str, index: int = -1) -> Any:
        path = f"dags/{dag}/dagRuns/{quote(run)}/taskInstances/{task}/xcomEntries/return_value"
        return self.get(path, map_index=index, deserialize="false")["value"]

    def task_log(self, dag: str, run: str, task: str, attempt: int) -> str:
        return json.dumps(self.get(f"dags/{dag}/dagRuns/{quote(run)}/taskInstances/{task}/logs/{attempt}"))

    def logged(self, dag: str, run: str, task: str, attempt: int, text: str) -> None:
        """Waits until the log of a try holds a text: hooks run after the task has its state."""
        wait(lambda: text in self.task_log(dag, run, task, attempt), 60, lambda: f"the log of {task} does not hold {text!r}")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def wait(condition: Callable[[], T], seconds: float, otherwise: Callable[[], str] = lambda: "") -> T:
    """Returns what the condition gives as soon as that is true."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.1)
    return value


def free_ports(n: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    try:
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def process_of(task_instance: str) -> int | None:
    """The process in which Airflow runs a task: it names itself after the task instance."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                title = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if title.startswith(f"airflow worker -- {task_instance}".encode()):
                return int(entry.name)
    return None
