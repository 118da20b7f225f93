package reconcile

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/pipeline"
)

// generated is topics of one partition, the clean one of which holds so many observations of 14 stations, every ten minutes,
// and a store that agrees.
type generated struct {
	flow.Store
	clean int
}

func (g *generated) each(do func(i int, o *meteo.Observation) error) error {
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	o := meteo.Observation{Reading: meteo.NewReading(meteo.Stations[0], start, "generate", meteo.Observed), Revision: 1, Quality: meteo.Good}
	for v := range 8 {
		o.Values[v] = 20
	}
	for i := range g.clean {
		o.StationID, o.ObservedAt = meteo.Stations[i%14].ID, start.Add(time.Duration(i/14)*10*time.Minute)
		o.FetchedAt = o.ObservedAt.Add(time.Duration(i%1000) * time.Second)
		o.ID = o.Identity.ID()
		if err := do(i, &o); err != nil {
			return err
		}
	}
	return nil
}

func (g *generated) topic(name string) flow.Topic { return flow.Topic{Name: name, Partitions: 1} }

func (g *generated) bounds(_ context.Context, name string) (map[int32]flow.Bounds, error) {
	if name == "meteo.clean" {
		return map[int32]flow.Bounds{0: {End: int64(g.clean)}}, nil
	}
	return map[int32]flow.Bounds{0: {}}, nil
}

func (g *generated) positions(context.Context) (map[int32]kafka.Position, error) {
	return map[int32]kafka.Position{0: {Ledger: kafka.Ledger{Expanded: int64(g.clean), Clean: int64(g.clean)}}}, nil
}

func (g *generated) records(_ context.Context, name string, _ []int32, each func(*flow.Record) error) error {
	if name != "meteo.clean" {
		return nil
	}
	var value []byte
	return g.each(func(i int, o *meteo.Observation) error {
		value = o.AppendJSON(value[:0])
		return each(&flow.Record{Offset: int64(i), Value: value})
	})
}

func (g *generated) Keeps() flow.Reduction { return flow.LastRevision }

func (g *generated) Refused(context.Context, func(flow.Refused) error) error { return nil }

func (g *generated) Sums(_ context.Context, _ flow.Selection, each func(flow.DaySum) error) error {
	summer := flow.NewSummer()
	_ = g.each(func(_ int, o *meteo.Observation) error { summer.AddOnly(flow.RevisionOf(o)); return nil })
	return summer.Each(each)
}

// BenchmarkAudit audits b.N observations: -benchtime 10000000x shows how much memory ten million take.
func BenchmarkAudit(b *testing.B) {
	g := &generated{clean: b.N}
	cfg := Config{Topics: pipeline.Topics{Names: kafka.Names{Prefix: "meteo"}}, Stores: []pipeline.Opened{{Kind: flow.StoreKind{Name: "sums", Title: "sums"}, Store: g}}}
	got, err := newAuditor(cfg, g).run(b.Context())
	if err != nil || !got.Balanced || got.Tallies[0].Observations != int64(b.N) {
		b.Fatalf("%+v, %v", got, err)
	}
	status, _ := os.ReadFile("/proc/self/status") // of Linux alone
	for line := range bytes.Lines(status) {
		if f := bytes.Fields(line); len(f) == 3 && string(f[0]) == "VmHWM:" {
			kB, _ := strconv.ParseFloat(string(f[1]), 64)
			b.ReportMetric(kB/1024, "MB-peak")
		}
	}
}
