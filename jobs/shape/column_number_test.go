package shape

import "testing"

// The short way may read fewer numbers than the long one, and none in another way.
func FuzzShortNumbersAreThoseOfTheLongWay(f *testing.F) {
	for _, s := range []string{"25.3", "-0,5", "1.013,2", "1,013", "1e5", "+7", "1,2,3", "12.", ",5", "1 013,2", "٣", "1234567890123456789012345", "-"} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, isComma bool) {
		decimal := byte('.')
		if isComma {
			decimal = ','
		}
		short, ok := shortNumber(s, decimal)
		if long, isNumber := longNumber(s, decimal); ok && (!isNumber || long != short) {
			t.Errorf("%q: %g the short way, %g, %t the long way", s, short, long, isNumber)
		}
	})
}

func TestAPlaceThatWasMetBeforeIsTheSame(t *testing.T) {
	d := NewDecoder()
	for range 3 {
		for name, want := range map[string]string{"DAKAR/YOFF": "SN-DK", "St-Louis": "SN-SL", "Paris": "", "": ""} {
			if s, ok := d.station(name); s.ID != want || ok != (want != "") {
				t.Errorf("%q is %q, %t", name, s.ID, ok)
			}
		}
	}
}
