package score

import (
	"context"
	"slices"
	"time"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/generate"
)

// Config says how to score.
type Config struct {
	Limits clean.Limits     // of the stations; nil: those of the regions of Senegal
	Truth  []generate.Truth // nothing: the readings are without defects
	Unsaid time.Time        // the time that Source gives readings which do not say when they were fetched

	// Inject is the chance that a reading gets a defect of generate.Config.Faults before it is checked, 0 to 1, by the seed. Then the
	// truth is about these defects, and Truth must be empty.
	Inject float64
	Seed   uint64
}

// Score is how the checks did.
type Score struct {
	Records       int     `json:"records"`      // all that the file holds
	Observations  int     `json:"observations"` // by id, each once
	Duplicates    int     `json:"duplicates"`
	Refused       int     `json:"refused"`
	Stations      int     `json:"stations"`
	StationMonths float64 `json:"station_months"` // of 30.4375 days with readings
	Defects       []Row   `json:"defects"`
	FalseAlarms   Alarms  `json:"false_alarms"`
}

// Row is how one defect was found, in one variable or, without one, in all.
type Row struct {
	Defect   generate.Defect `json:"defect"`
	Variable string          `json:"variable,omitempty"`
	Cases    int             `json:"cases"` // readings, of an episode: episodes
	Found    int             `json:"found"`
	Recall   Share           `json:"recall"`

	Readings        int `json:"readings,omitempty"` // of the episodes
	ReadingsFlagged int `json:"readings_flagged,omitempty"`
	Large           int `json:"large,omitempty"` // of those whose error is large: see largeError
	LargeFlagged    int `json:"large_flagged,omitempty"`

	Alarms    int   `json:"alarms"` // what the rules that look for it found
	Right     int   `json:"right"`  // and was wrong indeed
	Precision Share `json:"precision"`
}

// Alarms are the flags on good values.
type Alarms struct {
	Values          int       `json:"values"`            // each once, whatever number of rules it failed
	PerStationMonth float64   `json:"per_station_month"` // of them
	ByRule          []ByRule  `json:"by_rule,omitempty"`
	ByMonth         []ByMonth `json:"by_month,omitempty"`
}

// ByRule are the flags of a rule on good values of a variable.
type ByRule struct {
	Rule     meteo.Rule `json:"rule"`
	Variable string     `json:"variable"`
	Values   int        `json:"values"`
}

// ByMonth are the flags on good values in one month.
type ByMonth struct {
	Month           string  `json:"month"`
	StationMonths   float64 `json:"station_months"`
	Values          int     `json:"values"`
	PerStationMonth float64 `json:"per_station_month"`
}

// Of reads everything that a source gives, runs the checks on it, and scores them.
func Of(ctx context.Context, from Source, cfg Config) (*Score, error) {
	readings, unreadable, err := receive(ctx, from, cfg.Unsaid)
	if err != nil {
		return nil, err
	}
	t := newTruth(cfg.Truth)
	if cfg.Inject > 0 {
		var broken int
		readings, t, broken = inject(readings, cfg.Inject, cfg.Seed)
		unreadable += broken
	}
	out := judgeAll(readings, unreadable, cfg.Limits)
	s := &Score{
		Records: len(readings) + unreadable, Observations: len(out.all), Duplicates: out.duplicates,
		Refused: unreadable + len(out.future) + out.refused,
	}
	s.Defects = append([]Row{}, defects(out, t)...) // in JSON a list, even without any
	s.falseAlarms(out, t)
	return s, nil
}

// defects scores each defect of the truth, in the order of generate.Defects and then of what other programs call theirs.
func defects(out *outcomes, t *truth) (rows []Row) {
	lines := map[generate.Defect][]*generate.Truth{}
	for i := range t.lines {
		d := t.lines[i].Defect
		lines[d] = append(lines[d], &t.lines[i])
	}
	order := slices.Clone(generate.Defects[:])
	for i := range t.lines {
		if d := t.lines[i].Defect; !slices.Contains(order, d) {
			order = append(order, d)
		}
	}
	for _, d := range order {
		if of := lines[d]; len(of) > 0 {
			rows = append(rows, defect(d, of, out, t)...)
		}
	}
	return rows
}

// defect scores one defect: by variable, and in all when there are several.
func defect(d generate.Defect, lines []*generate.Truth, out *outcomes, t *truth) (rows []Row) {
	byVariable := map[string][]*generate.Truth{}
	for _, l := range lines {
		byVariable[variableOf(l)] = append(byVariable[variableOf(l)], l)
	}
	total := Row{Defect: d}
	for _, variable := range sortedVariables(byVariable) {
		r := Row{Defect: d, Variable: variable}
		of := byVariable[variable]
		switch of[0].Expect {
		case generate.ExpectFlag:
			r.flagged(of, out, t)
		default:
			r.becameOf(of, out, t)
		}
		r.shares()
		total.add(&r)
		rows = append(rows, r)
	}
	if len(rows) > 1 {
		total.shares()
		rows = append(rows, total)
	}
	return rows
}

// variableOf is the variable that a line counts for: that of a correction does not matter.
func variableOf(l *generate.Truth) string {
	if l.Defect == generate.Correction {
		return ""
	}
	return l.Variable
}

// sortedVariables are the keys in the order of the variables.
func sortedVariables[T any](of map[string]T) []string {
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	rank := func(name string) int {
		v, _ := meteo.VariableByName(name)
		return int(v)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		if a < b {
			return -1
		}
		return 1
	})
	return names
}

func (r *Row) add(o *Row) {
	r.Cases += o.Cases
	r.Found += o.Found
	r.Readings += o.Readings
	r.ReadingsFlagged += o.ReadingsFlagged
	r.Large += o.Large
	r.LargeFlagged += o.LargeFlagged
	r.Alarms += o.Alarms
	r.Right += o.Right
}

func (r *Row) shares() {
	r.Recall, r.Precision = shareOf(r.Found, r.Cases), shareOf(r.Right, r.Alarms)
}
