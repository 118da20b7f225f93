-- senmeteo, schema version 8: incidents, which `senmeteo alerts` opens, closes and sends.
-- Applied by `senmeteo to-pg` itself under an advisory lock, or by hand: psql -v ON_ERROR_STOP=1 -f sql/0008_incidents.sql
-- Running it twice changes nothing.
BEGIN;
SELECT pg_advisory_xact_lock(7236839, 1); -- one migration at a time ("nmg" as a number)
SET LOCAL client_min_messages = warning;

CREATE TABLE IF NOT EXISTS meteo.incident (
    incident_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           text        NOT NULL,
    subject        text        NOT NULL,
    message        text        NOT NULL,
    opened_at      timestamptz NOT NULL,
    closed_at      timestamptz,
    opened_sent_at timestamptz,
    closed_sent_at timestamptz,
    CHECK (closed_at >= opened_at),
    CHECK (closed_sent_at IS NULL OR closed_at IS NOT NULL)
);
COMMENT ON TABLE meteo.incident IS 'What went wrong, from when to when, and when that was sent';
CREATE UNIQUE INDEX IF NOT EXISTS incident_open ON meteo.incident (kind, subject) WHERE closed_at IS NULL;
CREATE INDEX IF NOT EXISTS incident_unsent ON meteo.incident (incident_id)
    WHERE opened_sent_at IS NULL OR closed_at IS NOT NULL AND closed_sent_at IS NULL;

CREATE TABLE IF NOT EXISTS meteo.alert_look (
    kind      text PRIMARY KEY,
    looked_at timestamptz NOT NULL
);
COMMENT ON TABLE meteo.alert_look IS 'When the newest look at each kind of incident began; an older look that ends later changes nothing';

CREATE TABLE IF NOT EXISTS meteo.muted_station (
    station_id text PRIMARY KEY,
    until      timestamptz NOT NULL
);
COMMENT ON TABLE meteo.muted_station IS 'Stations whose silence opens no incident, until a time; infinity: for good';

INSERT INTO meteo.migration (version) VALUES (8) ON CONFLICT DO NOTHING;
COMMIT;
