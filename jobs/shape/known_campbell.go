package shape

import (
	"slices"
	"strings"

	"senmeteo/jobs/meteo"
)

// campbellHeader reads the four rows with which a TOA5 file of Campbell's loggers begins: the logger, the names, their units, and how their values were
// formed (Campbell Scientific, "LoggerNet", appendix on file formats).
func campbellHeader(rows [][]string) (h Header, ok bool) {
	if len(rows) < 4 || len(rows[0]) < 2 || strings.TrimSpace(rows[0][0]) != "TOA5" {
		return h, false
	}
	h = Header{Headings: headingsOf(rows[1]), Rows: 4, Complete: true, known: len(rows[1])}
	for i := range h.Headings {
		if i < len(rows[2]) {
			h.Headings[i].Unit = strings.TrimSpace(rows[2][i])
		}
		if i < len(rows[3]) {
			h.Headings[i].Process = strings.TrimSpace(rows[3][i])
		}
	}
	h.state("station", rows[0][1])
	return h, true
}

// campbell reads tables of Campbell's loggers, whose names end with the process that formed their values, as in AirTC_Avg and Rain_mm_Tot, and others that have
// a row of such words.
func campbell(t *foreign) (layout, bool, error) {
	processed := slices.ContainsFunc(t.headings, func(h Heading) bool { return h.Process != "" })
	if !processed && !t.has("timestamp", "record") && !t.has("timestamp", "rn") && !t.has("tmstamp", "recnbr") {
		return layout{}, false, nil
	}
	l := layout{columns: make([]*knownColumn, len(t.headings)), interval: t.spacing("timestamp")}
	for i, h := range t.headings {
		l.columns[i] = campbellColumn(h, l.interval)
	}
	return l, true, nil
}

// campbellNames are the names that Campbell's own programs (Short Cut) give, in lower case, without their process and signs.
var campbellNames = map[string]string{
	"airtc": "temperature (c)", "airtf": "temperature (f)", "airt": "temperature", "ta": "temperature", "tairc": "temperature (c)",
	"tdc": "dew_point (c)", "tdf": "dew_point (f)",
	"wsms": "wind_speed (m/s)", "wsmph": "wind_speed (mph)", "wskph": "wind_speed (km/h)", "wsknots": "wind_speed (kt)", "windspd": "wind_speed",
	"wnddir": "wind_direction", "rainmm": "rain (mm)", "rainin": "rain (in)", "raintot": "rain", "ppt": "rain", "pptmm": "rain (mm)",
	"bpmbar": "pressure_station", "bpmmhg": "pressure_station", "bpkpa": "pressure_station", "bp": "pressure_station", "baro": "pressure_station",
	"ptemp": "", "ptempc": "", "paneltemp": "", "batt": "", "battv": "",
}

// campbellColumn settles a column by its name, its process and its unit; nil leaves it to its name alone.
func campbellColumn(h Heading, interval int64) *knownColumn {
	words := nameWords(h.Name)
	process := strings.ToLower(h.Process)
	switch process {
	case "aver", "average", "mean":
		process = "avg"
	case "sum":
		process = "tot"
	}
	if n := len(words); n > 1 {
		switch last := words[n-1]; last {
		case "avg", "smp", "tot", "max", "min", "std", "tmx", "tmn":
			process, words = last, words[:n-1]
		case "wvt": // Short Cut names the results of a wind vector so
			if second := words[n-2]; second == "s" || second == "d1" {
				words = words[:n-2]
			}
		}
	}
	switch joined := strings.Join(words, ""); joined {
	case "timestamp", "tmstamp":
		return &knownColumn{name: "timestamp"}
	case "record", "rn", "recnbr":
		return &knownColumn{}
	default:
		return campbellValue(joined, strings.Join(words, " "), process, h.Unit, interval)
	}
}

// campbellValue settles a column that holds values.
func campbellValue(joined, name, process, unit string, interval int64) *knownColumn {
	field, ok := campbellNames[joined]
	if !ok {
		field = name
	}
	m := understand(field).meaning
	switch {
	case ok && field == "" || m == notKept:
		return &knownColumn{why: whyNoField}
	case strings.HasSuffix(joined, "sd1wvt"): // the deviation of a direction
		return &knownColumn{why: whyProcess}
	}
	if unit != "" {
		bare, _, _ := strings.Cut(field, " (")
		field = bare + " (" + unit + ")"
	}
	switch {
	case m == nothing:
		return nil
	case process == "std" || process == "tmx" || process == "tmn":
		return &knownColumn{why: whyProcess}
	case understand(field).meaning == nothing:
		return &knownColumn{why: whyUnit}
	case process == "max" || process == "min" || process == "avg" && interval >= daySeconds/4:
		extreme, ok := extremeOf(m, process)
		if !ok {
			return &knownColumn{why: whyNoField}
		}
		_, suffix, _ := strings.Cut(field, " (")
		return &knownColumn{name: strings.TrimSuffix(extreme+" ("+suffix, " (")}
	}
	return &knownColumn{name: field}
}

// extremeOf returns the field of the highest, the lowest or the mean value of a variable over an interval.
func extremeOf(m meaning, process string) (field string, ok bool) {
	switch {
	case m == meaning(meteo.Temperature) && process == "max":
		return "temperature_max", true
	case m == meaning(meteo.Temperature) && process == "min":
		return "temperature_min", true
	case m == meaning(meteo.WindSpeed) && process == "max":
		return "wind_gust", true
	}
	if process != "avg" {
		return "", false
	}
	switch mean := meanOf[meteo.Variable(m)]; mean {
	case meteo.TemperatureMean:
		return "temperature_mean", true
	case meteo.DewPointMean:
		return "dew_point_mean", true
	case meteo.HumidityMean:
		return "humidity_mean", true
	case meteo.WindSpeedMean:
		return "wind_speed_mean", true
	}
	return "", false
}
