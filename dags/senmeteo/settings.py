"""What an installation may set: environment variables of Airflow's dag-processor and workers, read without any I/O."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Variables that jobs get as they are. None of them is a secret: Airflow shows a task's environment to everybody who can
# see the task. Secrets are files, see SECRETS.
PASSED_ON = (
    "SENMETEO_BROKERS",
    "SENMETEO_TOPIC_PREFIX",
    "SENMETEO_HDFS",
    "SENMETEO_HDFS_USER",
    "SENMETEO_ES_URL",
    "SENMETEO_REDIS",
    "SENMETEO_REDIS_USER",
    "SENMETEO_REDIS_TTL",
    "SENMETEO_BASE_URL",
    "SENMETEO_CONTACT",
    "SENMETEO_MAX_AGE",
    "SENMETEO_MAX_REJECT_RATIO",
    "SENMETEO_LOG_LEVEL",
    "SENMETEO_DATE_ORDER",
    "SENMETEO_DECIMAL",
    "SENMETEO_TIMEZONE",
    "SENMETEO_UNIT",
    "SENMETEO_COLUMN",
    "SENMETEO_STRICT",
)

# Name of a secret (a file of that name in the folder SENMETEO_DAG_SECRETS_DIR) -> the variable that holds its path.
SECRETS = {
    "pg-url": "SENMETEO_PG_URL_FILE",
    "pg-reader-url": "SENMETEO_PG_URL_FILE",  # instead of pg-url, of jobs that only ask
    "es-url": "SENMETEO_ES_URL_FILE",
    "es-api-key": "SENMETEO_ES_API_KEY_FILE",
    "es-ca": "SENMETEO_ES_CA",
    "redis-latest-password": "SENMETEO_REDIS_PASSWORD_FILE",
    "redis-latest-ca": "SENMETEO_REDIS_CA",
    "kafka-config": "SENMETEO_KAFKA_CONFIG",
    "tomorrow-api-key": "SENMETEO_API_KEY_FILE",
    "redis-url": "SENMETEO_REDIS_URL_FILE",
    "webhook-url": "SENMETEO_WEBHOOK_URL_FILE",
}


@dataclass(frozen=True)
class Settings:
    """One installation."""

    image: str = "senmeteo:latest"  # SENMETEO_DAG_IMAGE
    hadoop_image: str = "senmeteo-hadoop:3.4.1"  # SENMETEO_DAG_HADOOP_IMAGE: for checkpoints of the NameNode
    network: str = "senmeteo"  # SENMETEO_DAG_NETWORK: the engine's network that the servers are in
    user: str = "65532:65532"  # SENMETEO_DAG_USER: who the jobs are
    secrets_dir: str = "/etc/senmeteo/secrets"  # SENMETEO_DAG_SECRETS_DIR: a folder of the engine's machine
    secrets: frozenset[str] = frozenset({"pg-url"})  # SENMETEO_DAG_SECRETS: those that are there
    state: str = "senmeteo-state"  # SENMETEO_DAG_STATE: volume, or folder, in which sources remember
    sources: tuple[str, ...] = ("open-meteo",)  # SENMETEO_DAG_SOURCES
    stores: tuple[str, ...] = ("hdfs", "es", "pg", "redis")  # SENMETEO_DAG_STORES
    keep_run_days: int = 0  # SENMETEO_DAG_KEEP_RUN_DAYS: of Airflow's database; 0: all, as with the next two
    keep_log_days: int = 0  # SENMETEO_DAG_KEEP_LOG_DAYS
    keep_months: int = 0  # SENMETEO_DAG_KEEP_MONTHS: of Elasticsearch and PostgreSQL
    checkpoint: bool = False  # SENMETEO_DAG_CHECKPOINT: "true" lets the NameNode make one each week
    mail_to: tuple[str, ...] = ()  # SENMETEO_DAG_MAIL_TO: who gets a mail about a task that failed, by Airflow's connection smtp_default
    retry_delay: float = 30  # SENMETEO_DAG_RETRY_DELAY: seconds before the second try; each further one waits twice as long
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """Reads them; a variable that is empty counts as absent."""

        def words(name: str, default: tuple[str, ...] | frozenset[str]) -> tuple[str, ...]:
            text = env.get(name, "").strip()
            return tuple(w.strip() for w in text.split(",") if w.strip()) if text else tuple(default)

        settings = cls(
            image=env.get("SENMETEO_DAG_IMAGE") or cls.image,
            hadoop_image=env.get("SENMETEO_DAG_HADOOP_IMAGE") or cls.hadoop_image,
            network=env.get("SENMETEO_DAG_NETWORK") or cls.network,
            user=env.get("SENMETEO_DAG_USER") or cls.user,
            secrets_dir=(env.get("SENMETEO_DAG_SECRETS_DIR") or cls.secrets_dir).rstrip("/"),
            secrets=frozenset(words("SENMETEO_DAG_SECRETS", cls.secrets)),
            state=env.get("SENMETEO_DAG_STATE") or cls.state,
            sources=words("SENMETEO_DAG_SOURCES", cls.sources),
            stores=words("SENMETEO_DAG_STORES", cls.stores),
            keep_run_days=int(env.get("SENMETEO_DAG_KEEP_RUN_DAYS") or cls.keep_run_days),
            keep_log_days=int(env.get("SENMETEO_DAG_KEEP_LOG_DAYS") or cls.keep_log_days),
            keep_months=int(env.get("SENMETEO_DAG_KEEP_MONTHS") or cls.keep_months),
            checkpoint=env.get("SENMETEO_DAG_CHECKPOINT") == "true",
            mail_to=words("SENMETEO_DAG_MAIL_TO", cls.mail_to),
            retry_delay=float(env.get("SENMETEO_DAG_RETRY_DELAY") or cls.retry_delay),
            environment={name: env[name] for name in PASSED_ON if env.get(name)},
        )
        if unknown := settings.secrets - SECRETS.keys():
            raise ValueError(f"SENMETEO_DAG_SECRETS names {sorted(unknown)}; there are: {sorted(SECRETS)}")
        if unknown := set(settings.stores) - set(cls.stores):
            raise ValueError(f"SENMETEO_DAG_STORES names {sorted(unknown)}; there are: {sorted(cls.stores)}")
        return settings
