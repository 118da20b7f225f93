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
// room for a transaction marker behind the last record.
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

// clone copies a batch, since a sink may take its slices over.
func clone(b *flow.Batch) *flow.Batch {
	c := *b
	c.Records, c.Observations, c.Origin = slices.Clone(b.Records), slices.Clone(b.Observations), slices.Clone(b.Origin)
	return &c
}

// rowsOf lists what a store should hold of batches.
func rowsOf(appends bool, batches ...*flow.Batch) []Row {
	var all []Row
	latest := map[meteo.ID]int64{}
	for _, b := range batches {
		for i := range b.Observations {
			o := &b.Observations[i]
			all = append(all, Row{o.ID, o.Revision})
			latest[o.ID] = max(latest[o.ID], o.Revision)
		}
	}
	if appends {
		return all
	}
	all = all[:0]
	for id, revision := range latest {
		all = append(all, Row{id, revision})
	}
	return all
}
