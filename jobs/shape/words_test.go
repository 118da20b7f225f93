package shape

import (
	"testing"

	"senmeteo/jobs/meteo"
)

// readWord reads a cell that is a word in the place of a number.
func readWord(m meaning, value any) any {
	c := cell{column: column{meaning: m, convert: same}, name: "x", value: value}
	d := NewDecoder()
	var ignored Collector
	d.Collect(&ignored)
	x := meteo.NoValues()[0]
	err := d.number(&c, &x)
	switch {
	case err != nil:
		return "refused"
	case len(ignored.List()) > 0 && ignored.List()[0].Why == whyWord:
		return "left out"
	case len(ignored.List()) > 0 && ignored.List()[0].Why == whyTrace:
		return "trace"
	case !meteo.Known(x):
		return "missing"
	}
	return x
}

func TestWordsForAmountsOfRainAreTraces(t *testing.T) {
	rain := meaning(meteo.Rain)
	for value, want := range map[any]any{
		"T": "trace", "Traces": "trace", "gouttes": "trace", "0.0T": "trace", "0 t": "trace", "1T": "refused", "xT": "refused", "néant": "left out", "RAS": "left out",
		"<0.1": "trace", "< 0.254": "trace", "<0.255": "left out", "≤0.2": "trace", "<5": "left out", "<x": "refused", "< 0.01 in": "trace", "<0.02 in": "left out",
		"wet": "refused", 0.4: 0.4, "0.4": 0.4, true: "refused",
	} {
		if got := readWord(rain, value); got != want {
			t.Errorf("%v: got %v, want %v", value, got, want)
		}
	}
	if got := readWord(meaning(meteo.RainRate), "T"); got != "trace" {
		t.Errorf("a trace of a rate: %v", got)
	}
	if got := readWord(meaning(meteo.Humidity), "T"); got != "refused" {
		t.Errorf("a trace of humidity: %v", got)
	}
}

func TestOtherWordsAreReadForWhatTheyMean(t *testing.T) {
	for _, c := range []struct {
		m     meaning
		value any
		want  any
	}{
		{meaning(meteo.Visibility), "10+", 10.0},
		{meaning(meteo.Visibility), "> 10", 10.0},
		{meaning(meteo.Visibility), "≥10 km", 10000.0},
		{meaning(meteo.Visibility), ">far", "refused"},
		{meaning(meteo.Visibility), "far", "refused"},
		{meaning(meteo.WindSpeed), "Calme", 0.0},
		{meaning(meteo.WindGust), "calm", 0.0},
		{meaning(meteo.WindSpeed), "strong", "refused"},
		{meaning(meteo.CloudCover), "0/8", 0.0},
		{meaning(meteo.CloudCover), "8/8", 100.0},
		{meaning(meteo.CloudCover), "9/8", "refused"},
		{meaning(meteo.CloudCover), "//8", "refused"},
		{meaning(meteo.CloudCover), "12/8", "refused"},
		{meaning(meteo.CloudCover), "4/7", "refused"},
		{latitude, "14,5 N", 14.5},
		{latitude, "14.5S", -14.5},
		{latitude, "14°30'N", 14.5},
		{latitude, "14°30'36\"N", 14.51},
		{longitude, "17°30'0\" O", -17.5},
		{longitude, "17.5 w", -17.5},
		{longitude, "17.5E", 17.5},
		{latitude, "0N", 0.0},
		{latitude, "14°60'N", "refused"},
		{latitude, "14°59'N", 14.983333333},
		{latitude, "75N", 75.0},
		{latitude, "-14N", "refused"},
		{latitude, "14°30'36\"5N", "refused"},
		{latitude, "N", "refused"},
		{latitude, "north", "refused"},
		{latitude, "14 X", "refused"},
		{latitude, "14 x N", "refused"},
		{latitude, "  ", "refused"},
		{elevation, "high", "refused"},
		{meaning(meteo.Temperature), "27 °", 27.0},
		{meaning(meteo.Temperature), "-999", "missing"},
	} {
		if got := readWord(c.m, c.value); got != c.want {
			t.Errorf("%v: got %v, want %v", c.value, got, c.want)
		}
	}
}

func TestTheUnitOfAColumnShowsInItsValues(t *testing.T) {
	const none = -1
	for name, c := range map[string]struct {
		m      meaning
		values []any
		e      evidence
		want   float64 // what 1 becomes; none: nothing can be concluded
	}{
		"240 is kelvins":                {meaning(meteo.Temperature), []any{240.5, 335.0}, evidence{}, -272.15},
		"below 240 is not":              {meaning(meteo.Temperature), []any{239.9, 300.5}, evidence{}, none},
		"above 335 is not":              {meaning(meteo.Temperature), []any{335.1, 300.5}, evidence{}, none},
		"whole numbers are not":         {meaning(meteo.Temperature), []any{300.0, 301.0}, evidence{}, none},
		"a middle of 50 is °C":          {meaning(meteo.Temperature), []any{50.0, 50.0, 50.0}, evidence{}, 1},
		"a middle above 50 is °F":       {meaning(meteo.Temperature), []any{50.1, 15.0, 140.0}, evidence{}, -17.222222222},
		"above 140 is neither":          {meaning(meteo.Temperature), []any{60.0, 60.0, 140.1}, evidence{}, none},
		"below 15 is neither":           {meaning(meteo.Temperature), []any{14.9, 60.0, 60.0}, evidence{}, none},
		"two values prove nothing":      {meaning(meteo.TemperatureMax), []any{80.0, 81.0}, evidence{}, none},
		"two values beside mph do":      {meaning(meteo.TemperatureMin), []any{80.0, 81.0}, evidence{american: true}, -17.222222222},
		"a mean of the day":             {meaning(meteo.TemperatureMean), []any{80.0, 81.0, 82.0}, evidence{}, -17.222222222},
		"a dew point of 36 is °C":       {meaning(meteo.DewPoint), []any{36.0, 36.0, 36.0}, evidence{}, 1},
		"a dew point above 36 is °F":    {meaning(meteo.DewPointMean), []any{36.1, 37.0, 38.0}, evidence{}, -17.222222222},
		"pascals from 85000":            {meaning(meteo.Pressure), []any{85000.0, 110000.0}, evidence{}, 0.01},
		"more pascals than weather":     {meaning(meteo.Pressure), []any{85000.0, 110001.0}, evidence{}, none},
		"fewer pascals than weather":    {meaning(meteo.Pressure), []any{84999.0, 101000.0}, evidence{}, none},
		"tenths from 8500":              {meaning(meteo.Pressure), []any{8500.0, 11000.0}, evidence{}, 0.1},
		"more tenths than weather":      {meaning(meteo.Pressure), []any{8500.0, 11001.0}, evidence{}, none},
		"kilopascals":                   {meaning(meteo.Pressure), []any{85.0, 110.0}, evidence{}, 10},
		"more kilopascals than weather": {meaning(meteo.Pressure), []any{85.0, 110.1}, evidence{}, none},
		"millimetres of mercury":        {meaning(meteo.Pressure), []any{640.0, 830.0}, evidence{}, 1.333224},
		"inches of mercury":             {meaning(meteo.Pressure), []any{25.0, 32.5}, evidence{}, 33.86389},
		"more inches than weather":      {meaning(meteo.Pressure), []any{25.0, 32.6}, evidence{}, none},
		"500 in the middle is hPa":      {meaning(meteo.Pressure), []any{500.0, 500.0, 1300.0}, evidence{}, 1},
		"1200 in the middle is hPa":     {meaning(meteo.Pressure), []any{1200.0, 1200.0, 1300.0}, evidence{}, 1},
		"below 500 is not":              {meaning(meteo.Pressure), []any{499.0, 499.0, 1300.0}, evidence{}, none},
		"above 1200 is not":             {meaning(meteo.Pressure), []any{1201.0, 1201.0, 1300.0}, evidence{}, none},
		"a humidity above 1":            {meaning(meteo.Humidity), []any{0.5, 1.1}, evidence{}, 1},
		"a humidity up to 1":            {meaning(meteo.HumidityMean), []any{0.5, 1.0}, evidence{}, 100},
		"a humidity of 0":               {meaning(meteo.Humidity), []any{0.0, 0.0}, evidence{}, 1},
		"a cover up to 1":               {meaning(meteo.CloudCover), []any{0.5, 1.0}, evidence{}, 100},
		"a cover of 0":                  {meaning(meteo.CloudCover), []any{0.0}, evidence{}, 1},
		"a cover of 0 and 1":            {meaning(meteo.CloudCover), []any{0.0, 1.0}, evidence{}, none},
		"a cover of 9":                  {meaning(meteo.CloudCover), []any{9.0, 1.0}, evidence{}, none},
		"a cover of 10":                 {meaning(meteo.CloudCover), []any{10.0, 1.0}, evidence{}, 1},
		"a cover of 8 in a flat record": {meaning(meteo.CloudCover), []any{8.0, 1.0}, evidence{camel: true}, 1},
		"five directions up to 36":      {meaning(meteo.WindDirection), []any{36.0, 1.0, 2.0, 3.0, 4.0}, evidence{}, none},
		"one of them at 37":             {meaning(meteo.WindDirection), []any{37.0, 1.0, 2.0, 3.0, 4.0}, evidence{}, 1},
		"four directions":               {meaning(meteo.WindDirection), []any{36.0, 1.0, 2.0, 3.0}, evidence{}, 1},
		"a direction with a fraction":   {meaning(meteo.WindDirection), []any{36.0, 1.5, 2.0, 3.0, 4.0}, evidence{}, 1},
		"one direction":                 {meaning(meteo.WindDirection), []any{5.0, 5.0, 5.0, 5.0, 5.0}, evidence{}, 1},
		"a wind has no other unit":      {meaning(meteo.WindSpeed), []any{500.0}, evidence{}, 1},
		"nothing but missing values":    {meaning(meteo.Pressure), []any{-999.0, 9999.0, "x"}, evidence{}, 1},
		"missing values do not count":   {meaning(meteo.Pressure), []any{-999.0, -9999.0, 101000.0}, evidence{}, 0.01},
	} {
		col := tableColumn{column: column{meaning: c.m, convert: same}}
		col.concludeUnit(c.values, c.e)
		got := float64(none)
		if col.why == "" {
			got = col.convert(1)
		}
		if got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
