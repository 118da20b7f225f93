-- A second computation of the tables of `export` and of the counts of `gaps`, in SQL over meteo.observation alone. The rules are those of
-- docs/exports.md and docs/gaps.md, and of WMO-No. 1203 (2017), 4.4.1. figures_test.go runs it on what it has planted. Times are UTC.
CREATE SCHEMA second;

CREATE TABLE second.series AS
    SELECT row_number() OVER () AS series, o.station_id, s.region, o.source, o.kind
    FROM (SELECT DISTINCT station_id, source, kind FROM meteo.observation WHERE kind <> 'forecast') o JOIN meteo.station s USING (station_id);

CREATE TABLE second.reading AS
    SELECT series, observed_at AT TIME ZONE 'UTC' AS at, coalesce(interval_s, 0) * interval '1 second' AS length, quality, qc,
        coalesce(interval_s, 0) >= 86400 AND num_nonnulls(temperature_c, dew_point_c, humidity_pct, pressure_hpa, wind_speed_ms, wind_direction_deg,
            rain_rate_mm_h, cloud_cover_pct, visibility_m) = 0 AS of_day,
        temperature_c, dew_point_c, humidity_pct, pressure_hpa, wind_speed_ms, wind_gust_ms, wind_direction_deg, rain_mm, rain_rate_mm_h, cloud_cover_pct,
        visibility_m, temperature_max_c, temperature_min_c, temperature_mean_c, dew_point_mean_c, humidity_mean_pct, wind_speed_mean_ms
    FROM meteo.observation JOIN second.series USING (station_id, source, kind);

-- The values of the readings, one a row.
CREATE TABLE second.value AS
    SELECT series, at, length, of_day, name, x::numeric, coalesce(qc ? name, false) AS failed
    FROM second.reading, LATERAL (VALUES ('temperature_c', temperature_c), ('dew_point_c', dew_point_c), ('humidity_pct', humidity_pct),
        ('pressure_hpa', pressure_hpa), ('wind_speed_ms', wind_speed_ms), ('wind_gust_ms', wind_gust_ms), ('wind_direction_deg', wind_direction_deg),
        ('rain_mm', rain_mm), ('rain_rate_mm_h', rain_rate_mm_h), ('cloud_cover_pct', cloud_cover_pct), ('visibility_m', visibility_m),
        ('temperature_max_c', temperature_max_c), ('temperature_min_c', temperature_min_c), ('temperature_mean_c', temperature_mean_c),
        ('dew_point_mean_c', dew_point_mean_c), ('humidity_mean_pct', humidity_mean_pct), ('wind_speed_mean_ms', wind_speed_mean_ms)) v (name, x)
    WHERE x IS NOT NULL;

-- How often each series reports: as its source promises, or as often as most of its readings come. Series of days alone have no row.
CREATE TABLE second.promise AS
    SELECT series, coalesce(promised, mode() WITHIN GROUP (ORDER BY distance)) AS every
    FROM (SELECT series, at - lag(at) OVER (PARTITION BY series ORDER BY at) AS distance FROM second.reading WHERE NOT of_day) r
    JOIN second.series USING (series)
    LEFT JOIN (VALUES ('generate', interval '10 minutes'), ('open-meteo', '1 hour'), ('metar', '1 hour'), ('ogimet', '3 hours')) p (source, promised) USING (source)
    GROUP BY series, promised;

CREATE INDEX ON second.value (series, at);
ANALYZE second.reading, second.value;

-- export -------------------------------------------------------------------------------------------------------------------------------

-- The columns: of which values of the moment each one is made, on the readings of which it rests, and which value over an interval is of
-- the same quantity.
CREATE TABLE second.element AS
    SELECT * FROM (VALUES
        ('temperature_mean_c', 'temperature_mean_share_pct', 'mean', 'temperature_c', 'temperature_c', 'temperature_mean_c'),
        ('temperature_max_c', 'temperature_max_share_pct', 'highest', 'temperature_c', 'temperature_c', 'temperature_max_c'),
        ('temperature_min_c', 'temperature_min_share_pct', 'lowest', 'temperature_c', 'temperature_c', 'temperature_min_c'),
        ('dew_point_mean_c', 'dew_point_mean_share_pct', 'mean', 'dew_point_c', 'dew_point_c', 'dew_point_mean_c'),
        ('humidity_mean_pct', 'humidity_mean_share_pct', 'mean', 'humidity_pct', 'humidity_pct', 'humidity_mean_pct'),
        ('pressure_mean_hpa', 'pressure_mean_share_pct', 'mean', 'pressure_hpa', 'pressure_hpa', NULL),
        ('wind_speed_mean_ms', 'wind_speed_mean_share_pct', 'mean', 'wind_speed_ms', 'wind_speed_ms', 'wind_speed_mean_ms'),
        ('wind_gust_max_ms', 'wind_gust_max_share_pct', 'highest', NULL, 'wind_speed_ms', 'wind_gust_ms'),
        ('cloud_cover_mean_pct', 'cloud_cover_mean_share_pct', 'mean', 'cloud_cover_pct', 'cloud_cover_pct', NULL),
        ('rain_mm', 'rain_share_pct', 'sum', NULL, NULL, 'rain_mm')) e (name, share_name, method, moment, rests_on, over);

-- The begins of three hours, or of days, of which there is a reading of the moment, or one over all of the time.
CREATE FUNCTION second.begins(step interval) RETURNS TABLE (series bigint, since timestamp) LANGUAGE sql AS $$
    SELECT series, date_bin(step, at, timestamp 'epoch') FROM second.reading WHERE NOT of_day
    UNION
    SELECT series, at - step FROM second.reading WHERE length = step AND date_bin(step, at, timestamp 'epoch') = at
$$;

-- Rain of the intervals that are inside but are not all of the time. Of those that overlap the earlier one counts.
CREATE FUNCTION second.rain(step interval) RETURNS TABLE (series bigint, since timestamp, mm numeric, covered interval) LANGUAGE sql AS $$
    WITH RECURSIVE part AS MATERIALIZED (
        SELECT series, since, at - length AS first, at AS last, x, row_number() OVER (PARTITION BY series, since ORDER BY at) AS n
        FROM second.value, LATERAL (SELECT date_bin(step, at - interval '1 microsecond', timestamp 'epoch') AS since) s
        WHERE name = 'rain_mm' AND NOT failed AND length > interval '0' AND length <> step AND at - length >= since
    ), walk AS (
        SELECT series, since, n, last AS reached, x AS mm, last - first AS covered FROM part WHERE n = 1
        UNION ALL
        SELECT series, since, p.n, CASE WHEN first >= reached THEN last ELSE reached END, mm + CASE WHEN first >= reached THEN x ELSE 0 END,
            covered + CASE WHEN first >= reached THEN last - first ELSE interval '0' END
        FROM walk JOIN part p USING (series, since) WHERE p.n = walk.n + 1
    )
    SELECT DISTINCT ON (series, since) series, since, mm, covered FROM walk ORDER BY series, since, n DESC
$$;

-- The values of three hours, or of days, with the share of the expected readings that each one rests on.
CREATE FUNCTION second.of_readings(step interval) RETURNS TABLE (series bigint, since timestamp, name text, x numeric, share numeric) LANGUAGE sql AS $$
    WITH moment AS ( -- several values at one expected time are one reading
        SELECT series, since, name, avg(x) AS mean, max(x) AS high, min(x) AS low, count(DISTINCT date_bin(every, at, since)) AS there
        FROM second.value JOIN second.promise USING (series), LATERAL (SELECT date_bin(step, at, timestamp 'epoch') AS since) s
        WHERE NOT failed AND NOT of_day GROUP BY 1, 2, 3
    ), inside AS (
        SELECT series, since, name, max(x) AS high, min(x) AS low, max(x) FILTER (WHERE length = step) AS whole
        FROM second.value, LATERAL (SELECT date_bin(step, at - interval '1 microsecond', timestamp 'epoch') AS since) s
        WHERE NOT failed AND at - length >= since GROUP BY 1, 2, 3
    ), known AS (
        SELECT b.series, b.since, e.name, method, whole, m.mean, greatest(m.high, i.high) AS high, least(m.low, i.low) AS low, mm,
            CASE method WHEN 'sum' THEN coalesce(extract(epoch FROM covered) / extract(epoch FROM step), 0)
                ELSE coalesce(r.there, 0) / greatest(1, extract(epoch FROM step) / extract(epoch FROM coalesce(every, interval '1 day'))) END AS share
        FROM second.begins(step) b CROSS JOIN second.element e
        LEFT JOIN second.promise p ON p.series = b.series
        LEFT JOIN moment m ON (m.series, m.since, m.name) = (b.series, b.since, e.moment)
        LEFT JOIN moment r ON (r.series, r.since, r.name) = (b.series, b.since, e.rests_on)
        LEFT JOIN inside i ON (i.series, i.since, i.name) = (b.series, b.since, e.over)
        LEFT JOIN second.rain(step) f ON (f.series, f.since) = (b.series, b.since)
    )
    SELECT series, since, name, -- five sixths are enough
        CASE method
            WHEN 'sum' THEN CASE WHEN share >= 1 THEN mm ELSE whole END
            WHEN 'mean' THEN CASE WHEN share >= 0.8333333 THEN mean ELSE whole END
            ELSE CASE WHEN whole IS NOT NULL OR share >= 0.8333333 THEN CASE method WHEN 'highest' THEN high ELSE low END END
        END,
        CASE WHEN whole IS NULL THEN share WHEN method = 'mean' AND share >= 0.8333333 THEN share ELSE 1 END
    FROM known
$$;

CREATE TABLE second.three_hours AS SELECT * FROM second.of_readings('3 hours');
CREATE TABLE second.day AS SELECT * FROM second.of_readings('1 day');
ANALYZE second.day;

CREATE FUNCTION second.begin_of(step text, day timestamp) RETURNS timestamp IMMUTABLE LANGUAGE sql AS $$
    SELECT date_trunc('month', day) + CASE WHEN step = 'month' OR extract(day FROM day) <= 10 THEN 0 WHEN extract(day FROM day) <= 20 THEN 10 ELSE 20 END * interval '1 day'
$$;

CREATE FUNCTION second.end_of(step text, since timestamp) RETURNS timestamp IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE
        WHEN step = '3h' THEN since + interval '3 hours'
        WHEN step = 'day' THEN since + interval '1 day'
        WHEN step = 'dekad' AND extract(day FROM since) < 21 THEN since + interval '10 days'
        ELSE date_trunc('month', since) + interval '1 month'
    END
$$;

-- The values of dekads, or of months, by their days.
CREATE FUNCTION second.of_days(step text) RETURNS TABLE (series bigint, since timestamp, name text, x numeric, share numeric, rain_days numeric) LANGUAGE sql AS $$
    WITH calendar AS (
        SELECT p.series, p.since, e.name, e.method, day, d.x
        FROM (SELECT DISTINCT series, second.begin_of(step, since) AS since FROM second.day) p CROSS JOIN second.element e
        CROSS JOIN generate_series(p.since, second.end_of(step, p.since) - interval '1 day', interval '1 day') day
        LEFT JOIN second.day d ON (d.series, d.since, d.name) = (p.series, day, e.name)
    ), missing AS (
        SELECT series, since, name, sum(n) AS days, max(n) AS in_a_row
        FROM (SELECT series, since, name, island, count(*) AS n
            FROM (SELECT *, day - row_number() OVER (PARTITION BY series, since, name ORDER BY day) * interval '1 day' AS island FROM calendar WHERE x IS NULL) i
            GROUP BY 1, 2, 3, 4) islands
        GROUP BY 1, 2, 3
    )
    SELECT series, since, name,
        CASE
            WHEN method = 'sum' THEN CASE WHEN count(x) = count(*) THEN sum(x) END
            WHEN coalesce(max(in_a_row), 0) >= 5 OR coalesce(max(days), 0) >= CASE step WHEN 'month' THEN 11 ELSE 4 END THEN NULL
            WHEN name = 'wind_gust_max_ms' THEN max(x)
            ELSE avg(x)
        END,
        count(x)::numeric / count(*),
        CASE WHEN name = 'rain_mm' AND count(x) = count(*) THEN count(*) FILTER (WHERE x >= 1) END
    FROM calendar LEFT JOIN missing USING (series, since, name) GROUP BY series, since, name, method
$$;

-- The cells of a table: of each row, which `of` names, and each column but those that name the row. Empty ones are NULL.
CREATE FUNCTION second.export(step text, by_region boolean, first timestamp, last timestamp) RETURNS TABLE ("of" text, "column" text, x numeric) LANGUAGE sql AS $$
    WITH known AS (
        SELECT series, since, name, x, share, NULL::numeric AS rain_days FROM second.three_hours WHERE step = '3h'
        UNION ALL
        SELECT series, since, name, x, share, NULL::numeric FROM second.day WHERE step = 'day'
        UNION ALL
        SELECT * FROM second.of_days(step) WHERE step IN ('dekad', 'month')
    ), shown AS (
        SELECT concat_ws(' ', CASE WHEN NOT by_region THEN station_id END, region, source, kind, to_char(since, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            to_char(second.end_of(step, since), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) AS of, known.*
        FROM known JOIN second.series USING (series) WHERE since < last AND second.end_of(step, since) > first
    ), row AS (
        SELECT of, name, avg(x) AS x, 100 * avg(share) AS share, round(avg(rain_days)) AS rain_days, count(*) AS stations FROM shown GROUP BY of, name
    )
    SELECT of, name, x FROM row
    UNION ALL SELECT of, share_name, share FROM row JOIN second.element USING (name)
    UNION ALL SELECT of, 'rain_days', rain_days FROM row WHERE name = 'rain_mm'
    UNION ALL SELECT of, 'stations', CASE WHEN by_region THEN stations END FROM row WHERE name = 'rain_mm'
$$;

-- gaps ---------------------------------------------------------------------------------------------------------------------------------

-- What is expected of each series in a window, and what there is. Readings of the moment and those of days are series of their own.
CREATE FUNCTION second.expected(first timestamp, last timestamp, now timestamp)
RETURNS TABLE (series bigint, of_days boolean, every interval, at timestamp, there boolean, good boolean, present text[], sound text[]) LANGUAGE sql SET enable_nestloop = off AS $$
    WITH reading AS (
        SELECT series, of_day, CASE WHEN of_day THEN interval '1 day' ELSE every END AS every, r.at AS read, CASE WHEN of_day THEN r.at - interval '1 day' ELSE r.at END AS at, quality
        FROM second.reading r LEFT JOIN second.promise USING (series)
    ), grid AS (
        SELECT series, of_day, every, mode() WITHIN GROUP (ORDER BY at - date_bin(every, at, timestamp 'epoch')) AS phase, min(at) AS begin FROM reading GROUP BY 1, 2, 3
    ), due AS (
        SELECT series, of_day, every, phase, at FROM grid,
            generate_series(date_bin(every, first, timestamp 'epoch' + phase), last, every) at
        WHERE at >= first AND at < least(last, now - every) AND at >= date_bin(every, begin + every / 2, timestamp 'epoch' + phase)
    ), found AS (
        SELECT g.series, g.of_day, date_bin(g.every, r.at + g.every / 2, timestamp 'epoch' + phase) AS at, read, quality FROM reading r JOIN grid g USING (series, of_day)
    )
    SELECT d.series, d.of_day, d.every, d.at, count(read) > 0, coalesce(bool_or(quality <> 'bad'), false),
        coalesce(array_agg(DISTINCT v.name) FILTER (WHERE v.name IS NOT NULL), '{}'), coalesce(array_agg(DISTINCT v.name) FILTER (WHERE NOT v.failed), '{}')
    FROM due d LEFT JOIN found f USING (series, of_day, at) LEFT JOIN second.value v ON (v.series, v.at) = (d.series, read)
    GROUP BY d.series, d.of_day, d.every, d.at
$$;

-- The series of a report, the numbers of its elements and of its days, as one line of text each.
CREATE FUNCTION second.gaps(first timestamp, last timestamp, now timestamp) RETURNS SETOF text LANGUAGE sql AS $$
    WITH expected AS MATERIALIZED (SELECT * FROM second.expected(first, last, now)),
    named AS (SELECT e.*, concat_ws(' ', station_id, region, source, kind, CASE WHEN of_days THEN 'days' ELSE 'moments' END) AS of FROM expected e JOIN second.series USING (series)),
    newest AS (SELECT series, of_day AS of_days, max(at) AS at FROM second.reading GROUP BY 1, 2),
    gap AS ( -- until the next reading, or the end of the window
        SELECT of, min(at) AS since, coalesce(min(next), last) AS until
        FROM (SELECT *, at - row_number() OVER (PARTITION BY of, there ORDER BY at) * every AS island,
                min(at) FILTER (WHERE there) OVER (PARTITION BY of ORDER BY at DESC) AS next FROM named) n
        WHERE NOT there GROUP BY of, island
    ),
    longest AS (SELECT DISTINCT ON (of) * FROM gap ORDER BY of, until - since DESC, since),
    series AS (
        SELECT of, every, count(*) AS expected, count(*) FILTER (WHERE there) AS present, count(*) FILTER (WHERE NOT there) AS missing,
            count(*) FILTER (WHERE there AND NOT good) AS flagged, min(newest.at) AS newest
        FROM named JOIN newest USING (series, of_days) GROUP BY of, every
    ),
    variable AS (SELECT of, name FROM (SELECT DISTINCT of, series, of_days FROM named) n JOIN (SELECT DISTINCT series, of_day AS of_days, name FROM second.value) v USING (series, of_days))
    SELECT format('%s every %s: %s %s %s %s, longest %s to %s, last %s, silent %s', of, extract(epoch FROM every)::int, expected, present, missing, flagged,
        since, until, newest, (now - newest > 2 * every)::text) FROM series LEFT JOIN longest USING (of)
    UNION ALL
    SELECT format('%s %s: %s %s %s %s', of, name, count(*), count(*) FILTER (WHERE name = ANY (present)), count(*) FILTER (WHERE name <> ALL (present)),
        count(*) FILTER (WHERE name = ANY (present) AND name <> ALL (sound))) FROM named JOIN variable USING (of) GROUP BY of, name
    UNION ALL
    SELECT format('%s %s: %s %s %s %s', of, at::date, count(*), count(*) FILTER (WHERE there), count(*) FILTER (WHERE NOT there),
        count(*) FILTER (WHERE there AND NOT good)) FROM named GROUP BY of, at::date
$$;
