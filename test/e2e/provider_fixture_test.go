package e2e_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// providerRecord is a flat record as a commercial provider's export has it.
type providerRecord struct {
	Region        string  `json:"region"`
	Latitude      float64 `json:"latitude"`
	Longitude     float64 `json:"longitude"`
	Datetime      string  `json:"datetime"`
	Temperature   float64 `json:"temperature"`
	Humidity      float64 `json:"humidity"`
	CloudCover    float64 `json:"cloudCover"`
	WindSpeed     float64 `json:"windSpeed"`
	RainIntensity float64 `json:"rainIntensity"`
}

// providerStep is the time between two records of a region.
const providerStep = 10 * time.Minute

// providerExport is what a provider would send of two days of weather, all of it physically fine: a harmattan day of
// February, dry as 8 % and windy, and a day of August with nights of saturated air and an evening squall line that
// crosses the country from east to west, cools the air by up to 12 °C within half an hour and rains up to 90 mm/h.
func providerExport() []providerRecord {
	var out []providerRecord
	for _, day := range []struct {
		begin   time.Time
		weather func(s *meteo.Station, hour float64) providerRecord
	}{
		{time.Date(2026, 2, 14, 0, 0, 0, 0, time.UTC), harmattan},
		{time.Date(2026, 8, 14, 0, 0, 0, 0, time.UTC), monsoon},
	} {
		for t := day.begin; t.Before(day.begin.Add(24 * time.Hour)); t = t.Add(providerStep) {
			for i := range meteo.Stations {
				s := &meteo.Stations[i]
				r := day.weather(s, t.Sub(day.begin).Hours())
				r.Region, r.Datetime = s.Region, t.Format(time.RFC3339)
				r.Latitude, r.Longitude = s.Latitude+0.012, s.Longitude-0.021 // the provider's own idea of the town
				r.Temperature, r.Humidity, r.WindSpeed = round(r.Temperature, 2), round(r.Humidity, 0), round(r.WindSpeed, 2)
				r.CloudCover, r.RainIntensity = round(r.CloudCover, 0), round(r.RainIntensity, 2)
				out = append(out, r)
			}
		}
	}
	return out
}

// diurnal is 0 at the coldest hour (6) and 1 at the warmest (15).
func diurnal(hour float64) float64 {
	if hour >= 6 && hour <= 15 {
		return (1 - math.Cos(math.Pi*(hour-6)/9)) / 2
	}
	return (1 + math.Cos(math.Pi*math.Mod(hour+9, 24)/15)) / 2
}

// inland is 0 at the coast and 1 in the far east.
func inland(s *meteo.Station) float64 {
	return math.Min(1, (s.Longitude+17.5)/4)
}

// harmattan is dry dust-laden wind from the Sahara: 8 % humidity inland in the afternoon, cool clear nights.
func harmattan(s *meteo.Station, hour float64) providerRecord {
	d, far := diurnal(hour), inland(s)
	return providerRecord{
		Temperature: 19 + d*(8+8*far), Humidity: 40 - 18*far - d*14, CloudCover: 0, WindSpeed: 6 + 5*d*(1-far/3),
	}
}

// monsoon is humid: air saturated before sunrise, sensors that then read up to 102 %, and the squall line.
func monsoon(s *meteo.Station, hour float64) providerRecord {
	d, far := diurnal(hour), inland(s)
	r := providerRecord{
		Temperature: 25 + d*(5+3.5*far), Humidity: math.Min(102, 103-d*(28+14*far)), CloudCover: 55 + 20*d, WindSpeed: 2 + 2*d,
	}
	passed := hour - (16 + 4*(1-far)) // hours since the squall line came
	if passed < 0 {
		return r
	}
	cold := math.Exp(-passed / 3) // the cold pool warms up slowly
	r.Temperature -= (r.Temperature - 21.5) * cold
	r.Humidity += (97 - r.Humidity) * cold
	r.CloudCover = 100
	if passed < 2 {
		r.RainIntensity = 90 * math.Exp(-2*passed)
		r.WindSpeed = 4 + 17*math.Exp(-3*passed)
	}
	return r
}

func round(x float64, digits int) float64 {
	f := math.Pow10(digits)
	return math.Round(x*f) / f
}

// writeProviderExport writes the export as a JSON array.
func writeProviderExport(t testing.TB) (path string, records []providerRecord) {
	t.Helper()
	records = providerExport()
	data, err := json.MarshalIndent(records, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "provider.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, records
}
