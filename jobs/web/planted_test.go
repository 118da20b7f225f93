package web

import (
	"context"
	"math"
	"time"

	"senmeteo/jobs/forecast"
	"senmeteo/jobs/forecast/issue"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// archive is a memory that also answers what is asked in the background.
type archive struct {
	*memory
	query.IncidentStore // those of its questions that the page does not ask are not there
	incidents           []query.Incident
	series              []query.Presence
	measured            []meteo.Observation
	forecasts           []meteo.Observation
	flags               []query.Flag
	failing             error // of the questions of the background
}

func (a *archive) Incidents(context.Context, time.Time) ([]query.Incident, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.incidents, a.failing
}

func (a *archive) Flags(context.Context, time.Time, time.Time) ([]query.Flag, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.flags, a.failing
}

func (a *archive) Presence(_ context.Context, _, _ time.Time, visit func(*query.Presence) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.series {
		p.Readings = append([]query.PresentAt(nil), p.Readings...)
		if err := visit(&p); err != nil {
			return err
		}
	}
	return a.failing
}

func (a *archive) Measured(_ context.Context, _ time.Time, _ []meteo.Variable, each func(*meteo.Observation) error) error {
	for i := range a.measured {
		if err := each(&a.measured[i]); err != nil {
			return err
		}
	}
	return a.failing
}

func (a *archive) Forecasts(_ context.Context, source string, from, to time.Time, each func(*meteo.Observation) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.forecasts {
		o := &a.forecasts[i]
		if o.Source == source && !o.IssuedAt.Before(from) && o.IssuedAt.Before(to) {
			if err := each(o); err != nil {
				return err
			}
		}
	}
	return a.failing
}

// planted is Senegal with gaps, incidents, forecasts and their scores.
func planted() *archive {
	a := &archive{memory: senegal()}
	midnight := noon.Truncate(24 * time.Hour)
	first := midnight.AddDate(0, 0, -60)
	for i, station := range meteo.Stations {
		p := query.Presence{Origin: query.Origin{StationID: station.ID, Region: station.Region, Source: "metar", Kind: meteo.Observed}, First: first}
		for t := midnight.AddDate(0, 0, -31); t.Before(noon); t = t.Add(time.Hour) {
			if missing(i, t) {
				continue
			}
			r := query.PresentAt{At: t, Present: setOf(meteo.Temperature, meteo.Humidity, meteo.Pressure, meteo.WindSpeed, meteo.Rain)}
			if i == 5 && t.Hour() < 6 {
				r.Present = setOf(meteo.Temperature, meteo.Humidity)
			}
			if i == 2 && t.Hour() == 14 {
				r.Bad, r.Failed = true, setOf(meteo.Temperature)
			}
			p.Ever |= r.Present
			p.Last = t
			p.Readings = append(p.Readings, r)
		}
		a.series = append(a.series, p)
	}
	a.incidents = []query.Incident{
		{ID: 4, Kind: "station", Subject: "SN-MT metar observed", Message: "SN-MT (Matam) is silent", OpenedAt: noon.Add(-50 * time.Hour)},
		{ID: 3, Kind: "dag", Subject: "weather_ingest", Message: "the task to_es of weather_ingest has failed", OpenedAt: noon.Add(-70 * time.Minute)},
		{ID: 2, Kind: "region", Subject: "Kolda", Message: "Kolda is silent", OpenedAt: noon.Add(-4 * 24 * time.Hour), ClosedAt: noon.Add(-4*24*time.Hour + 7*time.Hour)},
		{ID: 1, Kind: "station", Subject: "SN-ZG open-meteo model", Message: "SN-ZG (Ziguinchor) is silent", OpenedAt: noon.Add(-5 * 24 * time.Hour), ClosedAt: noon.Add(-5*24*time.Hour + 25*time.Minute)},
	}
	a.flags = []query.Flag{
		{StationID: "SN-DK", Variable: "temperature_c", Rule: "spike", Observations: 3},
		{StationID: "SN-KD", Variable: "pressure_hpa", Rule: "neighbours", Observations: 41},
		{StationID: "SN-MT", Variable: "humidity_pct", Rule: "stuck", Observations: 1204},
		{StationID: "SN-TH", Variable: "location", Rule: "location", Observations: 1},
		{StationID: "SN-ZG", Variable: "temperature_c", Rule: "range", Observations: 2},
		{StationID: "SN-ZG", Variable: "temperature_c", Rule: "spike", Observations: 7},
	}
	for day := midnight.AddDate(0, 0, -40); day.Before(midnight); day = day.AddDate(0, 0, 1) {
		for _, station := range meteo.Stations {
			o := meteo.Observation{Reading: meteo.NewReading(station, day.AddDate(0, 0, 1), "file", meteo.Observed)}
			o.IntervalS = 86400
			o.Values[meteo.TemperatureMax], o.Values[meteo.TemperatureMin] = measuredMax(station, day), measuredMax(station, day)-9
			o.Values[meteo.Rain] = math.Max(0, 12*math.Sin(float64(day.YearDay())*1.3+station.Latitude))
			a.measured = append(a.measured, o)
		}
	}
	for issued := midnight.AddDate(0, 0, -30); !issued.After(midnight); issued = issued.AddDate(0, 0, 1) {
		a.issue(issued)
	}
	return a
}

// missing are the gaps: Matam is silent for two days, Kaolack had a bad week, Kédougou lost every third hour, Louga a single one, Kolda a day.
func missing(station int, t time.Time) bool {
	midnight := noon.Truncate(24 * time.Hour)
	switch before := midnight.Sub(t.Truncate(24*time.Hour)) / (24 * time.Hour); meteo.Stations[station].ID {
	case "SN-MT":
		return noon.Sub(t) < 52*time.Hour
	case "SN-KL":
		return before >= 10 && before <= 16 && t.Hour()%4 != int(before)%4
	case "SN-KE":
		return t.Hour()%3 == 0
	case "SN-LG":
		return before == 20 && t.Hour() == 3
	case "SN-KD":
		return before == 4
	}
	return false
}

func setOf(variables ...meteo.Variable) (s query.VariableSet) {
	for _, v := range variables {
		s |= 1 << v
	}
	return s
}

// measuredMax is the highest temperature of a day.
func measuredMax(station meteo.Station, day time.Time) float64 {
	return round(31 + (station.Longitude+17.5)*1.2 + 2*math.Sin(float64(day.YearDay())/3+station.Latitude))
}

// issue adds the forecasts of a midnight, each of which is wrong by a degree and a little more with each day.
func (a *archive) issue(issued time.Time) {
	for _, station := range meteo.Stations {
		for lead := range 7 {
			day := issued.AddDate(0, 0, lead)
			o := meteo.Observation{Reading: meteo.NewReading(station, day.AddDate(0, 0, 1), issue.Daily, meteo.Forecast)}
			o.IssuedAt, o.IntervalS = issued, 86400
			middle, width := measuredMax(station, day)+1+0.1*float64(lead), 1.2+0.15*float64(lead)
			for k, v := range forecast.Targets {
				at := [...]float64{middle, middle - 9, 4.2, 66}[k]
				o.Quantiles, _ = o.Quantiles.With(quantilesAround(v, at, width*[...]float64{1, 0.8, 0.5, 5}[k]))
				o.Values[v] = at
			}
			o.Values[meteo.RainProbability] = math.Round(45 + 35*math.Sin(float64(day.YearDay())*1.3+station.Latitude))
			a.forecasts = append(a.forecasts, o)
		}
		for hour := range 48 {
			at := issued.Add(time.Duration(hour+1) * time.Hour)
			o := meteo.Observation{Reading: meteo.NewReading(station, at, issue.Hourly, meteo.Forecast)}
			o.IssuedAt = issued
			o.Values[meteo.Temperature] = weather(station, at)[meteo.Temperature]
			o.Quantiles, _ = o.Quantiles.With(quantilesAround(meteo.Temperature, o.Values[meteo.Temperature], 0.5+0.02*float64(hour)))
			a.forecasts = append(a.forecasts, o)
		}
	}
}

func quantilesAround(v meteo.Variable, middle, width float64) meteo.Quantile {
	q := meteo.Quantile{Variable: v}
	for k, z := range [...]float64{-1.64, -1.28, -0.67, 0, 0.67, 1.28, 1.64} {
		q.Values[k] = middle + z*width
	}
	return q
}
