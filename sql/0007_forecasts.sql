-- senmeteo, schema version 7: what forecasts state beside values: the probability of rain, and quantiles.
-- Applied by `senmeteo to-pg` itself under an advisory lock, or by hand: psql -v ON_ERROR_STOP=1 -f sql/0007_forecasts.sql
-- Running it twice changes nothing. It rewrites no row, and waits for a moment in which nobody reads or writes.
BEGIN;
SELECT pg_advisory_xact_lock(7236839, 1); -- one migration at a time ("nmg" as a number)
SET LOCAL client_min_messages = warning;

DO $$
BEGIN
    IF EXISTS (SELECT FROM meteo.migration WHERE version >= 7) THEN
        RETURN;
    END IF;
    -- In the order in which queries lock them, and never waiting for long: who waits keeps others waiting.
    FOR attempt IN 1..60 LOOP
        BEGIN
            SET LOCAL lock_timeout = '1s';
            LOCK TABLE meteo.latest, meteo.hourly, meteo.daily, meteo.observation, meteo.observation_data IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            IF attempt = 60 THEN
                RAISE;
            END IF;
            PERFORM pg_sleep(1);
        END;
    END LOOP;
    ALTER TABLE meteo.observation_data
        ADD COLUMN IF NOT EXISTS rain_probability_pct double precision,
        ADD COLUMN IF NOT EXISTS quantiles            jsonb;
    PERFORM meteo.define_views();
    COMMENT ON COLUMN meteo.observation.rain_probability_pct IS 'Probability that 1 mm of rain or more falls in the interval_s seconds that end at observed_at';
    COMMENT ON COLUMN meteo.observation.quantiles IS 'Variable -> the values that it is not above with 5, 10, 25, 50, 75, 90 and 95 % probability: quantiles -> ''temperature_max_c'' -> 3 is the median';
END $$;

INSERT INTO meteo.migration (version) VALUES (7) ON CONFLICT DO NOTHING;
COMMIT;
