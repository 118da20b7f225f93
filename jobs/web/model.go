package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// model is what the template shows.
type model struct {
	T         *locale
	Version   string
	Clock     string // the server's time, RFC 3339
	Down      bool   // the values are old because the store does not answer
	Languages []link
	Notices   []notice
	Fresh     *age // of the newest observation of all
	Tabs      []link
	Map       mapModel
	Legend    []legendStep
	Ramp      string
	LayerName string
	LayerUnit string
	LayerNote string
	Panel     panelModel
	Spans     []link
	Columns   []column
	Width     int // of a row without data, in columns
	Rows      []rowModel
	Incidents *incidentsModel // nil, as the next three: the store does not answer such questions
	Outlook   *outlookModel
	Missing   *missingModel
	Flags     *flagsModel
	Pipeline  *pipelineModel // nil: there are no counters
	Announce  string
}

// link leads to another view of the page.
type link struct {
	Text, Short, URL, Code string
	Current                bool
}

// legendStep is a colour and the bound at its upper end; the last one has none.
type legendStep struct{ Class, Bound string }

// column heads a variable of the table.
type column struct{ Name, Unit string }

// notice is a sentence on the state of the data; Kind is warn or info.
type notice struct{ Kind, Text string }

// age is a time and how long ago that was, as text.
type age struct{ Stamp, At, Text string }

// situation is everything that a page shows.
type situation struct {
	*renderer
	view
	snapshot *snapshot
	now      time.Time
}

// model builds the page.
func (p *renderer) model(v view, s *snapshot, lines []query.Line, chartErr error, now time.Time) model {
	at := situation{p, v, s, now}
	m := model{
		T: v.locale, Version: s.Version, Clock: now.UTC().Format(time.RFC3339), Down: s.down(),
		Languages: []link{
			{Text: "Français", Short: "FR", Code: "fr", URL: v.withLanguage("fr").URL(), Current: v.locale.Code == "fr"},
			{Text: "English", Short: "EN", Code: "en", URL: v.withLanguage("en").URL(), Current: v.locale.Code == "en"},
		},
		Notices: at.notices(), Fresh: at.fresh(),
		Map: at.drawMap(), Ramp: v.layer.Ramp,
		LayerName: v.locale.Layer(v.layer), LayerUnit: v.layer.Unit,
		Panel: at.panel(lines, chartErr), Rows: at.rows(), Pipeline: at.pipeline(),
		Incidents: at.incidents(), Outlook: at.outlook(), Missing: at.missing(), Flags: at.flags(),
	}
	if v.layer.Variable == meteo.Rain {
		m.LayerNote = v.locale.LegendRain
	}
	for i, bound := range v.layer.Bounds {
		decimals := 0
		if bound != float64(int64(bound)) {
			decimals = 1
		}
		m.Legend = append(m.Legend, legendStep{className(i), v.locale.Number(bound, decimals)})
	}
	m.Legend = append(m.Legend, legendStep{Class: className(len(v.layer.Bounds))})
	m.Width = len(layers) + 2
	for _, l := range layers {
		name := v.locale.Layer(l)
		if l.Variable == meteo.Rain {
			name = v.locale.Rain24
		}
		m.Columns = append(m.Columns, column{name, l.Unit})
		m.Tabs = append(m.Tabs, link{Text: v.locale.Layer(l), URL: v.withLayer(l).URL(), Current: l.Variable == v.layer.Variable})
	}
	for _, hours := range spans {
		m.Spans = append(m.Spans, link{Text: v.locale.Span(hours), URL: v.withHours(hours).URL(), Current: hours == v.hours})
	}
	if row := s.row(v.station); row != nil {
		if shown := v.layer.value(row); meteo.Known(shown) {
			m.Announce = fill(v.locale.Announce, row.Region, v.locale.Value(v.layer, shown), v.locale.Stamp(row.ObservedAt, now))
		}
	}
	return m
}

// className is the style of a colour class.
func className(class int) string { return "c" + strconv.Itoa(class) }

func (at situation) age(t time.Time) *age {
	return &age{at.locale.Stamp(t, at.now), t.UTC().Format(time.RFC3339), at.locale.Age(at.now.Sub(t))}
}

// late reports whether an observation is older than the newest one should be.
func (at situation) late(o *query.Latest) bool { return at.now.Sub(o.ObservedAt) > at.maxAge }

// fresh is the age of the newest observation, or nil.
func (at situation) fresh() *age {
	var newest time.Time
	for i := range at.snapshot.Rows {
		if t := at.snapshot.Rows[i].ObservedAt; t.After(newest) {
			newest = t
		}
	}
	if newest.IsZero() {
		return nil
	}
	return at.age(newest)
}

// notices are what a visitor must know before believing the values.
func (at situation) notices() []notice {
	s, l := at.snapshot, at.locale
	var out []notice
	switch {
	case s.down() && s.ReadAt.IsZero():
		return []notice{{"warn", l.StoreNever}}
	case s.down():
		out = append(out, notice{"warn", fill(l.StoreDown, l.Stamp(s.StoreSince, at.now), l.Stamp(s.ReadAt, at.now))})
	case errors.Is(s.StoreErr, query.ErrEmpty):
		return []notice{{"info", l.NothingLoaded}}
	}
	if len(s.Rows) == 0 {
		return append(out, notice{"info", l.Empty})
	}
	if at.synthetic() {
		out = append(out, notice{"info", l.Synthetic})
	}
	var missing []string
	for _, station := range meteo.Stations {
		if s.row(station.ID) == nil {
			missing = append(missing, station.Region)
		}
	}
	if len(missing) > 0 {
		out = append(out, notice{"info", fill(l.SomeMissing, strings.Join(missing, ", "))})
	}
	return out
}

// synthetic reports whether any of the values are not measurements.
func (at situation) synthetic() bool {
	return slices.ContainsFunc(at.snapshot.Rows, func(row query.Latest) bool { return row.Source == syntheticSource })
}

// syntheticSource is the source of `fetch generate`, whose values are not measurements.
const syntheticSource = "generate"

// mapModel is the map.
type mapModel struct {
	Width, Height float64
	Regions       []regionModel
	Selected      string // id of a region, or ""
	Countries     []countryModel
}

// regionModel is a region on the map.
type regionModel struct {
	ID, Name, URL, Path string
	Class               string // c0 to c9, or none
	Over                string // hatch laid over it: late, flagged or ""
	Value               string // with decimals, without unit; "–" when there is none
	Spoken              string // all of it in words
	Current             bool
	Label               label
	Arrow               *float64 // direction the wind blows to, degrees, on the wind's layers
}

// countryModel is the name of a neighbour.
type countryModel struct {
	Name, Class string
	At          place
}

// drawMap colours the regions by their main station.
func (at situation) drawMap() mapModel {
	l := at.locale
	m := mapModel{Width: mapWidth, Height: mapHeight}
	for _, shape := range at.shapes {
		region := regionModel{
			ID: shape.Station.ID, Name: shape.Station.Region, URL: at.withStation(shape.Station.ID).URL(), Path: shape.Path,
			Class: "none", Value: "–", Spoken: l.NoData, Label: shape.Label, Current: shape.Station.ID == at.station,
		}
		if region.Current {
			m.Selected = region.ID
		}
		if row := at.snapshot.row(region.ID); row != nil {
			at.colour(&region, row)
		}
		m.Regions = append(m.Regions, region)
	}
	for i, at := range neighbours {
		m.Countries = append(m.Countries, countryModel{Name: l.Neighbours[i], Class: at.class, At: snap(project(at.longitude, at.latitude))})
	}
	return m
}

// colour fills in a region's newest observation.
func (at situation) colour(region *regionModel, row *query.Latest) {
	l := at.locale
	shown := at.layer.value(row)
	if !meteo.Known(shown) {
		return
	}
	region.Class = className(at.layer.class(shown))
	region.Value = l.Number(shown, at.layer.OnMap)
	region.Spoken = l.Value(at.layer, shown)
	if failed := at.layer.failed(row); len(failed) > 0 {
		region.Class, region.Over = "none", "flagged"
		region.Value += " ⚠"
		region.Spoken += ", " + l.Flagged
	}
	if at.late(row) {
		region.Over = "late"
		region.Spoken += ", " + l.Late + ", " + l.Age(at.now.Sub(row.ObservedAt))
	}
	direction := row.Values[meteo.WindDirection]
	if at.layer.Ramp == "wind" && at.layer.Variable != meteo.Visibility && meteo.Known(direction) {
		to := direction + 180
		region.Arrow = &to
		region.Spoken += " " + fill(l.From, l.Direction(direction))
	}
}
