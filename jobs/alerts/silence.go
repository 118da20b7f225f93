package alerts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"senmeteo/jobs/gaps"
	"senmeteo/jobs/query"
)

// The kinds of incidents whose subjects are stations and regions.
const (
	Station = "station" // a station's source is silent for more than two of its intervals
	Region  = "region"  // so is every source of every station of a region that has several
)

// history is how far back a look reads.
const history = 2 * gaps.Day

// Silence looks who is silent. A muted station is not, nor is a source that promises nothing: a file is read once.
func Silence(ctx context.Context, store query.PresenceReader, now time.Time, expect gaps.Expectations, muted []string) (query.Look, error) {
	look := query.Look{At: now, Kinds: []string{Station, Region}}
	report, err := gaps.Look(ctx, store, gaps.Window{From: now.Add(-history), To: now, Now: now, Expect: expect})
	if err != nil {
		return look, err
	}
	type region struct {
		series, silent int
		last           time.Time
	}
	regions := map[string]*region{}
	for _, s := range report.Series {
		if s.EveryS == 0 || s.EveryBy == gaps.BySeen || slices.Contains(muted, s.StationID) {
			continue
		}
		r := regions[s.Region]
		if r == nil {
			r = &region{}
			regions[s.Region] = r
		}
		r.series++
		if s.Last.After(r.last) {
			r.last = *s.Last
		}
		if s.Silent {
			r.silent++
			every := time.Duration(s.EveryS) * time.Second
			look.Conditions = append(look.Conditions, query.Condition{Kind: Station, Subject: subjectOf(s), Message: fmt.Sprintf(
				"%s (%s) is silent: the last reading from %s is of %s, and one is expected every %s", s.StationID, s.Region, s.Source, minute(*s.Last), short(every))})
		}
	}
	for name, r := range regions {
		if r.series > 1 && r.silent == r.series {
			look.Conditions = append(look.Conditions, query.Condition{Kind: Region, Subject: name, Message: fmt.Sprintf(
				"%s is silent: none of its %d series reports, the last reading is of %s", name, r.series, minute(r.last))})
		}
	}
	slices.SortFunc(look.Conditions, func(a, b query.Condition) int {
		return strings.Compare(a.Kind+" "+a.Subject, b.Kind+" "+b.Subject)
	})
	return look, nil
}

func subjectOf(s *gaps.Series) string {
	subject := s.StationID + " " + s.Source + " " + string(s.Kind)
	if s.OfDays {
		subject += " days"
	}
	return subject
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// short writes 10m0s as 10m, and 1h0m0s as 1h.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
