package export

import (
	"slices"
	"strings"
	"time"

	"senmeteo/jobs/flow"
)

const day = 24 * time.Hour

// Step is the time that a row is of.
type Step string

// The steps.
const (
	ThreeHours Step = "3h"
	Day        Step = "day"
	Dekad      Step = "dekad" // the days 1 to 10, 11 to 20, and from 21 of a month
	Month      Step = "month"
)

var steps = []Step{ThreeHours, Day, Dekad, Month}

// Steps lists the steps for people.
var Steps = func() string {
	var names []string
	for _, s := range steps {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}()

// ParseStep finds a step by its name.
func ParseStep(name string) (Step, error) {
	if !slices.Contains(steps, Step(name)) {
		return "", flow.Fail(flow.Usage, "--step is %q: it is one of %s", name, Steps)
	}
	return Step(name), nil
}

// base is the step whose values come from readings: those of dekads and months come from days.
func (s Step) base() Step {
	if s == ThreeHours {
		return s
	}
	return Day
}

// Begin returns the begin of the step's time that t is in, UTC.
func (s Step) Begin(t time.Time) time.Time {
	t = t.UTC()
	y, m, d := t.Date()
	switch s {
	case ThreeHours:
		return t.Truncate(3 * time.Hour)
	case Dekad:
		return time.Date(y, m, min(2, (d-1)/10)*10+1, 0, 0, 0, 0, time.UTC)
	case Month:
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	default:
		return t.Truncate(day)
	}
}

// End returns the end of the time that begins at a time.
func (s Step) End(begin time.Time) time.Time {
	switch s {
	case ThreeHours:
		return begin.Add(3 * time.Hour)
	case Dekad:
		if begin.Day() == 21 {
			return begin.AddDate(0, 1, -20)
		}
		return begin.AddDate(0, 0, 10)
	case Month:
		return begin.AddDate(0, 1, 0)
	default:
		return begin.Add(day)
	}
}
