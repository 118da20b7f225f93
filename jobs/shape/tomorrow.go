package shape

import (
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// tomorrowStep is one time step of a body of Tomorrow.io's API with the place that the body names.
type tomorrowStep struct {
	at     time.Time
	row    Row
	issued time.Time // zero unless it is a forecast
}

// tomorrowBody is what the three kinds of bodies have in common.
type tomorrowBody struct {
	steps []tomorrowStep
	bad   bool // a step has no time that can be read
	seen  map[time.Time]bool
	place Row
}

// tomorrowSteps recognises the bodies of /weather/realtime, /weather/forecast and /timelines and lists
// their time steps in the order of their lists, hourly before minutely, each time once.
//
// Daily steps are passed over: they hold extremes and means of a day, which are not a state of the
// weather at a time. A body does not say when its forecast was issued, so that is settled here:
//   - realtime: the values are the model's for now, kind model;
//   - forecast: its first step is the present (model), all later ones were issued in the hour of the first: the
//     same body has the same identities whenever it is read;
//   - timelines: steps after Defaults.FetchedAt are forecasts issued in the hour of the fetch, so
//     that a fetch that is repeated within the hour corrects the first; the others are model.
func tomorrowSteps(row Row, def Defaults) (*tomorrowBody, bool) {
	b := &tomorrowBody{seen: map[time.Time]bool{}}
	if location, ok := row.get("location").(Row); ok {
		b.place = Row{{Name: "location", Value: location}}
	}
	if timelines, ok := row.get("timelines").(Row); ok {
		b.add(timelines.get("hourly"), "time")
		b.add(timelines.get("minutely"), "time")
		b.issueFrom(b.earliest(), b.earliest())
		return b, true
	}
	data, ok := row.get("data").(Row)
	if !ok {
		return nil, false
	}
	if _, ok := data.get("values").(Row); ok && data.get("time") != nil {
		b.add([]any{data}, "time")
		return b, true
	}
	timelines, ok := data.get("timelines").([]any)
	if !ok {
		return nil, false
	}
	for _, timeline := range timelines {
		if line, ok := timeline.(Row); ok && line.get("timestep") != "1d" {
			b.add(line.get("intervals"), "startTime")
		}
	}
	b.issueFrom(def.FetchedAt, def.FetchedAt)
	return b, true
}

// add appends the steps of a list whose time was not seen yet.
func (b *tomorrowBody) add(list any, timeName string) {
	steps, _ := list.([]any)
	for _, step := range steps {
		row, _ := step.(Row)
		at, _, ok := ParseTime(row.get(timeName))
		if !ok {
			b.bad = true
			continue
		}
		if b.seen[at] {
			continue
		}
		b.seen[at] = true
		values, _ := row.get("values").(Row)
		b.steps = append(b.steps, tomorrowStep{at: at, row: append(values[:len(values):len(values)], b.place...)})
	}
}

func (b *tomorrowBody) earliest() time.Time {
	var first time.Time
	for _, step := range b.steps {
		if first.IsZero() || step.at.Before(first) {
			first = step.at
		}
	}
	return first
}

// issueFrom makes the steps after now forecasts that were issued in the hour of issue.
func (b *tomorrowBody) issueFrom(now, issue time.Time) {
	for i := range b.steps {
		if !now.IsZero() && b.steps[i].at.After(now) {
			b.steps[i].issued = issue.UTC().Truncate(time.Hour)
		}
	}
}

// units returns the system of units of the body, which does not name it: no pressure is below 40 hPa, nor a temperature above 60 °C, so that such
// ones are in the units of the United States, and the others with them. Those of the body are metric otherwise.
func (b *tomorrowBody) units() map[string]string {
	for _, step := range b.steps {
		for _, f := range step.row {
			x, ok := number(f.Value)
			isPressure := strings.HasPrefix(f.Name, "pressure") && x > 20 && x < 40
			if ok && (isPressure || f.Name == "temperature" && x > 60) {
				return map[string]string{"": "imperial"}
			}
		}
	}
	return nil
}

// fromTomorrow makes readings of the steps. Steps without a value that senmeteo keeps are passed over
// unless all are like that.
func (d *Decoder) fromTomorrow(b *tomorrowBody, def Defaults) ([]meteo.Observation, error) {
	if b.bad {
		return nil, meteo.Refuse(meteo.InvalidTime, "a time step of the Tomorrow.io body has no time")
	}
	def.Source, def.Kind = "tomorrow", meteo.Model
	inUnits := b.units()
	var all []meteo.Observation
	for _, step := range b.steps {
		record := append(inherited(step.row, inUnits, 0), Field{Name: "timestamp", Value: step.at})
		if !step.issued.IsZero() {
			record = append(record, Field{Name: "kind", Value: string(meteo.Forecast)}, Field{Name: "issued_at", Value: step.issued})
		}
		o, err := d.flat(record, def)
		if err != nil {
			if nothingIn(err) {
				continue
			}
			return nil, within(err, "step %s", meteo.AppendTime(nil, step.at))
		}
		all = append(all, *o)
	}
	if len(all) == 0 {
		return nil, meteo.Refuse(meteo.NothingMeasured, "the Tomorrow.io body has no step with a value (daily steps are not kept)")
	}
	return all, nil
}
