package generate

import (
	"bytes"
	"math"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// The most that records come after their time.
const (
	mostLate      = 6 * time.Hour
	mostDuplicate = 2 * time.Hour
)

// future is the year that broken clocks show.
const future = 2099

// Sending is a record and how long after the time of its observation it comes; at once if 0.
type Sending struct {
	Item  *flow.Item
	Delay time.Duration
}

// beginning returns the value that a variable had at the first reading of an episode, which is at the time t.
type beginning func(e *episode, t time.Time) float64

// apply gives what is sent instead of a reading, which a drift of weeks may change, and the lines that say so.
func (f *faults) apply(r *meteo.Reading, first beginning) (sent []Sending, lines []Truth) {
	drift := f.drift(r)
	sent = []Sending{{Item: &flow.Item{Reading: *r}}}
	var truth Truth
	if p, faulty := f.of(r.StationID, r.ObservedAt); faulty {
		damaged, line := f.damage(r, &p, first)
		if !line.lacksValue() { // what a station does not measure can't be wrong
			sent, truth = damaged, line
		}
	}
	if drift != nil && (truth.Defect == "" || !truth.hides(drift)) {
		lines = append(lines, *drift)
	}
	if truth.Defect != "" {
		lines = append(lines, truth)
	}
	return sent, lines
}

// damage gives what is sent instead of a reading by a plan, and the line that says so. The line
// has no defect if the plan changes nothing.
func (f *faults) damage(r *meteo.Reading, p *plan, first beginning) ([]Sending, Truth) {
	if p.defect == WindUnit && !(r.Values[meteo.WindSpeed] >= leastMixedWind) {
		p.defect = UnitMixUp
	}
	truth := Truth{
		Defect: p.defect, StationID: r.StationID, ObservedAt: r.ObservedAt, Source: r.Source, Expect: p.defect.Expect(),
	}
	item := &flow.Item{Reading: *r}
	u := uniform(mix(p.random + golden))
	wrong := func(v meteo.Variable, x float64) { truth.spoil(&item.Reading, v, x) }
	switch p.defect {
	case Spike:
		wrong(spike(&r.Values, p.random))
	case OutOfRange:
		wrong(outOfRange(p.random))
	case UnitMixUp:
		wrong(mixUp(&r.Values, p.random))
	case WindUnit:
		wrong(meteo.WindSpeed, tenth(r.Values[meteo.WindSpeed]*kilometresPerHour))
		item.Reading.Values[meteo.WindGust] = math.NaN()
	case Stuck:
		wrong(p.episode.variable, first(&p.episode, p.episode.first(r.ObservedAt, f.every)))
	case Drift:
		wrong(p.episode.variable, p.episode.drifted(r.Values[p.episode.variable], r.ObservedAt))
		if *truth.Value == *truth.TrueValue { // still too small to be seen
			truth.Defect = ""
		}
	case Missing:
		v := meteo.Variable(p.random % uint64(measured))
		wrong(v, meteo.NoValues()[v])
		truth.Value = nil
	case Late:
		delay := mostLate
		if least := f.every; least < mostLate {
			delay = least + time.Duration(u*float64(mostLate-least))
		}
		return []Sending{{item, delay}}, truth
	case Duplicate:
		again := &flow.Item{Reading: *r}
		return []Sending{{item, 0}, {again, time.Duration(u * float64(mostDuplicate))}}, truth
	case Correction:
		wrong(slip(&r.Values, p.random))
		delay := time.Second + time.Duration(u*float64(mostLate-time.Second)).Truncate(time.Second)
		corrected := &flow.Item{Reading: *r}
		corrected.Reading.FetchedAt = r.FetchedAt.Add(delay)
		return []Sending{{item, 0}, {corrected, delay}}, truth
	case Future:
		t := r.ObservedAt
		item.Reading.ObservedAt = time.Date(future, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	case BrokenJSON:
		item = &flow.Item{Raw: broken(r, p.random), Key: r.StationID}
	}
	return []Sending{{item, 0}}, truth
}

// spoil gives a value of a reading another number, and notes both. What a logger derives from it follows.
func (t *Truth) spoil(r *meteo.Reading, v meteo.Variable, x float64) {
	right := r.Values[v]
	t.Variable, t.Value, t.TrueValue = v.String(), &x, &right
	r.Values[v] = x
	if (v == meteo.Temperature || v == meteo.Humidity) && x != right && meteo.Known(x) && r.Values.Has(meteo.DewPoint) {
		r.Values[meteo.DewPoint] = loggedDewPoint(r.Values[meteo.Temperature], r.Values[meteo.Humidity])
	}
}

// lacksValue reports whether a line is of a value that is not known.
func (t *Truth) lacksValue() bool { return t.TrueValue != nil && !meteo.Known(*t.TrueValue) }

// loggedDewPoint is what a logger derives from a temperature and a humidity, NaN when there is no dew point.
func loggedDewPoint(t, humidity float64) float64 {
	if humidity <= 0 {
		return math.NaN()
	}
	return tenth(dewPoint(t, humidity))
}

// drift applies a drift of weeks to a reading, and returns the line that says so; nil when there is nothing to say.
func (f *faults) drift(r *meteo.Reading) *Truth {
	e, ok := f.slow(textKey(r.StationID), r.ObservedAt)
	if !ok || !r.Values.Has(e.variable) {
		return nil
	}
	x := e.drifted(r.Values[e.variable], r.ObservedAt)
	if x == r.Values[e.variable] {
		return nil // still too small to be seen
	}
	line := &Truth{Defect: SlowDrift, StationID: r.StationID, ObservedAt: r.ObservedAt, Source: r.Source, Expect: SlowDrift.Expect()}
	line.spoil(r, e.variable, x)
	return line
}

// hides reports whether the drift of weeks in the line of a reading is not seen beside another defect of it.
func (t *Truth) hides(drift *Truth) bool {
	return t.Expect == ExpectDeadLetter || t.Defect != Correction && t.Variable == drift.Variable
}

// replaceNumber replaces the number of a field in a flat JSON object.
func replaceNumber(object []byte, field, by string) []byte {
	head, tail, _ := bytes.Cut(object, []byte(`"`+field+`":`))
	end := bytes.IndexAny(tail, ",}")
	out := append([]byte{}, head...)
	out = append(out, `"`+field+`":`+by...)
	return append(out, tail[end:]...)
}

// insertAfter puts a byte after the first occurrence of a text.
func insertAfter(object []byte, text string, b byte) []byte {
	at := bytes.Index(object, []byte(text)) + len(text)
	out := append([]byte{}, object[:at]...)
	return append(append(out, b), object[at:]...)
}
