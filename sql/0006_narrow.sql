-- senmeteo, schema version 6: narrow rows. What repeats from row to row is kept once, in meteo.series and meteo.place; the rows are in
-- meteo.observation_data, and meteo.observation is a view of them with the columns that the table had.
-- Applied by `senmeteo to-pg` itself under an advisory lock, or by hand: psql -v ON_ERROR_STOP=1 -f sql/0006_narrow.sql -c 'CALL meteo.move_months()'
-- Running it twice changes nothing. It is done quickly, whatever the table holds: it puts the old table aside as meteo.observation_5, whose
-- rows the view shows as well. meteo.move_months then moves them month by month; it may be interrupted and called again at any time.
BEGIN;
SELECT pg_advisory_xact_lock(7236839, 1); -- one migration at a time ("nmg" as a number)
SET LOCAL client_min_messages = warning;

CREATE TABLE IF NOT EXISTS meteo.series (
    series_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station_id text NOT NULL,
    source     text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('observed', 'model', 'forecast')),
    issued_at  timestamptz NOT NULL,
    UNIQUE (station_id, source, kind, issued_at),
    CHECK ((kind = 'forecast') = (issued_at > '-infinity'))
);
COMMENT ON TABLE meteo.series IS 'What the observations of one station, source and kind, or of one forecast, have in common; rows are added and never changed';
COMMENT ON COLUMN meteo.series.issued_at IS 'When the forecast was issued; -infinity for what is not a forecast';
CREATE INDEX IF NOT EXISTS series_but_forecasts ON meteo.series (station_id) WHERE kind <> 'forecast';

CREATE TABLE IF NOT EXISTS meteo.place (
    place_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region      text NOT NULL,
    latitude    double precision NOT NULL,
    longitude   double precision NOT NULL,
    elevation_m double precision NOT NULL,
    provider_id text NOT NULL,
    UNIQUE (region, latitude, longitude, elevation_m, provider_id)
);
COMMENT ON TABLE meteo.place IS 'Where observations were made, as each of them says; a station that moves has several. What is unknown is NaN or empty, so that it is equal in the key. Rows are added and never changed';

-- Columns of fixed length that are never null come first, where alignment costs nothing. The key is as short as two bigint: of wider ones
-- PostgreSQL leaves the pages of an index half empty when the rows of each series come in the order of time (nbtsplitloc.c).
CREATE TABLE IF NOT EXISTS meteo.observation_data (
    series_id          integer     NOT NULL,
    place_id           integer     NOT NULL,
    observed_at        timestamptz NOT NULL,
    fetched_at         timestamptz NOT NULL,
    revision           bigint      NOT NULL CHECK (revision > 0),
    id                 uuid        NOT NULL,
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
    temperature_max_c  double precision,
    temperature_min_c  double precision,
    temperature_mean_c double precision,
    dew_point_mean_c   double precision,
    humidity_mean_pct  double precision,
    wind_speed_mean_ms double precision,
    interval_s         bigint CHECK (interval_s > 0),
    quality            "char" CHECK (quality IN ('s', 'b')),
    qc                 jsonb,
    original           jsonb,
    PRIMARY KEY (series_id, observed_at)
) PARTITION BY RANGE (observed_at);
COMMENT ON TABLE meteo.observation_data IS 'The rows of the view meteo.observation: the latest revision of each';
COMMENT ON COLUMN meteo.observation_data.id IS 'The 16 bytes whose hexadecimal digits are the id of the view; they follow from series and observed_at';
COMMENT ON COLUMN meteo.observation_data.quality IS 's: suspect, b: bad, null: good';
CREATE INDEX IF NOT EXISTS observation_data_observed_at ON meteo.observation_data USING brin (observed_at);

-- define_views defines meteo.observation and meteo.latest by the columns that meteo.observation_data has; a migration that adds a column
-- calls it after that. While months of version 5 are left, both show them, too.
CREATE OR REPLACE FUNCTION meteo.define_views() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    of_day constant text := $text$(coalesce(%1$s.interval_s >= 86400, false) AND num_nonnulls(%1$s.temperature_c, %1$s.dew_point_c,
        %1$s.humidity_pct, %1$s.pressure_hpa, %1$s.wind_speed_ms, %1$s.wind_direction_deg, %1$s.rain_rate_mm_h, %1$s.cloud_cover_pct,
        %1$s.visibility_m) = 0)$text$;
    parts  constant text := 'meteo.observation_data d LEFT JOIN meteo.series s USING (series_id) LEFT JOIN meteo.place p USING (place_id)';
    shown  text := 'true';
    moved  constant text := 'o.tableoid NOT IN (SELECT old FROM meteo.moved_month WHERE shown)';
    newer  text; -- the columns of the two forms, in one order
    older  text;
    of_old text := '';
    newest text := '';
BEGIN
    WITH first (name, expression) AS (VALUES
        ('station_id', 's.station_id'), ('observed_at', 'd.observed_at'), ('source', 's.source'), ('kind', 's.kind'),
        ('issued_at', 's.issued_at'), ('id', $text$encode(uuid_send(d.id), 'hex')$text$), ('revision', 'd.revision'),
        ('region', 'p.region'), ('latitude', $text$nullif(p.latitude, 'NaN')$text$), ('longitude', $text$nullif(p.longitude, 'NaN')$text$),
        ('elevation_m', $text$nullif(p.elevation_m, 'NaN')$text$), ('fetched_at', 'd.fetched_at'), ('temperature_c', 'd.temperature_c'), ('dew_point_c', 'd.dew_point_c'),
        ('humidity_pct', 'd.humidity_pct'), ('pressure_hpa', 'd.pressure_hpa'), ('wind_speed_ms', 'd.wind_speed_ms'),
        ('wind_gust_ms', 'd.wind_gust_ms'), ('wind_direction_deg', 'd.wind_direction_deg'), ('rain_mm', 'd.rain_mm'),
        ('rain_rate_mm_h', 'd.rain_rate_mm_h'), ('cloud_cover_pct', 'd.cloud_cover_pct'), ('visibility_m', 'd.visibility_m'),
        ('interval_s', 'd.interval_s'),
        ('quality', $text$CASE d.quality WHEN 's' THEN 'suspect' WHEN 'b' THEN 'bad' ELSE 'good' END$text$),
        ('qc', 'd.qc'), ('original', 'd.original'), ('provider_id', $text$nullif(p.provider_id, '')$text$)
    ), listed AS (
        SELECT name, expression, NULL AS type, row_number() OVER () AS place FROM first
        UNION ALL
        SELECT attname, format('d.%I', attname), format_type(atttypid, atttypmod), 1000 + attnum FROM pg_catalog.pg_attribute
        WHERE attrelid = 'meteo.observation_data'::regclass AND attnum > 0 AND NOT attisdropped
          AND attname NOT IN ('series_id', 'place_id') AND attname NOT IN (SELECT name FROM first)
    )
    SELECT string_agg(format('%s AS %I', expression, name), ', ' ORDER BY place),
           string_agg(CASE WHEN type IS NULL OR EXISTS (SELECT FROM pg_catalog.pg_attribute
                          WHERE attrelid = to_regclass('meteo.observation_5') AND attname = name AND NOT attisdropped)
                      THEN format('o.%I', name) ELSE format('NULL::%s', type) END, ', ' ORDER BY place)
    INTO newer, older FROM listed;
    IF EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhparent = to_regclass('meteo.observation_5')) THEN
        shown := 'd.tableoid NOT IN (SELECT new FROM meteo.moved_month WHERE NOT shown)';
        of_old := format(' UNION ALL SELECT %s FROM meteo.observation_5 o WHERE %s', older, moved);
        newest := format(' UNION ALL SELECT %s FROM meteo.station CROSS JOIN LATERAL (SELECT * FROM meteo.observation_5 o
            WHERE o.station_id = station.station_id AND o.kind <> ''forecast'' AND NOT %s AND %s
            ORDER BY o.observed_at DESC, o.fetched_at DESC LIMIT 1) o', older, format(of_day, 'o'), moved);
    END IF;
    EXECUTE format('CREATE OR REPLACE VIEW meteo.observation AS SELECT %s FROM %s WHERE %s%s', newer, parts, shown, of_old);
    -- The newest observation of each station that is not a forecast and not of a day: of each series by its key, and of these the newest.
    EXECUTE format('CREATE OR REPLACE VIEW meteo.latest AS SELECT DISTINCT ON (station_id) * FROM (
            SELECT %s FROM meteo.series s
            CROSS JOIN LATERAL (SELECT * FROM meteo.observation_data d WHERE d.series_id = s.series_id AND NOT %s AND %s ORDER BY d.observed_at DESC LIMIT 1) d
            LEFT JOIN meteo.place p USING (place_id)
            WHERE s.kind <> ''forecast'' AND s.station_id IN (SELECT station_id FROM meteo.station)%s
        ) newest ORDER BY station_id, observed_at DESC, fetched_at DESC', newer, format(of_day, 'd'), shown, newest);
END $$;

-- move_month writes the rows of one month of meteo.observation_5, named by its table, in their new form, in one transaction. Readers see the
-- month in its old form until settle_months says otherwise. It returns the number of rows, 0 when the month was moved before.
CREATE OR REPLACE FUNCTION meteo.move_month(old text) RETURNS bigint LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    name   constant text := replace(old, 'observation_5_', 'observation_');
    bounds text;
    extra  text; -- columns that both forms have beside those named below
    moved  bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7236839, 3);
    IF to_regclass('meteo.observation_5') IS NULL THEN
        RETURN 0;
    END IF;
    SELECT pg_get_expr(c.relpartbound, c.oid) INTO bounds
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid AND i.inhparent = to_regclass('meteo.observation_5')
    WHERE c.relname = move_month.old AND c.oid NOT IN (SELECT m.old FROM meteo.moved_month m);
    IF bounds IS NULL THEN
        RETURN 0;
    END IF;
    EXECUTE format($text$INSERT INTO meteo.series (station_id, source, kind, issued_at)
        SELECT station_id, source, kind, issued_at FROM meteo.%I
        EXCEPT SELECT station_id, source, kind, issued_at FROM meteo.series ON CONFLICT DO NOTHING$text$, old);
    EXECUTE format($text$INSERT INTO meteo.place (region, latitude, longitude, elevation_m, provider_id)
        SELECT region, coalesce(latitude, 'NaN'), coalesce(longitude, 'NaN'), coalesce(elevation_m, 'NaN'), coalesce(provider_id, '') FROM meteo.%I
        EXCEPT SELECT region, latitude, longitude, elevation_m, provider_id FROM meteo.place ON CONFLICT DO NOTHING$text$, old);
    SELECT string_agg(quote_ident(n.attname), ', ') INTO extra
    FROM pg_catalog.pg_attribute n JOIN pg_catalog.pg_attribute o USING (attname)
    WHERE n.attrelid = 'meteo.observation_data'::regclass AND o.attrelid = 'meteo.observation_5'::regclass AND n.attnum > 0
      AND NOT n.attisdropped AND NOT o.attisdropped AND attname NOT IN ('id', 'quality');
    EXECUTE format('CREATE TABLE meteo.%I (LIKE meteo.observation_data INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format($move$
        INSERT INTO meteo.%1$I (series_id, place_id, id, quality, %3$s)
        SELECT s.series_id, p.place_id, o.id::uuid, CASE o.quality WHEN 'suspect' THEN 's'::"char" WHEN 'bad' THEN 'b'::"char" END, %3$s
        FROM meteo.%2$I o
        JOIN meteo.series s USING (station_id, source, kind, issued_at)
        JOIN meteo.place p ON p.region = o.region AND p.latitude = coalesce(o.latitude, 'NaN') AND p.longitude = coalesce(o.longitude, 'NaN')
            AND p.elevation_m = coalesce(o.elevation_m, 'NaN') AND p.provider_id = coalesce(o.provider_id, '')
    $move$, name, old, extra);
    GET DIAGNOSTICS moved = ROW_COUNT;
    EXECUTE format('ALTER TABLE meteo.%I ADD PRIMARY KEY (series_id, observed_at)', name);
    EXECUTE format('ALTER TABLE meteo.observation_data ATTACH PARTITION meteo.%I %s', name, bounds);
    INSERT INTO meteo.moved_month (old, new) VALUES (format('meteo.%I', old)::regclass, format('meteo.%I', name)::regclass);
    RETURN moved;
END $$;

-- ensure_month makes the partition that holds a moment, when there is none yet. It attaches a finished table,
-- which readers and writers of the other months do not notice. What somebody detached is not attached again.
CREATE OR REPLACE FUNCTION meteo.ensure_month(moment timestamptz) RETURNS text
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    first text := to_char(date_trunc('month', moment), 'YYYY-MM-DD');
    after text := to_char(date_trunc('month', moment) + interval '1 month', 'YYYY-MM-DD');
    name  text := 'observation_' || to_char(moment, 'YYYY_MM');
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = to_regclass('meteo.' || name) AND inhparent = 'meteo.observation_data'::regclass) THEN
        RETURN name;
    END IF;
    IF to_regclass('meteo.observation_5') IS NOT NULL THEN
        PERFORM meteo.move_month('observation_5_' || to_char(moment, 'YYYY_MM'));
    END IF;
    PERFORM pg_advisory_xact_lock(7236839, 2);
    -- Another session may have made it meanwhile; to_regclass would answer from a cache that does not know.
    IF EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
            WHERE c.relname = name AND c.relnamespace = 'meteo'::regnamespace AND i.inhparent = 'meteo.observation_data'::regclass) THEN
        RETURN name;
    END IF;
    IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = name AND relnamespace = 'meteo'::regnamespace) THEN
        RAISE EXCEPTION 'the table meteo.% is not a partition of meteo.observation_data', name
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass('meteo.' || name) AND attname = 'series_id')
                      THEN 'attach it again, or move it to another schema (ALTER TABLE ... SET SCHEMA) so that a new one is created; nothing is lost'
                      ELSE 'it was detached before version 6, whose form it does not have: move it to another schema (ALTER TABLE ... SET SCHEMA) so that a new one is created; nothing is lost' END;
    END IF;
    EXECUTE format('CREATE TABLE meteo.%I (LIKE meteo.observation_data INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format('ALTER TABLE meteo.observation_data ATTACH PARTITION meteo.%I FOR VALUES FROM (%L) TO (%L)', name, first, after);
    RETURN name;
END $$;

-- settle_months lets readers see moved months in their new form, and drops their old tables, each by a call of its own, outside of a larger
-- transaction. Between two of these steps of a month lies a second, so that no query is under way that was planned without the new table, or
-- whose snapshot has the old rows. The second begins when a call finds what the step before has committed. When no month is left at all, the
-- old table is taken out of the views and dropped. Where readers hold a table for longer than half a second, during which others wait for it,
-- it drops nothing.
CREATE OR REPLACE FUNCTION meteo.settle_months() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month regclass;
BEGIN
    IF to_regclass('meteo.observation_5') IS NULL THEN
        RETURN;
    END IF;
    UPDATE meteo.moved_month SET found_at = clock_timestamp() WHERE found_at IS NULL;
    UPDATE meteo.moved_month SET shown = true, found_at = NULL WHERE NOT shown AND found_at < clock_timestamp() - interval '1 second';
    BEGIN
        PERFORM set_config('lock_timeout', '500ms', true);
        FOR month IN SELECT c.oid FROM meteo.moved_month m JOIN pg_catalog.pg_class c ON c.oid = m.old
            WHERE m.shown AND m.found_at < clock_timestamp() - interval '1 second'
        LOOP
            EXECUTE format('DROP TABLE %s', month);
        END LOOP;
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhparent = 'meteo.observation_5'::regclass) THEN
            PERFORM meteo.define_views();
            DROP TABLE meteo.observation_5, meteo.moved_month;
        END IF;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        NULL;
    END;
END $$;

-- move_months moves the months of meteo.observation_5 that are left, the newest first, each in a transaction of its own: call it outside of a
-- transaction. Where a long reader does not allow to drop an old table yet, the next call does it.
CREATE OR REPLACE PROCEDURE meteo.move_months() LANGUAGE plpgsql AS $$
DECLARE
    month text;
    wait  integer := 0;
BEGIN
    FOR month IN SELECT c.relname FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass('meteo.observation_5') ORDER BY c.relname DESC
    LOOP
        RAISE NOTICE '%: % rows moved', month, meteo.move_month(month);
        COMMIT;
        PERFORM meteo.settle_months();
        COMMIT;
    END LOOP;
    WHILE to_regclass('meteo.observation_5') IS NOT NULL AND wait < 10 LOOP
        wait := wait + 1;
        PERFORM pg_sleep(0.6);
        PERFORM meteo.settle_months();
        COMMIT;
    END LOOP;
END $$;

-- What somebody added and the migration could not keep is named before anything changes: partitions that are not a month's table of ours;
-- what depends on the table, its partitions, views and row types, so that it would keep them from being dropped; and policies, without
-- which others would see more rows than before. Columns are compared at the end, where the columns of the view are known.
DO $$
DECLARE
    theirs text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = to_regclass('meteo.observation') AND relkind = 'p') THEN
        RETURN;
    END IF;
    SELECT string_agg(format('%I.%I', relnamespace::regnamespace, relname), ', ') INTO theirs
    FROM pg_catalog.pg_inherits JOIN pg_catalog.pg_class c ON c.oid = inhrelid
    WHERE inhparent = 'meteo.observation'::regclass
      AND (relname !~ '^observation_[0-9]{4}_[0-9]{2}$' OR relnamespace <> 'meteo'::regnamespace OR relkind NOT IN ('r', 'p'));
    IF theirs IS NOT NULL THEN
        RAISE EXCEPTION 'meteo.observation has partitions that senmeteo did not create: %', theirs
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'make each a table meteo.observation_YYYY_MM of one month (ALTER TABLE ... RENAME TO, SET SCHEMA), or detach it, and run this again';
    END IF;
    WITH ours (class, id) AS (
        SELECT 'pg_class'::regclass, relid::oid FROM pg_partition_tree('meteo.observation')
        UNION ALL
        SELECT 'pg_class'::regclass, id FROM unnest(ARRAY['meteo.latest', 'meteo.hourly', 'meteo.daily']::regclass[]) id
        UNION ALL
        SELECT 'pg_proc'::regclass, 'meteo.is_of_day(meteo.observation)'::regprocedure
    ), ours_and_types AS (
        SELECT class, id FROM ours
        UNION ALL
        SELECT 'pg_type'::regclass, unnest(ARRAY[t.oid, t.typarray]) FROM ours JOIN pg_catalog.pg_type t ON class = 'pg_class'::regclass AND typrelid = id
    ), dependents AS (
        SELECT d.classid, d.objid, d.objsubid FROM pg_catalog.pg_depend d JOIN ours_and_types ON refclassid = class AND refobjid = id
        GROUP BY d.classid, d.objid, d.objsubid
        HAVING bool_and(deptype = 'n') OR d.classid = 'pg_policy'::regclass -- an index, a constraint or a trigger is a part of its table
    )
    SELECT string_agg(DISTINCT coalesce(pg_describe_object('pg_class'::regclass, ev_class, 0), pg_describe_object(classid, objid, objsubid)), ', ') INTO theirs
    FROM dependents LEFT JOIN pg_catalog.pg_rewrite r ON classid = 'pg_rewrite'::regclass AND r.oid = objid
    WHERE (classid, objid) NOT IN (SELECT class, id FROM ours);
    IF theirs IS NOT NULL THEN
        RAISE EXCEPTION 'this depends on meteo.observation and is not of senmeteo: %', theirs
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'drop it and run this again; then recreate it: views and functions as they were, a policy for meteo.observation_data, and a foreign key not at all';
    END IF;
END $$;

-- The table is put aside in a moment in which nobody holds it, for which others wait a second at most, and again after a second.
DO $$
DECLARE
    month regclass;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = to_regclass('meteo.observation') AND relkind = 'p') THEN
        RETURN;
    END IF;
    FOR attempt IN 1..60 LOOP
        BEGIN
            SET LOCAL lock_timeout = '1s';
            LOCK TABLE meteo.latest, meteo.hourly, meteo.daily, meteo.observation IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            IF attempt = 60 THEN
                RAISE;
            END IF;
            PERFORM pg_sleep(1);
        END;
    END LOOP;
    PERFORM set_config('meteo.definitions', concat_ws('; ', pg_get_functiondef('meteo.is_of_day(meteo.observation)'::regprocedure),
        'CREATE VIEW meteo.hourly AS ' || rtrim(pg_get_viewdef('meteo.hourly'), ';'), 'CREATE VIEW meteo.daily AS ' || rtrim(pg_get_viewdef('meteo.daily'), ';')), true);
    PERFORM set_config('meteo.grants', string_agg(format('GRANT SELECT%s ON meteo.%I TO %s%s', columns, relname,
        CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END), '; '), true)
    FROM pg_catalog.pg_class c, LATERAL (
        SELECT '' AS columns, a.* FROM aclexplode(c.relacl) a
        UNION ALL
        SELECT format(' (%I)', attname), a.* FROM pg_catalog.pg_attribute, aclexplode(attacl) a WHERE attrelid = c.oid AND NOT attisdropped
    ) granted
    WHERE relnamespace = 'meteo'::regnamespace AND relname IN ('observation', 'latest', 'hourly', 'daily')
      AND privilege_type = 'SELECT' AND grantee <> relowner;
    DROP VIEW meteo.latest, meteo.hourly, meteo.daily;
    DROP FUNCTION meteo.is_of_day(meteo.observation);
    FOR month IN SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = 'meteo.observation'::regclass LOOP
        EXECUTE format('ALTER TABLE %s RENAME TO %I', month,
            (SELECT regexp_replace(relname, '^observation_', 'observation_5_') FROM pg_catalog.pg_class WHERE oid = month));
    END LOOP;
    ALTER TABLE meteo.observation RENAME TO observation_5;
    CREATE TABLE meteo.moved_month (
        old      oid PRIMARY KEY,
        new      oid NOT NULL,
        shown    boolean NOT NULL DEFAULT false, -- whether readers see the new table, and not the old one
        found_at timestamptz                     -- when settle_months found this row committed as it is
    );
END $$;

SELECT meteo.define_views();

DO $$
DECLARE
    noted  record;
    theirs text;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO theirs FROM pg_catalog.pg_attribute
    WHERE attrelid = to_regclass('meteo.observation_5') AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN (SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = 'meteo.observation'::regclass);
    IF theirs IS NOT NULL THEN
        RAISE EXCEPTION 'meteo.observation has columns that are not of senmeteo: %', theirs
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'copy them with the primary key to a table of your own, drop them, and run this again; nothing has changed';
    END IF;
    EXECUTE coalesce(nullif(current_setting('meteo.definitions', true), ''), 'SELECT 1');
    EXECUTE coalesce(nullif(current_setting('meteo.grants', true), ''), 'SELECT 1');
    FOR noted IN SELECT attname, col_description(attrelid, attnum) AS text FROM pg_catalog.pg_attribute
        WHERE attrelid = to_regclass('meteo.observation_5') AND attnum > 0 AND col_description(attrelid, attnum) IS NOT NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN meteo.observation.%I IS %L', noted.attname, noted.text);
    END LOOP;
    COMMENT ON VIEW meteo.observation IS 'The latest revision of each observation; station_id, observed_at, source, kind and issued_at are what the id is made of';
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhparent = to_regclass('meteo.observation_5')) THEN
        PERFORM meteo.settle_months(); -- there is nothing to move
    END IF;
END $$;

INSERT INTO meteo.migration (version) VALUES (6) ON CONFLICT DO NOTHING;
COMMIT;
