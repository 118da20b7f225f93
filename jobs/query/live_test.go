package query_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// reader answers with what it holds.
type reader struct {
	rows  []query.Latest
	lines []query.Line
	err   error
	waits bool // until the context ends
}

func (r *reader) Latest(ctx context.Context) ([]query.Latest, error) {
	if r.waits {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return append([]query.Latest(nil), r.rows...), r.err
}

func (r *reader) Series(context.Context, query.SeriesQuery) ([]query.Line, error) {
	return r.lines, nil
}

// row is of a station, from a source, with an amount of rain.
func row(station, source string, kind meteo.Kind, mm float64) query.Latest {
	l := query.Latest{Rain24: query.Nothing()}
	l.StationID, l.Source, l.Kind = station, source, kind
	if mm >= 0 {
		l.Rain24 = query.Accumulation{MM: mm, CoveredS: 86400}
	}
	return l
}

func TestTheNewestAreThoseOfTheQuickStoreWithTheRainOfTheOther(t *testing.T) {
	live := query.Live{
		Newest: &reader{rows: []query.Latest{row("SN-DK", "metar", meteo.Observed, -1), row("SN-KD", "metar", meteo.Observed, -1), row("SN-TH", "sky", meteo.Model, -1), row("SN-ZG", "sky", meteo.Model, -1)}},
		History: &reader{
			rows:  []query.Latest{row("SN-DK", "metar", meteo.Observed, 4), row("SN-KD", "sky", meteo.Observed, 5), row("SN-TH", "sky", meteo.Observed, 6)},
			lines: []query.Line{{Source: "metar"}},
		},
		Logger: slog.New(slog.DiscardHandler),
	}
	got, err := live.Latest(t.Context())
	if err != nil || len(got) != 4 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	if got[0].Rain24.MM != 4 || got[0].Rain24.CoveredS != 86400 {
		t.Errorf("the rain of the same series is %v", got[0].Rain24)
	}
	for _, l := range got[1:] {
		if meteo.Known(l.Rain24.MM) {
			t.Errorf("%s, of another series or of none, has rain: %v", l.StationID, l.Rain24)
		}
	}
	if lines, err := live.Series(t.Context(), query.SeriesQuery{}); err != nil || len(lines) != 1 {
		t.Errorf("the series are %v, %v", lines, err)
	}
}

func TestWhileOneStoreDoesNotAnswerTheOtherDoes(t *testing.T) {
	away := errors.New("it is away")
	quick, past := row("SN-DK", "quick", meteo.Observed, -1), row("SN-DK", "past", meteo.Observed, 1)
	for name, c := range map[string]struct {
		newest, history reader
		source          string // of the row; "": an error
	}{
		"both":                          {reader{rows: []query.Latest{quick}}, reader{rows: []query.Latest{past}}, "quick"},
		"the quick one is away":         {reader{err: away}, reader{rows: []query.Latest{past}}, "past"},
		"the quick one hangs":           {reader{waits: true}, reader{rows: []query.Latest{past}}, "past"},
		"the quick one was never used":  {reader{err: query.ErrEmpty}, reader{rows: []query.Latest{past}}, "past"},
		"the other is away":             {reader{rows: []query.Latest{quick}}, reader{err: away}, "quick"},
		"both are away":                 {reader{err: away}, reader{err: away}, ""},
		"neither was ever used":         {reader{err: query.ErrEmpty}, reader{err: query.ErrEmpty}, ""},
		"the quick one has nothing now": {reader{}, reader{rows: []query.Latest{past}}, "none"},
	} {
		live := query.Live{Newest: &c.newest, History: &c.history, Logger: slog.New(slog.DiscardHandler)}
		got, err := live.Latest(t.Context())
		switch {
		case c.source == "" && (err == nil || !errors.Is(err, c.history.err)):
			t.Errorf("%s: %v, want the error of the other", name, err)
		case c.source == "none" && (err != nil || len(got) > 0):
			t.Errorf("%s: %v, %v", name, got, err)
		case c.source != "" && c.source != "none" && (err != nil || len(got) != 1 || got[0].Source != c.source):
			t.Errorf("%s: %v, %v; want that of %s", name, got, err, c.source)
		}
	}
}

func TestThatTheQuickStoreFailsIsLoggedOnceAndSoIsItsReturn(t *testing.T) {
	var log bytes.Buffer
	newest := &reader{err: query.ErrEmpty}
	live := query.Live{Newest: newest, History: &reader{}, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	for _, err := range []error{query.ErrEmpty, errors.New("away"), errors.New("away"), nil, nil, errors.New("away")} {
		newest.err = err
		_, _ = live.Latest(t.Context())
	}
	if down, up := strings.Count(log.String(), "does not answer"), strings.Count(log.String(), "answers again"); down != 2 || up != 1 {
		t.Errorf("it logs %d and %d times, want 2 and 1:\n%s", down, up, log.String())
	}
}

// notifier is a quick store that reports one change.
type notifier struct{ reader }

func (*notifier) Changes(_ context.Context, changed func()) error {
	changed()
	return errors.New("enough")
}

func TestChangesAreThoseOfTheQuickStore(t *testing.T) {
	n := 0
	live := query.Live{Newest: &notifier{}}
	if err := live.Changes(t.Context(), func() { n++ }); err == nil || n != 1 {
		t.Errorf("%d changes, %v", n, err)
	}
	ended, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	live.Newest = &reader{}
	if err := live.Changes(ended, func() { n++ }); !errors.Is(err, context.DeadlineExceeded) || n != 1 {
		t.Errorf("of a store that reports none: %d changes, %v", n, err)
	}
}
