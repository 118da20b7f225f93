-- senmeteo, schema version 2: what the provider itself calls the place that an observation is of.
-- Applied by `senmeteo to-pg` itself under an advisory lock, or by hand: psql -v ON_ERROR_STOP=1 -f sql/0002_provider.sql
-- Running it twice changes nothing.
BEGIN;
SELECT pg_advisory_xact_lock(7236839, 1); -- one migration at a time ("nmg" as a number)
SET LOCAL client_min_messages = warning;

ALTER TABLE meteo.observation ADD COLUMN IF NOT EXISTS provider_id text;
COMMENT ON COLUMN meteo.observation.provider_id IS 'What the provider itself calls the place: a WMO number, an ICAO code, a grid cell; null when unknown';

-- The view lists the columns that the table had when it was made.
CREATE OR REPLACE VIEW meteo.latest AS
SELECT o.*
FROM meteo.station s
CROSS JOIN LATERAL (
    SELECT * FROM meteo.observation o
    WHERE o.station_id = s.station_id AND o.kind <> 'forecast'
    ORDER BY o.observed_at DESC, o.fetched_at DESC
    LIMIT 1
) o;

INSERT INTO meteo.migration (version) VALUES (2) ON CONFLICT DO NOTHING;
COMMIT;
