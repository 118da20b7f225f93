package scrape

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"go.yaml.in/yaml/v3"

	"senmeteo/jobs/meteo"
)

// Site is one site file: where a provider's pages are, how they are read, and what it asks of those who read them.
type Site struct {
	Name    string `yaml:"name"`    // the source of its readings
	Title   string `yaml:"title"`   // for people
	Licence string `yaml:"licence"` // under which its data may be used
	Credit  string `yaml:"credit"`  // the line that names the provider
	// Language is that of month and wind names: en, or fr.
	Language string `yaml:"language"`

	// URL is the address of a page. {id} stands for a station's own id at the provider: then each station has a page,
	// otherwise one page holds all. {from} and {to} stand for the ends of the Window, as 200601021504 in UTC.
	URL    string   `yaml:"url"`
	Hosts  []string `yaml:"hosts"`  // that may be asked and redirected to; the URL's alone when empty
	Accept []string `yaml:"accept"` // content types that a page may have
	End    string   `yaml:"end"`    // the end of a whole HTML page; </html> when empty
	Every  Duration `yaml:"every"`  // from one round to the next
	Pause  Duration `yaml:"pause"`  // between two calls of the host; a second at least
	Window Duration `yaml:"window"` // how far back {from} is
	// Contact is set where the provider wants to know whom to write to.
	Contact  bool    `yaml:"contact"`
	Stations []Place `yaml:"stations"`

	// Form is how a page is read: synop and metar are lines of reports; prose, page and climate are HTML, of which the
	// section of that name says more.
	Form    string   `yaml:"form"`
	Prose   *Prose   `yaml:"prose"`
	Page    *Page    `yaml:"page"`
	Climate *Climate `yaml:"climate"`

	read reader
}

// IsWeather reports whether the site's readings are of any time at all. Climate is not: it belongs into no store of weather.
func (s *Site) IsWeather() bool { return s.Climate == nil }

// Place is a station of a site.
type Place struct {
	Station    string   `yaml:"station"` // SN-DK, or SN-DK-NN for a further station of the region
	ID         string   `yaml:"id"`      // what the provider calls it
	Latitude   *float64 `yaml:"latitude"`
	Longitude  *float64 `yaml:"longitude"`
	ElevationM *float64 `yaml:"elevation_m"`
}

// Duration is a time.Duration as "10m" in YAML.
type Duration time.Duration

// UnmarshalYAML reads "90s", "10m", "3h".
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	got, err := time.ParseDuration(node.Value)
	if err != nil || got < 0 || got > 366*24*time.Hour {
		return fmt.Errorf("line %d: %.40q is not a time such as 90s, 10m or 3h", node.Line, node.Value)
	}
	*d = Duration(got)
	return nil
}

// maxSiteFile is the longest site file, in bytes.
const maxSiteFile = 256 << 10

// ParseSite reads a site file and checks all of it, so that what it holds can't fail later. The error says what to correct.
func ParseSite(text []byte) (*Site, error) {
	if len(text) > maxSiteFile {
		return nil, fmt.Errorf("it has %d bytes, more than the %d of any site file", len(text), maxSiteFile)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var s Site
	if err := decoder.Decode(&s); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it is empty")
		}
		return nil, err
	}
	var more yaml.Node
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("it holds more than one document")
	}
	return &s, s.complete()
}

// reading makes an empty reading of a station.
func (p *Place) reading(at time.Time, source string, kind meteo.Kind, fetched time.Time) meteo.Reading {
	s, _ := meteo.StationByID(p.Station) // checked when the site was read
	s.ID = p.Station
	r := meteo.NewReading(s, at.UTC().Truncate(time.Microsecond), source, kind)
	r.FetchedAt, r.ProviderID = fetched, p.ID
	if p.Latitude != nil {
		r.Latitude, r.Longitude = *p.Latitude, *p.Longitude
	}
	if p.ElevationM != nil {
		r.ElevationM = *p.ElevationM
	}
	return r
}
