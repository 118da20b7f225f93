package generate

import (
	"errors"
	"time"

	"senmeteo/jobs/meteo"
)

// Injector puts the defects that Config.Faults puts into generated readings into those of one station by one source, whatever they
// come from: measured ones, too. Variables that a reading lacks get no defect.
type Injector struct {
	faults faults
	begun  time.Time // of the episode that value belongs to
	value  float64
}

// NewInjector returns an Injector for readings that are the step every apart: equal seeds give equal defects. The rate is Config.Faults.
func NewInjector(seed uint64, rate float64, every time.Duration) *Injector {
	return &Injector{faults: faults{seed: seed, rate: rate, every: every}}
}

// ValidRate reports in words for its user why a rate can't be that of faults.
func ValidRate(rate float64) error {
	if !(rate >= 0 && rate <= 1) {
		return errors.New("choose a share from 0 to 1, such as 0.02")
	}
	return nil
}

// Inject returns what is sent instead of a reading, in its order, and the lines of the truth about it. The readings must come in the order of
// time, without a defect of their own. It may change r.
func (i *Injector) Inject(r *meteo.Reading) ([]Sending, []Truth) {
	return i.faults.apply(r, func(e *episode, _ time.Time) float64 {
		if !i.begun.Equal(e.begin) || !meteo.Known(i.value) {
			i.begun, i.value = e.begin, r.Values[e.variable]
		}
		return i.value
	})
}
