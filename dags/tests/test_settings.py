"""The settings of an installation."""

from __future__ import annotations

import pytest

from senmeteo.settings import SECRETS, Settings


def test_without_any_variable_the_defaults_hold_and_empty_ones_count_as_absent() -> None:
    assert Settings.read({}) == Settings()
    assert Settings.read(dict.fromkeys(("SENMETEO_DAG_SOURCES", "SENMETEO_DAG_IMAGE", "SENMETEO_DAG_RETRY_DELAY"), "")) == Settings()


def test_variables_are_read() -> None:
    settings = Settings.read(
        {
            "SENMETEO_DAG_SOURCES": "open-meteo, generate",
            "SENMETEO_DAG_STORES": "pg",
            "SENMETEO_DAG_SECRETS": "pg-url,es-api-key",
            "SENMETEO_DAG_SECRETS_DIR": "/srv/secrets/",
            "SENMETEO_DAG_RETRY_DELAY": "1.5",
            "SENMETEO_DAG_KEEP_RUN_DAYS": "90",
            "SENMETEO_DAG_KEEP_LOG_DAYS": "30",
            "SENMETEO_DAG_KEEP_MONTHS": "24",
            "SENMETEO_DAG_CHECKPOINT": "true",
            "SENMETEO_BROKERS": "kafka:9092",
        }
    )
    assert settings.sources == ("open-meteo", "generate")
    assert settings.stores == ("pg",)
    assert settings.secrets == {"pg-url", "es-api-key"}
    assert settings.secrets_dir == "/srv/secrets"
    assert settings.retry_delay == 1.5
    assert (settings.keep_run_days, settings.keep_log_days, settings.keep_months, settings.checkpoint) == (90, 30, 24, True)
    assert settings.environment == {"SENMETEO_BROKERS": "kafka:9092"}


def test_a_secret_never_gets_into_the_environment_that_airflow_shows() -> None:
    secret = {"SENMETEO_PG_URL": "postgres://meteo:geheim@db/meteo", "SENMETEO_ES_API_KEY": "geheim", "SENMETEO_API_KEY": "geheim"}
    assert "geheim" not in repr(Settings.read(secret | dict.fromkeys(SECRETS.values(), "geheim")))


@pytest.mark.parametrize("variable", ["SENMETEO_DAG_SECRETS", "SENMETEO_DAG_STORES"])
def test_a_name_that_does_not_exist_is_refused(variable: str) -> None:
    with pytest.raises(ValueError, match="no-such"):
        Settings.read({variable: "no-such"})
