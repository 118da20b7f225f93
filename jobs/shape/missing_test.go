package shape

import (
	"strings"
	"testing"
)

// reasons returns the names of what was ignored, how often, by the first words of the reason.
func reasons(ignored *Collector) string {
	var out []string
	for _, i := range ignored.List() {
		words := strings.Fields(i.Why)
		out = append(out, i.Name+" "+i.Example+" x"+strings.Repeat("I", int(i.Rows))+" "+strings.Join(words[:min(4, len(words))], " "))
	}
	return strings.Join(out, "; ")
}

func TestNinesAreAMissingValueWhereTheyCannotBeMeasured(t *testing.T) {
	for name, c := range map[string]struct{ heading, cell, want string }{
		"-99 as a temperature":                 {"Temp (°C)", "-99", ""},
		"-99.9 as a temperature":               {"Temp (°C)", "-99.9", ""},
		"-99.9 with a decimal comma":           {"Temp (°C)", "-99,9", ""},
		"99.9 in °C":                           {"Temp (°C)", "99.9", ""},
		"99.9 in °F is a temperature":          {"Temp (°F)", "99.5", "temperature_c:37.5"},
		"99 in °F":                             {"Temp (°F)", "99", "temperature_c:37.222222222"},
		"999.9 in °F":                          {"Temp (°F)", "999.9", ""},
		"-88.8":                                {"Temp (°C)", "-88.8", ""},
		"9999 as a dew point":                  {"Dew point (°C)", "9999", ""},
		"9999.0 as a daily maximum":            {"Tmax", "9999.0", ""},
		"99 as a humidity is one":              {"Humidity (%)", "99", "humidity_pct:99"},
		"99.9 as a humidity is one":            {"Humidity (%)", "99.9", "humidity_pct:99.9"},
		"999 as a humidity":                    {"Humidity (%)", "999", ""},
		"-99 as a humidity":                    {"Humidity (%)", "-99", ""},
		"999.9 hPa is a pressure":              {"Pressure (hPa)", "999.9", "pressure_hpa:999.9"},
		"9999.9 as a pressure":                 {"Pressure (hPa)", "9999.9", ""},
		"99999 Pa is a pressure":               {"Pressure (Pa)", "99999", "pressure_hpa:999.99"},
		"999999 Pa":                            {"Pressure (Pa)", "999999", ""},
		"99.9 km/h is a wind":                  {"Wind speed (km/h)", "99.9", "wind_speed_ms:27.75"},
		"99.9 m/s":                             {"Wind speed (m/s)", "99.9", ""},
		"999.9 km/h":                           {"Wind speed (km/h)", "999.9", ""},
		"99 m/s is a gust":                     {"Gust (m/s)", "99", "wind_gust_ms:99"},
		"999 as a direction":                   {"Wind direction", "999", ""},
		"99 degrees is a direction":            {"Wind direction", "99", "wind_direction_deg:99"},
		"99.9 mm is rain":                      {"Rain (mm)", "99.9", "rain_mm:99.9"},
		"888 mm is rain":                       {"Rain (mm)", "888", "rain_mm:888"},
		"999.9 mm":                             {"Rain (mm)", "999.9", ""},
		"-99.99 mm":                            {"Rain (mm)", "-99.99", ""},
		"9999 m is a visibility":               {"Visibility (m)", "9999", "visibility_m:9999"},
		"-9.9 as a visibility":                 {"Visibility (m)", "-9.9", ""},
		"999 km":                               {"Visibility (km)", "999", ""},
		"99 octas":                             {"Cloud cover (octas)", "99", ""},
		"99 % is a cloud cover":                {"Cloud cover (%)", "99", "cloud_cover_pct:99"},
		"an impossible number of other digits": {"Temp (°C)", "-80.1", "temperature_c:-80.1"},
		"a single nine":                        {"Wind speed (m/s)", "-9", "wind_speed_ms:-9"},
	} {
		var ignored Collector
		lines := []string{"Time|" + c.heading + "|Temp mean", "2026-08-01 12:00|" + c.cell + "|21"}
		want := "2026-08-01 12:00 {\"temperature_mean_c\":21}"
		if field, value, ok := strings.Cut(c.want, ":"); ok {
			want = `"` + field + `":` + value
		} else if list := reasons(&ignored); list != "" {
			t.Errorf("%s: %s", name, list)
		}
		got := readTable(Options{}, &ignored, lines...)
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		if named := strings.HasPrefix(reasons(&ignored), strings.TrimSpace(c.heading)+` "`+c.cell+`" xI the number is a`); named != (c.want == "") {
			t.Errorf("%s: ignored is %q", name, reasons(&ignored))
		}
	}
}

func TestMissingValuesOfAColumnAreNamedOnce(t *testing.T) {
	var ignored Collector
	readTable(Options{}, &ignored, "Time|T (°C)|HR (%)", "2026-08-01 12:00|-99.9|80", "2026-08-01 13:00|-99.9|999", "2026-08-01 14:00|27|80")
	if got, want := reasons(&ignored), `T (°C) "-99.9" xII the number is a; HR (%) "999" xI the number is a`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNinesOfAVisibilityDoNotSettleItsUnit(t *testing.T) {
	got := readTable(Options{}, nil, "Time|Visibility|Temp", "2026-08-01 12:00|10|27", "2026-08-01 13:00|9999|27", "2026-08-01 14:00|-99.9|27")
	if strings.Contains(got, "visibility") {
		t.Errorf("got %s", got)
	}
	if got := readTable(Options{}, nil, "Time|Visibility", "2026-08-01 12:00|9999"); !strings.Contains(got, `"visibility_m":9999`) {
		t.Errorf("got %s", got)
	}
}

func TestNinesOf32BitsAreThoseThatTheirProducerWrote(t *testing.T) {
	if x := float64(float32(-99.9)); !repeats(x) || repeats(-99.8) || repeats(9) || repeats(98) || repeats(0) {
		t.Error("only nines repeat")
	}
}

func TestATraceOfRainIsNamedAndCountsAsNone(t *testing.T) {
	for _, word := range []string{"T", "t", "Tr", "tr.", "trace", "Traces", "n.mes.", "non mesurable", "0.0T", "<0.1", "< 0.1"} {
		var ignored Collector
		got := readTable(Options{}, &ignored, "Time|Temp|Rain (mm)", "2026-08-01 12:00|27|"+word, "2026-08-01 13:00|27|0.4")
		want := "2026-08-01 12:00 {\"temperature_c\":27,\"rain_mm\":0}\n2026-08-01 13:00 {\"temperature_c\":27,\"rain_mm\":0.4}"
		if named := `Rain (mm) "` + word + `" xI a trace of rain,`; got != want || reasons(&ignored) != named {
			t.Errorf("%s: got %s, ignored %s", word, got, reasons(&ignored))
		}
	}
	if got := readTable(Options{}, nil, "Time|Temp", "2026-08-01 12:00|T"); !strings.HasPrefix(got, "invalid_value") {
		t.Errorf("a trace of temperature: %s", got)
	}
}
