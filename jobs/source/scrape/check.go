package scrape

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"senmeteo/jobs/meteo"
)

// complete fills in what a site file may leave out and reports what is wrong with it.
func (s *Site) complete() error {
	if err := meteo.CheckSource(s.Name); err != nil {
		return fmt.Errorf("name: %w", err)
	}
	if s.Licence == "" || s.Credit == "" {
		return errors.New("licence, credit: say under which licence the data may be used, and the line that credits the provider")
	}
	if err := s.completeAddress(); err != nil {
		return err
	}
	if s.Pause < Duration(time.Second) {
		s.Pause = Duration(time.Second)
	}
	if len(s.Accept) == 0 {
		return errors.New("accept: name the content types of its pages, such as text/html")
	}
	if s.End == "" {
		s.End = "</html>"
	}
	if s.Language == "" {
		s.Language = "en"
	}
	if _, ok := months[s.Language]; !ok {
		return fmt.Errorf("language: %.20q is neither en nor fr", s.Language)
	}
	if err := s.checkStations(); err != nil {
		return err
	}
	return s.completeForm()
}

// placeholder is a word in braces of a URL.
var placeholder = regexp.MustCompile(`\{[^}]*\}`)

func (s *Site) completeAddress() error {
	for _, word := range placeholder.FindAllString(s.URL, -1) {
		if !slices.Contains([]string{"{id}", "{from}", "{to}"}, word) {
			return fmt.Errorf("url: %.40q is none of {id}, {from} and {to}", word)
		}
	}
	u, err := url.Parse(placeholder.ReplaceAllString(s.URL, "x"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" || strings.ContainsAny(s.URL, " \t\n") {
		return fmt.Errorf("url: %.100q is not of the form https://HOST/PATH", s.URL)
	}
	if before, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(s.URL, "https://"), "http://"), "/"); strings.ContainsAny(before, "{}") {
		return errors.New("url: a host can't hold {id}, {from} or {to}")
	}
	if (strings.Contains(s.URL, "{from}") || strings.Contains(s.URL, "{to}")) && s.Window <= 0 {
		return errors.New("window: say how far back {from} in url is, such as 12h")
	}
	if len(s.Hosts) == 0 {
		s.Hosts = []string{u.Host}
	}
	for _, host := range s.Hosts {
		if strings.ContainsAny(host, "/ @?#") || host == "" {
			return fmt.Errorf("hosts: %.60q is not a host", host)
		}
	}
	if !slices.ContainsFunc(s.Hosts, func(host string) bool {
		return strings.EqualFold(host, u.Host) || strings.EqualFold(host, u.Hostname())
	}) {
		return fmt.Errorf("hosts: the host of url, %q, is missing", u.Host)
	}
	return nil
}

// eachHasAPage reports whether a page is about one station.
func (s *Site) eachHasAPage() bool { return strings.Contains(s.URL, "{id}") }

func (s *Site) checkStations() error {
	if len(s.Stations) == 0 {
		return errors.New("stations: name at least one")
	}
	seen := map[string]bool{}
	for i := range s.Stations {
		p := &s.Stations[i]
		main, ok := meteo.StationByID(p.Station)
		switch {
		case !ok:
			return fmt.Errorf("stations: %.40q is not a station of Senegal: use ids such as SN-DK, or SN-DK-01 for a further one", p.Station)
		case p.ID == "":
			return fmt.Errorf("stations: %s has no id at the provider", p.Station)
		case len(p.ID) > 100 || strings.ContainsFunc(p.ID, func(r rune) bool { return r < ' ' || r == utf8.RuneError }):
			return fmt.Errorf("stations: the id of %s is longer than 100 bytes, or no text", p.Station)
		case seen[p.Station]:
			return fmt.Errorf("stations: %s is named twice", p.Station)
		case seen["id "+p.ID]:
			return fmt.Errorf("stations: the provider's %.40q is named twice: a report belongs to one station alone", p.ID)
		case (p.Latitude == nil) != (p.Longitude == nil):
			return fmt.Errorf("stations: %s needs both latitude and longitude, or neither", p.Station)
		case p.Latitude != nil && !meteo.InSenegal(*p.Latitude, *p.Longitude):
			return fmt.Errorf("stations: %s is at %g, %g, which is not in Senegal", p.Station, *p.Latitude, *p.Longitude)
		case p.ElevationM != nil && !(*p.ElevationM > -100 && *p.ElevationM < 1000):
			return fmt.Errorf("stations: %s has an elevation of %g m, which no place of Senegal has", p.Station, *p.ElevationM)
		case p.Station != main.ID && (p.Latitude == nil || p.ElevationM == nil):
			return fmt.Errorf("stations: the further station %s needs latitude, longitude and elevation_m of its own", p.Station)
		}
		seen[p.Station], seen["id "+p.ID] = true, true
	}
	return nil
}

// completeForm chooses the reader and checks its section.
func (s *Site) completeForm() error {
	sections := map[string]section{}
	if s.Prose != nil {
		sections["prose"] = s.Prose
	}
	if s.Page != nil {
		sections["page"] = s.Page
	}
	if s.Climate != nil {
		sections["climate"] = s.Climate
	}
	for name := range sections {
		if s.Form != name {
			return fmt.Errorf("%s: the section is of no use to the form %.20q", name, s.Form)
		}
	}
	switch s.Form {
	case "synop":
		s.read = readSynop
	case "metar":
		s.read = readMetar
	case "prose", "page", "climate":
		section := sections[s.Form]
		if section == nil {
			return fmt.Errorf("%s: the form %s needs the section %s", s.Form, s.Form, s.Form)
		}
		if err := section.complete(s); err != nil {
			return fmt.Errorf("%s: %w", s.Form, err)
		}
		s.read = section.read
	default:
		return fmt.Errorf("form: %.20q is none of synop, metar, prose, page and climate", s.Form)
	}
	return nil
}

// section says how an HTML page is read.
type section interface {
	complete(*Site) error
	read(*page) ([]found, error)
}
