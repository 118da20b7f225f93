package web

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/gaps"
	"senmeteo/jobs/meteo"
)

// missingModel is what is missing, and who is silent.
type missingModel struct {
	Problem  string
	Nothing  string // no station has ever reported; "" when one has
	Summary  string
	Silent   []silentModel
	Steps    []legendStep // of the colours
	Days     []dayHead
	Stations []heatRow
	Elements []string
	Series   []seriesRow
}

// silentModel is a series whose newest reading is more than two of its intervals old.
type silentModel struct {
	Name, URL, Source, Every string
	Last                     *age
}

// dayHead heads a day; Month is set where a month begins.
type dayHead struct{ Day, Month, Title string }

// heatRow is a station by days.
type heatRow struct {
	Name, URL string
	Current   bool
	Cells     []heatCell
}

// heatCell is a share that is missing.
type heatCell struct {
	Class string // of its colour, "none" where nothing is missing
	Text  string // percent, 0 where nothing is missing; "" where nothing was expected
	Title string
}

// seriesRow is a series by elements.
type seriesRow struct {
	Name, URL, Source, Every string
	All                      heatCell
	Cells                    []heatCell // by element
	Flagged                  string
	Longest                  string
	Last                     *age
	Silent                   bool
}

// missing describes the gaps; nil when the store does not answer such questions.
func (at situation) missing() *missingModel {
	a, l := &at.snapshot.Survey.Gaps, at.locale
	if !a.Asked {
		return nil
	}
	m := &missingModel{Problem: a.unknown(l)}
	r := a.Value
	if r == nil {
		return m
	}
	if len(r.Series) == 0 {
		m.Nothing = l.NeverReported
		return m
	}
	m.Summary = fill(l.MissingOf, l.Integer(int64(r.Missing)), l.Integer(int64(r.Expected)), l.percent(r.Counts))
	elements := elementsOf(r)
	for _, v := range elements {
		m.Elements = append(m.Elements, l.Variable(v))
	}
	list := slices.Clone(r.Series)
	inOrderOfTheMap(list, func(s *gaps.Series) string { return s.StationID })
	for _, s := range list {
		row := at.series(s, elements)
		m.Series = append(m.Series, row)
		if row.Silent {
			m.Silent = append(m.Silent, silentModel{row.Name, row.URL, row.Source, row.Every, row.Last})
		}
	}
	for day := r.From; day.Before(r.To); day = day.AddDate(0, 0, 1) {
		head := dayHead{Day: strconv.Itoa(day.Day()), Title: l.Date(day, at.now)}
		if day.Equal(r.From) || day.Day() == 1 {
			head.Month = l.Months[day.Month()-1]
		}
		m.Days = append(m.Days, head)
	}
	for i, class := range heatClasses {
		m.Steps = append(m.Steps, legendStep{class, l.HeatSteps[i]})
	}
	m.Stations = at.heat(r)
	return m
}

// elementsOf are the variables that any series has, in the order of meteo.Variables.
func elementsOf(r *gaps.Report) []meteo.Variable {
	var out []meteo.Variable
	for v := range meteo.NumVariables {
		variable := meteo.Variable(v)
		if slices.ContainsFunc(r.Series, func(s *gaps.Series) bool { return elementOf(s, variable) != nil }) {
			out = append(out, variable)
		}
	}
	return out
}

func elementOf(s *gaps.Series, v meteo.Variable) *gaps.Element {
	i := slices.IndexFunc(s.Elements, func(e gaps.Element) bool { return e.Variable == v.String() })
	if i < 0 {
		return nil
	}
	return &s.Elements[i]
}

// series describes one series. One that promises nothing, as a file that was read once, is not silent, as for `senmeteo alerts`.
func (at situation) series(s *gaps.Series, elements []meteo.Variable) seriesRow {
	l := at.locale
	row := seriesRow{
		Name: stationName(s.StationID), URL: at.withStation(s.StationID).URL(), Source: l.seriesName(s.Source, s.Kind, s.OfDays),
		Every: l.Unknown, Flagged: l.Integer(int64(s.Flagged)), Longest: "–", Silent: s.Silent && s.EveryBy != gaps.BySeen,
	}
	if s.EveryS > 0 {
		row.Every = l.Seconds(s.EveryS)
	}
	if s.Last != nil {
		row.Last = at.age(*s.Last)
	}
	if g := s.Longest; g != nil {
		row.Longest = l.Stamp(g.From, at.now) + " · " + l.Lasting(g.To.Sub(g.From))
	}
	row.All = l.heat(s.Counts, row.Name+", "+row.Source)
	for _, v := range elements {
		var c heatCell
		if e := elementOf(s, v); e != nil {
			c = l.heat(e.Counts, row.Name+", "+l.Variable(v))
		}
		row.Cells = append(row.Cells, c)
	}
	return row
}

// heat is the table of stations by days, all series of a station together.
func (at situation) heat(r *gaps.Report) []heatRow {
	byDate := map[string]map[string]*gaps.Counts{}
	for _, s := range r.Series {
		days := byDate[s.StationID]
		if days == nil {
			days = map[string]*gaps.Counts{}
			byDate[s.StationID] = days
		}
		for _, d := range s.Days {
			if days[d.Date] == nil {
				days[d.Date] = &gaps.Counts{}
			}
			days[d.Date].Add(d.Counts)
		}
	}
	var out []heatRow
	ids := slices.Collect(maps.Keys(byDate))
	inOrderOfTheMap(ids, func(id string) string { return id })
	for _, id := range ids {
		days := byDate[id]
		row := heatRow{Name: stationName(id), URL: at.withStation(id).URL(), Current: id == at.station}
		for day := r.From; day.Before(r.To); day = day.AddDate(0, 0, 1) {
			var c heatCell
			if counts := days[day.Format(time.DateOnly)]; counts != nil {
				c = at.locale.heat(*counts, row.Name+", "+at.locale.Date(day, at.now))
			}
			row.Cells = append(row.Cells, c)
		}
		out = append(out, row)
	}
	return out
}

// inOrderOfTheMap sorts by the station that an element is of: the regions as the table of all stations has them, and further stations by id.
func inOrderOfTheMap[T any](list []T, id func(T) string) {
	place := func(x T) int {
		return slices.IndexFunc(meteo.Stations[:], func(s meteo.Station) bool { return strings.HasPrefix(id(x), s.ID) })
	}
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Or(place(a)-place(b), cmp.Compare(id(a), id(b))) })
}

// heatClasses are the colours of shares that are missing: nothing, up to each of heatBounds, more, and all.
var heatClasses = [...]string{"none", "c1", "c3", "c5", "c7", "c9"}

// heatBounds are the highest shares of the colours between nothing and all, percent.
var heatBounds = [...]float64{5, 25, 50}

// heat describes a share that is missing; of is what it is a share of.
func (l *locale) heat(c gaps.Counts, of string) heatCell {
	if c.Expected == 0 {
		return heatCell{}
	}
	share := c.MissingPct()
	step := 0
	switch {
	case c.Missing == 0:
	case c.Present == 0:
		step = len(heatClasses) - 1
	default:
		for step = 1; step <= len(heatBounds) && share > heatBounds[step-1]; step++ {
		}
	}
	return heatCell{heatClasses[step], l.percent(c), of + " – " + fill(l.MissingOf, l.Integer(int64(c.Missing)), l.Integer(int64(c.Expected)), l.percent(c))}
}

// percent is a share without its sign: 0 and 100 only when nothing and when all is missing.
func (l *locale) percent(c gaps.Counts) string {
	share := c.MissingPct()
	if share > 0 && share < 1 {
		return "<1"
	}
	if c.Missing < c.Expected {
		share = math.Min(share, 99)
	}
	return l.Number(share, 0)
}

// seriesName names a source with what sets a series of it apart from others.
func (l *locale) seriesName(source string, kind meteo.Kind, ofDays bool) string {
	name := l.SourceName(source)
	if kind == meteo.Model {
		name += ", " + l.ModelKind
	}
	if ofDays {
		name += ", " + l.OfDays
	}
	return name
}

// stationName is the name of the region, with the number of a further station; an id that is not known is its own name.
func stationName(id string) string {
	station, ok := meteo.StationByID(id)
	if !ok {
		return id
	}
	return station.Region + id[len(station.ID):]
}
