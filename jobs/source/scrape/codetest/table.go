package codetest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/wmo"
)

// Show is values as "temperature_c=25.1 ... in 6h", in the order of the variables, with the words that are true.
func Show(values *meteo.Values, intervalS int64, words map[string]bool) string {
	var all []string
	for v, x := range values {
		if meteo.Known(x) {
			all = append(all, fmt.Sprintf("%s=%v", meteo.Variable(v), x))
		}
	}
	if intervalS > 0 {
		all = append(all, fmt.Sprintf("in %dh", intervalS/3600))
	}
	var said []string
	for word, is := range words {
		if is {
			said = append(said, word)
		}
	}
	slices.Sort(said)
	return strings.Join(append(all, said...), " ")
}

// Row is a report, the values that a decoder is to give of it, as Show says them, and the groups that it leaves out, with
// spaces between.
type Row [3]string

// Table decodes each row. The humidity that follows from a dew point is not looked at where the row has none: the reports do not
// hold it.
func Table(t *testing.T, rows map[string]Row, decode func(report string) Decoded) {
	t.Helper()
	for name, row := range rows {
		report, want, unread := row[0], row[1], row[2]
		t.Run(name, func(t *testing.T) {
			d := decode(report)
			if d.Err != nil {
				t.Fatal(d.Err)
			}
			if !strings.Contains(want, meteo.Humidity.String()) && d.Values.Has(meteo.DewPoint) {
				d.Values[meteo.Humidity] = math.NaN()
			}
			if got := Show(&d.Values, d.IntervalS, d.Words); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if got := strings.Join(d.Unread, " "); got != unread {
				t.Errorf("left out %q, want %q", got, unread)
			}
		})
	}
}

// Refusals decodes texts that do not give a report. The value of each is the error, or, of a *wmo.SyntaxError, the group
// that it is about, "*" for any.
func Refusals(t *testing.T, texts map[string]any, decode func(text string) error) {
	t.Helper()
	for text, want := range texts {
		err := decode(text)
		var syntax *wmo.SyntaxError
		ok := false
		switch want := want.(type) {
		case error:
			ok = errors.Is(err, want)
		case string:
			ok = errors.As(err, &syntax) && (want == "*" || syntax.Group == want)
		}
		if !ok {
			t.Errorf("%q: got %v, want %v", text, err, want)
		}
	}
}

// Bounds are, by the variable, what a decoder can give at all.
type Bounds map[meteo.Variable][2]float64

// Check fails the test when a report, of a fuzzer perhaps, gives an error of another type than the decoders have, or a
// value out of the bounds. It reports whether there are values.
func (b Bounds) Check(t *testing.T, d *Decoded) bool {
	t.Helper()
	if d.Err != nil {
		var syntax *wmo.SyntaxError
		if !errors.Is(d.Err, wmo.ErrNil) && !errors.Is(d.Err, wmo.ErrNoReport) && !errors.As(d.Err, &syntax) {
			t.Fatalf("an error of another type: %v", d.Err)
		}
		return false
	}
	for v, x := range d.Values {
		bound, ok := b[meteo.Variable(v)]
		if meteo.Known(x) && (!ok || math.IsInf(x, 0) || x < bound[0] || x > bound[1]) {
			t.Fatalf("%s is %v", meteo.Variable(v), x)
		}
	}
	return true
}
