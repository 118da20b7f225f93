package score

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"senmeteo/jobs/forecast"
)

// Report holds the scores of forecasts.
type Report struct {
	From     string   `json:"from"` // the first day of issue
	To       string   `json:"to"`   // the day after the last day that was forecast
	Leads    []int    `json:"leads"`
	Stations []string `json:"stations"`
	Values   []Value  `json:"values"`
	Rain     []Rain   `json:"rain"`
}

// Value holds the scores of one variable, lead and station, in the variable's unit.
type Value struct {
	Variable   string              `json:"variable"`
	Lead       int                 `json:"lead"`
	Station    string              `json:"station_id,omitempty"` // "" of all
	N          int                 `json:"n"`
	MAE        float64             `json:"mae"`
	RMSE       float64             `json:"rmse"`
	Bias       float64             `json:"bias"` // forecast minus observation
	CRPS       float64             `json:"crps"`
	Coverage50 float64             `json:"coverage_50"`
	Coverage90 float64             `json:"coverage_90"`
	Against    map[string]Compared `json:"against"`
}

// Compared holds the scores of a reference, and how much less the mean absolute error is than its.
type Compared struct {
	MAE  float64 `json:"mae"`
	RMSE float64 `json:"rmse"`
	Gain
}

// Rain holds the scores of the chance of a wet day, by lead, months and station.
type Rain struct {
	Lead        int                     `json:"lead"`
	Months      string                  `json:"months"`               // all, or jun-oct
	Station     string                  `json:"station_id,omitempty"` // "" of all
	N           int                     `json:"n"`
	WetShare    float64                 `json:"wet_share"`
	Brier       float64                 `json:"brier"`
	Reliability float64                 `json:"reliability"` // Murphy's terms of the Brier score: the less the better
	Resolution  float64                 `json:"resolution"`  // the more the better
	Against     map[string]ComparedRain `json:"against"`
	Bins        []Bin                   `json:"bins"`
}

// ComparedRain holds the Brier score of a reference, and the skill compared with it.
type ComparedRain struct {
	Brier float64 `json:"brier"`
	Skill Gain    `json:"skill"`
}

// Bin holds how often it rained when the forecast probability was from From to a tenth more.
type Bin struct {
	From     float64 `json:"from"`
	N        int     `json:"n"`
	Forecast float64 `json:"forecast"` // mean probability
	Observed float64 `json:"observed"` // share of wet days
}

// Report returns the scores so far; from and to are the days that it is about.
func (s *Scorer) Report(from, to string) *Report {
	r := &Report{From: from, To: to, Leads: s.leads, Stations: []string{}, Values: []Value{}, Rain: []Rain{}}
	seen := map[string]bool{"": true}
	for _, g := range ordered(s.values) {
		r.Values = append(r.Values, s.values[g].scores(g))
		if !seen[g.station] {
			seen[g.station] = true
			r.Stations = append(r.Stations, g.station)
		}
	}
	for _, g := range ordered(s.rain) {
		r.Rain = append(r.Rain, s.rain[g].scores(g))
	}
	return r
}

// Print writes the report as one JSON object, or as tables of all stations together.
func (r *Report) Print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	fmt.Fprintf(out, "Forecasts issued from %s, of days before %s, %d stations\n\n", r.From, r.To, len(r.Stations)) //nolint:errcheck // Flush reports it
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(format string, a ...any) { fmt.Fprintf(w, format+"\n", a...) } //nolint:errcheck // Flush reports it
	line("variable\tlead\tn\tMAE\tRMSE\tbias\tCRPS\tin 50 %%\tin 90 %%\tpersistence\tclimatology\tdamped\tgain over damped")
	for i := range r.Values {
		v := &r.Values[i]
		if v.Station != "" {
			continue
		}
		damped := v.Against[forecast.Damped.String()]
		line("%s\t%d\t%d\t%.3f\t%.3f\t%+.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%s", v.Variable, v.Lead, v.N, v.MAE, v.RMSE, v.Bias, v.CRPS, v.Coverage50, v.Coverage90,
			v.Against[forecast.Persistence.String()].MAE, v.Against[forecast.Climatology.String()].MAE, damped.MAE, damped.Gain)
	}
	line("\nrain\tlead\tn\tBrier\treliability\tresolution\tpersistence\tclimatology\tskill over climatology")
	for i := range r.Rain {
		v := &r.Rain[i]
		if v.Station != "" {
			continue
		}
		climatology := v.Against[forecast.Climatology.String()]
		line("%s\t%d\t%d\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%s", v.Months, v.Lead, v.N, v.Brier, v.Reliability, v.Resolution, v.Against[forecast.Persistence.String()].Brier, climatology.Brier, climatology.Skill)
	}
	return w.Flush()
}

// String is the gain with its interval, in percent.
func (g Gain) String() string {
	return fmt.Sprintf("%+.1f %% (%+.1f to %+.1f)", 100*g.Gain, 100*g.Low, 100*g.High)
}
