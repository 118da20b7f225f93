package reconcile

import (
	"crypto/sha256"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

func TestTheLastWordOfAnObservationDecidesWhetherItIsExcepted(t *testing.T) {
	type look struct {
		fetched int // minute
		refused bool
	}
	for name, c := range map[string]struct {
		looks    []look
		excepted bool
	}{
		"it was never refused":                              {looks: []look{{0, false}}},
		"it was refused":                                    {looks: []look{{0, true}}, excepted: true},
		"it was sent back and taken":                        {looks: []look{{0, true}, {0, false}}},
		"it was sent back and refused again":                {looks: []look{{0, true}, {0, true}}, excepted: true},
		"it was sent back twice and then taken":             {looks: []look{{0, true}, {0, true}, {0, false}}},
		"a later revision was taken":                        {looks: []look{{0, true}, {5, false}}},
		"a later revision was refused":                      {looks: []look{{0, false}, {5, true}}, excepted: true},
		"an earlier revision came back and was taken":       {looks: []look{{0, true}, {5, true}, {0, false}}, excepted: true},
		"an earlier one came back, then the later was sent": {looks: []look{{0, true}, {5, true}, {0, false}, {5, false}}},
	} {
		e := exceptions{}
		for _, l := range c.looks {
			o := meteo.Observation{Reading: meteo.Reading{FetchedAt: time.Date(2026, 3, 1, 12, l.fetched, 0, 0, time.UTC)}}
			e.note(&o, l.refused)
		}
		if got := len(e.ids()) == 1; got != c.excepted {
			t.Errorf("%s: excepted is %v", name, got)
		}
	}
}

func TestARefusalIsOfTheRecordWithItsValueAlone(t *testing.T) {
	f := refusals{}
	f.add(1, 7, sha256.Sum256([]byte("a")))
	for name, c := range map[string]struct {
		r    flow.Record
		want bool
	}{
		"the record": {flow.Record{Partition: 1, Offset: 7, Value: []byte("a")}, true},
		"another in its place, of a recreated topic": {flow.Record{Partition: 1, Offset: 7, Value: []byte("b")}, false},
		"another partition":                          {flow.Record{Partition: 2, Offset: 7, Value: []byte("a")}, false},
	} {
		if got := f.has(&c.r); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
