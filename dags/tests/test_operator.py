"""What the operator makes of exit codes, with a Docker client that is a fake; test_airflow.py has the real one."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.docker.exceptions import DockerContainerFailedSkipException
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from senmeteo.exit_codes import EXIT_CODES
from senmeteo.operator import SenmeteoOperator, report

REPORT = {"job": "stream", "read": 3, "outcome": "ok"}
LOG_LINE = '{"@timestamp":"2026-01-01T00:00:00Z","log.level":"info","message":"started"}'


class FakeEngine:
    """As much of docker.APIClient as the operator calls."""

    def __init__(self, code: int, output: str, leftovers: tuple[str, ...] = ()) -> None:
        self.code, self.output, self.leftovers = code, output, leftovers
        self.host_config: dict[str, Any] = {}
        self.created: dict[str, Any] = {}
        self.removed: list[str] = []
        self.filters: dict[str, Any] = {}

    def images(self, name: str) -> list[str]:
        return [name]

    def containers(self, **kwargs: Any) -> list[dict[str, str]]:
        self.filters = kwargs["filters"]
        return [{"Id": name, "Status": "Up 2 minutes"} for name in self.leftovers]

    def create_host_config(self, **kwargs: Any) -> dict[str, Any]:
        self.host_config = kwargs
        return kwargs

    def create_container(self, **kwargs: Any) -> dict[str, str]:
        self.created = kwargs
        return {"Id": "new"}

    def attach(self, **_: Any) -> list[bytes]:
        return [self.output.encode()]

    def start(self, container: str) -> None:
        pass

    def wait(self, container: str, timeout: float | None) -> dict[str, Any]:
        assert container == "new"
        assert timeout is None
        return {"Error": None, "StatusCode": self.code}

    def remove_container(self, container: str, *, force: bool) -> None:
        assert force
        self.removed.append(container)


def run(engine: FakeEngine, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
    """Runs a task on a fake engine. Returns what it returns, and what it pushed to XCom by itself."""
    operator = SenmeteoOperator(task_id="stream", image="senmeteo", command=["stream"], **kwargs)
    operator.__dict__["hook"] = SimpleNamespace(api_client=engine)
    pushed: dict[str, Any] = {}
    ti = SimpleNamespace(
        dag_id="weather_ingest", run_id="run", task_id="stream", map_index=-1, xcom_push=lambda key, value: pushed.update({key: value})
    )
    try:
        return operator.execute({"ti": ti}), pushed  # type: ignore[typeddict-item]
    except AirflowException as raised:
        return raised, pushed


def outcome(code: int) -> str:
    result, _ = run(FakeEngine(code, json.dumps(REPORT)))
    match result:
        case AirflowSkipException():
            return "skip"
        case AirflowFailException():
            return "no"
        case AirflowException():
            return "yes"
        case _:
            return "success"


@pytest.mark.parametrize(
    ("code", "want"),
    [
        *[(0, "success"), (1, "no"), (64, "no"), (65, "no"), (66, "no"), (69, "yes"), (70, "no"), (73, "yes"), (75, "yes")],
        *[(99, "skip"), (143, "yes"), (137, "yes"), (2, "yes"), (125, "yes")],
    ],
)
def test_the_exit_code_says_whether_a_task_is_tried_again(code: int, want: str) -> None:
    assert outcome(code) == want


def test_every_code_of_the_table_has_its_reaction() -> None:
    words = {"succeeds": "success", "fails": "no", "retries": "yes", "skips": "skip"}
    assert len(EXIT_CODES) > 8
    assert {code.number: words[code.reaction] for code in EXIT_CODES} == {code.number: outcome(code.number) for code in EXIT_CODES}


def test_the_report_is_the_xcom_of_a_task_that_succeeds() -> None:
    result, _ = run(FakeEngine(0, f"{LOG_LINE}\n{json.dumps(REPORT)}\n"))
    assert result == REPORT


@pytest.mark.parametrize("code", [64, 69, 137])
def test_the_report_is_the_xcom_of_a_task_that_fails_too_and_its_error_is_told(code: int) -> None:
    failed = REPORT | {"outcome": "usage", "error": "--brokers is empty"}
    raised, pushed = run(FakeEngine(code, f"{LOG_LINE}\n{json.dumps(failed)}\nsenmeteo: --brokers is empty\n"))
    assert pushed == {"return_value": failed}
    assert str(code) in str(raised)
    assert "--brokers is empty" in str(raised)


def test_a_task_that_pushes_no_xcom_pushes_none_when_it_fails() -> None:
    _, pushed = run(FakeEngine(64, json.dumps(REPORT)), do_xcom_push=False)
    assert pushed == {}


def test_99_is_the_providers_own_way_to_skip() -> None:
    raised, _ = run(FakeEngine(99, json.dumps(REPORT)))
    assert isinstance(raised, DockerContainerFailedSkipException)


def test_what_a_killed_try_left_behind_is_ended_before_the_next() -> None:
    engine = FakeEngine(0, json.dumps(REPORT), leftovers=("old",))
    run(engine)
    assert engine.removed == ["old", "new"]
    labels = {"senmeteo.dag_id": "weather_ingest", "senmeteo.run_id": "run", "senmeteo.task_id": "stream", "senmeteo.map_index": "-1"}
    assert engine.created["labels"] == labels
    assert engine.filters == {"label": [f"{k}={v}" for k, v in labels.items()]}


def test_a_container_can_do_little() -> None:
    engine = FakeEngine(0, "")
    result, _ = run(engine)
    assert result is None
    assert engine.host_config["cap_drop"] == ["ALL"]
    assert engine.host_config["read_only"] is True
    assert engine.host_config["security_opt"] == ["no-new-privileges"]
    assert list(engine.host_config["tmpfs"]) == ["/tmp"]
    assert not engine.host_config["privileged"]


@pytest.mark.parametrize(
    ("lines", "want"),
    [
        ([], None),
        (["no JSON at all"], "no JSON at all"),
        (["first", "last"], "last"),
        ([LOG_LINE, '{"late":2}', "senmeteo: 2 of 14 regions are late"], {"late": 2}),
        (['{"late":2}', LOG_LINE], {"late": 2}),
        ([b'{"late":2}'], {"late": 2}),
        (["[1, 2]", "3"], "3"),
        ([b"\xff\xfe"], "\ufffd\ufffd"),
    ],
)
def test_the_report_is_the_last_object_that_is_no_line_of_the_log(lines: list[str | bytes], want: Any) -> None:
    assert report(lines) == want
