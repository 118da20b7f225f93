package flowtest

import (
	"slices"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// firstTime is the time of observation 0; the others follow minute by minute, so that a large batch
// crosses days and months.
var firstTime = time.Date(2024, 1, 31, 18, 0, 0, 0, time.UTC)

// Observation makes the n-th observation of a partition in some revision; a partition is one station here. Its values
// differ by revision.
func Observation(partition int32, n int, revision int64) meteo.Observation {
	s := meteo.Stations[int(partition)%len(meteo.Stations)]
	at := firstTime.Add(time.Duration(n) * time.Minute)
	o := meteo.Observation{Reading: meteo.NewReading(s, at, "generate", meteo.Observed), Revision: revision, Quality: meteo.Good}
	o.FetchedAt = at.Add(time.Duration(revision) * time.Hour)
	o.Values[meteo.Temperature] = 20 + float64(n%150)/10
	o.Values[meteo.Humidity] = 40 + float64(revision)
	o.ID = o.Identity.ID()
	return o
}

// Batch makes the batch of a partition that starts at an offset and holds these observations, one a record. Its End leaves
// room for a transaction marker after the last record.
func Batch(partition int32, start int64, observations ...meteo.Observation) *flow.Batch {
	b := &flow.Batch{Partition: partition, Start: start, End: start}
	for i := range observations {
		o := &observations[i]
		b.Records = append(b.Records, flow.Record{
			Partition: partition, Offset: b.End, Key: []byte(o.StationID), Value: o.AppendJSON(nil), Time: o.FetchedAt,
			Headers: []flow.Header{
				{Key: flow.HeaderID, Value: []byte(o.ID.String())},
				{Key: flow.HeaderDate, Value: o.ObservedAt.AppendFormat(nil, time.DateOnly)},
			},
		})
		b.Add(i, o)
		b.End++
	}
	b.End++ // the marker
	return b
}

// run makes the batch of the observations from n up to, but not including, end, in their first revision.
func run(partition int32, start int64, n, end int) *flow.Batch {
	var observations []meteo.Observation
	for ; n < end; n++ {
		observations = append(observations, Observation(partition, n, 1))
	}
	return Batch(partition, start, observations...)
}

// forms are observations of every form: a forecast, a corrected value, failed checks, all variables with numbers at their limits, an
// unknown place, a time long ago. Between them no two fields are always the same.
func forms() []meteo.Observation {
	forecast := Observation(0, 0, 1)
	forecast.Kind, forecast.IssuedAt = meteo.Forecast, firstTime.Add(-6_000_001_000) // microseconds
	forecast.Values[meteo.RainProbability], forecast.IntervalS = 12.5, 86400
	forecast.Quantiles = meteo.Quantiles{
		{Variable: meteo.Temperature, Values: [...]float64{-0.5, 1.0 / 3, 20, 21, 21.1, 1e9, 1e300}},
		{Variable: meteo.WindSpeedMean, Values: [...]float64{0, 0, 0, 0, 0, 0, 1e-9}},
	}
	corrected := Observation(0, 1, 1)
	before := meteo.NoValues()
	before[meteo.Humidity], before[meteo.Pressure] = 101.5, 1e6
	corrected.Values[meteo.Humidity], corrected.Original, corrected.Quality = 100, &before, meteo.Suspect
	doubtful := Observation(0, 2, 1)
	doubtful.Kind, doubtful.Source, doubtful.Quality = meteo.Model, "open-meteo", meteo.Bad
	doubtful.QC = []meteo.Failure{{Subject: "location", Rule: "location"}, {Subject: "temperature_c", Rule: "range"}, {Subject: "temperature_c", Rule: "step"}}
	full := Observation(0, 3, 2)
	for v := range full.Values {
		full.Values[v] = float64(v+1) / 3
	}
	full.ProviderID = "61641 – l'«été»"
	full.Values[meteo.Temperature], full.Values[meteo.Visibility], full.IntervalS = -1e-9, 1e300, 1<<53-1
	nowhere := Observation(0, 4, 1)
	nowhere.Region, nowhere.StationID = "Thiès – l'«été»", "SN-TH-0042"
	nowhere.Latitude, nowhere.Longitude, nowhere.ElevationM = meteo.NoValues()[0], meteo.NoValues()[0], meteo.NoValues()[0]
	old := Observation(0, 5, 1)
	old.ObservedAt = old.ObservedAt.AddDate(-124, 0, 0)
	all := []meteo.Observation{forecast, corrected, doubtful, full, nowhere, old}
	for i := range all {
		all[i].ID = all[i].Identity.ID()
	}
	return all
}

// correctedForms are later revisions of the forms' identities, in which each has what the next form says.
func correctedForms() []meteo.Observation {
	first := forms()
	out := make([]meteo.Observation, len(first))
	for i := range first {
		o := first[(i+1)%len(first)]
		o.Identity, o.ID = first[i].Identity, first[i].ID
		o.Revision, o.FetchedAt = 3, first[i].FetchedAt.Add(3*time.Hour)
		out[i] = o
	}
	return out
}

// clone copies a batch, since a sink may take its slices over.
func clone(b *flow.Batch) *flow.Batch {
	c := *b
	c.Records, c.Observations, c.Origin = slices.Clone(b.Records), slices.Clone(b.Observations), slices.Clone(b.Origin)
	for i := range c.Observations {
		o := &c.Observations[i]
		o.QC, o.Quantiles = slices.Clone(o.QC), slices.Clone(o.Quantiles)
		if o.Original != nil {
			before := *o.Original
			o.Original = &before
		}
	}
	return &c
}
