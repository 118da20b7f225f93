package e2e_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The dead letters stay when the raw topic is deleted and recreated: those of the old one neither count in the ledger of the new one
// nor hide its letters, which may be at the same offsets.
func TestLettersOfATopicThatWasRecreatedAreOthers(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	hopeless := func(life string) *kgo.Record { return dakar(`{"region":"Dakar","life":"` + life + `","temperature":`) }
	send := func(stations, to string) {
		t.Helper()
		p.Must(t, "fetch", "generate", "--stations", stations, "--from", "2026-01-01T00:00:00Z", "--to", to)
	}
	send("SN-KD,SN-TH", "2026-01-01T01:00:00Z")
	p.Produce(t, placeless(0), hopeless("first"))
	p.stream(t)
	if r := p.Must(t, "dlq", "replay", "--reason", "unknown_station").Report(t); r.Written != 1 {
		t.Fatalf("%d letters are sent back, want 1", r.Written)
	}
	p.stream(t) // which refuses it again, at another offset
	p.settle(t)
	if b := p.ledger(t).Total; b.Dead != 3 || b.Clean != 12 {
		t.Errorf("the ledger of the first topic say %+v", b)
	}

	p.DeleteTopic(t, "raw")
	p.Must(t, "topics")
	send("SN-KD", "2026-01-01T02:00:00Z") // an hour that is known and one that is not; of SN-TH nothing, so its partition has no ledger
	p.Produce(t, placeless(1), hopeless("second"))
	p.stream(t, "--new-topic")
	p.settle(t)
	if b := p.ledger(t).Total; b.Dead != 2 || b.DeadLetters != 2 || b.Clean != 6 || b.CleanRecords != 6 || b.Duplicates != 6 {
		t.Errorf("the ledger of the second topic say %+v", b)
	}
	listed := map[string]int{}
	lives := map[any]bool{}
	for _, l := range p.letters(t) {
		listed[fmt.Sprintf("%v at %v", l["value"], l["offset"])]++
		lives[l["topic_id"]] = true
	}
	text := func(r *kgo.Record, offset int) string { return fmt.Sprintf("%s at %d", r.Value, offset) }
	want := map[string]int{text(hopeless("first"), 1): 1, text(placeless(0), 2): 1, text(placeless(1), 0): 1, text(hopeless("second"), 1): 1}
	if !maps.Equal(listed, want) || len(lives) != 2 || lives[nil] {
		t.Errorf("listed are %v, of the topics %v; want %v", listed, lives, want)
	}

	for _, sent := range []int64{2, 0} { // also the old one: it goes to the topic that there is now
		if r := p.Must(t, "dlq", "replay", "--reason", "unknown_station").Report(t); r.Written != sent {
			t.Errorf("%d letters are sent back, want %d", r.Written, sent)
		}
	}
	p.stream(t, "--default-station", "SN-DK")
	p.settle(t)
	p.ledger(t)
	if got := p.Psql(t, "SELECT count(*) FROM meteo.observation WHERE source = 'producer'"); !slices.Equal(got, []string{"2"}) {
		t.Errorf("PostgreSQL holds %s of what was sent back, want 2", strings.Join(got, ""))
	}
}
