package scrape

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"

	"senmeteo/jobs/meteo"
)

// Page is how values in an HTML page are read, of one station or of many, such as the rows of a table.
type Page struct {
	Kind   meteo.Kind       `yaml:"kind"`    // observed or model
	Items  Selector         `yaml:"items"`   // the parts that are about one station each; the whole page when there is none
	Place  *Find            `yaml:"place"`   // in an item, what the provider calls its station; not on a page per station
	Time   When             `yaml:"time"`    // of the values
	TimeOf string           `yaml:"time_of"` // where that is: item or page
	Values map[string]Value `yaml:"values"`  // by the name of the variable, such as temperature_c

	language string
	values   [meteo.NumVariables]*Value
}

// Find is where a text is, in a part of a page.
type Find struct {
	Selector Selector `yaml:"selector"`
	Pattern  Pattern  `yaml:"pattern"` // with the group value; all of the text when there is none
}

// Value is where a number is, and its unit.
type Value struct {
	Find     `yaml:",inline"`
	Unit     string   `yaml:"unit"`
	Interval Duration `yaml:"interval"` // that rain fell in
}

// missing is the value of a cell that says that there is none.
var missing = math.NaN()

func (f *Find) complete() error {
	if !f.Selector.given() {
		return errors.New("it has no selector")
	}
	if f.Pattern.Regexp != nil && !f.Pattern.has("value") {
		return errors.New("its pattern has no group (?P<value>...)")
	}
	return nil
}

// in is the text in a part of a page.
func (f *Find) in(where *goquery.Selection) (string, error) {
	got, err := f.Selector.find(where)
	if err != nil {
		return "", err
	}
	said := text(got.First())
	if f.Pattern.Regexp == nil {
		return said, nil
	}
	match := f.Pattern.FindStringSubmatchIndex(said)
	if match == nil {
		return "", f.Pattern.changed(said)
	}
	return f.Pattern.groups(said, match)["value"], nil
}

func (p *Page) complete(s *Site) error {
	if p.Kind != meteo.Observed && p.Kind != meteo.Model {
		return fmt.Errorf("kind: %.20q is neither observed nor model", string(p.Kind))
	}
	if (p.Place == nil) != s.eachHasAPage() {
		return errors.New("place: say where the station's name is, or put {id} into url when each has a page")
	}
	if p.Place != nil {
		if err := p.Place.complete(); err != nil {
			return fmt.Errorf("place: %w", err)
		}
		if !p.Items.given() {
			return errors.New("items: say which selector matches the parts about one station each")
		}
	}
	if err := p.Time.complete(); err != nil {
		return fmt.Errorf("time: %w", err)
	}
	if p.TimeOf != "page" && p.TimeOf != "item" {
		return fmt.Errorf("time_of: %.20q is neither page nor item", p.TimeOf)
	}
	if len(p.Values) == 0 {
		return errors.New("values: name at least one")
	}
	for name, value := range p.Values {
		v, ok := meteo.VariableByName(name)
		if !ok {
			return fmt.Errorf("values: %.40q is not a variable: use names such as temperature_c", name)
		}
		if err := value.complete(); err != nil {
			return fmt.Errorf("values: %s: %w", name, err)
		}
		if _, err := convert(0, value.Unit, v); err != nil {
			return fmt.Errorf("values: %w", err)
		}
		if (v == meteo.Rain) != (value.Interval > 0) || value.Interval%Duration(time.Second) != 0 {
			return fmt.Errorf("values: %s: rain_mm needs the interval that it fell in, in seconds, and nothing else does", name)
		}
		p.values[v] = &value
	}
	p.language = s.Language
	return nil
}

func (p *Page) read(pg *page) ([]found, error) {
	document, err := pg.parse()
	if err != nil {
		return nil, err
	}
	items := document
	if p.Items.given() {
		if items, err = p.Items.find(document); err != nil {
			return nil, err
		}
	}
	var at time.Time
	if p.TimeOf == "page" {
		if at, err = p.Time.in(document, p.language); err != nil {
			return nil, err
		}
	}
	var all collection
	var changed error
	for i := range items.Nodes {
		if err := p.item(pg, items.Eq(i), at, &all); err != nil && changed == nil {
			changed = err
		}
	}
	if len(all.found) == 0 && changed == nil {
		changed = &LayoutError{What: "the page", Why: "has no value of any station that the site names"}
	}
	return all.found, changed
}

// item adds the reading of one part; one about another place adds none.
func (p *Page) item(pg *page, part *goquery.Selection, at time.Time, all *collection) error {
	place := pg.only()
	if place == nil {
		name, err := p.Place.in(part)
		if err != nil {
			return err
		}
		if place = pg.named(name); place == nil {
			return nil
		}
	}
	if p.TimeOf == "item" {
		var err error
		if at, err = p.Time.in(part, p.language); err != nil {
			return err
		}
	}
	r := place.reading(at, pg.site.Name, p.Kind, pg.fetched)
	for v, value := range p.values {
		if value == nil {
			continue
		}
		said, err := value.in(part)
		if err != nil {
			return err
		}
		x, err := value.number(said, meteo.Variable(v))
		if err != nil {
			return &LayoutError{What: fmt.Sprintf("the selector %q", value.Selector.text), Why: fmt.Sprintf("gives %q for %s of %s, which is not a number", clip(said), meteo.Variable(v), place.Station)}
		}
		r.Values[v] = x
	}
	if r.Values.Has(meteo.Rain) {
		r.IntervalS = int64(time.Duration(p.values[meteo.Rain].Interval) / time.Second)
	}
	if r.Values.Count() > 0 {
		all.add(r, false)
	}
	return nil
}

// number reads the text of a cell, in the unit of the variable.
func (v *Value) number(said string, as meteo.Variable) (float64, error) {
	switch strings.ToLower(said) {
	case "", "-", "--", "–", "—", "/", "//", "n/a", "nd":
		return missing, nil
	}
	said = strings.TrimSpace(strings.TrimSuffix(said, v.Unit))
	x, err := number(said)
	if err != nil {
		return 0, err
	}
	return convert(x, v.Unit, as)
}
