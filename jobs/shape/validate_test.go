package shape

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestTheLimitsOfWhatARecordMayHold(t *testing.T) {
	for name, c := range map[string]struct {
		change func(o *meteo.Observation)
		ok     bool
	}{
		"the poles and the date line":      {func(o *meteo.Observation) { o.Latitude, o.Longitude = -90, 180 }, true},
		"the other pole":                   {func(o *meteo.Observation) { o.Latitude, o.Longitude = 90, -180 }, true},
		"past a pole":                      {func(o *meteo.Observation) { o.Latitude = 90.1 }, false},
		"past the other pole":              {func(o *meteo.Observation) { o.Latitude = -90.1 }, false},
		"past the date line":               {func(o *meteo.Observation) { o.Longitude = 180.1 }, false},
		"past the date line in the west":   {func(o *meteo.Observation) { o.Longitude = -180.1 }, false},
		"the highest revision":             {func(o *meteo.Observation) { o.Revision = maxInteger }, true},
		"one more":                         {func(o *meteo.Observation) { o.Revision = maxInteger + 1 }, false},
		"no revision":                      {func(o *meteo.Observation) { o.Revision = 0 }, true},
		"a negative revision":              {func(o *meteo.Observation) { o.Revision = -1 }, false},
		"the longest interval":             {func(o *meteo.Observation) { o.IntervalS = maxInteger }, true},
		"a longer one":                     {func(o *meteo.Observation) { o.IntervalS = maxInteger + 1 }, false},
		"no interval":                      {func(o *meteo.Observation) { o.IntervalS = 0 }, true},
		"a negative interval":              {func(o *meteo.Observation) { o.IntervalS = -1 }, false},
		"no time":                          {func(o *meteo.Observation) { o.ObservedAt = time.Time{} }, false},
		"a region of 256 bytes":            {func(o *meteo.Observation) { o.Region = strings.Repeat("x", 256) }, true},
		"a region of 257 bytes":            {func(o *meteo.Observation) { o.Region = strings.Repeat("x", 257) }, false},
		"a region with a line break":       {func(o *meteo.Observation) { o.Region = "a\u2028b" }, false},
		"a region with a paragraph":        {func(o *meteo.Observation) { o.Region = "a\u2029b" }, false},
		"a region with a noncharacter":     {func(o *meteo.Observation) { o.Region = "a\ufffeb" }, false},
		"a region with another one":        {func(o *meteo.Observation) { o.Region = "a\uffffb" }, false},
		"a region that was not UTF-8":      {func(o *meteo.Observation) { o.Region = "a\ufffdb" }, false},
		"a region that is not UTF-8":       {func(o *meteo.Observation) { o.Region = "a\xffb" }, false},
		"a provider's id with a control":   {func(o *meteo.Observation) { o.ProviderID = "a\tb" }, false},
		"a rule of one letter":             {func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "a", Rule: "z"}} }, true},
		"a rule of all signs":              {func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "a_0-9", Rule: "z9"}} }, true},
		"a rule that begins with a figure": {func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "a", Rule: "9z"}} }, false},
		"a rule that begins with a sign":   {func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "a", Rule: "_z"}} }, false},
		"a rule in capitals":               {func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "a", Rule: "Z"}} }, false},
		"a rule with a slash":              {func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "a", Rule: "a/b"}} }, false},
		"a rule with a colon":              {func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "a", Rule: "a:b"}} }, false},
		"a rule with a brace":              {func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "a", Rule: "a{b"}} }, false},
		"a rule with a grave accent":       {func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "a", Rule: "`b"}} }, false},
		"an empty rule":                    {func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "a"}} }, false},
		"a rule of 64 letters": {func(o *meteo.Observation) {
			o.QC = []meteo.Failure{{Subject: "a", Rule: meteo.Rule(strings.Repeat("r", 64))}}
		}, true},
		"a rule of 65 letters": {func(o *meteo.Observation) {
			o.QC = []meteo.Failure{{Subject: "a", Rule: meteo.Rule(strings.Repeat("r", 65))}}
		}, false},
		"a subject that is none": {func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "A", Rule: "z"}} }, false},
		"a good quality":         {func(o *meteo.Observation) { o.Quality = meteo.Good }, true},
		"a fine quality":         {func(o *meteo.Observation) { o.Quality = "fine" }, false},
	} {
		o := full()
		c.change(&o)
		err := NewDecoder().validate(&o)
		var refusal *meteo.Refusal
		if (err == nil) != c.ok || err != nil && !errors.As(err, &refusal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatFollowsFromTheRestIsFilledIn(t *testing.T) {
	o := full()
	none := meteo.NoValues()
	o.Region, o.Original = " ", &none
	o.QC = []meteo.Failure{{Subject: "b", Rule: "z"}, {Subject: "a", Rule: "z"}, {Subject: "a", Rule: "y"}}
	if err := NewDecoder().validate(&o); err != nil {
		t.Fatal(err)
	}
	if o.Region != "Thiès" || o.Original != nil || fmt.Sprint(o.QC) != "[{a z} {a y} {b z}]" {
		t.Errorf("region %q, original %v, failures %v", o.Region, o.Original, o.QC)
	}
}

func TestSourcesAreKeptInMindUpToABound(t *testing.T) {
	d, o := NewDecoder(), full()
	for i := range maxNames + 5 {
		o.Source = fmt.Sprint("source-", i)
		if err := d.validate(&o); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.sources) != maxNames {
		t.Errorf("%d sources", len(d.sources))
	}
}

func TestTheCalendarHasFourFigures(t *testing.T) {
	for year, want := range map[int]bool{0: false, 1: true, 9999: true, 10000: false} {
		if got := inCalendar(time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)); got != want {
			t.Errorf("%d: %v", year, got)
		}
	}
	if at := meteoTime(time.Time{}); !at.IsZero() {
		t.Errorf("no time becomes %v", at)
	}
	if at := meteoTime(time.Date(2026, 8, 1, 13, 0, 0, 1999, time.FixedZone("", 3600))); !at.Equal(time.Date(2026, 8, 1, 12, 0, 0, 1000, time.UTC)) || at.Location() != time.UTC {
		t.Errorf("got %v", at)
	}
}

func TestARefusalKeepsItsReasonBesideItsPlace(t *testing.T) {
	err := within(meteo.Refuse(meteo.InvalidTime, "it has no time"), "record %d of %d", 2, 3)
	if err.Error() != "invalid_time: record 2 of 3: it has no time" {
		t.Error(err)
	}
	other := errors.New("a disk is full")
	if got := within(other, "record 1"); got.Error() != other.Error() {
		t.Error("another error has become a refusal")
	}
	for reason, want := range map[meteo.Reason]bool{meteo.NothingMeasured: true, meteo.UnknownShape: true, meteo.InvalidTime: false} {
		if nothingIn(meteo.Refuse(reason, "")) != want {
			t.Errorf("%s", reason)
		}
	}
	if nothingIn(other) {
		t.Error("a full disk is a record without values")
	}
}

func TestTheBoundOnNestingIsThatOfTheContract(t *testing.T) {
	for depth, want := range map[int]bool{maxDepth: true, maxDepth + 1: false} {
		_, err := ParseJSON([]byte(strings.Repeat("[", depth) + strings.Repeat("]", depth)))
		if (err == nil) != want {
			t.Errorf("%d levels: %v", depth, err)
		}
	}
	for _, text := range []string{`{"a":`, `{"a"`, `{"a":1,}`, `[1,`, `[1,]`, `{`, `[`, `{1:2}`, `tru`} {
		var refusal *meteo.Refusal
		if _, err := ParseJSON([]byte(text)); !errors.As(err, &refusal) || refusal.Reason != meteo.InvalidJSON {
			t.Errorf("%s: %v", text, err)
		}
	}
}
