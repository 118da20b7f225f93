"""The DAGs as Airflow reads them: rules that all of them keep, and commands that the program understands."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pendulum
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import macros
from airflow.sdk.definitions.mappedoperator import MappedOperator
from airflow.sdk.exceptions import AirflowFailException
from conftest import DAGS, ROOT

from senmeteo import factory, on_failure, sources
from senmeteo.operator import SenmeteoOperator
from senmeteo.settings import PASSED_ON, SECRETS, Settings

if TYPE_CHECKING:
    from airflow.sdk import DAG

NAMES = {f"weather_{of}" for of in ("ingest", "backfill", "daily", "dead_letters", "forecast", "housekeeping", "quality")}
POOLS = json.loads((DAGS / "pools.json").read_text())
START = pendulum.datetime(2026, 11, 25, 9, 40, tz="UTC")


@pytest.fixture(scope="module")
def bag() -> DagBag:
    """All DAGs, with every source and every secret that there is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factory, "SETTINGS", Settings(sources=tuple(sources.PRESENT), secrets=frozenset(SECRETS)))
        return DagBag(dag_folder=str(DAGS), safe_mode=False, known_pools=set(POOLS))


@pytest.fixture(params=sorted(NAMES))
def dag(bag: DagBag, request: pytest.FixtureRequest) -> DAG:
    return bag.dags[request.param]


def jobs(dag: DAG) -> list[Any]:
    """The tasks that run a container."""
    return [t for t in dag.tasks if issubclass(t.operator_class if isinstance(t, MappedOperator) else type(t), SenmeteoOperator)]


def argument(task: Any, name: str) -> Any:
    return task.partial_kwargs[name] if isinstance(task, MappedOperator) else getattr(task, name)


def test_every_dag_can_be_read_without_errors_or_warnings(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert bag.captured_warnings == {}
    assert set(bag.dags) == NAMES
    assert {DAGS / f"{name}.py" for name in NAMES} == set(DAGS.glob("*.py"))


def test_a_dag_keeps_the_rules(dag: DAG) -> None:
    assert dag.catchup is False
    assert dag.max_active_runs == 1
    assert "senmeteo" in dag.tags
    assert dag.dag_display_name != dag.dag_id
    assert dag.dagrun_timeout is not None
    assert len({t.task_id for t in dag.tasks}) == len(dag.tasks)
    assert all(t.execution_timeout for t in dag.tasks)


def test_an_operator_finds_help_in_two_languages(dag: DAG) -> None:
    assert dag.doc_md is not None
    codes = {int(c) for c in re.findall(r"^\| (\d+) \|", dag.doc_md, re.MULTILINE)}
    assert codes >= {1, 64, 65, 66, 69, 70, 73, 75, 143}
    assert "## When a task is red" in dag.doc_md
    assert "## En bref" in dag.doc_md
    assert dag.description


def test_every_parameter_is_explained_in_french_and_english(dag: DAG) -> None:
    for name in dag.params:
        schema = dag.params.get_param(name).schema
        assert schema["title"].endswith(f" ({name})"), name
        french, english = dag.params.get_param(name).description.split(" — ")
        assert french.endswith("."), name
        assert english.endswith("."), name


def test_what_fails_calls_the_hooks_once(dag: DAG) -> None:
    for task in dag.tasks:
        hooks = task.partial_kwargs["on_failure_callback"] if isinstance(task, MappedOperator) else task.on_failure_callback
        assert list(hooks) == ([] if task.task_id == "watcher" else on_failure.HOOKS), task.task_id


@pytest.mark.parametrize(("name", "more"), [("weather_quality", set()), ("weather_forecast", {"day"})])
def test_what_follows_the_stores_waits_for_those_that_there_are(monkeypatch: pytest.MonkeyPatch, name: str, more: set[str]) -> None:
    for stores in (("hdfs", "es", "pg"), ("pg",)):
        monkeypatch.setattr(factory, "SETTINGS", Settings(stores=stores))
        found = DagBag(dag_folder=str(DAGS / f"{name}.py"), safe_mode=False, known_pools=set(POOLS))
        assets = {asset.name for asset in found.dags[name].timetable.asset_condition.objects}
        assert assets == {factory.STORES[store].asset.name for store in stores} | more


def test_forecasts_are_issued_once_a_day(bag: DagBag) -> None:
    """A single task announces a day, that of a DAG that runs once a day."""
    announcing = [task for dag in bag.dags.values() for task in dag.tasks if factory.DAY in task.outlets]
    assert [(task.dag_id, task.task_id) for task in announcing] == [("weather_daily", "day")]
    assert bag.dags["weather_daily"].schedule.expression == "5 1 * * *"
    assert announcing[0].upstream_task_ids == set()


@pytest.mark.parametrize(
    ("hdfs", "want"), [("hdfs://namenode:9000/data", "hdfs://namenode:9000"), ("hdfs://meteo@other/data", "hdfs://other:8020")]
)
def test_a_checkpoint_asks_the_namenode_of_the_lake_and_keeps_the_loads_away(monkeypatch: pytest.MonkeyPatch, hdfs: str, want: str) -> None:
    monkeypatch.setattr(factory, "SETTINGS", Settings(environment={"SENMETEO_HDFS": hdfs}, secrets=frozenset(SECRETS)))
    task = factory.checkpoint("checkpoint")
    assert task.command == ["checkpoint", want]
    assert task.pool == factory.JOBS["to-hdfs"].pool
    assert (task.image, task.mounts, task.environment) == (Settings().hadoop_image, [], {})


@pytest.mark.parametrize("verb", ["reconcile", "status", "quality", "forecast", "verify"])
def test_what_only_asks_logs_in_as_the_reader(monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    for secrets, want in ((frozenset(SECRETS), "pg-reader-url"), (frozenset({"pg-url"}), "pg-url")):
        monkeypatch.setattr(factory, "SETTINGS", Settings(secrets=secrets))
        task = factory.job(verb, [verb])
        assert task.environment["SENMETEO_PG_URL_FILE"] == f"/run/secrets/{want}"
        assert [m["target"] for m in task.mounts if "/pg-" in m["target"]] == [f"/run/secrets/{want}"]
    monkeypatch.setattr(factory, "SETTINGS", Settings(secrets=frozenset(SECRETS)))
    assert factory.job("to-pg", ["to-pg"]).environment["SENMETEO_PG_URL_FILE"] == "/run/secrets/pg-url"


def test_every_container_is_confined_limited_and_tried_again(dag: DAG) -> None:
    assert jobs(dag)
    for task in jobs(dag):
        assert argument(task, "user") == ("10001:10001" if task.task_id == "checkpoint" else "65532:65532")
        assert argument(task, "mem_limit")
        assert task.retries == 4
        assert task.retry_delay == timedelta(seconds=30)
        assert task.retry_exponential_backoff == 2.0
        assert task.execution_timeout == timedelta(minutes=20)
        assert task.pool in POOLS
        assert task.task_id == "checkpoint" or argument(task, "environment")["SENMETEO_LOG_TO"] == "stdout"
        for mount in argument(task, "mounts"):
            assert mount["read_only"] or mount["target"] == "/state"


def test_pools_of_jobs_that_would_fence_each_other_have_one_slot() -> None:
    assert {POOLS[factory.JOBS[verb].pool]["slots"] for verb in ("stream", "review", "to-hdfs", "to-es", "to-pg", "to-redis")} == {1}
    assert {job.pool for job in factory.JOBS.values()} == set(POOLS)


def test_a_red_task_makes_a_run_red(dag: DAG) -> None:
    watcher = dag.get_task("watcher")
    assert [t.task_id for t in dag.leaves] == ["watcher"]
    assert watcher.trigger_rule == "one_failed"
    assert watcher.retries == 0
    # What can fail is before the watcher itself, or stops everything that is.
    for task in jobs(dag):
        after = {t.task_id for t in dag.tasks if task.task_id in t.upstream_task_ids}
        assert "watcher" in after or any(dag.get_task(t).trigger_rule == "all_success" for t in after), task.task_id
    with pytest.raises(AirflowFailException):
        watcher.python_callable()


@pytest.mark.parametrize("verb", ["reconcile", "status"])
@pytest.mark.parametrize("stores", [("hdfs", "es", "pg", "redis"), ("hdfs", "pg"), ("es",), ("redis",)])
def test_what_looks_at_all_stores_is_told_of_those_that_there_are(
    monkeypatch: pytest.MonkeyPatch, verb: str, stores: tuple[str, ...]
) -> None:
    addresses = {
        "SENMETEO_HDFS": "hdfs://namenode:8020/data/meteo",
        "SENMETEO_ES_URL": "http://elasticsearch:9200",
        "SENMETEO_REDIS": "redis-latest:6379",
    }
    monkeypatch.setattr(factory, "SETTINGS", Settings(stores=stores, secrets=frozenset(SECRETS), environment=addresses))
    task = factory.job(verb, [verb])
    told = {name.removeprefix("SENMETEO_").split("_")[0].lower() for name in task.environment}
    assert told & {"hdfs", "es", "pg", "redis"} == set(stores)
    mounted = {mount["target"].removeprefix("/run/secrets/").split("-")[0] for mount in task.mounts}
    assert mounted & {"es", "pg", "redis"} == set(stores) & {"es", "pg", "redis"}


def test_the_stores_are_those_of_the_program(senmeteo: str) -> None:
    listed = subprocess.run([senmeteo, "--help"], capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^ +to-([a-z]+) ", listed, re.MULTILINE)) == set(factory.STORES) == set(Settings().stores)


def test_what_one_source_gives_does_not_wait_for_another_that_failed(bag: DagBag) -> None:
    ingest = bag.dags["weather_ingest"]
    assert ingest.get_task("stream").trigger_rule == "all_done"
    assert ingest.get_task("stream").upstream_task_ids == {"fetch"}
    assert ingest.get_task("review").upstream_task_ids == {"stream"}
    for load in ("to-hdfs", "to-es", "to-pg", "to-redis"):
        assert ingest.get_task(load).upstream_task_ids == {"stream"}
        assert {"reconcile", "status", "gaps", "alerts"} <= ingest.get_task(load).downstream_task_ids


def test_silence_is_looked_for_whatever_became_of_the_stores(bag: DagBag) -> None:
    ingest = bag.dags["weather_ingest"]
    assert ingest.params.get_param("max_missing").value == 100
    for name, secrets in {"gaps": {"pg-url"}, "alerts": {"pg-url", "webhook-url", "kafka-config"}}.items():
        task = ingest.get_task(name)
        assert task.trigger_rule == "all_done"
        assert {mount["target"].removeprefix("/run/secrets/") for mount in task.mounts} >= secrets
    assert ingest.get_task("alerts").environment["SENMETEO_WEBHOOK_URL_FILE"] == "/run/secrets/webhook-url"


def test_only_the_reconcile_that_notes_incidents_can_change_the_database(bag: DagBag) -> None:
    for dag, notes, url in (("weather_ingest", True, "pg-url"), ("weather_daily", False, "pg-reader-url")):
        task = bag.dags[dag].get_task("reconcile")
        assert ("--alerts" in task.command) == notes
        assert task.environment["SENMETEO_PG_URL_FILE"] == f"/run/secrets/{url}"


def test_a_run_without_a_red_task_closes_the_incident_of_its_dag(dag: DAG) -> None:
    clear = dag.get_task("all-clear")
    assert clear.command == ["alerts", "clear", "dag", dag.dag_id]
    assert clear.trigger_rule == "none_failed"
    assert clear.downstream_task_ids == {"watcher"}
    assert clear.upstream_task_ids == dag.get_task("watcher").upstream_task_ids - {"all-clear"}


def test_without_postgresql_there_are_no_incidents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "SETTINGS", Settings(stores=("hdfs", "es")))
    ingest = DagBag(dag_folder=str(DAGS / "weather_ingest.py"), safe_mode=False, known_pools=set(POOLS)).dags["weather_ingest"]
    assert not {"all-clear", "alerts", "gaps"} & set(ingest.task_ids)
    assert "--alerts" not in ingest.get_task("reconcile").command


def test_mail_is_sent_by_airflows_own_notifier() -> None:
    assert factory.mail(()) == []
    (notifier,) = factory.mail(("a@example.org", "b@example.org"))
    assert type(notifier).__name__ == "SmtpNotifier"
    assert notifier.to == ["a@example.org", "b@example.org"]
    ti = SimpleNamespace(dag_id="weather_ingest", task_id="stream", log_url="http://airflow/log")
    notifier.render_template_fields({"ti": ti, "run_id": "run", "exception": ValueError("<69>")})
    assert notifier.subject == "weather_ingest is red: stream"
    assert notifier.html_content == "<p>stream of run run failed: &lt;69&gt;</p><p>http://airflow/log</p>"


def test_the_lineage_goes_from_the_raw_topic_to_the_stores(bag: DagBag) -> None:
    ingest = bag.dags["weather_ingest"]
    edges = {(i.name, o.name) for t in ingest.tasks for i in t.inlets for o in t.outlets}
    want = {("meteo.raw", "meteo.clean"), ("meteo.raw", "meteo.dlq"), ("meteo.clean", "lake")}
    assert edges == want | {("meteo.clean", store) for store in ("elasticsearch", "postgresql", "redis")}
    assert [o.name for o in ingest.get_task("fetch").outlets] == ["meteo.raw"]


# --- every command is one that the program understands -----------------------------------------------------------------


def windows() -> list[dict[str, Any]]:
    """What templates see: in a run of the schedule, and in one that was started by hand without a logical date."""
    pulled = SimpleNamespace(xcom_pull=lambda task_ids: {"first_day": "2024-01-01"}[task_ids])
    begun = {
        "macros": macros,
        "params": {"max_missing": 100},
        "ti": pulled,
        "run_id": "run",
        "dag_run": SimpleNamespace(run_after=START.add(minutes=11)),
    }
    return [begun | {"data_interval_start": START, "data_interval_end": START.add(minutes=10)}, begun]


def commands(bag: DagBag) -> list[list[str]]:
    """Every command that a DAG can run, its templates filled in."""
    found: list[list[str]] = []
    for dag in bag.dags.values():
        environment = dag.get_template_env()
        for task in jobs(dag):
            if argument(task, "image") != Settings().image:
                continue  # another program
            given = task.expand_input.value["command"] if isinstance(task, MappedOperator) else [task.command]
            # A command that is not a list yet is made when the DAG runs: see below.
            known = [command for command in given if isinstance(command, list)] if isinstance(given, list) else []
            found += [[environment.from_string(word).render(w) for word in command] for w in windows() for command in known]
    for source in sources.PAST:
        found += sources.past(source, "2026-01-01", "2026-03-01", "Dakar,SN-KD")
    letters = bag.dags["weather_dead_letters"]
    of = {name: letters.params.get_param(name).schema for name in ("action", "reason")}
    for action, reason, day in itertools.product(of["action"]["enum"], of["reason"]["enum"], (None, "2026-01-01")):
        chosen = {"action": action, "reason": reason, "from": day, "to": day, "limit": 5}
        found.append(letters.get_task("command").python_callable(chosen))
    return found


def test_windows_are_those_of_the_run(bag: DagBag) -> None:
    for window, begin, end in zip(windows(), ("09:40", "09:41"), ("09:50", "09:51"), strict=True):
        environment = bag.dags["weather_ingest"].get_template_env()
        command = [environment.from_string(word).render(window) for word in sources.PRESENT["generate"]]
        assert command[-4:] == ["--from", f"2026-11-25T{begin}:00Z", "--to", f"2026-11-25T{end}:00Z"]
        days = [environment.from_string(text).render(window) for text in (factory.TODAY, factory.days_from_today(-1))]
        assert days == ["2026-11-25", "2026-11-24"]


def parse(senmeteo: str, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Lets the program read a command without running it: flags are read before --help is followed."""
    if command[:2] == ["alerts", "clear"]:
        command = command[:2]  # its arguments would be taken for the topic of the help
    return subprocess.run([senmeteo, *command, "--help"], capture_output=True, text=True, check=False)


def test_every_command_is_understood_by_the_program(bag: DagBag, senmeteo: str) -> None:
    found = [list(words) for words in dict.fromkeys(map(tuple, commands(bag)))]
    verbs = {command[0] for command in found}
    assert verbs >= {"fetch", "stream", "review", "to-hdfs", "to-es", "to-pg", "to-redis", "reconcile", "status", "dlq"}
    for command in found:
        assert all(isinstance(word, str) and "{{" not in word for word in command), command
        answer = parse(senmeteo, command)
        assert answer.returncode == 0, (command, answer.stderr)
        assert "USAGE" in answer.stdout


@pytest.mark.parametrize("command", [["stream", "--no-such-flag"], ["no-such-verb"], ["fetch", "generate", "--every", "often"]])
def test_a_command_that_the_program_does_not_understand_would_be_noticed(senmeteo: str, command: list[str]) -> None:
    assert parse(senmeteo, command).returncode == 64


def test_every_variable_that_jobs_get_is_one_that_the_program_reads(bag: DagBag, senmeteo: str) -> None:
    own = [["fetch", "file"]]  # what DAGs of one's own may run: it reads the settings of tables
    known = {v for c in [*commands(bag), *own] for v in re.findall(r"\$(SENMETEO_[A-Z_]+)", parse(senmeteo, c).stdout)}
    given = {n for d in bag.dags.values() for t in jobs(d) for n in argument(t, "environment") if n.startswith("SENMETEO_")}
    given |= set(PASSED_ON)
    files = {n for n in given if n.endswith("_FILE") and n.removesuffix("_FILE") in known}
    assert given - known - files <= {"SENMETEO_LOG_TO"}


def test_the_reasons_are_those_of_the_docs(bag: DagBag) -> None:
    text = (ROOT / "docs" / "dead-letters.md").read_text().split("## Reasons")[1]
    documented = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert bag.dags["weather_dead_letters"].params.get_param("reason").schema["enum"] == ["", *documented]


# --- windows of a back-fill ----------------------------------------------------------------------------------------------


def test_a_backfill_is_cut_into_windows_without_gaps_or_overlaps() -> None:
    found = sources.past("generate", "2026-01-01", "2026-01-16", "all")
    assert [(c[c.index("--from") + 1][:10], c[c.index("--to") + 1][:10]) for c in found] == [
        ("2026-01-01", "2026-01-08"),
        ("2026-01-08", "2026-01-15"),
        ("2026-01-15", "2026-01-16"),
    ]
    assert all(c[c.index("--stations") + 1] == "all" for c in found)


@pytest.mark.parametrize(("first", "last"), [("2026-01-02", "2026-01-02"), ("2026-01-02", "2026-01-01"), ("soon", "2026-01-01")])
def test_a_backfill_of_no_time_at_all_fails_without_another_try(bag: DagBag, first: str, last: str) -> None:
    windows = bag.dags["weather_backfill"].get_task("windows").python_callable
    with pytest.raises(AirflowFailException):
        windows({"source": "generate", "from": first, "to": last, "stations": "all"})


def test_a_source_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no-such"):
        sources.present(("no-such",))
