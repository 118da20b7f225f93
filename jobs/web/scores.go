package web

import (
	"strconv"

	"senmeteo/jobs/forecast"
	"senmeteo/jobs/forecast/score"
	"senmeteo/jobs/meteo"
)

// scoresModel says how good the forecasts were lately.
type scoresModel struct {
	Problem   string
	Sentences []string
	Warning   string
}

// scores describes what the forecasts of the last days missed by, all stations together; nil when nobody knows.
func (at situation) scores() *scoresModel {
	a, l := &at.snapshot.Survey.Scores, at.locale
	if !a.Asked {
		return nil
	}
	m := &scoresModel{Problem: a.unknown(l)}
	r := a.Value
	if r == nil {
		return m
	}
	for _, v := range []meteo.Variable{meteo.TemperatureMax, meteo.TemperatureMin} {
		next, week := valueOf(r, v, scoredLeads[0]), valueOf(r, v, scoredLeads[1])
		if next == nil {
			continue
		}
		sentence := fill(l.Missed[v.String()], l.degrees(next.MAE), l.degrees(next.Against[forecast.Persistence.String()].MAE), strconv.Itoa(scoredDays))
		if week != nil {
			sentence += " " + fill(l.MissedWeek, l.degrees(week.MAE), l.degrees(week.Against[forecast.Persistence.String()].MAE), strconv.Itoa(week.Lead))
		}
		m.Sentences = append(m.Sentences, sentence)
	}
	if v := valueOf(r, meteo.TemperatureMax, scoredLeads[0]); v != nil {
		m.Sentences = append(m.Sentences, fill(l.Covered, l.Number(100*v.Coverage90, 0), l.Integer(int64(v.N))))
	}
	if chance, wet, n := rainOf(r); n > 0 {
		m.Sentences = append(m.Sentences, fill(l.RainScore, l.Number(100*chance, 0), l.Number(100*wet, 0), l.Integer(int64(n))))
	}
	switch {
	case m.Problem != "":
	case len(m.Sentences) == 0:
		m.Problem = l.NoScores
	case at.synthetic():
		m.Warning = l.SyntheticScores
	}
	return m
}

// valueOf are the scores of a variable at a lead, of all stations.
func valueOf(r *score.Report, v meteo.Variable, lead int) *score.Value {
	for i := range r.Values {
		if s := &r.Values[i]; s.Station == "" && s.Lead == lead && s.Variable == v.String() {
			return s
		}
	}
	return nil
}

// rainOf is the mean probability of a wet day that was forecast of the next day, how often it was wet, and of how many days that is.
func rainOf(r *score.Report) (chance, wet float64, n int) {
	for i := range r.Rain {
		if s := &r.Rain[i]; s.Station == "" && s.Lead == scoredLeads[0] && s.Months == "all" {
			for _, b := range s.Bins {
				chance += b.Forecast * float64(b.N) / float64(s.N)
			}
			return chance, s.WetShare, s.N
		}
	}
	return 0, 0, 0
}

func (l *locale) degrees(x float64) string { return l.Number(x, 1) + "\u00a0°C" }
