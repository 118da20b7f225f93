package export

import (
	"slices"

	"senmeteo/jobs/meteo"
)

// daycliValue is a value of a day in the template.
type daycliValue struct {
	prefix, value string  // what its columns begin with, and its own column
	of            Element // unmeasured: nobody measures it here
}

const unmeasured = Element(NumElements)

var daycliValues = []daycliValue{
	{"precipitation", "precipitation", Rain},
	{"fresh_snow", "fresh_snow_depth", unmeasured},
	{"total_snow", "total_snow_depth", unmeasured},
	{"maximum_temperature", "maximum_temperature", TemperatureMax},
	{"minimum_temperature", "minimum_temperature", TemperatureMin},
	{"average_temperature", "average_temperature", TemperatureMean},
}

// unknownClass is the code figure "missing" of the tables 0 08 095 and 0 08 096 (eight bits), as in the sample of csv2bufr-templates.
const unknownClass = "255"

var daycliColumns = func() []string {
	columns := append(slices.Clone(identity), "temperature_siting_classification", "precipitation_siting_classification", "averaging_method", "year", "month", "day", "thermometer_height")
	for _, v := range daycliValues {
		columns = append(columns, v.prefix+"_day_offset", v.prefix+"_hour", v.prefix+"_minute", v.prefix+"_second", v.value, v.value+"_flag")
	}
	return columns
}()

// daycli writes a day. Its values are of the calendar day in UTC, which the template says by a begin at 00:00:01. How the mean was made, how
// high the thermometer is and what a national service has declared of a value nobody told us: these stay empty.
func (l *lines) daycli(row *Row) error {
	if !slices.ContainsFunc(daycliValues, func(v daycliValue) bool { return v.of != unmeasured && meteo.Known(row.Values[v.of].X) }) {
		return nil
	}
	if ok, err := l.takes(&row.Origin); !ok {
		return err
	}
	station := l.list[row.StationID]
	cells := append(station.identity(), unknownClass, unknownClass, "")
	cells = append(cells, clock(row.From)[:3]...)
	cells = append(cells, "")
	for _, v := range daycliValues {
		value := ""
		switch v.of {
		case unmeasured:
		case Rain:
			value = number(row.Values[Rain].X, 1)
		default:
			value = kelvin(row.Values[v.of].X)
		}
		if value == "" {
			cells = append(cells, "", "", "", "", "", "")
			continue
		}
		cells = append(cells, "0", "0", "0", "1", value, "")
	}
	l.write(cells)
	return nil
}
