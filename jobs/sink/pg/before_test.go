package pg_test

import (
	"strings"
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
)

func TestWhatTheMigrationWouldBreakIsNamedBeforeAnythingChanges(t *testing.T) {
	for name, c := range map[string]struct {
		create, drop string
		says         []string
		after        string // what may be done when it is migrated
	}{
		"a view": {
			`CREATE VIEW public.warm AS SELECT * FROM meteo.daily WHERE temperature_max_c > 40`,
			`DROP VIEW public.warm`,
			[]string{"view warm", "recreate"},
			`CREATE VIEW public.warm AS SELECT * FROM meteo.daily WHERE temperature_max_c > 40`,
		},
		"a view of a month": {
			`CREATE MATERIALIZED VIEW public.june AS SELECT * FROM meteo.observation_2026_06`,
			`DROP MATERIALIZED VIEW public.june`,
			[]string{"view june", "recreate"},
			`SELECT`,
		},
		"a function of a row": {
			`CREATE FUNCTION public.fahrenheit(o meteo.observation) RETURNS float8 LANGUAGE sql AS 'SELECT o.temperature_c * 1.8 + 32'`,
			`DROP FUNCTION public.fahrenheit`,
			[]string{"function fahrenheit("},
			`CREATE FUNCTION public.fahrenheit(o meteo.observation) RETURNS float8 LANGUAGE sql AS 'SELECT o.temperature_c * 1.8 + 32'`,
		},
		"a column of rows": {
			`CREATE TABLE public.chosen (n integer, rows meteo.observation_2026_07[])`,
			`DROP TABLE public.chosen`,
			[]string{"column rows of table chosen"},
			`SELECT`,
		},
		"a function that asks is_of_day": {
			`CREATE FUNCTION public.days() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM meteo.observation o WHERE meteo.is_of_day(o); END`,
			`DROP FUNCTION public.days`,
			[]string{"function days()"},
			`SELECT`,
		},
		"a foreign key": {
			`CREATE TABLE public.note (station_id text, observed_at timestamptz, source text, kind text, issued_at timestamptz,
				CONSTRAINT note_of FOREIGN KEY (station_id, observed_at, source, kind, issued_at) REFERENCES meteo.observation)`,
			`DROP TABLE public.note`,
			[]string{"constraint note_of on table note", "foreign key"},
			`SELECT`,
		},
		"a policy": {
			`CREATE POLICY those_of_dakar ON meteo.observation USING (station_id = 'SN-DK')`,
			`DROP POLICY those_of_dakar ON meteo.observation`,
			[]string{"policy those_of_dakar"},
			`SELECT`,
		},
		"a column": {
			`ALTER TABLE meteo.observation ADD COLUMN note text, ADD COLUMN "Looked at" boolean`,
			`ALTER TABLE meteo.observation DROP COLUMN note, DROP COLUMN "Looked at"`,
			[]string{`note, "Looked at"`, "a table of your own"},
			`SELECT`,
		},
		"a partition with another name": {
			`CREATE TABLE meteo.others PARTITION OF meteo.observation DEFAULT`,
			`DROP TABLE meteo.others`,
			[]string{"meteo.others", "observation_YYYY_MM"},
			`SELECT`,
		},
		"a partition elsewhere": {
			`ALTER TABLE meteo.observation_2026_06 SET SCHEMA public`,
			`ALTER TABLE public.observation_2026_06 SET SCHEMA meteo`,
			[]string{"observation_2026_06", "SET SCHEMA"},
			`SELECT`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := version5(t, 2)
			execute(t, db.url, c.create)
			_, err := open(t.Context(), db.url, flow.StoreConfig{})
			if flow.ClassOf(err) != flow.Usage {
				t.Errorf("got %v (%s)", err, flow.ClassOf(err))
			}
			for _, want := range c.says {
				if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("got %v, want one line with %q", err, want)
				}
			}
			const state = `SELECT concat_ws(' ', max(version), to_regclass('meteo.observation_5'), to_regclass('meteo.series')) FROM meteo.migration`
			if got := value[string](t, db.url, state); got != "5" {
				t.Fatalf("the version and new tables are %s", got)
			}
			execute(t, db.url, c.drop)
			db.Open(t)
			execute(t, db.url, c.after)
		})
	}
}

// Whoever makes a view of an old table while months are moved is told which it is.
func TestAViewOfAnOldTableIsNamed(t *testing.T) {
	db := version5(t, 2)
	execute(t, db.url, migration(t, 6))
	execute(t, db.url, `CREATE VIEW public.june AS SELECT * FROM meteo.observation_5_2026_06; CREATE VIEW public.warm AS SELECT * FROM meteo.observation_5_2026_06`)
	_, err := open(t.Context(), db.url, flow.StoreConfig{})
	if flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), "view june") || !strings.Contains(err.Error(), "view warm") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v (%s)", err, flow.ClassOf(err))
	}
	execute(t, db.url, `DROP VIEW public.june, public.warm`)
	db.Open(t)
}

// A query may be planned, or have its snapshot, until the transaction that moves a month, or shows it, is committed.
func TestAMonthIsShownAndDroppedASecondAfterTheCommitBeforeIt(t *testing.T) {
	db := version5(t, 2)
	execute(t, db.url, migration(t, 6))
	const state = `SELECT concat_ws(' ', shown, relname) FROM meteo.moved_month JOIN pg_class c ON c.oid = old WHERE relname = 'observation_5_2026_06'`
	step := func(sql, want string) {
		t.Helper()
		execute(t, db.url, sql)
		if got := value[string](t, db.url, state); got != want {
			t.Errorf("after %s: %s, want %s", sql, got, want)
		}
	}
	const old, settle = " observation_5_2026_06", "SELECT meteo.settle_months()"
	slowly := func(sql string) string { return "BEGIN; " + sql + "; SELECT pg_sleep(1.1); COMMIT" }
	step(slowly("SELECT meteo.move_month('observation_5_2026_06')"), "f"+old)
	step(settle, "f"+old)
	step("SELECT pg_sleep(1.1)", "f"+old)
	step(slowly(settle), "t"+old)
	step(settle, "t"+old)
	step("SELECT pg_sleep(1.1)", "t"+old)
	execute(t, db.url, settle)
	if !value[bool](t, db.url, `SELECT to_regclass('meteo.observation_5_2026_06') IS NULL`) {
		t.Error("the old table is left")
	}
}

func TestWhoMightReadMayReadAfterTheMigration(t *testing.T) {
	db := version5(t, 1)
	execute(t, db.url, `GRANT SELECT ON meteo.observation, meteo.latest TO PUBLIC;
		GRANT SELECT ON meteo.daily TO pg_monitor WITH GRANT OPTION;
		GRANT SELECT (station_id, observed_at) ON meteo.observation TO pg_monitor WITH GRANT OPTION;
		GRANT SELECT (rain_mm) ON meteo.hourly TO pg_monitor`)
	db.Open(t)
	const granted = `SELECT string_agg(concat_ws(' ', grantee, what, CASE WHEN is_grantable = 'YES' THEN 'and grant' END), ', ' ORDER BY grantee, what) FROM (
			SELECT grantee, table_name AS what, is_grantable FROM information_schema.role_table_grants
			WHERE table_schema = 'meteo' AND privilege_type = 'SELECT' AND grantee IN ('PUBLIC', 'pg_monitor')
			UNION ALL
			SELECT a.grantee::regrole::text, relname || '.' || attname, CASE WHEN is_grantable THEN 'YES' END
			FROM pg_class c JOIN pg_attribute ON attrelid = c.oid, aclexplode(attacl) a
		) grants WHERE grantee IN ('PUBLIC', 'pg_monitor') AND what !~ '^pg_'`
	const want = "PUBLIC latest, PUBLIC observation, pg_monitor daily and grant, pg_monitor hourly.rain_mm, " +
		"pg_monitor observation.observed_at and grant, pg_monitor observation.station_id and grant"
	if got := value[string](t, db.url, granted); got != want {
		t.Errorf("others may read\n%s, want\n%s", got, want)
	}
}

// A month that was detached before version 6 has another form.
func TestADetachedMonthOfVersion5CanNotBeAttachedAndIsSaidToBeMoved(t *testing.T) {
	db := version5(t, 2)
	execute(t, db.url, `ALTER TABLE meteo.observation DETACH PARTITION meteo.observation_2026_06`)
	sink := db.Open(t)
	o := monthsBack(2, 1)
	if o.ObservedAt.Format("2006-01") != "2026-06" {
		t.Fatalf("the observation is of %s", o.ObservedAt)
	}
	_, err := sink.Commit(t.Context(), flowtest.Batch(1, 0, o))
	if flow.ClassOf(err) != flow.Usage || strings.Contains(err.Error(), "attach it again") || !strings.Contains(err.Error(), "SET SCHEMA") {
		t.Errorf("got %v (%s)", err, flow.ClassOf(err))
	}
}
