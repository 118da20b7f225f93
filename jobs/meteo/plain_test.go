package meteo_test

import (
	"testing"

	"senmeteo/jobs/meteo"
)

func TestTextsThatNeedNoEscapeAreWrittenWithoutMemory(t *testing.T) {
	for _, text := range []string{"Saint Louis", "Thiès", "!#[]~", "a <b> & c", "\u007f"} {
		o := reading(t)
		o.Region = text
		buf := o.AppendJSON(nil)
		if n := testing.AllocsPerRun(100, func() { buf = o.AppendJSON(buf[:0]) }); n != 0 {
			t.Errorf("%q: %g allocations", text, n)
		}
	}
}

func TestFurtherStationsAreWithinTheBorder(t *testing.T) {
	for _, name := range []string{"Podor", "Linguère", "Cap Skirring", "Blaise Diagne"} {
		s, ok := meteo.FindStation(name)
		if !ok || s.Capital != name || !meteo.WithinBorder(s.Latitude, s.Longitude) {
			t.Errorf("%s is %q at %g, %g", name, s.Capital, s.Latitude, s.Longitude)
		}
	}
}
