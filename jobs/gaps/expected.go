package gaps

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"senmeteo/jobs/flow"
)

// promised is how often each source gives a reading of a station: the step of the generator, the hours of the models, the
// hourly METAR of airports and the SYNOP of the main hours (WMO-No. 306, Manual on Codes, FM 12 and FM 15). What is not here, as
// the source `file`, is as often as most of its readings are.
var promised = map[string]time.Duration{
	"generate":   10 * time.Minute,
	"open-meteo": time.Hour,
	"tomorrow":   time.Hour,
	"metar":      time.Hour,
	"ogimet":     3 * time.Hour,
}

// Day is how often values of a day are expected.
const Day = 24 * time.Hour

// How the interval of a series is known.
const (
	ByFlag   = "flag"
	BySource = "source"
	BySeen   = "seen" // the source promises nothing: the distance of most readings from the one before, or the day of values of days
)

// Expectations are the intervals that a user states, by source.
type Expectations map[string]time.Duration

// ParseExpectations reads SOURCE=INTERVAL, as "file=15m". An interval is between a second and 31 days.
func ParseExpectations(list []string) (Expectations, error) {
	e := Expectations{}
	for _, text := range list {
		source, interval, ok := strings.Cut(text, "=")
		every, err := time.ParseDuration(interval)
		if !ok || source == "" || err != nil || every < time.Second || every > 31*Day {
			return nil, flow.Fail(flow.Usage, "--expect %s: write a source and its interval, between a second and 31 days, like file=15m", text)
		}
		e[source] = every
	}
	return e, nil
}

// Interval returns how often readings of a series are expected, and how that is known; 0 when it is not known.
func (e Expectations) Interval(source string, ofDays bool, times []time.Time) (time.Duration, string) {
	if every, ok := e[source]; ok && (every >= Day) == ofDays {
		return every, ByFlag
	}
	every, ok := promised[source]
	switch {
	case ofDays && ok:
		return Day, BySource
	case ofDays:
		return Day, BySeen
	case ok:
		return every, BySource
	}
	return usual(times), BySeen
}

// usual is the distance that most of these times, which are in order, have from the one before, the shorter one of two; 0 when
// there are less than two times.
func usual(times []time.Time) time.Duration {
	distances := map[time.Duration]int{}
	for i := 1; i < len(times); i++ {
		if d := times[i].Sub(times[i-1]); d > 0 {
			distances[d]++
		}
	}
	return most(distances)
}

// most returns the key with the highest count, the smallest of several; 0 of none.
func most(counts map[time.Duration]int) time.Duration {
	var best time.Duration
	for d, n := range counts {
		if m := counts[best]; n > m || n == m && d < best {
			best = d
		}
	}
	return best
}

// list writes the table of promises for the help: "generate 10m0s, ...".
func list() string {
	var all []string
	for source, every := range promised {
		all = append(all, fmt.Sprintf("%s %s", source, every))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// Promised describes the intervals that sources promise.
var Promised = list()
