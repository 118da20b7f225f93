package openmeteo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// variable is one variable of Open-Meteo with ours and the unit in which it must come, so that no unit is mixed up.
type variable struct {
	name string
	as   meteo.Variable
	unit string
}

func names(variables []variable) string {
	list := make([]string, len(variables))
	for i, v := range variables {
		list[i] = v.name
	}
	return strings.Join(list, ",")
}

// place is the part of an answer about one station.
type place struct {
	Latitude     *float64              `json:"latitude"` // of the grid cell
	Longitude    *float64              `json:"longitude"`
	LocationID   int                   `json:"location_id"` // its index; the first has none
	CurrentUnits map[string]string     `json:"current_units"`
	Current      map[string]*float64   `json:"current"` // with time, and interval in seconds
	HourlyUnits  map[string]string     `json:"hourly_units"`
	Hourly       map[string][]*float64 `json:"hourly"` // one list per variable, and time; unknown is null
}

// malformed is an answer that is not of the documented shape.
func malformed(format string, args ...any) error {
	return flow.Fail(flow.BadInput, "reading the answer of Open-Meteo: "+format+": the service may have changed", args...)
}

// part is what an answer has about one station: its place, or why that is of no use.
type part struct {
	place place
	err   error
}

// errAbsent is why a station has no part.
var errAbsent = errors.New("it has no place of that index")

// readPlaces reads an answer: an object for one station, an array for several. It returns the part of each station, by
// the order of the places, or by their index where the answer has fewer and they name it. An answer whose places can't be
// assigned to stations is refused.
func readPlaces(body []byte, want int) ([]part, error) {
	texts := []json.RawMessage{body}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte{'['}) {
		texts = nil
		if err := json.Unmarshal(body, &texts); err != nil {
			return nil, malformed("%w", err)
		}
	}
	parts := make([]part, want)
	for i := range parts {
		parts[i].err = errAbsent
	}
	if len(texts) > want || len(texts) < min(want, 2) {
		return nil, malformed("it has %d places, %d were asked for", len(texts), want)
	}
	for i, text := range texts {
		var p part
		at := i
		if err := json.Unmarshal(text, &p.place); err != nil {
			p.err = err
		} else if said := reasonOf(text); said != "" {
			p.err = fmt.Errorf("the server says %.200q", said)
		}
		switch id := p.place.LocationID; {
		case len(texts) == want && (id == 0 || id == i):
		case len(texts) < want && (id > 0 || i == 0) && id < want && parts[id].err == errAbsent: //nolint:errorlint // it is this value
			at = id
		default:
			return nil, malformed("place %d of %d calls itself %d, and %d were asked for", i, len(texts), id, want)
		}
		parts[at] = p
	}
	return parts, nil
}

// reasonOf is what the server says about a place that it has no values for; "" when it says nothing.
func reasonOf(text []byte) string {
	var object struct {
		Reason string `json:"reason"`
	}
	if !isError(text) || json.Unmarshal(text, &object) != nil {
		return ""
	}
	return object.Reason
}

// checkUnits refuses values in other units than were asked for.
func checkUnits(units map[string]string, variables []variable) error {
	for _, v := range variables {
		if unit, ok := units[v.name]; ok && unit != v.unit && unit != "undefined" {
			return fmt.Errorf("%s is in %.20q, not in %s", v.name, unit, v.unit)
		}
	}
	if unit := units["time"]; unit != "unixtime" {
		return fmt.Errorf("times are in %.20q, not in unixtime", unit)
	}
	return nil
}

// cell is what Open-Meteo calls the place: the middle of the grid cell that the values are of.
func (p *place) cell() string {
	if p.Latitude == nil || p.Longitude == nil {
		return ""
	}
	return strconv.FormatFloat(*p.Latitude, 'f', -1, 64) + "," + strconv.FormatFloat(*p.Longitude, 'f', -1, 64)
}

// state makes a reading of the present state.
func (p *part) state(station meteo.Station, fetched time.Time) (meteo.Reading, error) {
	if p.err != nil {
		return meteo.Reading{}, p.err
	}
	here := &p.place
	if here.Current == nil {
		return meteo.Reading{}, errors.New("it has no current values")
	}
	if err := checkUnits(here.CurrentUnits, present); err != nil {
		return meteo.Reading{}, err
	}
	at, err := instant(here.Current["time"])
	if err != nil {
		return meteo.Reading{}, err
	}
	r := meteo.NewReading(station, at, Name, meteo.Model)
	r.FetchedAt, r.ProviderID = fetched, here.cell()
	known := 0
	for _, v := range present {
		x, ok := here.Current[v.name]
		if ok {
			known++
		}
		if x != nil {
			r.Values[v.as] = *x
		}
	}
	if known == 0 {
		return r, errors.New("it has none of the variables that were asked for")
	}
	seconds := here.Current["interval"]
	if seconds == nil || *seconds < 1 || *seconds > 86400 || *seconds != math.Trunc(*seconds) {
		r.Values[meteo.Rain] = math.NaN() // of rain, an unknown time says nothing
		return r, nil
	}
	if r.Values.Has(meteo.Rain) {
		r.IntervalS = int64(*seconds)
	}
	return r, nil
}

// hours makes the readings of the hourly columns, oldest first; hours without any value give none.
func (p *part) hours(station meteo.Station, fetched time.Time) ([]meteo.Reading, error) {
	if p.err != nil {
		return nil, p.err
	}
	here := &p.place
	times := here.Hourly["time"]
	if times == nil {
		return nil, errors.New("it has no hourly times")
	}
	if err := checkUnits(here.HourlyUnits, archived); err != nil {
		return nil, err
	}
	for _, v := range archived {
		if column, ok := here.Hourly[v.name]; !ok || len(column) != len(times) {
			return nil, fmt.Errorf("%s has %d values for %d hours", v.name, len(column), len(times))
		}
	}
	readings := make([]meteo.Reading, 0, len(times))
	for i := range times {
		at, err := instant(times[i])
		if err != nil {
			return nil, err
		}
		r := meteo.NewReading(station, at, Name, meteo.Model)
		r.FetchedAt, r.ProviderID = fetched, here.cell()
		for _, v := range archived {
			if x := here.Hourly[v.name][i]; x != nil {
				r.Values[v.as] = *x
			}
		}
		if r.Values.Has(meteo.Rain) {
			r.IntervalS = 3600 // sums are those of the hour before
		}
		if r.Values.Count() > 0 {
			readings = append(readings, r)
		}
	}
	return readings, nil
}

// instant reads a time in seconds since 1970 that lies within the years that any service can mean.
func instant(seconds *float64) (time.Time, error) {
	const first, last = -2208988800, 4102444800 // 1900 and 2100
	if seconds == nil || *seconds < first || *seconds > last || *seconds != math.Trunc(*seconds) {
		return time.Time{}, fmt.Errorf("a time is %s, not whole seconds since 1970", shown(seconds))
	}
	return time.Unix(int64(*seconds), 0).UTC(), nil
}

func shown(x *float64) string {
	if x == nil {
		return "missing"
	}
	return fmt.Sprintf("%g", *x)
}
