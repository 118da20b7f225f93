package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// view is what a visitor looks at: all of it is in the URL.
type view struct {
	locale  *locale
	chosen  bool // the language is in the URL
	station string
	layer   layer
	hours   int
}

// The chart's time span in hours.
const (
	defaultHours = 72
	maxHours     = 720
)

// spans are the time spans that the page offers, in hours.
var spans = []int{24, 72, 168}

// The ways in which a request can be wrong.
var (
	errStation = errors.New("station must be an id such as SN-DK of a station that has data or stands for a region")
	errLayer   = errors.New("variable must be the name of a variable such as temperature_c")
	errHours   = errors.New("hours must be a whole number from 1 to 720")
)

// readView reads a view from the URL; absent parameters have defaults.
func readView(r *http.Request, known []query.Latest) (view, error) {
	l, chosen := chooseLocale(r)
	v := view{locale: l, chosen: chosen, station: meteo.Stations[0].ID, layer: layers[0], hours: defaultHours}
	parameters := r.URL.Query()
	if id := parameters.Get("station"); id != "" {
		if !isStation(id, known) {
			return v, errStation
		}
		v.station = id
	}
	var ok bool
	if v.layer, ok = layerByName(parameters.Get("variable")); !ok {
		v.layer = layers[0]
		return v, errLayer
	}
	hours, err := readHours(parameters)
	if err != nil {
		return v, err
	}
	v.hours = hours
	return v, nil
}

// readHours reads ?hours=.
func readHours(parameters url.Values) (int, error) {
	text := parameters.Get("hours")
	if text == "" {
		return defaultHours, nil
	}
	hours, err := strconv.Atoi(text)
	if err != nil || hours < 1 || hours > maxHours {
		return 0, errHours
	}
	return hours, nil
}

// isStation reports whether an id is that of a main station or of one that has data.
func isStation(id string, known []query.Latest) bool {
	main := slices.ContainsFunc(meteo.Stations[:], func(s meteo.Station) bool { return s.ID == id })
	return main || slices.ContainsFunc(known, func(o query.Latest) bool { return o.StationID == id })
}

// URL returns the address of the view, without the defaults.
func (v view) URL() string {
	parameters := url.Values{}
	if v.chosen {
		parameters.Set("lang", v.locale.Code)
	}
	if v.station != meteo.Stations[0].ID {
		parameters.Set("station", v.station)
	}
	if v.layer.Variable != layers[0].Variable {
		parameters.Set("variable", v.layer.Variable.String())
	}
	if v.hours != defaultHours {
		parameters.Set("hours", strconv.Itoa(v.hours))
	}
	if len(parameters) == 0 {
		return "/"
	}
	return "/?" + parameters.Encode()
}

func (v view) withStation(id string) view { v.station = id; return v }
func (v view) withLayer(l layer) view     { v.layer = l; return v }
func (v view) withHours(hours int) view   { v.hours = hours; return v }

// withLanguage is the view in the language of a code of localeByCode.
func (v view) withLanguage(code string) view {
	if l, ok := localeByCode(code); ok {
		v.locale, v.chosen = l, true
	}
	return v
}
