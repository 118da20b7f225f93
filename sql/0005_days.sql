-- senmeteo, schema version 5: values over an interval beside the momentary ones: what a day has had.
-- Applied by `senmeteo to-pg` itself under an advisory lock, or by hand: psql -v ON_ERROR_STOP=1 -f sql/0005_days.sql
-- Running it twice changes nothing.
BEGIN;
SELECT pg_advisory_xact_lock(7236839, 1); -- one migration at a time ("nmg" as a number)
SET LOCAL client_min_messages = warning;

ALTER TABLE meteo.observation
    ADD COLUMN IF NOT EXISTS temperature_max_c  double precision,
    ADD COLUMN IF NOT EXISTS temperature_min_c  double precision,
    ADD COLUMN IF NOT EXISTS temperature_mean_c double precision,
    ADD COLUMN IF NOT EXISTS dew_point_mean_c   double precision,
    ADD COLUMN IF NOT EXISTS humidity_mean_pct  double precision,
    ADD COLUMN IF NOT EXISTS wind_speed_mean_ms double precision;
COMMENT ON COLUMN meteo.observation.interval_s IS 'Seconds, up to observed_at, that the values over an interval cover: rain, gust, extremes and means';
COMMENT ON COLUMN meteo.observation.temperature_max_c IS 'Highest temperature of the interval_s seconds that end at observed_at';
COMMENT ON COLUMN meteo.observation.temperature_min_c IS 'Lowest temperature of the interval_s seconds that end at observed_at';

-- is_of_day: the row is of a day or longer and holds no value of the moment observed_at.
CREATE OR REPLACE FUNCTION meteo.is_of_day(o meteo.observation) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(o.interval_s >= 86400, false)
       AND num_nonnulls(o.temperature_c, o.dew_point_c, o.humidity_pct, o.pressure_hpa, o.wind_speed_ms, o.wind_direction_deg,
                        o.rain_rate_mm_h, o.cloud_cover_pct, o.visibility_m) = 0
$$;

-- The newest observation of each station that is not a forecast and no row of a day. The view lists the columns that the table had when it
-- was made.
CREATE OR REPLACE VIEW meteo.latest AS
SELECT o.*
FROM meteo.station s
CROSS JOIN LATERAL (
    SELECT * FROM meteo.observation o
    WHERE o.station_id = s.station_id AND o.kind <> 'forecast' AND NOT meteo.is_of_day(o)
    ORDER BY o.observed_at DESC, o.fetched_at DESC
    LIMIT 1
) o;

-- Hours in UTC, which is the time of Senegal. A value that failed a check does not count, nor does one of an interval of more than an
-- hour. Rain is summed as decimal numbers: as binary ones, tenths of a millimetre add up to 5.1999999999999998.
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
       (sum(rain_mm::numeric) FILTER (WHERE NOT coalesce(qc ? 'rain_mm', false) AND coalesce(interval_s, 0) <= 3600))::double precision AS rain_mm,
       avg(cloud_cover_pct) FILTER (WHERE NOT coalesce(qc ? 'cloud_cover_pct', false)) AS cloud_cover_pct,
       min(visibility_m)    FILTER (WHERE NOT coalesce(qc ? 'visibility_m', false))    AS visibility_min_m
FROM meteo.observation o
WHERE kind <> 'forecast' AND NOT meteo.is_of_day(o)
GROUP BY station_id, region, source, kind, date_trunc('hour', observed_at, 'UTC');

-- Days in UTC. The row of a day counts for the day in which its interval ends; its extremes count beside those of the momentary values, its
-- means and its rain where no other row of the day has any.
CREATE OR REPLACE VIEW meteo.daily AS
SELECT station_id, region, source, kind, day,
       count(*) AS observations,
       count(DISTINCT date_trunc('hour', observed_at, 'UTC')) FILTER (WHERE NOT of_day) AS hours, -- 20 or more make a valid daily mean
       least(min(temperature_c)        FILTER (WHERE NOT coalesce(qc ? 'temperature_c', false)),
             min(temperature_min_c)    FILTER (WHERE NOT coalesce(qc ? 'temperature_min_c', false) AND interval_s <= 86400)) AS temperature_min_c,
       greatest(max(temperature_c)     FILTER (WHERE NOT coalesce(qc ? 'temperature_c', false)),
                max(temperature_max_c) FILTER (WHERE NOT coalesce(qc ? 'temperature_max_c', false) AND interval_s <= 86400)) AS temperature_max_c,
       coalesce(avg(temperature_c)      FILTER (WHERE NOT coalesce(qc ? 'temperature_c', false)),
                avg(temperature_mean_c) FILTER (WHERE NOT coalesce(qc ? 'temperature_mean_c', false) AND interval_s = 86400)) AS temperature_mean_c,
       coalesce(avg(humidity_pct)       FILTER (WHERE NOT coalesce(qc ? 'humidity_pct', false)),
                avg(humidity_mean_pct)  FILTER (WHERE NOT coalesce(qc ? 'humidity_mean_pct', false) AND interval_s = 86400)) AS humidity_mean_pct,
       avg(pressure_hpa) FILTER (WHERE NOT coalesce(qc ? 'pressure_hpa', false)) AS pressure_mean_hpa,
       coalesce(avg(wind_speed_ms)      FILTER (WHERE NOT coalesce(qc ? 'wind_speed_ms', false)),
                avg(wind_speed_mean_ms) FILTER (WHERE NOT coalesce(qc ? 'wind_speed_mean_ms', false) AND interval_s = 86400)) AS wind_mean_ms,
       max(wind_gust_ms) FILTER (WHERE NOT coalesce(qc ? 'wind_gust_ms', false)) AS wind_gust_max_ms,
       coalesce(sum(rain_mm::numeric) FILTER (WHERE NOT coalesce(qc ? 'rain_mm', false) AND NOT of_day),
                sum(rain_mm::numeric) FILTER (WHERE NOT coalesce(qc ? 'rain_mm', false) AND interval_s = 86400))::double precision AS rain_mm
FROM (
    SELECT *, meteo.is_of_day(o) AS of_day,
           ((observed_at - CASE WHEN meteo.is_of_day(o) THEN interval '1 microsecond' ELSE interval '0' END) AT TIME ZONE 'UTC')::date AS day
    FROM meteo.observation o
    WHERE kind <> 'forecast'
) rows
GROUP BY station_id, region, source, kind, day;

INSERT INTO meteo.migration (version) VALUES (5) ON CONFLICT DO NOTHING;
COMMIT;
