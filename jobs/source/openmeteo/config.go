package openmeteo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/client"
)

// Name is the source of every reading of this package.
const Name = "open-meteo"

// The servers for free use.
const (
	forecastURL = "https://api.open-meteo.com"
	archiveURL  = "https://archive-api.open-meteo.com"
)

// Config says what to read.
type Config struct {
	BaseURL  string          // scheme and host that stand in for the public servers; "" asks these
	Stations []meteo.Station // in the order in which their readings come
	From, To time.Time       // the window [From, To) of the archive; both zero: the present
	Cursor   Cursor          // remembers how far a window was read; nil: nothing is remembered
	// Landed is called at the end of each chunk of a window, before the Cursor moves, and makes what was put
	// durable, so that a stop loses nothing. nil: put itself does.
	Landed func(context.Context) error
	HTTP   client.Config // User-Agent, patience and clock; its hosts are set here
}

// Cursor remembers how far a window was read. A task is what is read: another task starts at its begin.
type Cursor interface {
	// Load returns the first time that was not read yet, or the zero time for a task that it does not know.
	Load(ctx context.Context, task string) (time.Time, error)
	Save(ctx context.Context, task string, next time.Time) error
}

// firstArchived is where the archive begins (ERA5).
var firstArchived = time.Date(1940, 1, 1, 0, 0, 0, 0, time.UTC)

// maxStations is how many places one request may name.
const maxStations = 1000

// Validate reports what is wrong with the configuration, in words for its user.
func (c *Config) Validate() error {
	switch {
	case len(c.Stations) == 0:
		return errors.New("no station is chosen: name at least one, such as SN-DK, or all")
	case len(c.Stations) > maxStations:
		return fmt.Errorf("%d stations are more than the %d that one request may name: choose fewer", len(c.Stations), maxStations)
	case c.From.IsZero() != c.To.IsZero():
		return errors.New("a window of the past needs both from and to; without both the present is read")
	case c.To.Before(c.From):
		return fmt.Errorf("the window ends at %s, before it begins at %s: exchange from and to", stamp(c.To), stamp(c.From))
	case !c.From.IsZero() && c.From.Before(firstArchived):
		return fmt.Errorf("the window begins at %s, but the archive at %s", stamp(c.From), stamp(firstArchived))
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
