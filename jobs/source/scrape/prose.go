package scrape

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// Prose is how a forecast in sentences is read, one sentence about one place or several. It gives forecasts and never
// observations: of each place one for the hour of the lowest and one for the hour of the highest temperature.
type Prose struct {
	Issued When     `yaml:"issued"` // when the forecast was issued
	Items  Selector `yaml:"items"`  // the parts of the page that hold sentences
	// Pattern is that of a sentence. It has the groups place, min and max (°C), and may have sky, sector (where the wind
	// comes from) and speed (of the wind). Several places stand between commas, "et" or "and".
	Pattern Pattern `yaml:"pattern"`
	// MinAt and MaxAt are the hours (UTC) of the lowest and highest temperature: 06:00 and 15:00. The first after the issue counts.
	MinAt *Clock `yaml:"min_at"`
	MaxAt *Clock `yaml:"max_at"`
	// Sky is the cloud cover in percent that a word for the sky stands for; other words leave it unknown.
	Sky       map[string]float64 `yaml:"sky"`
	SpeedUnit string             `yaml:"speed_unit"` // of the group speed

	language string
	sky      map[string]float64 // by the folded word
}

// The hours of the lowest and highest temperature in Senegal, UTC: a little before sunrise, and in the afternoon.
var (
	earlyMorning = Clock(6 * time.Hour)
	afternoon    = Clock(15 * time.Hour)
)

func (p *Prose) complete(s *Site) error {
	if err := p.Issued.complete(); err != nil {
		return fmt.Errorf("issued: %w", err)
	}
	if !p.Items.given() {
		return errors.New("items: say which selector matches the sentences")
	}
	for _, group := range []string{"place", "min", "max"} {
		if !p.Pattern.has(group) {
			return fmt.Errorf("pattern: it has no group (?P<%s>...)", group)
		}
	}
	if p.MinAt == nil {
		p.MinAt = &earlyMorning
	}
	if p.MaxAt == nil {
		p.MaxAt = &afternoon
	}
	if *p.MinAt == *p.MaxAt {
		return errors.New("min_at, max_at: the lowest and the highest temperature can't be at the same time")
	}
	if p.Pattern.has("speed") {
		if _, err := convert(0, p.SpeedUnit, meteo.WindSpeed); err != nil {
			return fmt.Errorf("speed_unit: %w", err)
		}
	}
	p.sky = map[string]float64{}
	for word, percent := range p.Sky {
		if !(percent >= 0 && percent <= 100) {
			return fmt.Errorf("sky: %.40q is %g, no percentage", word, percent)
		}
		p.sky[meteo.Fold(word)] = percent
	}
	p.language = s.Language
	return nil
}

// sentence is what one sentence says.
type sentence struct {
	text     string
	min, max float64
	values   meteo.Values // of the whole day
}

func (p *Prose) read(pg *page) ([]found, error) {
	document, err := pg.parse()
	if err != nil {
		return nil, err
	}
	issued, err := p.Issued.in(document, p.language)
	if err != nil {
		return nil, err
	}
	items, err := p.Items.find(document)
	if err != nil {
		return nil, err
	}
	var all collection
	var changed error
	sentences := 0
	for i := range items.Nodes {
		said := text(items.Eq(i))
		done := 0
		for _, match := range append(p.Pattern.FindAllStringSubmatchIndex(said, -1), []int{len(said), len(said)}) {
			if between := said[done:match[0]]; pg.introduced(between) != nil && changed == nil {
				changed = p.Pattern.changed(strings.TrimSpace(between))
			}
			if done = match[1]; match[0] == match[1] {
				continue
			}
			sentences++
			if err := p.sentence(pg, said, match, issued, &all); err != nil && changed == nil {
				changed = err
			}
		}
	}
	if sentences == 0 && changed == nil {
		changed = p.Pattern.changed(text(items))
	}
	return all.found, changed
}

// introduced is a station whose name precedes a colon in a text: a sentence about it that was not understood.
func (p *page) introduced(text string) *Place {
	parts := strings.Split(text, ":")
	for _, before := range parts[:len(parts)-1] {
		before = " " + meteo.Fold(before)
		for _, place := range p.places {
			if strings.HasSuffix(before, " "+meteo.Fold(place.ID)) {
				return place
			}
		}
	}
	return nil
}

// between separates places in a sentence about several.
var between = regexp.MustCompile(`\s*(?:,|;|/|\bet\b|\band\b)\s*`)

// sentence adds the forecasts of one sentence. Places that the site does not have are passed over.
func (p *Prose) sentence(pg *page, said string, match []int, issued time.Time, all *collection) error {
	parts := p.Pattern.groups(said, match)
	s := sentence{text: strings.TrimSpace(said[match[0]:match[1]])}
	refusal := p.understand(parts, &s)
	for _, name := range between.Split(parts["place"], -1) {
		place := pg.named(name)
		if place == nil {
			if near := pg.introduced(name + " :"); near != nil {
				return p.Pattern.changed(s.text)
			}
			continue
		}
		if refusal != nil {
			all.refuse(place, s.text, refusal)
			continue
		}
		for _, extreme := range []struct {
			at      Clock
			celsius float64
		}{{*p.MinAt, s.min}, {*p.MaxAt, s.max}} {
			r := place.reading(extreme.at.after(issued), pg.site.Name, meteo.Forecast, pg.fetched)
			r.IssuedAt, r.Values = issued, s.values
			r.Values[meteo.Temperature] = extreme.celsius
			all.add(r, false)
		}
	}
	return nil
}

// understand reads the numbers and words of a sentence.
func (p *Prose) understand(parts map[string]string, s *sentence) error {
	s.values = meteo.NoValues()
	var err error
	if s.min, err = number(parts["min"]); err != nil {
		return err
	}
	if s.max, err = number(parts["max"]); err != nil {
		return err
	}
	if s.min > s.max || s.min < -10 || s.max > 60 {
		return fmt.Errorf("temperatures from %g to %g °C can't be", s.min, s.max)
	}
	if percent, ok := p.sky[meteo.Fold(parts["sky"])]; ok {
		s.values[meteo.CloudCover] = percent
	}
	if degrees, ok := compass(p.language, parts["sector"]); ok {
		s.values[meteo.WindDirection] = degrees
	}
	if parts["speed"] != "" {
		x, err := number(parts["speed"])
		if err != nil {
			return err
		}
		if s.values[meteo.WindSpeed], err = convert(x, p.SpeedUnit, meteo.WindSpeed); err != nil || x < 0 || x > 300 {
			return fmt.Errorf("a wind of %g %s can't be", x, p.SpeedUnit)
		}
	}
	return nil
}

// named is the station of a page that its provider calls so, whatever the case and accents.
func (p *page) named(name string) *Place {
	name = strings.TrimPrefix(meteo.Fold(name), "region de ")
	for _, place := range p.places {
		if name != "" && meteo.Fold(place.ID) == name {
			return place
		}
	}
	return nil
}

// number reads a number with a decimal point or comma, as text gives it.
func number(text string) (float64, error) {
	x, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil || x != x || x > 1e9 || x < -1e9 { // NaN
		return 0, fmt.Errorf("%.40q is not a number", text)
	}
	return x + 0, nil // -0 becomes 0
}
