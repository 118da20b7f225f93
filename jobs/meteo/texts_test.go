package meteo_test

import "testing"

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
