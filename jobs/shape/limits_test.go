package shape

import (
	"math"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
)

func TestNinesWithinTheLimitsOfAFieldAreValues(t *testing.T) {
	for v := range meteo.Variable(meteo.NumVariables) {
		m := meaning(v)
		within, ok := physical[m]
		if !ok {
			t.Errorf("%s has no limits", v)
		}
		for _, x := range []float64{-9.9, 9.9, 99, 999, 9999, -99, -99.9} {
			want := x < within.low || x > within.high
			if meteo.Variables[v].Unit == "°C" {
				want = x < -60 || x > 60
			} else if x < 0 && !want {
				t.Errorf("%s may be %g", v, x)
			}
			if got := m.standsForMissing(x, x); got != want {
				t.Errorf("%s of %g is missing: %v", v, x, got)
			}
		}
	}
	for _, c := range []struct {
		m    meaning
		x    float64
		want bool
	}{
		{latitude, -88, false},
		{latitude, -99, true},
		{latitude, 99, true},
		{longitude, -99, false},
		{longitude, -999, true},
		{elevation, -99, false},
		{elevation, 999, false},
		{elevation, -999, true},
		{elevation, 9999, true},
		{placeName, 9999, false},
		{meaning(meteo.Temperature), -1, false},
		{meaning(meteo.Rain), -1, true},
		{meaning(meteo.Rain), -2, false},
	} {
		if got := c.m.standsForMissing(c.x, c.x); got != c.want {
			t.Errorf("%d of %g is missing: %v", c.m, c.x, got)
		}
	}
	for _, x := range []float64{255, 32767, -32768, 65535, 3276.7, -3276.8, 6553.5, 327.67, -327.68, 655.35, 2147483647, -2147483648, 6999, -6999, 7999, -7999, 1e20, -1e20} {
		if m := meaning(meteo.Humidity); !m.standsForMissing(x, x) {
			t.Errorf("%g is a humidity", x)
		}
	}
}

func TestANegativeZeroIsZero(t *testing.T) {
	if x, ok := number(math.Copysign(0, -1)); !ok || math.Signbit(x) {
		t.Errorf("got %g, %v", x, ok)
	}
}

func TestTimesAreReadUpToALength(t *testing.T) {
	for n, want := range map[int]bool{maxTimeText: true, maxTimeText + 1: false} {
		text := "2026-08-01T12:00:00." + strings.Repeat("0", n-len("2026-08-01T12:00:00.Z")) + "Z"
		if _, _, ok := ParseTime(text); ok != want {
			t.Errorf("%d bytes: %v", len(text), ok)
		}
	}
	for text, want := range map[string]string{"1/8/26": "2026-08-01", "2026-001": "2026-01-01", "046235": "none", "20260801": "2026-08-01"} {
		at, dayOnly, ok := ParseTime(text)
		got := at.Format("2006-01-02")
		if !ok {
			got = "none"
		}
		if got != want || ok && !dayOnly {
			t.Errorf("%s: got %s, a day: %v", text, got, dayOnly)
		}
	}
	for x, want := range map[float64]bool{46235: true, 46235.5: false, 20260801: true, 2026080112: false} {
		if _, dayOnly, ok := ParseTime(x); !ok || dayOnly != want {
			t.Errorf("%g is a day: %v, %v", x, dayOnly, ok)
		}
	}
}

func TestMembersAreLookedForFourContainersDeep(t *testing.T) {
	nested := func(depth int) Row {
		inner := Row{{"temp", 27.0}, {"lat", 14.7}, {"date", "2026-08-01"}}
		for range depth {
			inner = Row{{"values", inner}}
		}
		return inner
	}
	for depth, want := range map[int]bool{0: true, 4: true, 5: false} {
		d := NewDecoder()
		if got := len(d.flatten(nested(depth))) == 3; got != want {
			t.Errorf("%d deep: members %v", depth, got)
		}
		if got := d.namesVariable(nested(depth), 0); got != want {
			t.Errorf("%d deep: a variable %v", depth, got)
		}
		var own meanings
		if d.meaningsOf(nested(depth), &own, 0); own.place != want || own.date != want {
			t.Errorf("%d deep: %+v", depth, own)
		}
	}
}

func TestRecordsAreLookedForSixObjectsDeep(t *testing.T) {
	objects, arrays := any(Row{{"temp", 27.0}}), any(Row{{"temp", 27.0}})
	for depth := range 9 {
		want := depth <= maxSplit
		if got := NewDecoder().holdsRecords(objects, 0); got != want {
			t.Errorf("%d objects: %v", depth, got)
		}
		if got := NewDecoder().holdsRecords(arrays, 0); got != want {
			t.Errorf("%d arrays: %v", depth, got)
		}
		objects, arrays = Row{{"one", objects}}, []any{arrays}
	}
	bodies{
		"arrays of arrays of objects": {
			strings.Repeat(`{"one":[`, 8) + `{"time":"2026-08-01T12:00Z","temp":27}` + strings.Repeat("]}", 8), `unknown_shape: no field has the name of something that senmeteo measures`,
		},
	}.test(t)
}

func TestAnArrayOfNumbersIsASeriesOfItsName(t *testing.T) {
	for name, c := range map[string]struct {
		field Field
		want  bool
	}{
		"a series":          {Field{"temp", []any{27.0, nil}}, true},
		"no values":         {Field{"temp", []any{}}, false},
		"objects":           {Field{"temp", []any{Row{}}}, false},
		"a value":           {Field{"temp", 27.0}, false},
		"times":             {Field{"time", []any{"2026-08-01"}}, false},
		"ids":               {Field{"station_id", []any{"SN-DK"}}, false},
		"the last variable": {Field{meteo.Variables[meteo.NumVariables-1].Name, []any{1.0}}, true},
	} {
		if got := NewDecoder().isSeries(c.field); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAnIDOfAStationIsNotMeasured(t *testing.T) {
	if Measures("station_id") || isCamel("stationId") || !isCamel("windSpeed") || isCamel("WindSpeed") || isCamel("") {
		t.Error("the first name that is not of a variable")
	}
	bodies{
		"alone in a record":       {`{"time":"2026-08-01T12:00Z","station_id":"SN-DK"}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"in arrays":               {`{"time":["2026-08-01T12:00Z","2026-08-01T13:00Z"],"station_id":["SN-DK","SN-TH"]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"in an unequal array":     {`{"time":["2026-08-01T12:00Z"],"station_id":["SN-DK","SN-TH"]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"around records":          {`{"station_id":"SN-TH","data":[{"time":"2026-08-01T12:00Z","temp":27}]}`, `SN-TH 2026-08-01 12:00 observed {"temperature_c":27}`},
		"in an object of a place": {`{"time":"2026-08-01T12:00Z","temp":27,"station":{"station_id":"SN-TH","lat":14.81,"lon":-16.91}}`, `SN-TH 2026-08-01 12:00 observed {"temperature_c":27} at 14.81 -16.91 76`},
		"in a system of units":    {`{"time":"2026-08-01T12:00Z","metric":{"temp":27,"station_id":"7"}}`, "SN-DK 2026-08-01 12:00 observed {\"temperature_c\":27}\nignored: station_id \"7\""},
	}.test(t)
	if got := readTable(Options{}, nil, "Time|Station ID", "2026-08-01 12:00|SN-DK"); !strings.HasPrefix(got, "unknown_shape") {
		t.Errorf("in a table: %s", got)
	}
	if got := readRecords(t, 1, Options{}, `{"time":"2026-08-01 12:00","temp":27}`, `{"time":"2026-08-01 12:00","station_id":"SN-DK"}`); !strings.Contains(got, "unknown_shape") {
		t.Errorf("in a file of records: %s", got)
	}
	if h, ok := FindHeader(cut("Time|Station ID\n2026-08-01 12:00|SN-DK")); !ok || h.Complete {
		t.Errorf("in a header: complete is %v", h.Complete)
	}
	got := readSheet("Time|Station ID|Temp\n|text|°C\n2026-08-01 12:00|SN-TH|27", Options{})
	if want := `SN-TH 2026-08-01 12:00 observed {"temperature_c":27}`; got != want {
		t.Errorf("with a unit: got %s", got)
	}
}

func TestAnswersAreOfAServiceOnlyWithItsMembers(t *testing.T) {
	for name, c := range map[string]struct {
		is func(Row) bool
		in string
	}{
		"Dark Sky without a time":      {isDarkSky, `{"latitude":14.7,"longitude":-17.4,"hourly":{"data":[]}}`},
		"Visual Crossing without days": {isVisualCrossing, `{"resolvedAddress":"Dakar","days":[]}`},
		"WeatherAPI without days":      {isWeatherAPI, `{"location":{"tz_id":"Africa/Dakar"},"forecast":{"forecastday":[]}}`},
		"OpenWeather without steps":    {isOpenWeather, `{"lat":14.7,"lon":-17.4,"timezone_offset":0,"hourly":[],"data":[]}`},
		"ThingSpeak without feeds":     {isThingSpeak, `{"channel":{"field1":"Temperature"}}`},
		"ThingSpeak without a channel": {isThingSpeak, `{"channel":{},"feeds":[{"field1":5}]}`},
		"an uplink without a payload":  {isUplink, `{"uplink_message":{},"deviceInfo":{}}`},
	} {
		if c.is(row(t, c.in)) {
			t.Error(name)
		}
	}
	bodies{
		"a service whose answer has no record": {`{"sensors":[{"data":[{"ts":1785585600,"battery":3}]}]}`, "unknown_shape: no field has the name of something that senmeteo measures\nignored: battery 3"},
		"an empty channel":                     {`{"channel":{},"feeds":[{"time":"2026-08-01T12:00Z","temp":27}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
	}.test(t)
}
