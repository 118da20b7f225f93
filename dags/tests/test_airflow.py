"""The DAGs in a real Airflow, by real containers, on the real Kafka, HDFS, Elasticsearch and PostgreSQL."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import docker
import pytest
import ui
from browser import Browser
from pipeline import Pipeline, refused, window
from server import TERMINAL, Airflow, process_of, wait

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.airflow  # `make airflow-test`

DECEMBER = (datetime(2025, 12, 25, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))  # with defects
JANUARY = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 22, tzinfo=UTC))


@pytest.fixture(scope="session")
def pipeline(senmeteo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    made = Pipeline(senmeteo, tmp_path_factory.mktemp("pipeline"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def airflow(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    started = Airflow(pipeline, tmp_path_factory.mktemp("airflow"))
    try:
        pipeline.build_image()  # while Airflow starts
        started.wait_until_up()
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="session")
def exit_codes(airflow: Airflow) -> str:
    """A run in which each exit code occurs, at the same time as everything else."""
    return airflow.trigger("exit_codes")


@dataclass
class Kills:
    """What was killed in the middle of the ingestion."""

    engine: docker.DockerClient
    airflow: Airflow
    pipeline: Pipeline
    run: str = ""
    container_outlived_its_task: bool = False
    stored_at_the_kill: int = 0
    problems: list[BaseException] = field(default_factory=list)

    def container(self, task: str) -> Any:
        """The container of a task, as soon as there is one at work."""
        labels = ["senmeteo.dag_id=weather_ingest", f"senmeteo.task_id={task}", f"senmeteo.run_id={self.run}"]
        wanted = {"label": labels, "status": "running"}
        running = self.engine.containers.list
        return wait(lambda: running(filters=wanted, ignore_removed=True), 240, lambda: f"there is no container of {task}")[0]

    def kill_both(self) -> None:
        try:
            self.kill_the_process_of_stream()
            self.kill_the_container_of_to_es()
        except BaseException as problem:
            self.problems.append(problem)

    def kill_the_process_of_stream(self) -> None:
        container = self.container("stream")
        container.kill("SIGSTOP")  # so that it is not done before its task is found
        instance = self.airflow.task("weather_ingest", self.run, "stream")["id"]
        os.kill(wait(lambda: process_of(instance), 60), signal.SIGKILL)
        container.reload()
        self.container_outlived_its_task = container.status in ("running", "exited")

    def kill_the_container_of_to_es(self) -> None:
        container = self.container("to-es")

        def stored_after_one_more_step() -> int:
            container.kill("SIGCONT")
            time.sleep(0.2)
            container.kill("SIGSTOP")
            return self.pipeline.count_in_elasticsearch()

        # It works in short steps, so that it is not done before anybody has looked.
        self.stored_at_the_kill = wait(stored_after_one_more_step, 240)
        container.kill("SIGKILL")


@pytest.fixture(scope="session")
def backfill(airflow: Airflow, exit_codes: str) -> str:
    """A back-fill, whose windows run side by side."""
    run = airflow.trigger("weather_backfill", source="generate", stations="all", **{"from": "2026-01-01", "to": "2026-01-22"})
    assert airflow.finished("weather_backfill", run) == "success", airflow.states("weather_backfill", run)
    return run


@pytest.fixture(scope="session")
def ingest(airflow: Airflow, pipeline: Pipeline, backfill: str) -> Kills:
    """A run of weather_ingest that the scheduler started, and in which two tasks were killed."""
    truth = ["--faults", "0.02", "--truth", str(pipeline.folder / "truth.jsonl")]
    pipeline.run("fetch", "generate", "--from", "2025-12-25", "--to", "2026-01-01", *truth)
    kills = Kills(docker.DockerClient(base_url=pipeline.docker), airflow, pipeline)
    airflow.pause("weather_quality", paused=False)
    airflow.pause("weather_forecast", paused=False)
    airflow.pause("weather_ingest", paused=False)
    kills.run = wait(lambda: airflow.runs("weather_ingest"), 120)[0]["dag_run_id"]
    killer = threading.Thread(target=kills.kill_both)
    killer.start()
    try:
        state = airflow.finished("weather_ingest", kills.run)
    finally:
        airflow.pause("weather_ingest", paused=True)
        killer.join()
    settle(airflow)
    assert not kills.problems, kills.problems
    assert state == "success", airflow.states("weather_ingest", kills.run)
    return kills


def settle(airflow: Airflow) -> None:
    """Lets a second run end, which there is when the clock passed a tenth minute; a DAG that is paused goes no further."""
    while active := [r for r in airflow.runs("weather_ingest") if r["state"] not in TERMINAL]:
        airflow.pause("weather_ingest", paused=False)
        airflow.finished("weather_ingest", active[0]["dag_run_id"])
        airflow.pause("weather_ingest", paused=True)


def truth(airflow: Airflow, pipeline: Pipeline) -> set[str]:
    """The ids that every store must hold."""
    ids = window(*DECEMBER) - refused(pipeline.folder / "truth.jsonl") | window(*JANUARY)
    for run in airflow.runs("weather_ingest"):
        ids |= window(*(datetime.fromisoformat(run[f"data_interval_{end}"]) for end in ("start", "end")))
    return ids


def test_a_backfill_runs_one_task_for_each_window(airflow: Airflow, backfill: str) -> None:
    states = airflow.states("weather_backfill", backfill)
    done = ("windows", "fetch[0]", "fetch[1]", "fetch[2]", "all-clear")
    assert states == dict.fromkeys(done, "success") | {"watcher": "skipped"}
    reports = [airflow.xcom("weather_backfill", backfill, "fetch", i) for i in range(3)]
    assert [r["written"] for r in reports] == [7 * 144 * 14] * 3
    assert {r["run_id"] for r in reports} == {backfill}


def test_a_run_whose_tasks_were_killed_ends_green(airflow: Airflow, ingest: Kills) -> None:
    states = airflow.states("weather_ingest", ingest.run)
    # A source that is not due is skipped, and keeps nobody back.
    assert {name for name, state in states.items() if state != "success"} == {"watcher", "fetch[1]"}, states
    assert {state for state in states.values() if state != "success"} == {"skipped"}
    tries = {t["task_id"]: t["try_number"] for t in airflow.tasks("weather_ingest", ingest.run)}
    assert tries["stream"] > 1
    assert tries["to-es"] > 1


def test_the_tasks_were_killed_in_the_middle_of_their_work(airflow: Airflow, pipeline: Pipeline, ingest: Kills) -> None:
    assert ingest.container_outlived_its_task
    assert 0 < ingest.stored_at_the_kill < len(truth(airflow, pipeline))
    assert "An earlier try left container" in airflow.task_log("weather_ingest", ingest.run, "stream", 2)
    assert "exit code 137" in airflow.task_log("weather_ingest", ingest.run, "to-es", 1)


def test_all_stores_hold_the_truth_once(airflow: Airflow, pipeline: Pipeline, ingest: Kills) -> None:
    want = truth(airflow, pipeline)
    assert len(want) > 50_000
    for store, found in {"PostgreSQL": pipeline.ids_in_postgres(), "Elasticsearch": pipeline.ids_in_elasticsearch()}.items():
        assert found.keys() == want, store
        assert set(found.values()) == {1}, store
    revisions = pipeline.revisions_in_lake()
    assert {identifier for identifier, _ in revisions} == want
    assert set(revisions.values()) == {1}
    assert "NOT BALANCED" not in pipeline.run("reconcile")


def test_xcom_holds_the_report_of_each_job(airflow: Airflow, ingest: Kills) -> None:
    for task in ("stream", "to-hdfs", "to-es", "to-pg", "to-redis"):
        found = airflow.xcom("weather_ingest", ingest.run, task)
        assert found["job"] == task
        assert found["outcome"] in ("ok", "nothing")
        assert found["run_id"] == ingest.run
    assert airflow.xcom("weather_ingest", ingest.run, "reconcile")["balanced"] is True
    assert airflow.xcom("weather_ingest", ingest.run, "status")["late"] == 0


def test_the_daily_run_compacts_and_proves(airflow: Airflow, pipeline: Pipeline, ingest: Kills) -> None:
    airflow.pause("weather_daily", paused=False)
    run = wait(lambda: airflow.runs("weather_daily"), 120)[0]["dag_run_id"]
    assert airflow.finished("weather_daily", run) == "success", airflow.states("weather_daily", run)
    compacted = airflow.xcom("weather_daily", run, "compact")
    assert compacted["read"] - compacted["written"] == compacted["duplicates"] > 0
    revisions = pipeline.revisions_in_lake()
    assert {identifier for identifier, _ in revisions} == truth(airflow, pipeline)
    assert len(revisions) == len({identifier for identifier, _ in revisions})


def test_the_quality_of_the_day_follows_the_stores(airflow: Airflow, ingest: Kills) -> None:
    run = wait(lambda: airflow.runs("weather_quality"), 120)[0]
    assert run["run_type"] == "asset_triggered"
    assert airflow.finished("weather_quality", run["dag_run_id"]) == "success", airflow.states("weather_quality", run["dag_run_id"])
    reports = [airflow.xcom("weather_quality", run["dag_run_id"], task) for task in ("quality", "quality_of_yesterday")]
    assert all(report.keys() >= {"day", "observations", "regions"} for report in reports)
    # Those of a window that ends at midnight are of the day before.
    assert sum(report["observations"] for report in reports) > 0


def test_forecasts_follow_the_day_and_the_stores(airflow: Airflow, ingest: Kills) -> None:
    run = wait(lambda: airflow.runs("weather_forecast"), 120)[0]
    assert run["run_type"] == "asset_triggered"
    assert airflow.finished("weather_forecast", run["dag_run_id"]) == "success", airflow.states("weather_forecast", run["dag_run_id"])
    assert airflow.xcom("weather_forecast", run["dag_run_id"], "verify").keys() >= {"values", "rain"}


def test_dead_letters_are_shown_and_sent_back(airflow: Airflow, ingest: Kills) -> None:
    run = airflow.trigger("weather_dead_letters", action="list", reason="invalid_json", limit=1)
    assert airflow.finished("weather_dead_letters", run) == "success", airflow.states("weather_dead_letters", run)
    assert airflow.xcom("weather_dead_letters", run, "letters")["reason"] == "invalid_json"
    run = airflow.trigger("weather_dead_letters", action="replay", reason="invalid_json", limit=1)
    assert airflow.finished("weather_dead_letters", run) == "success", airflow.states("weather_dead_letters", run)
    assert airflow.xcom("weather_dead_letters", run, "letters")["written"] == 1


def test_the_exit_code_of_a_real_container_says_whether_a_task_is_tried_again(airflow: Airflow, exit_codes: str) -> None:
    airflow.finished("exit_codes", exit_codes)
    found = {t["task_id"]: (t["state"], t["try_number"]) for t in airflow.tasks("exit_codes", exit_codes)}
    assert found == {
        "code_0": ("success", 1),
        **{f"code_{code}": ("failed", 1) for code in (1, 64, 65, 66)},
        **{f"code_{code}": ("failed", 2) for code in (69, 73, 75)},
        "code_99": ("skipped", 1),
    }
    for code in (1, 64, 65, 66, 69, 73, 75):
        assert f"exit code {code}: " in airflow.task_log("exit_codes", exit_codes, f"code_{code}", 1)
        last = found[f"code_{code}"][1]
        airflow.logged("exit_codes", exit_codes, f"code_{code}", last, f"exit_codes: code_{code} failed at try {last} of run ")
    assert airflow.xcom("exit_codes", exit_codes, "code_64")["outcome"] == "usage"
    assert airflow.xcom("exit_codes", exit_codes, "code_1")["late"] == 14


def test_nothing_is_left_of_the_containers(airflow: Airflow, pipeline: Pipeline, ingest: Kills, exit_codes: str) -> None:
    airflow.finished("exit_codes", exit_codes)
    ours = {run["dag_run_id"] for dag in ("weather_ingest", "exit_codes") for run in airflow.runs(dag)}

    def left() -> list[str]:
        found = ingest.engine.containers.list(all=True, filters={"label": "senmeteo.run_id"}, ignore_removed=True)
        return [c.name for c in found if c.labels["senmeteo.run_id"] in ours]

    # A hook of a task that failed, which runs after the task has its state, has a container, too.
    wait(lambda: not left(), 60, lambda: f"these are left: {left()}")


def test_housekeeping_does_what_is_switched_on(airflow: Airflow, pipeline: Pipeline, ingest: Kills) -> None:
    run = airflow.trigger("weather_housekeeping")
    airflow.finished("weather_housekeeping", run)
    states = airflow.states("weather_housekeeping", run)
    assert states.pop("all-clear") == "success"
    assert set(states.values()) == {"skipped"}
    run = airflow.trigger("weather_housekeeping", run_days=3650, log_days=3650, months=3)
    states = airflow.states("weather_housekeeping", run) if airflow.finished("weather_housekeeping", run) == "success" else {}
    tasks = ("airflow_database", "airflow_logs", "first_day", "prune-es", "prune-pg")
    off = dict.fromkeys(("checkpoint_wanted", "checkpoint", "watcher"), "skipped")
    assert states == dict.fromkeys((*tasks, "all-clear"), "success") | off, airflow.states("weather_housekeeping", run)
    assert airflow.xcom("weather_housekeeping", run, "airflow_logs") == {"files": 0, "bytes": 0}
    assert "rows meeting deletion criteria" in airflow.task_log("weather_housekeeping", run, "airflow_database", 1)
    # December and January are gone, in both stores; what the runs of today fetched is there.
    pruned = [airflow.xcom("weather_housekeeping", run, f"prune-{store}")["read"] for store in ("es", "pg")]
    assert pruned[0] == pruned[1] == len(window(*DECEMBER) - refused(pipeline.folder / "truth.jsonl") | window(*JANUARY))
    assert pipeline.ids_in_postgres() == pipeline.ids_in_elasticsearch() != Counter()


# --- what people see in the browser ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    started = Browser(tmp_path_factory.mktemp("chromium"))
    yield started
    started.close()


@pytest.mark.browser
def test_the_graph_is_green(airflow: Airflow, browser: Browser, ingest: Kills) -> None:
    states = ui.graph(browser, airflow, "weather_ingest", ingest.run, tasks=13)
    assert states.pop("watcher") == "skipped"
    assert states.pop("fetch") in ("success", "skipped")  # one source is not due
    assert states == dict.fromkeys(
        ("stream", "review", "to-hdfs", "to-es", "to-pg", "to-redis", "reconcile", "status", "gaps", "alerts", "all-clear"), "success"
    )


@pytest.mark.browser
def test_xcom_shows_the_report(airflow: Airflow, browser: Browser, ingest: Kills) -> None:
    ui.xcom(browser, airflow, "weather_ingest", ingest.run, "to-es", '"job":"to-es"')  # a long value is shown in a box of some lines


@pytest.mark.browser
def test_the_asset_graph_shows_the_lineage(airflow: Airflow, browser: Browser, ingest: Kills) -> None:
    arrows = ui.lineage(browser, airflow, "meteo.clean", around={"stream", "to-hdfs", "to-es", "to-pg", "to-redis"})
    assert ("weather_ingest.stream", "meteo.clean") in arrows
    assert {("meteo.clean", f"weather_ingest.to-{store}") for store in ("hdfs", "es", "pg")} <= arrows
