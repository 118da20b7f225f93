package shape

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// describe returns a reading as one line: its station, time, kind, interval and values, its coordinates where they are not the station's, and when
// it was issued.
func describe(o *meteo.Observation) string {
	out := fmt.Sprintf("%s %s %s", o.StationID, o.ObservedAt.Format("2006-01-02 15:04:05"), o.Kind)
	out = strings.TrimSuffix(out, ":00 "+string(o.Kind))
	if !strings.HasSuffix(out, string(o.Kind)) {
		out += " " + string(o.Kind)
	}
	if o.IntervalS != 0 {
		out += fmt.Sprintf(" of %d s", o.IntervalS)
	}
	out += " " + string(o.Values.AppendJSON(nil))
	if s, _ := meteo.StationByID(o.StationID); s.Latitude != o.Latitude || s.Longitude != o.Longitude || s.ElevationM != o.ElevationM {
		out += fmt.Sprintf(" at %g %g %g", o.Latitude, o.Longitude, o.ElevationM)
	}
	if !o.IssuedAt.IsZero() {
		out += o.IssuedAt.Format(" issued 01-02 15:04")
	}
	return out
}

// describeAll returns readings, one a line, or the refusal.
func describeAll(all []meteo.Observation, err error) string {
	if err != nil {
		return err.Error()
	}
	lines := make([]string, len(all))
	for i := range all {
		lines[i] = describe(&all[i])
	}
	return strings.Join(lines, "\n")
}

// at1 are defaults of records that were fetched at half past noon.
func atNoon() Defaults {
	return Defaults{Source: "file", Kind: meteo.Observed, Station: "SN-DK", FetchedAt: time.Date(2026, 8, 1, 12, 30, 0, 0, time.UTC)}
}

// bodies is a table of JSON texts and of what is read from them: readings, one a line, or a refusal; then, after " ignored: ", what was left out.
type bodies map[string]struct{ in, want string }

func (cases bodies) test(t *testing.T) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var ignored Collector
			d := NewDecoder()
			d.Collect(&ignored)
			got := describeAll(d.FromJSON([]byte(c.in), atNoon()))
			for _, i := range ignored.List() {
				got += "\nignored: " + i.Name + " " + i.Example
			}
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
