package forecast

import (
	"math"
	"slices"
	"time"

	"senmeteo/jobs/meteo"
)

// MaxHours is the furthest hour that is forecast.
const MaxHours = 48

const (
	profileDays   = 21  // the usual temperature of an hour is the mean of that hour on so many days
	hourlyDays    = 120 // the last so many days train the hourly models
	hourlyNear    = 2   // issues at so many hours before and after the hour of the day count, too
	hourlyFolds   = 8   // parts of the training, of which each is left out in turn
	hourlyPool    = 30  // how many residuals outweigh those of which nothing is known
	hourlyFade    = .9  // the share of an anomaly that is left after an hour where nothing was trained yet
	hourlyScatter = 1.6 // °C, the standard deviation of anomalies of which nothing is known
)

// Hour is a temperature of one station at a full hour, or in the half hour before it.
type Hour struct {
	StationID   string
	At          time.Time
	Temperature float64 // °C
}

// Hours are the hourly temperatures of several stations, side by side.
type Hours struct {
	sites []string
	first int // number of the first hour since 1970
	n     int
	x     [][]float64 // by station and hour; NaN unknown
}

// NewHours puts hours side by side, in any order. Of several of one station and hour the latest counts, and one of the half hour after a full
// hour for none.
func NewHours(list []Hour) *Hours {
	list = slices.DeleteFunc(slices.Clone(list), func(o Hour) bool { return o.at().Before(o.At) })
	slices.SortStableFunc(list, func(a, b Hour) int { return a.At.Compare(b.At) })
	h := &Hours{first: math.MaxInt}
	last := math.MinInt
	for _, o := range list {
		number := hourNumber(o.at())
		h.first, last = min(h.first, number), max(last, number)
		h.sites = append(h.sites, o.StationID)
	}
	slices.Sort(h.sites)
	h.sites = slices.Compact(h.sites)
	if len(list) == 0 {
		h.first = 0
		return h
	}
	h.n = last - h.first + 1
	for range h.sites {
		h.x = append(h.x, unknown(h.n))
	}
	for _, o := range list {
		s, _ := slices.BinarySearch(h.sites, o.StationID)
		h.x[s][hourNumber(o.at())-h.first] = o.Temperature
	}
	return h
}

// at is the full hour that o is of.
func (o *Hour) at() time.Time { return o.At.Add(30 * time.Minute).Truncate(time.Hour) }

func hourNumber(t time.Time) int { return int(math.Floor(float64(t.Unix()) / 3600)) }

// at is a temperature, NaN outside of the series.
func (h *Hours) at(s, t int) float64 {
	if t < 0 || t >= h.n {
		return math.NaN()
	}
	return h.x[s][t]
}

// Temperature is that of a station, by its position in the order of ids, at an hour; NaN when it is not known.
func (h *Hours) Temperature(site int, at time.Time) float64 {
	return h.at(site, hourNumber(at)-h.first)
}

// profile is the usual temperature of the hours of the day, by the hours since t modulo 24; NaN where nothing is known. It knows t and
// before.
func (h *Hours) profile(s, t int) (p [24]float64) {
	for back := range 24 {
		sum, n := 0.0, 0.0
		for day := range profileDays {
			if x := h.at(s, t-back-24*day); meteo.Known(x) {
				sum += x
				n++
			}
		}
		p[(24-back)%24] = sum / n
	}
	return p
}

// hourlyFeatures is how many features an hourly model has.
const hourlyFeatures = 10

// now is what the stations know at an hour.
type now struct {
	profile  [][24]float64
	features [][hourlyFeatures]float64
}

// now looks at the hours up to t. Every anomaly is that from the profile of t.
func (h *Hours) now(t int) now {
	w := now{make([][24]float64, len(h.sites)), make([][hourlyFeatures]float64, len(h.sites))}
	all, day := 0.0, 0.0
	for s := range h.sites {
		w.profile[s] = h.profile(s, t)
		anomaly := func(back int) float64 {
			if a := h.at(s, t-back) - w.profile[s][(24-back%24)%24]; meteo.Known(a) {
				return a
			}
			return 0
		}
		mean := 0.0
		for back := range 24 {
			mean += anomaly(back) / 24
		}
		w.features[s] = [hourlyFeatures]float64{1, anomaly(0), anomaly(1), anomaly(2), anomaly(3), anomaly(6), anomaly(12), mean}
		all += anomaly(0) / float64(len(h.sites))
		day += mean / float64(len(h.sites))
	}
	for s := range h.sites {
		w.features[s][8], w.features[s][9] = all, day
	}
	return w
}

// HourlyModel forecasts the temperatures of the MaxHours hours after an hour of the day.
type HourlyModel struct {
	hour      int // of the day, UTC
	beta      [MaxHours][]float64
	residuals [MaxHours]Quantiles
}

// TrainHourly fits a model, for what is issued at the hour of a time, to the hours before that time, each lead with a regression over all
// stations. Where few days are known, it is close to a fading anomaly.
func TrainHourly(h *Hours, issued time.Time) *HourlyModel {
	end := hourNumber(issued) - h.first
	m := &HourlyModel{hour: issued.UTC().Hour()}
	var moments []int
	for t := end - 24*hourlyDays; t < min(end, h.n); t += 24 {
		for near := t - hourlyNear; near <= t+hourlyNear; near++ {
			if near >= 24 && near < end {
				moments = append(moments, near)
			}
		}
	}
	known := make([]now, len(moments))
	inParallel(len(moments), func(i int) { known[i] = h.now(moments[i]) })
	inParallel(MaxHours, func(i int) { m.fit(h, end, i+1, moments, known) })
	return m
}

// fit fits the regression of a lead.
func (m *HourlyModel) fit(h *Hours, end, lead int, moments []int, known []now) {
	prior := math.Pow(hourlyFade, float64(lead))
	q := &problem{p: hourlyFeatures}
	for i, t := range moments {
		for s := range h.sites {
			y := h.at(s, t+lead) - known[i].profile[s][lead%24]
			if t+lead >= end || !meteo.Known(y) {
				continue
			}
			q.x = append(q.x, known[i].features[s][:]...)
			q.y = append(q.y, y-prior*known[i].features[s][1])
			q.fold = append(q.fold, i*hourlyFolds/len(moments))
		}
	}
	m.beta[lead-1] = make([]float64, hourlyFeatures)
	var residuals []float64
	if len(q.y) > 0 {
		s := q.fit()
		m.beta[lead-1] = s.beta
		for i, y := range q.y {
			if s.left != nil {
				residuals = append(residuals, y-dot(q.row(i), s.left[q.fold[i]]))
			}
		}
	}
	m.beta[lead-1][1] += prior
	m.residuals[lead-1] = mix(quantilesOf(residuals), len(residuals), hourlyPool, normalQuantiles(hourlyScatter*math.Sqrt(1-prior*prior)))
}

// normalQuantiles are those of a normal distribution around 0.
func normalQuantiles(deviation float64) Quantiles {
	q := Quantiles{-1.6449, -1.2816, -.6745, 0, .6745, 1.2816, 1.6449}
	for i := range q {
		q[i] *= deviation
	}
	return q
}

// Hourly is the forecast of the temperature of one station at a full hour.
type Hourly struct {
	StationID string
	IssuedAt  time.Time // what was measured then and before was known
	At        time.Time
	Lead      int // hours
	Quantiles Quantiles
}

// Forecast forecasts MaxHours hours of each station of which a temperature of the last 24 hours and the usual one of the hour are known, from
// an hour of the day that m was trained for. Nothing later has an influence.
func (m *HourlyModel) Forecast(h *Hours, issued time.Time) (list []Hourly) {
	t := hourNumber(issued) - h.first
	if (t+h.first)%24 != m.hour {
		return nil
	}
	w := h.now(t)
	for s, site := range h.sites {
		if !h.recent(s, t) {
			continue
		}
		for lead := 1; lead <= MaxHours; lead++ {
			value := w.profile[s][lead%24] + dot(w.features[s][:], m.beta[lead-1])
			if !meteo.Known(value) {
				continue
			}
			f := Hourly{StationID: site, IssuedAt: time.Unix(int64(t+h.first)*3600, 0).UTC(), At: time.Unix(int64(t+h.first+lead)*3600, 0).UTC(), Lead: lead}
			for k, r := range m.residuals[lead-1] {
				f.Quantiles[k] = value + r
			}
			list = append(list, f)
		}
	}
	return list
}

// recent reports whether a temperature of the 24 hours up to t is known.
func (h *Hours) recent(s, t int) bool {
	for back := range 24 {
		if meteo.Known(h.at(s, t-back)) {
			return true
		}
	}
	return false
}

// Sites lists the ids of the stations in their order.
func (h *Hours) Sites() []string { return slices.Clone(h.sites) }
