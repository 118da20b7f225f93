"""The executor of docker-compose.yml loads with the versions that the lock file pins."""

from __future__ import annotations


def test_the_celery_executor_loads() -> None:
    from airflow.providers.celery.executors.celery_executor import CeleryExecutor

    assert not CeleryExecutor.is_local
