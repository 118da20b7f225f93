package shape

import (
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestTheNameOfAnAmountOfRainStatesItsInterval(t *testing.T) {
	for name, want := range map[string]int64{
		"rain_1h": 3600, "Pluie 3h": 10800, "rain 6h (mm)": 21600, "Cumul 12h": 43200, "rain 24h": 86400, "Pluie horaire (mm)": 3600, "pluie 1heure": 3600, "pluie 24heures": 86400,
		"rain 1hr": 3600, "rain 24hr": 86400, "RR1": 3600, "RR3": 10800, "RR24": 86400, "RR24 (mm)": 86400, "rain": 0, "rain 5h": -1, "1h rain": -1, "temp 1h": -1, "RR5": -1,
	} {
		c := understand(name)
		got := c.over
		if c.meaning != meaning(meteo.Rain) {
			got = -1
		}
		if got != want {
			t.Errorf("%q: got %d (meaning %d), want %d", name, got, c.meaning, want)
		}
	}
	for name, c := range map[string]struct {
		row  Row
		want int64
	}{
		"rain alone":                      {Row{{"rain_3h", 2.0}}, 10800},
		"rain that is missing":            {Row{{"rain_3h", nil}, {"temp", 20.0}}, 0},
		"rain beside a gust":              {Row{{"rain_3h", 2.0}, {"gust", 9.0}}, 0},
		"rain beside a value of a moment": {Row{{"temp", 20.0}, {"rain_3h", 2.0}, {"wind", 5.0}}, 10800},
		"a gust alone":                    {Row{{"gust", 9.0}}, 0},
	} {
		o, err := one(append(c.row, Field{"time", "2026-08-01 12:00"}), atNoon())
		if err != nil || o.IntervalS != c.want {
			t.Errorf("%s: got %d, %v, want %d", name, o.IntervalS, err, c.want)
		}
	}
}

func TestANameMayHaveLostLettersOrBeALetterAlone(t *testing.T) {
	for name, want := range map[string]string{
		"Humidit? (%)": "humidity_pct", "Temp?rature (?C)": "temperature_c", "Temp\ufffdrature": "temperature_c", "Pr?cipitations?": "rain_mm", "?": "", "Mo?d": "", "a?b?c?d": "",
		"p (hPa)": "pressure_hpa", "p mm": "rain_mm", "p": "", "p (bananas)": "", "q (hPa)": "",
	} {
		got := ""
		if c := understand(name); c.meaning < stationID {
			got = meteo.Variable(c.meaning).String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestTheTimeOfAGatewayIsATimeAndNotATemperature(t *testing.T) {
	for name, c := range map[string]struct {
		row  Row
		want string
	}{
		"seconds":             {Row{{"ts", 1785585600.0}, {"temp", 27.0}}, "epoch"},
		"the first second":    {Row{{"ts", float64(firstSecond)}}, "epoch"},
		"a temperature":       {Row{{"ts", 27.0}}, "ts"},
		"just below a second": {Row{{"ts", float64(firstSecond - 1)}}, "ts"},
		"another name":        {Row{{"tx", 1785585600.0}}, "tx"},
		"text":                {Row{{"ts", "1785585600"}}, "ts"},
	} {
		if got := withEpoch(c.row); got[0].Name != c.want {
			t.Errorf("%s: %s", name, got[0].Name)
		}
	}
}

func TestAnArrayOfCoordinatesIsAPlaceOfSenegal(t *testing.T) {
	for name, c := range map[string]struct {
		name  string
		array []any
		want  string
	}{
		"latitude first":       {"location", []any{14.7, -17.4}, `{"latitude":14.7,"longitude":-17.4}`},
		"longitude first":      {"coordinates", []any{-17.4, 14.7}, `{"latitude":14.7,"longitude":-17.4}`},
		"with an elevation":    {"latlng", []any{14.7, -17.4, 5.0}, `{"latitude":14.7,"longitude":-17.4}`},
		"lonlat":               {"lonLat", []any{-17.4, 14.7}, `{"latitude":14.7,"longitude":-17.4}`},
		"latlon":               {"latlon", []any{"14.7", "-17.4"}, `{"latitude":14.7,"longitude":-17.4}`},
		"of another name":      {"values", []any{14.7, -17.4}, `{}`},
		"one number":           {"location", []any{14.7}, `{}`},
		"four numbers":         {"location", []any{14.7, -17.4, 5.0, 6.0}, `{}`},
		"of the south":         {"location", []any{-14.7, -17.4}, `{}`},
		"of the east":          {"location", []any{14.7, 17.4}, `{}`},
		"on the equator":       {"location", []any{0.0, -17.4}, `{}`},
		"on the equator, last": {"location", []any{-17.4, 0.0}, `{}`},
		"on Greenwich":         {"location", []any{14.7, 0.0}, `{}`},
		"on Greenwich, first":  {"location", []any{0.0, 14.7}, `{}`},
		"words":                {"location", []any{"north", -17.4}, `{}`},
		"a word at the end":    {"location", []any{14.7, "west"}, `{}`},
	} {
		point, ok := pointOf(c.name, c.array)
		if got := string(point.AppendJSON(nil)); got != c.want || ok != (c.want != "{}") {
			t.Errorf("%s: got %s, %v", name, got, ok)
		}
	}
}

func TestMembersJoinTheNameOfTheirObject(t *testing.T) {
	object := Row{{"speed", 5.0}, {"direction", 320.0}, {"x", 1.0}, {"gust", Row{}}}
	if got := JoinsTo("wind", object); got != 2 {
		t.Errorf("got %d", got)
	}
	if got := JoinsTo("owner", object); got != 0 {
		t.Errorf("got %d", got)
	}
	if !IsUnits("units") || !IsUnits("temperature_unit") || IsUnits("community") {
		t.Error("the names of units")
	}
}

func TestAZoneThatAFileStatesSettlesLettersOfSeveral(t *testing.T) {
	h := Heading{Name: "Time (EST)", Zone: time.FixedZone("", 3600)}
	c := understand(h.Name)
	if style, err := judgeTimes(h, &c, nil, evidence{}, &Options{}); err != nil || style.zone != h.Zone {
		t.Errorf("got %v, %v", style.zone, err)
	}
	c = understand("Time (UTC+2)")
	if style, err := judgeTimes(h, &c, nil, evidence{}, &Options{}); err != nil || style.zone == h.Zone {
		t.Errorf("a zone of the heading: got %v, %v", style.zone, err)
	}
}
