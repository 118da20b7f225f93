package scrape

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"

	"senmeteo/jobs/meteo"
)

// Climate is how a table of the normals of twelve months is read. They are means of many years and no weather of any
// day, so they are kind model, and are for files and the screen alone (docs/adr/0011-climate.md). Of each month, in the last year of the
// period: on the 15th the mean lowest temperature at 06:00, the mean humidity at 12:00 and the mean highest temperature
// at 15:00; at the month's end its rain.
type Climate struct {
	Table  Selector `yaml:"table"`
	Title  Pattern  `yaml:"title"`  // of the table, with the group place
	Period Pattern  `yaml:"period"` // in the title, with the groups first and last: two years
	Rows   []Normal `yaml:"rows"`
}

// Normal is one row of the table.
type Normal struct {
	Labels   []string `yaml:"label"` // that its head may begin with; the unit follows
	Unit     string   `yaml:"unit"`
	As       string   `yaml:"as"`       // minimum, maximum, humidity or rain
	Optional bool     `yaml:"optional"` // the table may have no such row
}

// normals are the variables of Normal.As, with how long after a month's begin their readings are.
var normals = map[string]struct {
	variable meteo.Variable
	after    time.Duration // since the begin of the month; 0: at its end
}{
	"minimum":  {meteo.Temperature, 14*24*time.Hour + 6*time.Hour},
	"humidity": {meteo.Humidity, 14*24*time.Hour + 12*time.Hour},
	"maximum":  {meteo.Temperature, 14*24*time.Hour + 15*time.Hour},
	"rain":     {meteo.Rain, 0},
}

func (c *Climate) complete(s *Site) error {
	switch {
	case !s.eachHasAPage():
		return errors.New("each station needs a page of its own: put {id} into url")
	case !c.Table.given():
		return errors.New("table: say which selector matches the table")
	case !c.Title.has("place"):
		return errors.New("title: it has no group (?P<place>...)")
	case !c.Period.has("first") || !c.Period.has("last"):
		return errors.New("period: it needs the groups (?P<first>...) and (?P<last>...)")
	case len(c.Rows) == 0:
		return errors.New("rows: name at least one")
	}
	for _, row := range c.Rows {
		normal, ok := normals[row.As]
		if !ok {
			return fmt.Errorf("rows: as %.20q is none of minimum, maximum, humidity and rain", row.As)
		}
		if _, err := convert(0, row.Unit, normal.variable); err != nil {
			return fmt.Errorf("rows: %w", err)
		}
		if len(row.Labels) == 0 {
			return fmt.Errorf("rows: %s has no label", row.As)
		}
	}
	return nil
}

func (c *Climate) read(p *page) ([]found, error) {
	document, err := p.parse()
	if err != nil {
		return nil, err
	}
	place := p.only()
	table, year, err := c.find(document, place)
	if err != nil {
		return nil, err
	}
	rows := table.Find("tr")
	if err := checkMonths(rows, p.site.Language); err != nil {
		return nil, err
	}
	var all collection
	known := 0
	for _, row := range c.Rows {
		values, err := row.values(rows)
		if err != nil {
			return nil, err // of a table that is not as expected nothing counts
		}
		for i, x := range values {
			if !meteo.Known(x) {
				continue
			}
			known++
			all.add(row.reading(place, p, year, time.Month(i+1), x), false)
		}
	}
	if known == 0 {
		return nil, &LayoutError{What: fmt.Sprintf("the selector %q", c.Table.text), Why: "matches a table without a single number"}
	}
	return all.found, nil
}

// find is the table about a place, and the last year of its period.
func (c *Climate) find(document *goquery.Selection, place *Place) (*goquery.Selection, int, error) {
	tables, err := c.Table.find(document)
	if err != nil {
		return nil, 0, err
	}
	station, _ := meteo.StationByID(place.Station)
	var failed error
	for i := range tables.Nodes {
		table := tables.Eq(i)
		title := text(table.Find("caption, th").First())
		match := c.Title.FindStringSubmatchIndex(title)
		if match == nil {
			continue
		}
		about := " " + meteo.Fold(c.Title.groups(title, match)["place"]) + " "
		if !strings.Contains(about, " "+meteo.Fold(station.Region)+" ") {
			failed = &LayoutError{What: c.Title.field, Why: fmt.Sprintf("finds a table about another place: %q", clip(title))}
			continue
		}
		years := c.Period.FindStringSubmatchIndex(title)
		if years == nil {
			return nil, 0, &LayoutError{What: c.Period.field, Why: fmt.Sprintf("finds no period in %q", clip(title))}
		}
		first, _ := strconv.Atoi(c.Period.groups(title, years)["first"])
		last, _ := strconv.Atoi(c.Period.groups(title, years)["last"])
		if first < 1800 || last < first || last > 2200 {
			return nil, 0, &LayoutError{What: c.Period.field, Why: fmt.Sprintf("finds no period in %q", clip(title))}
		}
		return table, last, nil
	}
	if failed == nil {
		failed = &LayoutError{What: c.Title.field, Why: "matches the title of no table"}
	}
	return nil, 0, failed
}

// checkMonths makes sure that there is a row with the twelve months in their order.
func checkMonths(rows *goquery.Selection, language string) error {
	for i := range rows.Nodes {
		cells := rows.Eq(i).Children()
		if cells.Length() < 13 {
			continue
		}
		inOrder := true
		for m := 1; m <= 12 && inOrder; m++ {
			inOrder = month(language, text(cells.Eq(m))) == m
		}
		if inOrder {
			return nil
		}
	}
	return &LayoutError{What: "the row with the names of the twelve months"}
}

// values are those of the row's twelve months, NaN where the table has none.
func (n *Normal) values(rows *goquery.Selection) ([12]float64, error) {
	var out [12]float64
	for i := range rows.Nodes {
		row := rows.Eq(i)
		head, cells := text(row.Find("th").First()), row.Find("td")
		rest, ok := n.labelled(head)
		if !ok {
			continue
		}
		what := fmt.Sprintf("the row %q", clip(head))
		if rest = strings.TrimPrefix(rest, "("); !strings.HasPrefix(rest, n.Unit) {
			return out, &LayoutError{What: what, Why: "is not in " + n.Unit}
		}
		if cells.Length() != 12 && cells.Length() != 13 { // the thirteenth is the year
			return out, &LayoutError{What: what, Why: fmt.Sprintf("has %d cells, not twelve and the year", cells.Length())}
		}
		for m := range out {
			x, err := n.value(text(cells.Eq(m)))
			if err != nil {
				return out, &LayoutError{What: what, Why: "has the cell " + err.Error()}
			}
			out[m] = x
		}
		return out, nil
	}
	if n.Optional {
		for m := range out {
			out[m] = missing
		}
		return out, nil
	}
	return out, &LayoutError{What: fmt.Sprintf("the row %q", n.Labels[0])}
}

// labelled is what follows one of the row's labels in a head.
func (n *Normal) labelled(head string) (string, bool) {
	for _, label := range n.Labels {
		if len(head) >= len(label) && strings.EqualFold(head[:len(label)], label) {
			return strings.TrimSpace(head[len(label):]), true
		}
	}
	return "", false
}

// cell is a number, and the same in another unit in brackets.
var cell = regexp.MustCompile(`^(-?[\d,]*\.?\d+)(?: ?\((-?[\d,]*\.?\d+)\))?$`)

// others are the units in brackets beside a unit, as x*factor + offset, and by how much rounding may part them.
var others = map[string]struct{ factor, offset, apart float64 }{"°C": {1.8, 32, 1}, "mm": {1 / 25.4, 0, 0.06}}

// value reads a cell such as "25.0 (77.0)". What is in brackets must say the same, or the units are mixed up.
func (n *Normal) value(text string) (float64, error) {
	switch strings.ToLower(text) {
	case "", "-", "–", "—", "trace", "n/a":
		return missing, nil
	}
	m := cell.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q, which is not a number", clip(text))
	}
	x, err := number(strings.ReplaceAll(m[1], ",", ""))
	if err != nil {
		return 0, err
	}
	if other, ok := others[n.Unit]; ok && m[2] != "" {
		y, err := number(strings.ReplaceAll(m[2], ",", ""))
		if apart := x*other.factor + other.offset - y; err != nil || max(apart, -apart) > max(other.apart, 0.02*y) {
			return 0, fmt.Errorf("%q, whose two numbers do not say the same", clip(text))
		}
	}
	normal := normals[n.As]
	x, err = convert(x, n.Unit, normal.variable)
	bounds := map[meteo.Variable][2]float64{meteo.Temperature: {-10, 60}, meteo.Humidity: {0, 100}, meteo.Rain: {0, 3000}}[normal.variable]
	if err == nil && (x < bounds[0] || x > bounds[1]) {
		err = fmt.Errorf("%q, which can't be", clip(text))
	}
	return x, err
}

// reading is that of one month.
func (n *Normal) reading(place *Place, p *page, year int, m time.Month, x float64) meteo.Reading {
	normal := normals[n.As]
	begin := time.Date(year, m, 1, 0, 0, 0, 0, time.UTC)
	end := begin.AddDate(0, 1, 0)
	at := begin.Add(normal.after)
	if normal.after == 0 {
		at = end
	}
	r := place.reading(at, p.site.Name, meteo.Model, p.fetched)
	r.Values[normal.variable] = x
	if normal.variable == meteo.Rain {
		r.IntervalS = int64(end.Sub(begin) / time.Second)
	}
	return r
}
