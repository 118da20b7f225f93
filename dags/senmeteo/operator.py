"""The one operator of the DAGs: a senmeteo job in a container, whose exit code decides what Airflow does next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from airflow.providers.docker.exceptions import DockerContainerFailedException
from airflow.providers.docker.operators.docker import DockerOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from senmeteo.exit_codes import EXIT_CODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow.sdk import Context
    from docker import APIClient

# A code that is not listed is tried again: no job loses or doubles anything by that.
MEANINGS = {code.number: code.english.meaning for code in EXIT_CODES}
SKIPPED = [code.number for code in EXIT_CODES if code.reaction == "skips"]
FINAL = {code.number for code in EXIT_CODES if code.reaction == "fails"}

# The labels by which a try finds the container that an earlier try of the same task left running.
TASK_LABELS = ("senmeteo.dag_id", "senmeteo.run_id", "senmeteo.task_id", "senmeteo.map_index")


class SenmeteoOperator(DockerOperator):
    """
    Runs one job of the senmeteo image.

    The task succeeds with exit code 0, is skipped with a code of SKIPPED, fails at once with one of FINAL and is tried
    again with any other. Its XCom is the job's report, also when it fails. The container gets no capabilities, no
    new privileges and a read-only root file system; /tmp is in memory.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("skip_on_exit_code", SKIPPED)
        kwargs.setdefault("auto_remove", "force")
        kwargs.setdefault("mount_tmp_dir", False)
        super().__init__(**kwargs)
        self.exit_code: int | None = None

    @property
    def cli(self) -> APIClient:
        """The engine's client, which confines what it creates and notes the exit code for this operator."""
        return _Client(self.hook.api_client, self)  # type: ignore[return-value]

    def execute(self, context: Context) -> Any:
        ti = context["ti"]
        self.labels = dict(zip(TASK_LABELS, map(str, (ti.dag_id, ti.run_id, ti.task_id, ti.map_index)), strict=True))
        self._end_leftovers()
        try:
            return report((super().execute(context) or "").splitlines())
        except DockerContainerFailedException as failure:
            found = report(failure.logs or [])
            if self.do_xcom_push and found is not None:
                ti.xcom_push(key="return_value", value=found)
            raise verdict(self.exit_code, found) from failure

    def _end_leftovers(self) -> None:
        """Ends the container of an earlier try that was killed without a chance to do so itself."""
        wanted = [f"{name}={value}" for name, value in self.labels.items()]
        for left in self.cli.containers(all=True, filters={"label": wanted}):
            self.log.warning("An earlier try left container %s behind (%s): ending it", left["Id"][:12], left.get("Status"))
            self.cli.remove_container(left["Id"], force=True)


def verdict(code: int | None, found: Any) -> AirflowException:
    """The exception for a job that failed: AirflowFailException where another try would end the same way."""
    why = MEANINGS.get(code or 0, "an exit code that senmeteo does not use")
    error = found.get("error") if isinstance(found, dict) else None
    text = f"exit code {code}: {why}" + (f": {error}" if error else "")
    return AirflowFailException(text) if code in FINAL else AirflowException(text)


def report(lines: Iterable[str | bytes]) -> Any:
    """
    The last line that is a JSON object and no line of the log; without one the last line, None when there is none.

    A job prints its report last. Some print an error after it, when they fail.
    """
    last = None
    for raw in reversed(list(lines)):
        line = raw.decode(errors="replace") if isinstance(raw, bytes) else raw
        last = line if last is None else last
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and "@timestamp" not in value:
            return value
    return last


class _Client:
    """The engine's client as the operator is to see it: everything is handed on, two calls are watched."""

    def __init__(self, client: APIClient, operator: SenmeteoOperator) -> None:
        self._client, self._operator = client, operator

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def create_host_config(self, **kwargs: Any) -> dict[str, Any]:
        """Confines a container by what DockerOperator has no arguments for."""
        return self._client.create_host_config(
            **kwargs,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            read_only=True,
            tmpfs={"/tmp": "size=256m,mode=1777,noexec,nosuid,nodev"},
            pids_limit=512,
        )

    def wait(self, container: str) -> Mapping[str, Any]:
        """Waits for a container's end without limit: execution_timeout is the limit of a task."""
        result = self._client.wait(container, timeout=None)
        self._operator.exit_code = result["StatusCode"]
        return result
