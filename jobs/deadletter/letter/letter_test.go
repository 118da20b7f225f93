package letter

import (
	"os"
	"strings"
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

func TestTheDocumentOfDeadLettersHasEveryHeader(t *testing.T) {
	text, err := os.ReadFile("../../../docs/dead-letters.md")
	if err != nil {
		t.Fatal(err)
	}
	l := Letter{TopicID: "a", Cut: 1}
	for _, h := range append(l.Encode(), flow.Header{Key: headerReplayed}, flow.Header{Key: flow.HeaderStage}) {
		if !strings.Contains(string(text), "| `"+h.Key+"` |") {
			t.Errorf("it lacks the header %s", h.Key)
		}
	}
}

func TestAttemptsAreCountedWhateverTheHeaderSays(t *testing.T) {
	for text, want := range map[string]int{"": 1, "0": 1, "1": 2, "41": 42, "-7": 1, "many": 1, "99999999999999999999999": 1} {
		r := &flow.Record{}
		if text != "" {
			r.Headers = []flow.Header{{Key: headerAttempt, Value: []byte(text)}}
		}
		if l := New(flow.Topic{Name: "t"}, "s", "", r, meteo.Refuse(meteo.Future, "x")); l.Attempt != want {
			t.Errorf("after %q it is attempt %d, want %d", text, l.Attempt, want)
		}
	}
}
