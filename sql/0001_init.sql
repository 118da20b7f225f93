-- senmeteo, schema version 1: stations, observations, what was refused, and how far the job has come.
-- Applied by `senmeteo to-pg` itself under an advisory lock, or by hand: psql -v ON_ERROR_STOP=1 -f sql/0001_init.sql
-- Running it twice changes nothing.
BEGIN;
SELECT pg_advisory_xact_lock(7236839, 1); -- one migration at a time ("nmg" as a number)
SET LOCAL client_min_messages = warning;

CREATE SCHEMA IF NOT EXISTS meteo;

CREATE TABLE IF NOT EXISTS meteo.migration (
    version    integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS meteo.station (
    station_id  text PRIMARY KEY CHECK (station_id ~ '^SN-[A-Z]{2}(-[0-9]{2,4})?$'),
    region      text NOT NULL,
    place       text,
    latitude    double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude   double precision CHECK (longitude BETWEEN -180 AND 180),
    elevation_m double precision
);
COMMENT ON TABLE meteo.station IS 'The 14 main stations, which stand for their regions, and further ones as observations name them';

CREATE TABLE IF NOT EXISTS meteo.observation (
    station_id         text        NOT NULL,
    observed_at        timestamptz NOT NULL,
    source             text        NOT NULL,
    kind               text        NOT NULL CHECK (kind IN ('observed', 'model', 'forecast')),
    issued_at          timestamptz NOT NULL DEFAULT '-infinity',
    id                 text        NOT NULL CHECK (id ~ '^[0-9a-f]{32}$'),
    revision           bigint      NOT NULL CHECK (revision > 0),
    region             text        NOT NULL,
    latitude           double precision,
    longitude          double precision,
    elevation_m        double precision,
    fetched_at         timestamptz NOT NULL,
    temperature_c      double precision,
    dew_point_c        double precision,
    humidity_pct       double precision,
    pressure_hpa       double precision,
    wind_speed_ms      double precision,
    wind_gust_ms       double precision,
    wind_direction_deg double precision,
    rain_mm            double precision,
    rain_rate_mm_h     double precision,
    cloud_cover_pct    double precision,
    visibility_m       double precision,
    interval_s         bigint CHECK (interval_s > 0),
    quality            text NOT NULL CHECK (quality IN ('good', 'suspect', 'bad')),
    qc                 jsonb,
    original           jsonb,
    PRIMARY KEY (station_id, observed_at, source, kind, issued_at),
    CHECK ((kind = 'forecast') = (issued_at > '-infinity'))
) PARTITION BY RANGE (observed_at);
COMMENT ON TABLE meteo.observation IS 'The latest revision of each observation; the primary key is what the id is made of';
COMMENT ON COLUMN meteo.observation.issued_at IS 'When the forecast was issued; -infinity for what is not a forecast';
COMMENT ON COLUMN meteo.observation.pressure_hpa IS 'Reduced to mean sea level';
COMMENT ON COLUMN meteo.observation.rain_mm IS 'Rain of the interval_s seconds that end at observed_at';
COMMENT ON COLUMN meteo.observation.qc IS 'Variable -> the rules that it failed; null when all pass';
COMMENT ON COLUMN meteo.observation.original IS 'Variable -> the value before a correction; null when nothing was changed';
CREATE INDEX IF NOT EXISTS observation_observed_at ON meteo.observation USING brin (observed_at);

-- What PostgreSQL itself refused. The identity is where the record came from.
CREATE TABLE IF NOT EXISTS meteo.rejected (
    topic       text   NOT NULL,
    partition   integer NOT NULL,
    "offset"    bigint NOT NULL,
    key         bytea,
    value       bytea,
    reason      text   NOT NULL,
    detail      text   NOT NULL,
    run_id      text   NOT NULL DEFAULT '',
    rejected_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, "offset")
);

-- How far each partition is stored: moved on in the transaction that stores the batch.
CREATE TABLE IF NOT EXISTS meteo.sink_offset (
    topic       text    NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint  NOT NULL CHECK (next_offset >= 0),
    cluster_id  text    NOT NULL,
    topic_id    text    NOT NULL,
    read        bigint  NOT NULL DEFAULT 0, -- records of the topic
    written     bigint  NOT NULL DEFAULT 0, -- observations inserted or replaced by a newer revision
    duplicates  bigint  NOT NULL DEFAULT 0, -- revisions already stored or older
    rejected    bigint  NOT NULL DEFAULT 0, -- rows of meteo.rejected
    run_id      text    NOT NULL DEFAULT '',
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition)
);

-- ensure_month makes the partition that holds a moment, when there is none yet. It attaches a finished table,
-- which readers and writers of the other months do not notice.
CREATE OR REPLACE FUNCTION meteo.ensure_month(moment timestamptz) RETURNS text
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    first text := to_char(date_trunc('month', moment), 'YYYY-MM-DD');
    after text := to_char(date_trunc('month', moment) + interval '1 month', 'YYYY-MM-DD');
    name  text := 'observation_' || to_char(moment, 'YYYY_MM');
BEGIN
    IF to_regclass('meteo.' || name) IS NOT NULL THEN
        RETURN name;
    END IF;
    PERFORM pg_advisory_xact_lock(7236839, 2);
    -- Another session may have made it meanwhile; to_regclass would answer from a cache that does not know.
    IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = name AND relnamespace = 'meteo'::regnamespace) THEN
        RETURN name;
    END IF;
    EXECUTE format('CREATE TABLE meteo.%I (LIKE meteo.observation INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format('ALTER TABLE meteo.observation ATTACH PARTITION meteo.%I FOR VALUES FROM (%L) TO (%L)', name, first, after);
    RETURN name;
END $$;

-- The newest observation of each station that is not a forecast.
CREATE OR REPLACE VIEW meteo.latest AS
SELECT o.*
FROM meteo.station s
CROSS JOIN LATERAL (
    SELECT * FROM meteo.observation o
    WHERE o.station_id = s.station_id AND o.kind <> 'forecast'
    ORDER BY o.observed_at DESC, o.fetched_at DESC
    LIMIT 1
) o;

-- Hours and days in UTC, which is the time of Senegal. A value that failed a check does not count. Rain is summed as
-- decimal numbers: as binary ones, tenths of a millimetre add up to 5.1999999999999998.
CREATE OR REPLACE VIEW meteo.hourly AS
SELECT station_id, region, source, kind,
       date_trunc('hour', observed_at, 'UTC') AS hour,
       count(*) AS observations,
       avg(temperature_c)   FILTER (WHERE NOT coalesce(qc ? 'temperature_c', false))   AS temperature_c,
       avg(dew_point_c)     FILTER (WHERE NOT coalesce(qc ? 'dew_point_c', false))     AS dew_point_c,
       avg(humidity_pct)    FILTER (WHERE NOT coalesce(qc ? 'humidity_pct', false))    AS humidity_pct,
       avg(pressure_hpa)    FILTER (WHERE NOT coalesce(qc ? 'pressure_hpa', false))    AS pressure_hpa,
       avg(wind_speed_ms)   FILTER (WHERE NOT coalesce(qc ? 'wind_speed_ms', false))   AS wind_speed_ms,
       max(wind_gust_ms)    FILTER (WHERE NOT coalesce(qc ? 'wind_gust_ms', false))    AS wind_gust_max_ms,
       (sum(rain_mm::numeric) FILTER (WHERE NOT coalesce(qc ? 'rain_mm', false)))::double precision AS rain_mm,
       avg(cloud_cover_pct) FILTER (WHERE NOT coalesce(qc ? 'cloud_cover_pct', false)) AS cloud_cover_pct,
       min(visibility_m)    FILTER (WHERE NOT coalesce(qc ? 'visibility_m', false))    AS visibility_min_m
FROM meteo.observation
WHERE kind <> 'forecast'
GROUP BY station_id, region, source, kind, date_trunc('hour', observed_at, 'UTC');

CREATE OR REPLACE VIEW meteo.daily AS
SELECT station_id, region, source, kind,
       (observed_at AT TIME ZONE 'UTC')::date AS day,
       count(*) AS observations,
       count(DISTINCT date_trunc('hour', observed_at, 'UTC')) AS hours, -- 20 or more make a valid daily mean
       min(temperature_c)   FILTER (WHERE NOT coalesce(qc ? 'temperature_c', false)) AS temperature_min_c,
       max(temperature_c)   FILTER (WHERE NOT coalesce(qc ? 'temperature_c', false)) AS temperature_max_c,
       avg(temperature_c)   FILTER (WHERE NOT coalesce(qc ? 'temperature_c', false)) AS temperature_mean_c,
       avg(humidity_pct)    FILTER (WHERE NOT coalesce(qc ? 'humidity_pct', false))  AS humidity_mean_pct,
       avg(pressure_hpa)    FILTER (WHERE NOT coalesce(qc ? 'pressure_hpa', false))  AS pressure_mean_hpa,
       avg(wind_speed_ms)   FILTER (WHERE NOT coalesce(qc ? 'wind_speed_ms', false)) AS wind_mean_ms,
       max(wind_gust_ms)    FILTER (WHERE NOT coalesce(qc ? 'wind_gust_ms', false))  AS wind_gust_max_ms,
       (sum(rain_mm::numeric) FILTER (WHERE NOT coalesce(qc ? 'rain_mm', false)))::double precision AS rain_mm
FROM meteo.observation
WHERE kind <> 'forecast'
GROUP BY station_id, region, source, kind, (observed_at AT TIME ZONE 'UTC')::date;

INSERT INTO meteo.station (station_id, region, place, latitude, longitude, elevation_m) VALUES
    ('SN-DK', 'Dakar',       'Dakar',       14.6937, -17.4441,  26),
    ('SN-TH', 'Thiès',       'Thiès',       14.7894, -16.9260,  76),
    ('SN-DB', 'Diourbel',    'Diourbel',    14.6479, -16.2436,   9),
    ('SN-FK', 'Fatick',      'Fatick',      14.3324, -16.4051,   7),
    ('SN-KL', 'Kaolack',     'Kaolack',     14.1520, -16.0726,   8),
    ('SN-KA', 'Kaffrine',    'Kaffrine',    14.1059, -15.5508,  13),
    ('SN-LG', 'Louga',       'Louga',       15.6187, -16.2244,  38),
    ('SN-SL', 'Saint-Louis', 'Saint-Louis', 16.0179, -16.4896,   3),
    ('SN-MT', 'Matam',       'Matam',       15.6559, -13.2554,  17),
    ('SN-TC', 'Tambacounda', 'Tambacounda', 13.7707, -13.6673,  49),
    ('SN-KE', 'Kédougou',    'Kédougou',    12.5556, -12.1808, 178),
    ('SN-KD', 'Kolda',       'Kolda',       12.8939, -14.9413,  10),
    ('SN-SE', 'Sédhiou',     'Sédhiou',     12.7081, -15.5569,  12),
    ('SN-ZG', 'Ziguinchor',  'Ziguinchor',  12.5680, -16.2733,  23)
ON CONFLICT (station_id) DO NOTHING;

INSERT INTO meteo.migration (version) VALUES (1) ON CONFLICT DO NOTHING;
COMMIT;
