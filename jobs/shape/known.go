package shape

import (
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// foreign is a table that may have the layout of a known tool or data set.
type foreign struct {
	headings []Heading
	sample   []Row
	index    map[string]int // positions by the lower-case name; of equal names the first
}

// layout is what is known about the columns of a tool's tables beyond their names.
type layout struct {
	columns  []*knownColumn      // by their position; nil: what the name says
	check    func(row Row) error // refuses a row that contradicts what the sample showed; nil: none does
	skip     func(row Row) bool  // reports whether a row is not a record, such as a logger's note; nil: none is
	interval int64               // seconds that amounts cover; 0: as the rows say
}

// knownColumn is a column of a known layout.
type knownColumn struct {
	name string                       // of the field, with its unit, as understand reads them: "rain (in)"; "" when it is not kept
	why  string                       // the reason why it is not kept; "" with no name: it is not data, and nobody is told
	zone *time.Location               // of its times; nil: not stated
	edit func(value any, row Row) any // brings a cell into a form that its field has; nil result: absent
}

// layouts are tried in this order.
var layouts = [...]func(*foreign) (layout, bool, error){
	weewx, gsod, ghcnDaily, meteostat, aviationWeather, meteoFrance, iem, ghcnHourly, lcd, openWeatherBulk, visualCrossing,
	wunderground, openMeteo, campbell, hobo, weatherLink, netatmo, climsoft,
}

// recognise finds the layout of a table. The error, a *meteo.Refusal, says what is needed to read a table of a known tool.
func recognise(headings []Heading, sample []Row) (layout, error) {
	t := &foreign{headings: headings, sample: sample, index: make(map[string]int, len(headings))}
	for i, h := range headings {
		name := strings.ToLower(strings.TrimSpace(h.Name))
		if _, ok := t.index[name]; !ok {
			t.index[name] = i
		}
	}
	for _, known := range layouts {
		if l, ok, err := known(t); ok || err != nil {
			return l, err
		}
	}
	return layout{}, nil
}

// has reports whether the table has all of the columns.
func (t *foreign) has(names ...string) bool {
	for _, name := range names {
		if _, ok := t.index[name]; !ok {
			return false
		}
	}
	return true
}

// hasAny reports whether the table has one of the columns.
func (t *foreign) hasAny(names ...string) bool {
	for _, name := range names {
		if _, ok := t.index[name]; ok {
			return true
		}
	}
	return false
}

// position returns that of a column, -1 when there is none.
func (t *foreign) position(name string) int {
	if i, ok := t.index[name]; ok {
		return i
	}
	return -1
}

// arrange puts the columns of a layout into the order of the table.
func (t *foreign) arrange(columns map[string]knownColumn) layout {
	l := layout{columns: make([]*knownColumn, len(t.headings))}
	for i, h := range t.headings {
		if c, ok := columns[strings.ToLower(strings.TrimSpace(h.Name))]; ok {
			l.columns[i] = &c
		}
	}
	return l
}

// numbers returns the numbers of a column of the sample.
func (t *foreign) numbers(name string) []float64 {
	var all []float64
	if i := t.position(name); i >= 0 {
		for _, row := range t.sample {
			if x, ok := number(at(row, i)); ok && !sentinel(x) {
				all = append(all, x)
			}
		}
	}
	return all
}

// spacing returns the seconds between the rows of the sample when they are all equally far apart, 0 otherwise.
func (t *foreign) spacing(name string) int64 {
	var last time.Time
	spacing := time.Duration(0)
	i := t.position(name)
	if i < 0 {
		return 0
	}
	for _, row := range t.sample {
		now, _, ok := ParseTime(at(row, i))
		if !ok {
			return 0
		}
		if !last.IsZero() {
			if between := now.Sub(last); between <= 0 || spacing != 0 && between != spacing {
				return 0
			}
			spacing = now.Sub(last)
		}
		last = now
	}
	return int64(spacing / time.Second)
}

// at returns the value of a cell, nil when the row has none there.
func at(row Row, i int) any {
	if i < 0 || i >= len(row) || absent(row[i].Value) {
		return nil
	}
	return row[i].Value
}

// missing makes an edit that leaves out the numbers that stand for what was not measured.
func missing(words ...float64) func(any, Row) any {
	return func(value any, _ Row) any {
		if x, ok := number(value); ok {
			for _, word := range words {
				if x == word {
					return nil
				}
			}
		}
		return value
	}
}

// scaled makes an edit that divides numbers.
func scaled(divisor float64) func(any, Row) any {
	return func(value any, _ Row) any {
		if x, ok := number(value); ok && !sentinel(x) {
			return tidy(x / divisor)
		}
		return value
	}
}

// compassPoints are the points of the compass in English and French, clockwise from north, 22.5 degrees apart.
var compassPoints = func() map[string]float64 {
	points := map[string]float64{}
	for i, names := range [...]string{"N NORTH NORD", "NNE", "NE", "ENE", "E EAST EST", "ESE", "SE", "SSE", "S SOUTH SUD", "SSW SSO", "SW SO", "WSW OSO", "W O WEST OUEST", "WNW ONO", "NW NO", "NNW NNO"} {
		for name := range strings.FieldsSeq(names) {
			points[name] = float64(i) * 22.5
		}
	}
	return points
}()

// cardinals makes letters of the words in points such as "Northwest" and "ouest-sud-ouest".
var cardinals = strings.NewReplacer("north", "n", "nord", "n", "south", "s", "sud", "s", "east", "e", "est", "e", "west", "w", "ouest", "o")

// compass reads a direction that is a point of the compass. Winds of no one direction (VRB, CALM) have none.
func compass(value any, _ Row) any {
	s, ok := value.(string)
	if !ok {
		return value
	}
	s = strings.ToUpper(strings.TrimSpace(s))
	if degrees, ok := compassPoints[s]; ok {
		return degrees
	}
	letters := strings.ToUpper(strings.ReplaceAll(cardinals.Replace(meteo.Fold(s)), " ", ""))
	if degrees, ok := compassPoints[letters]; ok {
		return degrees
	}
	switch strings.Trim(s, "-") {
	case "", "VRB", "VAR", "VARIABLE", "CALM", "CALME", "C":
		return nil
	}
	return value
}

// The reasons why columns of known layouts are not kept.
const (
	whyIndoor        = "it was measured indoors"
	whyPart          = "it is a part of the precipitation beside it"
	whyProcess       = "it is a deviation or a time, and not a value of the weather"
	whySpread        = "it is of the places of a town and not of a time"
	whySinceMidnight = "it is the sum since midnight, and not that of an interval"
	whyNoUnit        = "the file does not state its unit: say it with --unit"
)

// unknownUnits is the refusal of a table whose system of units is not known.
func unknownUnits(of string, value any) error {
	return meteo.Refuse(meteo.InvalidField, "%s %s is not a system of units that senmeteo knows", of, quote(value))
}
