-- senmeteo, schema version 9: how far each job was and what it had rejected at each look of `senmeteo alerts --jobs`.
-- Applied by `senmeteo to-pg` itself under an advisory lock, or by hand: psql -v ON_ERROR_STOP=1 -f sql/0009_job_measures.sql
-- Running it twice changes nothing.
BEGIN;
SELECT pg_advisory_xact_lock(7236839, 1); -- one migration at a time ("nmg" as a number)
SET LOCAL client_min_messages = warning;

CREATE TABLE IF NOT EXISTS meteo.job_measure (
    job         text        NOT NULL,
    measured_at timestamptz NOT NULL,
    lag         bigint      NOT NULL,
    read        bigint      NOT NULL,
    rejected    bigint      NOT NULL,
    PRIMARY KEY (job, measured_at)
);
COMMENT ON TABLE meteo.job_measure IS 'Lag of each job, and the records it had read and rejected since its topic was created, at the looks of the last day';

INSERT INTO meteo.migration (version) VALUES (9) ON CONFLICT DO NOTHING;
COMMIT;
