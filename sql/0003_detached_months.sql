-- senmeteo, schema version 3: a month that was detached and not moved away is not a partition, although its table is there.
-- Applied by `senmeteo to-pg` itself under an advisory lock, or by hand: psql -v ON_ERROR_STOP=1 -f sql/0003_detached_months.sql
-- Running it twice changes nothing.
BEGIN;
SELECT pg_advisory_xact_lock(7236839, 1); -- one migration at a time ("nmg" as a number)
SET LOCAL client_min_messages = warning;

-- ensure_month makes the partition that holds a moment, when there is none yet. It attaches a finished table,
-- which readers and writers of the other months do not notice. What somebody detached is not attached again behind their back.
CREATE OR REPLACE FUNCTION meteo.ensure_month(moment timestamptz) RETURNS text
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    first text := to_char(date_trunc('month', moment), 'YYYY-MM-DD');
    after text := to_char(date_trunc('month', moment) + interval '1 month', 'YYYY-MM-DD');
    name  text := 'observation_' || to_char(moment, 'YYYY_MM');
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = to_regclass('meteo.' || name) AND inhparent = 'meteo.observation'::regclass) THEN
        RETURN name;
    END IF;
    PERFORM pg_advisory_xact_lock(7236839, 2);
    -- Another session may have made it meanwhile; to_regclass would answer from a cache that does not know.
    IF EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
            WHERE c.relname = name AND c.relnamespace = 'meteo'::regnamespace AND i.inhparent = 'meteo.observation'::regclass) THEN
        RETURN name;
    END IF;
    IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = name AND relnamespace = 'meteo'::regnamespace) THEN
        RAISE EXCEPTION 'the table meteo.% is not a partition of meteo.observation', name
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('CREATE TABLE meteo.%I (LIKE meteo.observation INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format('ALTER TABLE meteo.observation ATTACH PARTITION meteo.%I FOR VALUES FROM (%L) TO (%L)', name, first, after);
    RETURN name;
END $$;

INSERT INTO meteo.migration (version) VALUES (3) ON CONFLICT DO NOTHING;
COMMIT;
