package tomorrow

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/client"
)

// Name is the source of every reading of this package, as shape.Decoder gives it.
const Name = "tomorrow"

// publicURL is the server of the API.
const publicURL = "https://api.tomorrow.io"

// Config says what to read, with which key and budget.
type Config struct {
	APIKey   string          // secret
	BaseURL  string          // scheme and host that stand in for the public server; "" asks that
	Stations []meteo.Station // in the order in which they are asked for
	From, To time.Time       // the window [From, To) of hourly steps, past or to come; both zero: the present
	Budget   *Budget         // what may be asked; needed
	Warn     func(string)    // hears of each different warning of the server once; nil: nobody does
	HTTP     client.Config   // User-Agent, patience and clock; its hosts are set here
}

// Validate reports what is wrong with the configuration, in words for its user.
func (c *Config) Validate() error {
	switch {
	case c.APIKey == "":
		return errors.New("no API key for Tomorrow.io is given: write it into a file and name that by --api-key-file or SENMETEO_API_KEY_FILE")
	case !isKey(c.APIKey):
		return errors.New("the API key for Tomorrow.io holds other characters than letters, digits, - and _: look at the file that --api-key-file or SENMETEO_API_KEY_FILE names")
	case len(c.Stations) == 0:
		return errors.New("no station is chosen: name at least one, such as SN-DK, or all")
	case c.From.IsZero() != c.To.IsZero():
		return errors.New("a window needs both from and to; without both the present is read")
	case c.To.Before(c.From):
		return fmt.Errorf("the window ends at %s, before it begins at %s: exchange from and to", stamp(c.To), stamp(c.From))
	case c.Budget == nil:
		return errors.New("no budget is given: without one the limits of the key would not be kept")
	case len(c.Stations) > c.Budget.most():
		return fmt.Errorf("%d stations need as many calls, but the key allows %d: choose fewer", len(c.Stations), c.Budget.most())
	}
	if c.BaseURL == "" {
		return nil
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" {
		return errors.New("the base URL is not of the form https://HOST or https://HOST:PORT")
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// isKey reports whether s has the characters of a key, none of which could break a header.
func isKey(s string) bool {
	for _, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && r != '-' && r != '_' {
			return false
		}
	}
	return len(s) <= 256
}
