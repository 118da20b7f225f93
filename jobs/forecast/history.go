package forecast

import (
	"cmp"
	"math"
	"slices"
	"time"

	"senmeteo/jobs/meteo"
)

// Day is what one station measured during one day in UTC.
type Day struct {
	StationID string
	Latitude  float64 // degrees north, WGS84
	Longitude float64 // degrees east, WGS84
	Date      time.Time
	Values    meteo.Values // those over the day; NaN where unknown
}

// Site is a station of a History.
type Site struct {
	ID        string
	Latitude  float64
	Longitude float64
}

// site is where a day was measured: where nothing says so, at the place of the region's station.
func (d *Day) site() Site {
	if station, ok := meteo.StationByID(d.StationID); ok && !meteo.Known(d.Latitude+d.Longitude) {
		return Site{d.StationID, station.Latitude, station.Longitude}
	}
	return Site{d.StationID, d.Latitude, d.Longitude}
}

// element is a position in the inputs of the models.
type element int

const (
	tmax element = iota
	tmin
	wind
	humidity
	dewPoint
	rain // 1 on a wet day, 0 on a dry one
	numElements
)

// numTargets is how many elements are forecast by the regressions: those before dewPoint.
const numTargets = 4

// Targets are the variables that are forecast as values with quantiles, in the order of Daily.Quantiles.
var Targets = [numTargets]meteo.Variable{meteo.TemperatureMax, meteo.TemperatureMin, meteo.WindSpeedMean, meteo.HumidityMean}

// inputs are the variables of the elements.
var inputs = [numElements]meteo.Variable{
	meteo.TemperatureMax, meteo.TemperatureMin, meteo.WindSpeedMean, meteo.HumidityMean, meteo.DewPointMean, meteo.Rain,
}

// WetDayMM is the least rain of a wet day, millimetres (WMO-No. 1203 counts days of at least 1 mm).
const WetDayMM = 1.0

// History is the daily series of several stations, side by side.
type History struct {
	sites    []Site
	first    int                      // day number of the first day
	n        int                      // days
	x        [numElements][][]float64 // by site and day; NaN unknown
	season   []angles                 // of each day
	years    []int                    // of each day
	yearDays []int                    // of each day, from 1 up
}

// dayNumber counts the days since 1970-01-01.
func dayNumber(t time.Time) int { return int(math.Floor(float64(t.Unix()) / 86400)) }

// dateOf is the midnight with which a day begins.
func dateOf(number int) time.Time { return time.Unix(int64(number)*86400, 0).UTC() }

// NewHistory puts days side by side. Of several of one station and date the last counts. The order of the days does not matter.
func NewHistory(days []Day) *History {
	h := &History{}
	index := map[string]int{}
	last := math.MinInt
	h.first = math.MaxInt
	for i := range days {
		d := &days[i]
		if _, known := index[d.StationID]; !known {
			index[d.StationID] = 0
			h.sites = append(h.sites, d.site())
		}
		number := dayNumber(d.Date)
		h.first, last = min(h.first, number), max(last, number)
	}
	if len(days) == 0 {
		h.first = 0
		return h
	}
	slices.SortFunc(h.sites, func(a, b Site) int { return cmp.Compare(a.ID, b.ID) })
	for i, s := range h.sites {
		index[s.ID] = i
	}
	h.n = last - h.first + 1
	h.allocate()
	for i := range days {
		h.put(index[days[i].StationID], &days[i])
	}
	return h
}

func (h *History) allocate() {
	for e := range h.x {
		h.x[e] = make([][]float64, len(h.sites))
		for s := range h.sites {
			h.x[e][s] = unknown(h.n)
		}
	}
	h.season, h.years, h.yearDays = make([]angles, h.n), make([]int, h.n), make([]int, h.n)
	for t := range h.n {
		date := dateOf(h.first + t)
		h.season[t], h.years[t], h.yearDays[t] = anglesOf(date), date.Year(), date.YearDay()
	}
}

func (h *History) put(site int, d *Day) {
	t := dayNumber(d.Date) - h.first
	for e, v := range inputs {
		x := d.Values[v]
		if element(e) == rain && meteo.Known(x) {
			x = wet(x)
		}
		h.x[e][site][t] = x
	}
}

func wet(mm float64) float64 {
	if mm >= WetDayMM {
		return 1
	}
	return 0
}

func unknown(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.NaN()
	}
	return x
}

// Sites lists the stations in the order of their ids.
func (h *History) Sites() []Site { return h.sites }

// Only returns the history of some of the stations.
func (h *History) Only(sites []Site) *History {
	out := &History{sites: sites, first: h.first, n: h.n, season: h.season, years: h.years, yearDays: h.yearDays}
	for s, site := range h.sites {
		if slices.ContainsFunc(sites, func(wanted Site) bool { return wanted.ID == site.ID }) {
			for e := range h.x {
				out.x[e] = append(out.x[e], h.x[e][s])
			}
		}
	}
	return out
}

// index is the position of a date in the series; it may be outside of them.
func (h *History) index(date time.Time) int { return dayNumber(date) - h.first }

// known counts the days before end with a value of an element.
func (h *History) known(e element, s, end int) int {
	n := 0
	for _, x := range h.x[e][s][:end] {
		if meteo.Known(x) {
			n++
		}
	}
	return n
}

// Value is what a target, by its position in Targets, was on a day at a site; NaN when that is not known.
func (h *History) Value(target, site int, date time.Time) float64 {
	return h.value(element(target), site, date)
}

// Wet is 1 where a day at a site was wet, 0 where it was not, and NaN when that is not known.
func (h *History) Wet(site int, date time.Time) float64 { return h.value(rain, site, date) }

func (h *History) value(e element, site int, date time.Time) float64 {
	if t := h.index(date); t >= 0 && t < h.n {
		return h.x[e][site][t]
	}
	return math.NaN()
}

// Span is the first day of the history and the one after its last.
func (h *History) Span() (first, end time.Time) { return dateOf(h.first), dateOf(h.first + h.n) }
