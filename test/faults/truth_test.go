package faults_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/generate"
)

// truth is what must become of what was sent: worked out from the seeded weather's own file of defects.
type truth struct {
	revisions map[string]int64              // by id: how many revisions the clean topic must hold
	corrected map[string]map[string]float64 // by id: the values that the last revision must have
}

func newTruth() *truth {
	return &truth{revisions: map[string]int64{}, corrected: map[string]map[string]float64{}}
}

// learn adds a window of readings of all stations, every 10 minutes, whose defects the file lists.
func (w *truth) learn(t testing.TB, from, to string, file io.Reader) {
	t.Helper()
	begin, end := day(t, from), day(t, to)
	for _, s := range meteo.Stations {
		for at := begin; at.Before(end); at = at.Add(10 * time.Minute) {
			w.revisions[idOf(s.ID, at, "generate")] = 1
		}
	}
	lines, err := generate.ReadTruth(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		id := idOf(l.StationID, l.ObservedAt, l.Source)
		switch l.Expect {
		case generate.ExpectDeadLetter:
			delete(w.revisions, id)
		case generate.ExpectCorrection:
			w.revisions[id] = 2
			w.corrected[id] = map[string]float64{l.Variable: *l.TrueValue}
		}
	}
}

func day(t testing.TB, text string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// idOf is the id of an observation, by the rule of the documented format and not by the program's code.
func idOf(station string, at time.Time, source string) string {
	return idOfText(station, at, source, "observed", "")
}

// idOfForecast is the id of a forecast, by the same rule.
func idOfForecast(station string, at time.Time, source string, issued time.Time) string {
	return idOfText(station, at, source, "forecast", issued.UTC().Format(time.RFC3339))
}

func idOfText(station string, at time.Time, source, kind, issued string) string {
	sum := sha256.Sum256([]byte(station + "|" + at.UTC().Format(time.RFC3339) + "|" + source + "|" + kind + "|" + issued))
	return hex.EncodeToString(sum[:16])
}
