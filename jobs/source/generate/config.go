package generate

import (
	"errors"
	"fmt"
	"io"
	"time"

	"senmeteo/jobs/meteo"
)

// Name is the source of every reading of this package.
const Name = "generate"

// Config says which readings to make.
type Config struct {
	Stations []meteo.Station // which stations, in the order in which their readings come
	From, To time.Time       // the window [From, To)
	Every    time.Duration   // the step of the readings and what their rain covers; whole seconds up to a day
	Seed     uint64          // equal seeds give equal weather
	Faults   float64         // chance that a reading gets a point defect, 0 to 1
	Truth    io.Writer       // takes one line of JSON per defect; nil: none is written
}

// The years that readings may be made for. The last ends before the year that a broken clock
// shows, so that a defect of kind Future is always one.
const (
	firstYear = 1900
	lastYear  = 2098
)

// Validate reports what is wrong with the configuration, in words for its user.
func (c *Config) Validate() error {
	switch {
	case len(c.Stations) == 0:
		return errors.New("no station is chosen: name at least one, such as SN-DK, or all")
	case c.From.IsZero() || c.To.IsZero():
		return errors.New("the window needs a first and a last time: give both from and to")
	case c.To.Before(c.From):
		return fmt.Errorf("the window ends at %s, before it begins at %s: exchange from and to",
			c.To.UTC().Format(time.RFC3339), c.From.UTC().Format(time.RFC3339))
	case c.From.UTC().Year() < firstYear || c.To.UTC().Year() > lastYear:
		return fmt.Errorf("the window must lie in the years %d to %d", firstYear, lastYear)
	case c.Every < time.Second || c.Every > 24*time.Hour || c.Every%time.Second != 0:
		return fmt.Errorf("the step of %s is not a whole number of seconds from 1s to 24h", c.Every)
	}
	if err := ValidRate(c.Faults); err != nil {
		return fmt.Errorf("the share of faults is %v: %w", c.Faults, err)
	}
	seen := map[string]bool{}
	for _, s := range c.Stations {
		if _, ok := meteo.StationByID(s.ID); !ok {
			return fmt.Errorf("the station %.40q is in no region of Senegal: use ids such as SN-DK or SN-DK-02", s.ID)
		}
		if seen[s.ID] {
			return fmt.Errorf("the station %s is chosen twice: name it once", s.ID)
		}
		seen[s.ID] = true
	}
	return nil
}

// Readings is the number of readings of a valid configuration without faults: stations times steps.
func (c *Config) Readings() int64 {
	steps := (c.To.Sub(c.From) + c.Every - 1) / c.Every
	return int64(steps) * int64(len(c.Stations))
}
