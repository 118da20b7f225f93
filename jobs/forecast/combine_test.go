package forecast

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// guidanceFor are forecasts of a model of the atmosphere for each day from one on: what comes, 2.5 too warm, and with an error of its own.
func guidanceFor(h *History, from time.Time, days int) (list []Guidance) {
	r := rand.New(rand.NewPCG(5, 13))
	for day := range days {
		issued := from.AddDate(0, 0, day)
		for lead := range MaxLead {
			for s, site := range h.Sites() {
				g := Guidance{StationID: site.ID, IssuedAt: issued.Add(-5 * time.Hour), Date: issued.AddDate(0, 0, lead), Values: meteo.NoValues()}
				for e := range numTargets {
					g.Values[inputs[e]] = h.Value(e, s, g.Date) + 2.5 + .8*r.NormFloat64()
				}
				list = append(list, g)
			}
		}
	}
	return list
}

// combined are the forecasts of one day on, each issue moved by what was known then.
func combined(t *testing.T, m *Model, h *History, guidance []Guidance, from time.Time, skip, days int) (own, moved []Daily) {
	t.Helper()
	own, err := m.ForecastEach(h, from, from.AddDate(0, 0, days))
	if err != nil {
		t.Fatal(err)
	}
	perIssue := MaxLead * len(h.Sites())
	for k := skip * perIssue; k < len(own); k += perIssue {
		list := append([]Daily(nil), own[k:k+perIssue]...)
		m.Combine(h, list, own[:k], guidance)
		moved = append(moved, list...)
	}
	return own[skip*perIssue:], moved
}

func TestTheCombinationIsBetterThanEachOfItsForecasts(t *testing.T) {
	h := NewHistory(synthetic(years))
	m := Train(h, issuedAt)
	const skip, days = 60, 220
	guidance := guidanceFor(h, issuedAt, days)
	own, moved := combined(t, m, h, guidance, issuedAt, skip, days)
	known := guidanceOf(guidance)
	for e := range element(numTargets) {
		var ours, theirs, alone, within, n float64
		for i := range moved {
			d := &moved[i]
			s := 0 // of the other station the next day is known from this one
			if y := h.Value(int(e), s, d.Date); d.StationID == h.sites[s].ID && d.Lead == 2 && meteo.Known(y) {
				q := &d.Quantiles[e]
				ours += math.Abs(q.Median() - y)
				theirs += math.Abs(known.at(d, e) - y)
				alone += math.Abs(own[i].Quantiles[e].Median() - y)
				if q[0] <= y && y <= q[len(q)-1] {
					within++
				}
				n++
			}
		}
		if n < 100 || !(ours < .8*min(theirs, alone)) {
			t.Errorf("%s: %.3f of %.0f forecasts, the guidance %.3f, alone %.3f", Targets[e], ours/n, n, theirs/n, alone/n)
		}
		if within/n < .8 || within/n > .97 {
			t.Errorf("%s: %.2f are within the 90 %% band", Targets[e], within/n)
		}
	}
}

func TestNothingLaterHasAnInfluenceOnACombination(t *testing.T) {
	const days = 60
	list := synthetic(years)
	h := NewHistory(list)
	m := Train(h, issuedAt)
	guidance := guidanceFor(h, issuedAt, days)
	_, want := combined(t, m, h, guidance, issuedAt, days-1, days)
	last := issuedAt.AddDate(0, 0, days-1)
	for i := range list {
		if !list[i].Date.Before(last) {
			for v := range list[i].Values {
				list[i].Values[v] += 9
			}
		}
	}
	later := append([]Guidance(nil), guidance...)
	for _, g := range guidance[len(guidance)-MaxLead*2:] {
		g.IssuedAt = last.Add(time.Minute)
		for v := range g.Values {
			g.Values[v] += 9
		}
		later = append(later, g)
	}
	changed := NewHistory(list)
	if _, got := combined(t, m, changed, later, issuedAt, days-1, days); !equalForecasts(got, want) || len(got) != 2*MaxLead {
		t.Error("what comes after the issue has an influence")
	}
}

func TestForecastsStayAsTheyAreUntilEnoughWasLearnt(t *testing.T) {
	h := NewHistory(synthetic(years))
	m := Train(h, issuedAt)
	for name, c := range map[string]struct {
		days, old int
		moved     bool
	}{
		"with as many days as it takes": {learntDays + 1, 0, true},
		"with a day less":               {learntDays, 0, false},
		"with guidance of yesterday":    {learntDays + 9, 24 - 5, true},
		"with guidance that is older":   {learntDays + 9, 24 - 4, false},
	} {
		guidance := guidanceFor(h, issuedAt, c.days)
		for i := range guidance {
			guidance[i].IssuedAt = guidance[i].IssuedAt.Add(-time.Duration(c.old) * time.Hour)
		}
		own, moved := combined(t, m, h, guidance, issuedAt, c.days-1, c.days)
		if got := own[0].Quantiles != moved[0].Quantiles; got != c.moved || own[0].Lead != 1 {
			t.Errorf("%s the first day is moved: %t", name, got)
		}
	}
}
