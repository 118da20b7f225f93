package shape

import (
	"testing"
	"time"
)

func TestBodiesOfTomorrowAreRead(t *testing.T) {
	const place = `"location":{"lat":14.7,"lon":-17.4,"name":"Dakar"}`
	bodies{
		"the present": {
			`{"data":{"time":"2026-08-01T12:00:00Z","values":{"temperature":27,"visibility":16,"rainIntensity":0.5}},` + place + `}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"rain_rate_mm_h":0.5,"visibility_m":16000} at 14.7 -17.4 26`,
		},
		"a forecast": {
			`{"timelines":{"minutely":[{"time":"2026-08-01T12:00:00Z","values":{"temperature":26}},{"time":"2026-08-01T12:01:00Z","values":{"temperature":27}}],"hourly":[{"time":"2026-08-01T12:00:00Z","values":{"temperature":28}},{"time":"2026-08-01T13:00:00Z","values":{"temperature":29}}],"daily":[{"time":"2026-08-01T06:00:00Z","values":{"temperatureMax":31}}]},` + place + `}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":28} at 14.7 -17.4 26
SN-DK 2026-08-01 13:00 forecast {"temperature_c":29} at 14.7 -17.4 26 issued 08-01 12:00
SN-DK 2026-08-01 12:01 forecast {"temperature_c":27} at 14.7 -17.4 26 issued 08-01 12:00`,
		},
		"timelines before and after the fetch": {
			`{"data":{"timelines":[{"timestep":"1d","intervals":[{"startTime":"2026-08-01T06:00:00Z","values":{"temperatureMax":31}}]},{"timestep":"1h","intervals":[{"startTime":"2026-08-01T12:00:00Z","values":{"temperature":27}},{"startTime":"2026-08-01T13:00:00Z","values":{"temperature":28}}]}]},` + place + `}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27} at 14.7 -17.4 26
SN-DK 2026-08-01 13:00 forecast {"temperature_c":28} at 14.7 -17.4 26 issued 08-01 12:00`,
		},
		"a step without values among others": {
			`{"timelines":{"hourly":[{"time":"2026-08-01T12:00:00Z","values":{"uvIndex":5}},{"time":"2026-08-01T13:00:00Z","values":{"temperature":29}}]},` + place + `}`, `SN-DK 2026-08-01 13:00 forecast {"temperature_c":29} at 14.7 -17.4 26 issued 08-01 12:00`,
		},
		"no step with values": {
			`{"timelines":{"hourly":[{"time":"2026-08-01T12:00:00Z","values":{"uvIndex":5}}]},` + place + `}`, `no_values: the Tomorrow.io body has no step with a value (daily steps are not kept)`,
		},
		"a step with a bad value": {
			`{"timelines":{"hourly":[{"time":"2026-08-01T12:00:00Z","values":{"temperature":"cold"}}]},` + place + `}`, `invalid_value: step 2026-08-01T12:00:00Z: "temperature" is not a number: "cold"`,
		},
		"a step without a time": {
			`{"timelines":{"hourly":[{"values":{"temperature":27}}]},` + place + `}`, `invalid_time: a time step of the Tomorrow.io body has no time`,
		},
		"something else with data": {`{"data":{"time":"2026-08-01T12:00:00Z","temp":27}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"values without a time":    {`{"data":{"values":{"temp":27}}}`, `invalid_time: it has no time`},
	}.test(t)
}

func TestStepsOfABodyThatWasFetchedAtAnUnknownTimeAreOfAModel(t *testing.T) {
	def := atNoon()
	body := `{"data":{"timelines":[{"timestep":"1h","intervals":[{"startTime":"2036-08-01T12:00:00Z","values":{"temperature":27}}]}]},"location":{"lat":14.7,"lon":-17.4}}`
	def.FetchedAt = time.Time{}
	if got, want := describeAll(NewDecoder().FromJSON([]byte(body), def)), `SN-DK 2036-08-01 12:00 model {"temperature_c":27} at 14.7 -17.4 26`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
