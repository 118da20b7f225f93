package web

import (
	"strings"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// panelModel is the chosen station.
type panelModel struct {
	Name    string
	Station string // id and height
	Seen    *age   // nil: no data
	Late    bool
	Source  string // and kind
	Quality string
	Class   string // good, suspect or bad
	Place   string // what the location check found; "" when nothing is wrong
	Tiles   []tile
	Chart   chart
}

// tile is one value of the chosen station.
type tile struct {
	Name, Value, Unit, Note string
	URL                     string
	Current, Failed         bool
}

// panel describes the chosen station.
func (at situation) panel(lines []query.Line, chartErr error) panelModel {
	l := at.locale
	station, _ := meteo.StationByID(at.station)
	m := panelModel{Name: station.Region, Station: at.station}
	var main query.Line
	if row := at.snapshot.row(at.station); row != nil {
		m.Seen, m.Late = at.age(row.ObservedAt), at.late(row)
		m.Source = l.SourceName(row.Source) + ", " + l.Kind(row.Kind)
		m.Quality, m.Class = l.Verdict(row.Quality), string(row.Quality)
		if rules := failures(row, "location"); len(rules) > 0 {
			m.Place = l.Rule(rules[0])
		}
		if meteo.Known(row.ElevationM) {
			m.Station += " · " + l.Number(row.ElevationM, 0) + "\u00a0m"
		}
		for _, of := range layers {
			m.Tiles = append(m.Tiles, at.tile(of, row))
		}
		main = query.Line{Source: row.Source, Kind: row.Kind}
	}
	if chartErr != nil {
		m.Chart = chart{Problem: l.ChartDown}
	} else {
		m.Chart = drawChart(l, at.layer, lines, main, at.now.Add(-time.Duration(at.hours)*time.Hour), at.now)
	}
	m.Chart.Title = l.Layer(at.layer) + " · " + l.Span(at.hours)
	return m
}

// tile describes one value.
func (at situation) tile(of layer, row *query.Latest) tile {
	l := at.locale
	t := tile{
		Name: l.Layer(of), Value: "–", URL: at.withLayer(of).URL(), Current: of.Variable == at.layer.Variable,
	}
	shown := of.value(row)
	if !meteo.Known(shown) {
		return t
	}
	t.Value, t.Unit = l.Number(shown, of.Decimals), of.Unit
	switch of.Variable {
	case meteo.Rain:
		t.Name = l.Rain24
		const day = 24 * 3600
		if covered := row.Rain24.CoveredS; covered < day*9/10 {
			t.Note = fill(l.PartOfDay, l.Number(float64(covered)/3600, 0))
		} else if row.Values.Has(meteo.Rain) && row.IntervalS > 0 {
			t.Note = l.Value(of, row.Values[meteo.Rain]) + " " + fill(l.Over, l.Seconds(row.IntervalS))
		}
	case meteo.WindSpeed:
		if direction := row.Values[meteo.WindDirection]; meteo.Known(direction) && shown > 0 {
			t.Note = fill(l.From, l.Direction(direction))
		}
	}
	if failed := of.failed(row); len(failed) > 0 {
		names := make([]string, len(failed))
		for i, rule := range failed {
			names[i] = l.Rule(rule)
		}
		t.Failed, t.Note = true, strings.Join(names, ", ")
	} else if row.Original != nil && row.Original.Has(of.Variable) && of.Variable != meteo.Rain {
		t.Note = l.Corrected
	}
	return t
}

// rowModel is a line of the table of all stations.
type rowModel struct {
	ID, Name, URL string
	Current       bool
	Cells         []cell // empty: no data
	Seen          *age
	Late          bool
	Quality       string
	Class         string
}

// cell is one value of the table.
type cell struct {
	Text   string
	Failed string // what the check found; "" when nothing is wrong
}

// rows lists the main stations in the order of the map, each followed by the further ones of its region.
func (at situation) rows() []rowModel {
	var out []rowModel
	for _, station := range meteo.Stations {
		if at.snapshot.row(station.ID) == nil {
			out = append(out, rowModel{ID: station.ID, Name: station.Region, URL: at.withStation(station.ID).URL(), Current: station.ID == at.station})
		}
		for i := range at.snapshot.Rows {
			row := &at.snapshot.Rows[i]
			if row.StationID == station.ID || strings.HasPrefix(row.StationID, station.ID+"-") {
				out = append(out, at.row(row, station))
			}
		}
	}
	return out
}

func (at situation) row(row *query.Latest, station meteo.Station) rowModel {
	l := at.locale
	m := rowModel{
		ID: row.StationID, Name: station.Region, URL: at.withStation(row.StationID).URL(), Current: row.StationID == at.station,
		Seen: at.age(row.ObservedAt), Late: at.late(row), Quality: l.Verdict(row.Quality), Class: string(row.Quality),
	}
	if row.StationID != station.ID {
		m.Name += strings.TrimPrefix(row.StationID, station.ID)
	}
	for _, of := range layers {
		c := cell{Text: "–"}
		if shown := of.value(row); meteo.Known(shown) {
			c.Text = l.Number(shown, of.Decimals)
			if failed := of.failed(row); len(failed) > 0 {
				c.Failed = l.Rule(failed[0])
			}
		}
		m.Cells = append(m.Cells, c)
	}
	return m
}

// pipelineModel is the ledger of the pipeline.
type pipelineModel struct {
	Problem string
	Stages  []stageModel
}

// stageModel is the ledger of one job.
type stageModel struct {
	Verb, Name string
	Counts     []countModel
	Waiting    string
	Updated    *age
	Balanced   bool
	Balance    string
	Shares     []share
}

// countModel is one counter.
type countModel struct{ Class, Name, Number string }

// share is a part of a bar, in percent of its width.
type share struct {
	Class    string
	X, Width float64
}

// pipeline returns the counters; nil when there are none.
func (at situation) pipeline() *pipelineModel {
	l := at.locale
	if !at.counting {
		return nil
	}
	if at.snapshot.PipelineErr != nil {
		return &pipelineModel{Problem: l.PipelineDown}
	}
	if len(at.snapshot.Stages) == 0 {
		return &pipelineModel{Problem: l.PipelineNone}
	}
	m := &pipelineModel{}
	for _, s := range at.snapshot.Stages {
		stage := stageModel{Verb: s.Name, Name: l.Stage(s.Name), Waiting: l.Unknown, Balanced: s.Difference() == 0, Balance: l.Balanced}
		if !stage.Balanced {
			stage.Balance = fill(l.Unbalanced, l.Integer(s.Difference()))
		}
		if s.Lag >= 0 {
			stage.Waiting = l.Integer(s.Lag)
		}
		if !s.UpdatedAt.IsZero() {
			stage.Updated = at.age(s.UpdatedAt)
		}
		left := 0.0
		classes := [...]string{"read", "written", "duplicates", "rejected", "rerouted"}
		for i, n := range [...]int64{s.Read, s.Written, s.Duplicates, s.Rejected, s.Rerouted} {
			stage.Counts = append(stage.Counts, countModel{classes[i], l.Counters[i], l.Integer(n)})
			if i > 0 && s.Read > 0 {
				width := 100 * float64(n) / float64(s.Read)
				stage.Shares = append(stage.Shares, share{classes[i], round(left), round(width)})
				left += width
			}
		}
		m.Stages = append(m.Stages, stage)
	}
	return m
}
