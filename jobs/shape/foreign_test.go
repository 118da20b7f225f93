package shape

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func defaults() Defaults {
	return Defaults{Source: "file", Kind: meteo.Observed, FetchedAt: time.Date(2026, 3, 2, 0, 30, 0, 0, time.UTC)}
}

func TestNamesOfColumnsAreUnderstoodWithTheirUnits(t *testing.T) {
	for name, want := range map[string]string{ // the value 36 in the unit of the name
		"Température (°C)": "temperature_c 36", "Temp": "temperature_c 36", "T (°F)": "temperature_c 2.222222222",
		"temperature_2m": "temperature_c 36", "tempC": "temperature_c 36", "T [K]": "temperature_c -237.15",
		"Température de l'air": "temperature_c 36", "TEMPÉRATURE": "temperature_c 36", "Tempe\u0301rature": "temperature_c 36",
		"Vitesse du vent (km/h)": "wind_speed_ms 10", "Vent (nœuds)": "wind_speed_ms 18.52", "windSpeed": "wind_speed_ms 36",
		"wind_speed_10m": "wind_speed_ms 36", "wind speed (mph)": "wind_speed_ms 16.09344", "FF (kt)": "wind_speed_ms 18.52",
		"Rafales (km/h)": "wind_gust_ms 10", "windGust": "wind_gust_ms 36", "Direction du vent (°)": "wind_direction_deg 36",
		"Humidité relative (%)": "humidity_pct 36", "humidity": "humidity_pct 36", "HR": "humidity_pct 36",
		"Point de rosée (°C)": "dew_point_c 36", "dewPoint": "dew_point_c 36", "Td": "dew_point_c 36",
		"Pression (hPa)": "pressure_hpa 36", "pressureSeaLevel": "pressure_hpa 36", "pressure_msl (Pa)": "pressure_hpa 0.36",
		"Pluie (mm)": "rain_mm 36", "Précipitations": "rain_mm 36", "Pluie (mm/h)": "rain_rate_mm_h 36", "rainIntensity": "rain_rate_mm_h 36",
		"rain (in)": "rain_mm 914.4", "Nébulosité (octas)": "cloud_cover_pct 450", "cloudCover": "cloud_cover_pct 36",
		"Visibilité (km)": "visibility_m 36000", "visibility_m": "visibility_m 36", "Visibility (mi)": "visibility_m 57936.384",
	} {
		t.Run(name, func(t *testing.T) {
			o, err := one(Row{{name, 36.0}, {"Date", "01/03/2026 00:00"}, {"Ville", "Dakar"}}, defaults())
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for v, x := range o.Values {
				if meteo.Known(x) {
					got += fmt.Sprintf("%s %v", meteo.Variable(v), x)
				}
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	for _, name := range []string{"pressureSurfaceLevel", "Pression station (hPa)", "surface_pressure", "Prix", "T (bananes)", ""} {
		if Measures(name) {
			t.Errorf("%q is taken for %v", name, understand(name).meaning)
		}
	}
	for v := range meteo.Variables {
		if c := understand(meteo.Variables[v].Name); c.meaning != meaning(v) || c.convert(12.3) != 12.3 {
			t.Errorf("our own %s is not understood", meteo.Variables[v].Name)
		}
	}
}

func one(row Row, def Defaults) (meteo.Observation, error) {
	all, err := NewDecoder().FromRow(row, def)
	if err != nil {
		return meteo.Observation{}, err
	}
	if len(all) != 1 {
		return meteo.Observation{}, fmt.Errorf("%d observations", len(all))
	}
	return all[0], nil
}

func TestNumbersOfSeveralCountriesAreRead(t *testing.T) {
	for in, want := range map[string]float64{
		"25.3": 25.3, "25,3": 25.3, " 25,3 ": 25.3, "-0,5": -0.5, "\u22125": -5, "1.013,2": 1013.2, "1,013.2": 1013.2,
		"1\u202f013,2": 1013.2, "1 013": 1013, "1,013": 1.013, "85 %": 85, "1e3": 1000, "+4": 4, "1,5E-2": 0.015,
		"12'345.6": 12345.6, "1.234.567,8": 1234567.8,
	} {
		if got, ok := ParseNumber(in); !ok || got != want {
			t.Errorf("%q: got %v, %v, want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "NaN", "Inf", "-inf", "abc", "0x1F", "1_000", "1,2,3", "12.34.56", "1.2,3", ".013,2", "25 °C", "1e999", "--5", ","} {
		if got, ok := ParseNumber(in); ok {
			t.Errorf("%q passed as %v", in, got)
		}
	}
}

func TestTimesOfManyFormsAreRead(t *testing.T) {
	const noon = "2026-03-01T12:10:00Z"
	for name, c := range map[string]struct {
		in   any
		want string
	}{
		"RFC 3339":                    {"2026-03-01T12:10:00Z", noon},
		"a zone":                      {"2026-03-01T13:10:00+01:00", noon},
		"a short zone":                {"2026-03-01 12:10:00+00", noon},
		"SQL":                         {"2026-03-01 12:10:00", noon},
		"SQL without seconds":         {"2026-03-01 12:10", noon},
		"UTC as a word":               {"2026-03-01 12:10:00 UTC", noon},
		"slashes, year first":         {"2026/03/01 12:10", noon},
		"French":                      {"01/03/2026 12:10", noon},
		"French with seconds":         {"1/3/2026 12:10:00", noon},
		"French in words":             {"01/03/2026 à 12h10", noon},
		"points":                      {"01.03.2026 12:10", noon},
		"two digits of the year":      {"01/03/26 12:10", noon},
		"the day comes first":         {"02/03/2026", "2026-03-02T00:00:00Z"},
		"a day":                       {"2026-03-01", "2026-03-01T00:00:00Z"},
		"digits alone":                {"20260301", "2026-03-01T00:00:00Z"},
		"a day number of Excel":       {46082.50694444444, noon},
		"a day number as French text": {"46082,5069444444", noon},
		"Unix seconds":                {1772367000.0, noon},
		"Unix milliseconds":           {1772367000000.0, noon},
		"Unix microseconds":           {1772367000000000.0, noon},
		"Unix nanoseconds":            {1772367000000000000.0, noon},
		"Unix seconds as text":        {"1772367000", noon},
		"a fraction of a second":      {"2026-03-01T12:10:00.1234567Z", "2026-03-01T12:10:00.123456Z"},
		"a time":                      {time.Date(2026, 3, 1, 13, 10, 0, 999, time.FixedZone("", 3600)), noon},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, ok := ParseTime(c.in)
			if s := string(meteo.AppendTime(nil, got)); !ok || s != c.want {
				t.Errorf("got %s, %v, want %s", s, ok, c.want)
			}
		})
	}
	for _, in := range []any{"", "yesterday", "03/25/2026", "2026-02-30", "12:10", 5.0, 7e6, -1.0, math.NaN(), true, nil, "0000-01-01", "99999999999999999999"} {
		if got, _, ok := ParseTime(in); ok {
			t.Errorf("%v passed as %v", in, got)
		}
	}
}

func TestARecordThatStatesADayAloneIsOfTheWholeDay(t *testing.T) {
	for name, c := range map[string]struct {
		row  Row
		want string // time, interval and values
	}{
		"extremes and means": {
			Row{{"date", "2026-08-01"}, {"tmax", 31.0}, {"Température minimale (°C)", "24,5"}, {"tavg (°F)", 80.6}, {"Humidité moyenne", 80.0}, {"rain", 3.0}},
			`"observed_at":"2026-08-02T00:00:00Z" "rain_mm":3,"temperature_max_c":31,"temperature_min_c":24.5,"temperature_mean_c":27,"humidity_mean_pct":80,"interval_s":86400`,
		},
		"what has a momentary name is the mean of the day": {
			Row{{"Date", "01/08/2026"}, {"Temp", 27.0}, {"Td", 22.0}, {"HR", 75.0}, {"Vent (km/h)", 18.0}, {"Rafales", 12.0}},
			`"observed_at":"2026-08-02T00:00:00Z" "wind_gust_ms":12,"temperature_mean_c":27,"dew_point_mean_c":22,"humidity_mean_pct":75,"wind_speed_mean_ms":5,"interval_s":86400`,
		},
		"what has no mean is left out": {
			Row{{"Date", "01/08/2026"}, {"Temp", 27.0}, {"Pression", 1012.0}, {"Visibilité (km)", 10.0}},
			`"observed_at":"2026-08-02T00:00:00Z" "temperature_mean_c":27,"interval_s":86400`,
		},
		"a mean beside a momentary name stays": {
			Row{{"Date", "01/08/2026"}, {"Temp", 27.0}, {"tmean", 28.0}},
			`"observed_at":"2026-08-02T00:00:00Z" "temperature_mean_c":28,"interval_s":86400`,
		},
		"a time of day is a moment": {
			Row{{"Date", "01/08/2026"}, {"Heure", "06:00"}, {"Temp", 27.0}, {"TX", 31.0}},
			`"observed_at":"2026-08-01T06:00:00Z" "temperature_c":27,"temperature_max_c":31`,
		},
		"midnight is a moment too": {
			Row{{"Date", "01/08/2026 00:00"}, {"Temp", 27.0}},
			`"observed_at":"2026-08-01T00:00:00Z" "temperature_c":27`,
		},
	} {
		o, err := one(append(c.row, Field{"Ville", "Thiès"}), defaults())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for part := range strings.SplitSeq(c.want, " ") {
			if json := string(o.AppendJSON(nil)); !strings.Contains(json, part+",") && !strings.Contains(json, part+"}") {
				t.Errorf("%s: %s is not in %s", name, part, json)
			}
		}
	}
	if _, err := one(Row{{"Date", "01/08/2026"}, {"Pression", 1012.0}, {"Ville", "Thiès"}}, defaults()); err == nil {
		t.Error("the pressure of a day has become a reading")
	}
}

func TestADateAndATimeOfDayMakeOneTime(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, row := range map[string]Row{
		"text":                         {{"Date", "01/03/2026"}, {"Heure", "12:10"}},
		"the French h":                 {{"Heure", "12h10"}, {"Date", "01/03/2026"}},
		"cells of a spreadsheet":       {{"Date", 46082.0}, {"Heure (UTC)", 0.5069444444444444}},
		"typed cells":                  {{"Date", day}, {"time", "12:10:00"}},
		"a time that repeats the date": {{"Date", "2026-03-01"}, {"time", "2026-03-01T12:10:00Z"}},
		"a date that holds the time":   {{"date", "2026-03-01 12:10"}, {"hour", 12.0}},
	} {
		o, err := one(append(row, Field{"Temp", 20.0}, Field{"Ville", "Thiès"}), defaults())
		if err != nil || o.ObservedAt.Sub(day) != 12*time.Hour+10*time.Minute {
			t.Errorf("%s: got %v, %v", name, o.ObservedAt, err)
		}
	}
	o, err := one(Row{{"Date", "01/03/2026"}, {"Heure", 7.0}, {"Temp", 20.0}, {"Ville", "Thiès"}}, defaults())
	if err != nil || o.ObservedAt.Hour() != 7 {
		t.Errorf("got %v, %v", o.ObservedAt, err)
	}
}

func TestTheStationIsFoundByIdNameAndPlace(t *testing.T) {
	for name, c := range map[string]struct {
		row  Row
		want string // station id or reason
	}{
		"its id":                      {Row{{"station_id", "SN-TH-02"}}, "SN-TH-02"},
		"the name of a region":        {Row{{"Région", "KEDOUGOU"}}, "SN-KE"},
		"a WMO number":                {Row{{"station", "61641"}}, "SN-DK"},
		"a number of a WMO station":   {Row{{"station", 61641.0}}, "SN-DK"},
		"an ICAO code":                {Row{{"station", "gooy"}}, "SN-DK"},
		"an id in small letters":      {Row{{"station_id", "sn_ke"}}, "SN-KE"},
		"a further id with spaces":    {Row{{"station", "SN KE 02"}}, "SN-KE-02"},
		"a number in six figures":     {Row{{"wmo", "616410"}}, "SN-DK"},
		"a number of NOAA's":          {Row{{"station", "61612099999"}}, "SN-SL-01"},
		"a code beside another":       {Row{{"icao", "GOSS"}, {"station_id", "7"}}, "SN-SL"},
		"a number with a name":        {Row{{"station", "61641 - Dakar/Yoff"}}, "SN-DK"},
		"an airfield":                 {Row{{"station", "DAKAR/YOFF"}}, "SN-DK"},
		"a shortened saint":           {Row{{"station", "St. Louis"}}, "SN-SL"},
		"a shortened saint, joined":   {Row{{"city", "ST-LOUIS"}}, "SN-SL"},
		"the old country's name":      {Row{{"city", "Saint-Louis du Sénégal"}}, "SN-SL"},
		"an airport of the capital":   {Row{{"station", "Dakar/Blaise Diagne Intl, DK, SN"}}, "SN-TH"},
		"a further station":           {Row{{"station", "Cap-Skirring"}}, "SN-ZG-01"},
		"a further one's region":      {Row{{"region", "Saint-Louis"}, {"station", "Podor"}}, "SN-SL-01"},
		"a station's region":          {Row{{"station", "Dakar-Yoff"}, {"region", "Dakar"}}, "SN-DK"},
		"a station of another region": {Row{{"station", "Podor"}, {"region", "Dakar"}}, "unknown_station"},
		"a town of a known region":    {Row{{"region", "Saint-Louis"}, {"ville", "Richard-Toll"}}, "unknown_station"},
		"a sensor of a known region":  {Row{{"region", "Saint-Louis"}, {"name", "capteur 3"}}, "SN-SL"},
		"a quarter of a capital":      {Row{{"region", "Dakar"}, {"ville", "Ngor"}, {"lat", 14.75}, {"lon", -17.51}}, "SN-DK"},
		"a town far from its capital": {Row{{"region", "Thiès"}, {"ville", "Mbour"}, {"lat", 14.42}, {"lon", -16.97}}, "unknown_station"},
		"a town before its region":    {Row{{"ville", "Richard-Toll, Saint-Louis, Sénégal"}}, "unknown_station"},
		"a full address":              {Row{{"ville", "Thiès, Région de Thiès, Sénégal"}}, "SN-TH"},
		"a town with coordinates":     {Row{{"ville", "Touba"}, {"lat", 14.85}, {"lon", "-15,88"}}, "unknown_station"},
		"a town at a station":         {Row{{"ville", "Ngor"}, {"lat", 14.75}, {"lon", -17.51}}, "SN-DK"},
		"a place of the Gambia":       {Row{{"lat", 13.45}, {"lon", -16.58}}, "unknown_station"},
		"a place of Mauritania":       {Row{{"ville", "Rosso"}, {"lat", 16.51}, {"lon", -15.8}}, "unknown_station"},
		"exchanged coordinates":       {Row{{"lat", -17.44}, {"lon", 14.69}}, "unknown_station"},
		"a longitude without sign":    {Row{{"lat", 14.69}, {"lon", 17.44}}, "unknown_station"},
		"a named one's exchanged":     {Row{{"ville", "Dakar"}, {"lat", -17.44}, {"lon", 14.69}}, "SN-DK"},
		"coordinates alone":           {Row{{"lat", 14.7}, {"lng", -17.4}}, "SN-DK"},
		"coordinates of nowhere":      {Row{{"lat", 48.8}, {"lon", 2.3}}, "unknown_station"},
		"nothing":                     {Row{}, "SN-MT"},
		"an unknown id":               {Row{{"station_id", "SN-XX"}, {"region", "Dakar"}}, "unknown_station"},
		"a town without coordinates":  {Row{{"ville", "Touba"}}, "unknown_station"},
	} {
		def := defaults()
		def.Station = "SN-MT"
		o, err := one(append(c.row, Field{"Temp", 20.0}, Field{"date", "2026-03-01"}), def)
		got := o.StationID
		var refusal *meteo.Refusal
		if errors.As(err, &refusal) {
			got = string(refusal.Reason)
		}
		if got != c.want {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, c.want)
		}
		if err == nil && (!meteo.Known(o.ElevationM) || !meteo.Known(o.Latitude)) {
			t.Errorf("%s: the station's place is missing", name)
		}
	}
}

func TestWhatNoReadingCanHaveIsRefusedInEveryShape(t *testing.T) {
	const good = `"schema":1,"station_id":"SN-DK","observed_at":"2026-03-01T12:00:00Z","source":"a","kind":"observed","temperature_c":1`
	for name, c := range map[string]struct {
		member string
		want   meteo.Reason
	}{
		"a kind":                           {`"kind":"guess"`, meteo.InvalidField},
		"a forecast that was never issued": {`"kind":"forecast"`, meteo.InvalidField},
		"an observation that was issued":   {`"issued_at":"2026-03-01T12:00:00Z"`, meteo.InvalidField},
		"a source":                         {`"source":"A b"`, meteo.InvalidField},
		"a station":                        {`"station_id":"FR-75"`, meteo.UnknownStation},
		"a latitude":                       {`"latitude":91`, meteo.InvalidField},
		"a region with control characters": {`"region":"a\u0000b"`, meteo.InvalidField},
		"a quality":                        {`"quality":"fine"`, meteo.InvalidField},
		"a rule":                           {`"qc":{"temperature_c":["Not a rule"]}`, meteo.InvalidField},
		"an id":                            {`"id":"xyz"`, meteo.InvalidField},
		"a revision":                       {`"revision":9007199254740993`, meteo.InvalidField},
		"a newer schema":                   {`"schema":2`, meteo.UnsupportedSchema},
		"no value":                         {`"temperature_c":null`, meteo.NothingMeasured},
		"a year out of the calendar":       {`"observed_at":"9999-12-31T23:59:59-01:00"`, meteo.InvalidTime},
	} {
		t.Run(name, func(t *testing.T) {
			members := map[string]string{}
			var order []string
			for _, m := range append(strings.Split(good, ","), c.member) {
				key, _, _ := strings.Cut(m, ":")
				if _, ok := members[key]; !ok {
					order = append(order, key)
				}
				members[key] = m
			}
			var all []string
			for _, key := range order {
				all = append(all, members[key])
			}
			record := "{" + strings.Join(all, ",") + "}"
			tree, err := ParseJSON([]byte(record))
			if err != nil {
				t.Fatal(err)
			}
			_, rowErr := NewDecoder().FromRow(tree.(Row), defaults())
			_, jsonErr := NewDecoder().FromJSON([]byte(record), defaults())
			_, ownErr := NewDecoder().Observation([]byte(record))
			for shape, err := range map[string]error{"a row": rowErr, "JSON": jsonErr, "our own JSON": ownErr} {
				var refusal *meteo.Refusal
				if !errors.As(err, &refusal) || refusal.Reason != c.want {
					t.Errorf("%s: got %v, want %s\n%s", shape, err, c.want, record)
				}
			}
		})
	}
}

func TestStationPressureIsNeverTakenForThatAtSeaLevel(t *testing.T) {
	body := `{"data":{"time":"2026-03-01T12:00:00Z","values":{"temperature":20,"pressureSurfaceLevel":1001.5}},"location":{"lat":14.7,"lon":-17.4}}`
	all, err := NewDecoder().FromJSON([]byte(body), defaults())
	if err != nil || len(all) != 1 || all[0].Values.Has(meteo.Pressure) {
		t.Errorf("got %+v, %v", all, err)
	}
}

func TestTheSameForecastHasTheSameIdentitiesWheneverItIsRead(t *testing.T) {
	body := []byte(`{"timelines":{"hourly":[{"time":"2026-03-01T12:00:00Z","values":{"temperature":20}},{"time":"2026-03-01T13:00:00Z","values":{"temperature":21}}]},"location":{"lat":14.7,"lon":-17.4}}`)
	later := defaults()
	later.FetchedAt = later.FetchedAt.AddDate(1, 0, 0)
	first, err1 := NewDecoder().FromJSON(body, defaults())
	second, err2 := NewDecoder().FromJSON(body, later)
	if err1 != nil || err2 != nil || len(first) != 2 {
		t.Fatal(err1, err2, len(first))
	}
	for i := range first {
		if first[i].Identity.ID() != second[i].Identity.ID() {
			t.Errorf("step %d: %+v, then %+v", i, first[i].Identity, second[i].Identity)
		}
	}
}

func FuzzFromJSON(f *testing.F) {
	o := full()
	f.Add(o.AppendJSON(nil))
	f.Add([]byte(`[{"region":"Thiès","datetime":"2026-03-01 12:00","temperature":"25,5"}]`))
	f.Add([]byte(`{"timelines":{"hourly":[{"time":"2026-03-01T12:00:00Z","values":{"temperature":20}}]},"location":{"lat":14.7,"lon":-17.4}}`))
	f.Add([]byte(`{"city":"Dakar","data":[{"time":1772367000,"temp":1},7]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := NewDecoder().FromJSON(data, defaults())
		var refusal *meteo.Refusal
		if err != nil && !errors.As(err, &refusal) {
			t.Fatalf("%v is not a refusal", err)
		}
		for i := range all { // what passes is a record of ours
			own := all[i].AppendJSON(nil)
			back, err := NewDecoder().Observation(own)
			if err != nil || string(back.AppendJSON(nil)) != string(own) {
				t.Fatalf("%s\n%v", own, err)
			}
		}
	})
}

func FuzzNumbersAndTimes(f *testing.F) {
	for _, s := range []string{"1.013,2", "01/03/2026 12h10", "46082,5", "-0", "1e3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if x, ok := ParseNumber(s); ok && (math.IsNaN(x) || math.IsInf(x, 0)) {
			t.Errorf("%q is %v", s, x)
		}
		if at, _, ok := ParseTime(s); ok && (at.Year() < 1 || at.Year() > 9999 || at.Nanosecond()%1000 != 0) {
			t.Errorf("%q is %v", s, at)
		}
		_, _ = NewDecoder().FromRow(Row{{s, s}, {"temp", s}, {"date", s}, {"heure", s}, {"ville", s}}, defaults())
	})
}
