package clean

import (
	"math"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// fine is an observation of Dakar in January that passes every rule.
func fine() meteo.Observation {
	o := meteo.Observation{Reading: meteo.NewReading(meteo.Stations[0], time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), "generate", meteo.Observed)}
	o.FetchedAt = o.ObservedAt
	o.Values = meteo.NoValues()
	copy(o.Values[:], []float64{25, 16.5, 59, 1013, 4, 7, 330, 0, 0, 20, 15_000})
	o.IntervalS = 3600
	return o
}

// verdictOf is the quality and the failures as JSON: `suspect {"temperature_c":["range"]}`.
func verdictOf(o *meteo.Observation) string {
	if len(o.QC) == 0 {
		return string(o.Quality)
	}
	return string(o.Quality) + " " + string(meteo.AppendFailures(nil, o.QC))
}

func TestRulesOfOneObservation(t *testing.T) {
	set := func(v meteo.Variable, x float64) func(*meteo.Observation) {
		return func(o *meteo.Observation) { o.Values[v] = x }
	}
	only := func(v meteo.Variable, x float64) func(*meteo.Observation) {
		return func(o *meteo.Observation) { o.Values = meteo.NoValues(); o.Values[v] = x }
	}
	rain := func(mm float64, seconds int64) func(*meteo.Observation) {
		return func(o *meteo.Observation) { o.Values[meteo.Rain], o.IntervalS = mm, seconds }
	}
	all := func(changes ...func(*meteo.Observation)) func(*meteo.Observation) {
		return func(o *meteo.Observation) {
			for _, c := range changes {
				c(o)
			}
		}
	}
	place := func(lat, lon float64) func(*meteo.Observation) {
		return func(o *meteo.Observation) { o.Latitude, o.Longitude = lat, lon }
	}
	in := func(m time.Month) func(*meteo.Observation) {
		return func(o *meteo.Observation) { o.ObservedAt = time.Date(2026, m, 15, 12, 0, 0, 0, time.UTC) }
	}
	over := func(seconds int64, v meteo.Variable, x float64) func(*meteo.Observation) {
		return func(o *meteo.Observation) { only(v, x)(o); o.IntervalS = seconds }
	}
	// A day of Dakar, 14 January 2026.
	day := func(changes ...func(*meteo.Observation)) func(*meteo.Observation) {
		return func(o *meteo.Observation) {
			o.Values, o.IntervalS = meteo.NoValues(), 86400
			o.ObservedAt = time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
			o.Values[meteo.TemperatureMax], o.Values[meteo.TemperatureMin], o.Values[meteo.TemperatureMean] = 27, 18, 22
			o.Values[meteo.DewPointMean], o.Values[meteo.HumidityMean], o.Values[meteo.WindSpeedMean] = 14, 62, 5
			all(changes...)(o)
		}
	}
	forecast := func(o *meteo.Observation) { o.Kind, o.IssuedAt = meteo.Forecast, o.ObservedAt.Add(-time.Hour) }
	spread := func(v meteo.Variable, values ...float64) func(*meteo.Observation) {
		return func(o *meteo.Observation) {
			q := meteo.Quantile{Variable: v}
			copy(q.Values[:], values)
			o.Quantiles, _ = o.Quantiles.With(q)
		}
	}
	cases := []struct {
		name   string
		change func(*meteo.Observation)
		want   string
	}{
		{"a forecast may be beyond the climate, and its place is not checked", all(forecast, only(meteo.Temperature, 41.4), place(48.85, 2.35)), "good"},
		{"a forecast may not be what can't be", all(forecast, only(meteo.Temperature, 60.1)), `bad {"temperature_c":["range"]}`},
		{"a forecast may not contradict itself", all(forecast, set(meteo.WindGust, 3.8)), `bad {"wind_gust_ms":["consistency"],"wind_speed_ms":["consistency"]}`},
		{"a probability of 100.1 % can't be", only(meteo.RainProbability, 100.1), `bad {"rain_probability_pct":["range"]}`},
		{"a negative probability can't be", only(meteo.RainProbability, -0.1), `bad {"rain_probability_pct":["range"]}`},
		{"quantiles may be equal", all(forecast, spread(meteo.WindSpeed, 0, 0, 3, 4, 4, 5, 30)), "good"},
		{"a quantile below the one before can't be", all(forecast, spread(meteo.WindSpeed, 0, 1, 3, 4, 5, 6, 5.9)), `bad {"wind_speed_ms":["consistency"]}`},
		{"a quantile has the limits of its variable", all(forecast, spread(meteo.WindSpeed, -0.1, 0, 3, 4, 4, 5, 30)), `bad {"wind_speed_ms":["range"]}`},
		{"a quantile that was not seen is doubtful", all(forecast, spread(meteo.WindSpeed, 0, 0, 3, 4, 4, 5, 30.1)), `suspect {"wind_speed_ms":["range"]}`},
		{"a quantile of rain has the limits of its time", all(forecast, spread(meteo.Rain, 0, 0, 0, 0, 0, 0, 101)), `suspect {"rain_mm":["range"]}`},
		{"each variable's quantiles are checked", all(forecast, spread(meteo.Pressure, 1010, 1011, 1012, 1013, 1014, 1015, 1016), spread(meteo.Visibility, 2, 1)), `bad {"visibility_m":["consistency"]}`},
		{"a day of Dakar is good", day(), "good"},
		{"a maximum below the minimum can't be", day(set(meteo.TemperatureMax, 22), set(meteo.TemperatureMin, 22.2), set(meteo.TemperatureMean, math.NaN())), `bad {"temperature_max_c":["consistency"],"temperature_min_c":["consistency"]}`},
		{"a maximum 0.1 °C below the mean is rounding", day(set(meteo.TemperatureMean, 25.1), set(meteo.TemperatureMax, 25)), "good"},
		{"a mean above the maximum can't be", day(set(meteo.TemperatureMean, 25.2), set(meteo.TemperatureMax, 25)), `bad {"temperature_max_c":["consistency"],"temperature_mean_c":["consistency"]}`},
		{"a mean below the minimum can't be", day(set(meteo.TemperatureMean, 17.8)), `bad {"temperature_mean_c":["consistency"],"temperature_min_c":["consistency"]}`},
		{"a mean dew point above the mean temperature can't be", day(set(meteo.DewPointMean, 22.4)), `bad {"dew_point_mean_c":["consistency"],"temperature_mean_c":["consistency"]}`},
		{"a mean dew point above the maximum can't be", day(set(meteo.TemperatureMean, math.NaN()), set(meteo.DewPointMean, 27.4)), `bad {"dew_point_mean_c":["consistency"],"temperature_max_c":["consistency"]}`},
		{"a gust below the mean of the day can't be", day(set(meteo.WindGust, 4.8)), `bad {"wind_gust_ms":["consistency"],"wind_speed_mean_ms":["consistency"]}`},
		{"a maximum of 41.4 °C in Dakar is above the climate of January", day(set(meteo.TemperatureMax, 41.4)), `suspect {"temperature_max_c":["climatology"]}`},
		{"a maximum of 16.1 °C in Dakar is below the climate of January", day(set(meteo.TemperatureMin, 15), set(meteo.TemperatureMean, 16.1), set(meteo.TemperatureMax, 16.1), set(meteo.DewPointMean, 5)), `suspect {"temperature_max_c":["climatology"]}`},
		{"a minimum of 28.1 °C in Dakar is above the climate of January", day(set(meteo.TemperatureMin, 28.1), set(meteo.TemperatureMean, 28.5), set(meteo.TemperatureMax, 30)), `suspect {"temperature_min_c":["climatology"]}`},
		{"a minimum of 10.9 °C in Dakar is below the climate of January", day(set(meteo.TemperatureMin, 10.9)), `suspect {"temperature_min_c":["climatology"]}`},
		{"a mean humidity of 98.8 % in Dakar is above the climate of January", day(set(meteo.HumidityMean, 98.8)), `suspect {"humidity_mean_pct":["climatology"]}`},
		{"a mean humidity of 21.3 % in Dakar is below the climate of January", day(set(meteo.HumidityMean, 21.3)), `suspect {"humidity_mean_pct":["climatology"]}`},
		{"a mean wind of 13.1 m/s in Dakar is above the climate of January", day(set(meteo.WindSpeedMean, 13.1)), `suspect {"wind_speed_mean_ms":["climatology"]}`},
		{"a day that ends with the month is of that month", day(set(meteo.TemperatureMax, 44.7), func(o *meteo.Observation) {
			o.ObservedAt = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) // February has 44.8, March 38.7
		}), "good"},
		{"an extreme of three hours is not that of a day", day(set(meteo.TemperatureMin, 15), set(meteo.TemperatureMax, 16.1), set(meteo.TemperatureMean, 16.1), set(meteo.DewPointMean, 5), func(o *meteo.Observation) { o.IntervalS = 10800 }), "good"},
		{"21 mm on a dry day in January is doubtful", day(set(meteo.HumidityMean, 59), set(meteo.Rain, 21)), `suspect {"humidity_mean_pct":["consistency"],"rain_mm":["consistency"]}`},

		{"20 mm on a dry day in January is not much", day(set(meteo.HumidityMean, 59), set(meteo.Rain, 20)), "good"},
		{"a day with a mean humidity of 60 % is not dry", day(set(meteo.HumidityMean, 60), set(meteo.Rain, 21)), "good"},
		{"the climate's edges of a day are in it", day(set(meteo.TemperatureMax, 16.3), set(meteo.TemperatureMin, 11.1), set(meteo.TemperatureMean, 15), set(meteo.DewPointMean, 5), set(meteo.HumidityMean, 21.5), set(meteo.WindSpeedMean, 13)), "good"},
		{"its upper edges are in it, too", day(set(meteo.TemperatureMax, 41.2), set(meteo.TemperatureMin, 27.9), set(meteo.TemperatureMean, 30), set(meteo.HumidityMean, 98.6), set(meteo.WindSpeedMean, 0)), "good"},
		{"a maximum of three hours of 41.4 °C is above the climate", over(10800, meteo.TemperatureMax, 41.4), `suspect {"temperature_max_c":["climatology"]}`},
		{"a maximum of three hours of 41.2 °C is in it", over(10800, meteo.TemperatureMax, 41.2), "good"},
		{"a maximum of three hours of 10.9 °C is below it", over(10800, meteo.TemperatureMax, 10.9), `suspect {"temperature_max_c":["climatology"]}`},
		{"a maximum of three hours of 11.1 °C is in it", over(10800, meteo.TemperatureMax, 11.1), "good"},
		{"a minimum of three hours of 41.4 °C is above the climate", over(10800, meteo.TemperatureMin, 41.4), `suspect {"temperature_min_c":["climatology"]}`},
		{"a minimum of three hours of 41.2 °C is in it", over(10800, meteo.TemperatureMin, 41.2), "good"},
		{"a minimum of three hours of 10.9 °C is below it", over(10800, meteo.TemperatureMin, 10.9), `suspect {"temperature_min_c":["climatology"]}`},
		{"a minimum of three hours of 11.1 °C is in it", over(10800, meteo.TemperatureMin, 11.1), "good"},
		{"a mean of 41.4 °C is above the climate", over(86400, meteo.TemperatureMean, 41.4), `suspect {"temperature_mean_c":["climatology"]}`},
		{"a mean of 41.2 °C is in it", over(86400, meteo.TemperatureMean, 41.2), "good"},
		{"a mean of 10.9 °C is below it", over(86400, meteo.TemperatureMean, 10.9), `suspect {"temperature_mean_c":["climatology"]}`},
		{"a mean of 11.1 °C is in it", over(86400, meteo.TemperatureMean, 11.1), "good"},

		{"a fine observation is good", func(*meteo.Observation) {}, "good"},
		{"unknown values fail nothing", func(o *meteo.Observation) { o.Values = meteo.NoValues() }, "good"},

		{"colder than -80 °C can't be", only(meteo.Temperature, -80.1), `bad {"temperature_c":["range","climatology"]}`},
		{"hotter than 60 °C can't be", only(meteo.Temperature, 60.1), `bad {"temperature_c":["range","climatology"]}`},
		{"50.1 °C has not been seen in Senegal", only(meteo.Temperature, 50.1), `suspect {"temperature_c":["range","climatology"]}`},
		{"7.9 °C has not been seen in Senegal", only(meteo.Temperature, 7.9), `suspect {"temperature_c":["range","climatology"]}`},
		{"a dew point of 35.1 °C can't be", only(meteo.DewPoint, 35.1), `bad {"dew_point_c":["range"]}`},
		{"a dew point of 30.1 °C is doubtful", only(meteo.DewPoint, 30.1), `suspect {"dew_point_c":["range"]}`},
		{"a dew point of -15.1 °C is doubtful", only(meteo.DewPoint, -15.1), `suspect {"dew_point_c":["range"]}`},
		{"a dew point below -80 °C can't be", only(meteo.DewPoint, -80.1), `bad {"dew_point_c":["range"]}`},
		{"a humidity of 103.1 % can't be", only(meteo.Humidity, 103.1), `bad {"humidity_pct":["range"]}`},
		{"a humidity of 103 % is saturation", only(meteo.Humidity, 103), "good"},
		{"a humidity of 3.9 % is doubtful", only(meteo.Humidity, 3.9), `suspect {"humidity_pct":["range"]}`},
		{"a negative humidity can't be", only(meteo.Humidity, -0.1), `bad {"humidity_pct":["range"]}`},
		{"1025.1 hPa is doubtful", only(meteo.Pressure, 1025.1), `suspect {"pressure_hpa":["range"]}`},
		{"999.9 hPa is doubtful", only(meteo.Pressure, 999.9), `suspect {"pressure_hpa":["range"]}`},
		{"845.9 hPa can't be at sea level", only(meteo.Pressure, 845.9), `bad {"pressure_hpa":["range"]}`},
		{"1100.1 hPa can't be", only(meteo.Pressure, 1100.1), `bad {"pressure_hpa":["range"]}`},
		{"a mean wind of 30.1 m/s is doubtful", only(meteo.WindSpeed, 30.1), `suspect {"wind_speed_ms":["range"]}`},
		{"a mean wind of 75.1 m/s can't be", only(meteo.WindSpeed, 75.1), `bad {"wind_speed_ms":["range"]}`},
		{"a negative wind can't be", only(meteo.WindSpeed, -0.1), `bad {"wind_speed_ms":["range"]}`},
		{"a gust of 45.1 m/s is doubtful", only(meteo.WindGust, 45.1), `suspect {"wind_gust_ms":["range"]}`},
		{"a gust of 75.1 m/s can't be", only(meteo.WindGust, 75.1), `bad {"wind_gust_ms":["range"]}`},
		{"a direction of 360.1° can't be", only(meteo.WindDirection, 360.1), `bad {"wind_direction_deg":["range"]}`},
		{"a direction of 0° and of 360° are north", all(set(meteo.WindDirection, 360), set(meteo.WindSpeed, 0)), "good"},
		{"a rain rate above 40 mm a minute can't be", only(meteo.RainRate, 2400.1), `bad {"rain_rate_mm_h":["range"]}`},
		{"a cloud cover of 100.1 % can't be", only(meteo.CloudCover, 100.1), `bad {"cloud_cover_pct":["range"]}`},
		{"a visibility above 160 km can't be", only(meteo.Visibility, 160_001), `bad {"visibility_m":["range"]}`},

		{"negative rain can't be", rain(-0.1, 3600), `bad {"rain_mm":["range"]}`},
		{"41 mm in a minute can't be", all(rain(41, 60), in(8)), `bad {"rain_mm":["range"]}`},
		{"39 mm in a minute can be", all(rain(39, 60), in(8)), "good"},
		{"101 mm in an hour is doubtful", all(rain(101, 3600), in(8)), `suspect {"rain_mm":["range"]}`},
		{"40 mm in a minute can be", all(rain(40, 60), in(8)), "good"},
		{"100 mm in an hour can be", all(rain(100, 3600), in(8)), "good"},
		{"200 mm in a day can be", all(rain(200, 86400), in(8)), "good"},
		{"101 mm in a day in August is a wet day", all(rain(101, 86400), in(8)), "good"},
		{"201 mm in a day is doubtful", all(rain(201, 86400), in(8)), `suspect {"rain_mm":["range"]}`},
		{"1118.1 mm can't be, whatever the time", all(rain(1118.1, 864_000), in(8)), `bad {"rain_mm":["range"]}`},
		{"201 mm in an unknown time is doubtful", all(rain(201, 0), in(8)), `suspect {"rain_mm":["range"]}`},

		{"41.3 °C in Dakar in January is the climate's edge", all(set(meteo.Temperature, 41.3), set(meteo.DewPoint, 10), set(meteo.Humidity, 15.5)), "good"},
		{"41.4 °C in Dakar in January is beyond it", only(meteo.Temperature, 41.4), `suspect {"temperature_c":["climatology"]}`},
		{"11 °C in Dakar in January is the climate's other edge", only(meteo.Temperature, 11), "good"},
		{"10.9 °C in Dakar in January is beyond it", only(meteo.Temperature, 10.9), `suspect {"temperature_c":["climatology"]}`},

		{"a dew point 0.3 °C above the temperature is rounding", all(set(meteo.DewPoint, 25.3), set(meteo.Humidity, 100)), "good"},
		{"a dew point 0.4 °C above the temperature can't be", all(set(meteo.DewPoint, 25.4), set(meteo.Humidity, 100)), `bad {"dew_point_c":["consistency"],"temperature_c":["consistency"]}`},
		{"a humidity 6 % off that of temperature and dew point is doubtful", set(meteo.Humidity, 65.5), `suspect {"dew_point_c":["consistency"],"humidity_pct":["consistency"]}`},
		{"a humidity 5 % off that of temperature and dew point can be", all(set(meteo.DewPoint, 25), set(meteo.Humidity, 95)), "good"},
		{"a gust 0.1 m/s below the mean wind is rounding", set(meteo.WindGust, 3.9), "good"},
		{"a gust below the mean wind can't be", set(meteo.WindGust, 3.8), `bad {"wind_gust_ms":["consistency"],"wind_speed_ms":["consistency"]}`},
		{"rain within the hour from a clear sky is doubtful", all(rain(0.2, 3600), set(meteo.CloudCover, 0)), `suspect {"cloud_cover_pct":["consistency"],"rain_mm":["consistency"]}`},
		{"rain of a day and a clear sky now go together", all(rain(5, 86400), set(meteo.CloudCover, 0)), "good"},
		{"a rain rate from a clear sky is doubtful", all(set(meteo.RainRate, 0.5), set(meteo.CloudCover, 0)), `suspect {"cloud_cover_pct":["consistency"],"rain_rate_mm_h":["consistency"]}`},
		{"1.1 mm/h in dry air is doubtful", set(meteo.RainRate, 1.1), `suspect {"humidity_pct":["consistency"],"rain_rate_mm_h":["consistency"]}`},
		{"drizzle in dry air can be", set(meteo.RainRate, 1), "good"},
		{"21 mm in dry air in January is doubtful", rain(21, 86400), `suspect {"humidity_pct":["consistency"],"rain_mm":["consistency"]}`},
		{"20 mm in dry air in January can be", rain(20, 86400), "good"},
		{"air of 60 % is not dry", all(rain(21, 86400), set(meteo.RainRate, 1.1), set(meteo.Humidity, 60)), "good"},
		{"21 mm in dry air in August can be", all(rain(21, 86400), in(8)), "good"},
		{"harmattan is weather: dry north-east wind and dust", func(o *meteo.Observation) {
			copy(o.Values[:], []float64{34, 0, 11.5, 1012, 9, 14, 45, 0, 0, 0, 1500})
		}, "good"},
		{"a calm may have any direction or none", all(set(meteo.WindSpeed, 0), set(meteo.WindGust, 0), set(meteo.WindDirection, 120)), "good"},

		{"a place outside Senegal is wrong", place(48.85, 2.35), `bad {"location":["location"]}`},
		{"a place 26 km off the station is doubtful", place(14.9280, -17.4441), `suspect {"location":["location"]}`},
		{"a place 26 km east of the station is doubtful", place(14.6937, -17.2000), `suspect {"location":["location"]}`},
		{"Dakar-Yoff is at Dakar", place(14.7397, -17.4902), "good"},
		{"a further station may be anywhere in Senegal", all(place(14.0, -16.0), func(o *meteo.Observation) { o.StationID = "SN-DK-01" }), "good"},
		{"an unknown place fails nothing", place(math.NaN(), math.NaN()), "good"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := fine()
			c.change(&o)
			Check(&o, nil)
			if got := verdictOf(&o); got != c.want {
				t.Errorf("the verdict is %s, want %s", got, c.want)
			}
		})
	}
}

func TestTheDrySeasonIsFromNovemberToApril(t *testing.T) {
	for m := time.January; m <= time.December; m++ {
		want := meteo.Suspect
		if m > time.April && m < time.November {
			want = meteo.Good
		}
		for _, humidity := range []meteo.Variable{meteo.Humidity, meteo.HumidityMean} {
			o := fine()
			o.ObservedAt, o.IntervalS = time.Date(2026, m, 15, 12, 0, 0, 0, time.UTC), 10800
			o.Values = meteo.NoValues()
			o.Values[humidity], o.Values[meteo.Rain] = 59, 21
			if Check(&o, nil); o.Quality != want {
				t.Errorf("21 mm in dry air in %s, by %s: %s, want %s", m, humidity, verdictOf(&o), want)
			}
		}
	}
}

func TestALimitIsInsideWhatItLimits(t *testing.T) {
	for v, l := range rangeOf {
		if meteo.Variable(v) == meteo.Rain {
			continue
		}
		for x, want := range map[float64]meteo.Quality{l.hardLow: meteo.Suspect, l.hardHigh: meteo.Suspect, l.usualLow: meteo.Good, l.usualHigh: meteo.Good} {
			if x == l.usualLow || x == l.usualHigh {
				want = meteo.Good
			}
			o := fine()
			o.Values = meteo.NoValues()
			o.Values[v] = x
			found := verdict{quality: meteo.Good}
			if checkRange(&o, &found); found.quality != want {
				t.Errorf("%s %g is %s, want %s", meteo.Variable(v), x, found.quality, want)
			}
		}
	}
}

func TestSaturationIsCorrectedFromJustAbove100PercentToTheSensorsTolerance(t *testing.T) {
	for received, corrected := range map[float64]bool{99.9: false, 100: false, 100.1: true, 103: true, 103.1: false} {
		o := fine()
		o.Values = meteo.NoValues()
		o.Values[meteo.HumidityMean] = received
		Check(&o, nil)
		if got := o.Original != nil; got != corrected || corrected && (o.Values[meteo.HumidityMean] != 100 || o.Original[meteo.HumidityMean] != received) {
			t.Errorf("%g %% is corrected: %v to %g, want %v", received, got, o.Values[meteo.HumidityMean], corrected)
		}
	}
}

func TestSaturationAboveAHundredPercentIsCorrectedAndTheOriginalKept(t *testing.T) {
	o := fine()
	o.Values[meteo.Humidity], o.Values[meteo.DewPoint] = 102.5, 25
	received := o.Fingerprint()
	Check(&o, nil)
	if o.Values[meteo.Humidity] != 100 || o.Original == nil || o.Original[meteo.Humidity] != 102.5 || o.Original.Count() != 1 || o.Quality != meteo.Good {
		t.Errorf("corrected to %s", o.AppendJSON(nil))
	}
	if o.Fingerprint() != received {
		t.Error("a correction of ours changes what tells revisions apart")
	}
}

func TestTheClimatologyCoversEveryRegionAndMonth(t *testing.T) {
	for _, s := range meteo.Stations {
		for m := time.January; m <= time.December; m++ {
			if l := climatology[s.ID]; l == nil || !(l[m].lowestMin < l[m].highestMax) {
				t.Errorf("%s in %s: %+v", s.ID, m, l)
			}
		}
	}
	if n := strings.Count(climatologyCSV, "\n"); n != 12*len(climatology)+1 || len(climatology) != 14 {
		t.Errorf("the table has %d lines and %d regions", n, len(climatology))
	}
}

func FuzzCheckNeverPanicsAndNeverImproves(f *testing.F) {
	f.Add(25.0, 16.5, 59.0, 1013.0, 4.0, 0.0, int64(600))
	f.Fuzz(func(t *testing.T, temperature, dew, humidity, pressure, wind, rain float64, interval int64) {
		o := fine()
		o.Values[meteo.Temperature], o.Values[meteo.DewPoint], o.Values[meteo.Humidity] = temperature, dew, humidity
		o.Values[meteo.Pressure], o.Values[meteo.WindSpeed], o.Values[meteo.Rain], o.IntervalS = pressure, wind, rain, interval
		r := &recent{limits: climatology.of("SN-DK")}
		before := fine()
		before.ObservedAt = before.ObservedAt.Add(-time.Hour)
		r.add(&before)
		Check(&o, r)
		if (o.Quality == meteo.Good) != (len(o.QC) == 0) {
			t.Errorf("quality %q with %v", o.Quality, o.QC)
		}
		for v, l := range rangeOf {
			if x := o.Values[v]; meteo.Variable(v) != meteo.Rain && meteo.Known(x) && (x < l.hardLow || x > l.hardHigh) && o.Quality != meteo.Bad {
				t.Errorf("%s %g is %s", meteo.Variable(v), x, o.Quality)
			}
		}
	})
}
