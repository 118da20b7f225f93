package export

import (
	"fmt"
	"strconv"

	"senmeteo/jobs/meteo"
)

// climsoftElement is an element as Climsoft knows it.
type climsoftElement struct {
	id     int
	factor float64 // from our unit to its
}

const (
	tenthsPerPercent = 0.1
	octasPerPercent  = 0.08
	knotsPerMS       = 3600.0 / 1852 // a nautical mile is 1852 m
)

// climsoftElements are the elements of days and months in the sample data of Climsoft, Climsoft_V4_dbase/climsoft_v4_sample_data/
// climsoft_v4_element_information.csv of github.com/climsoft/Climsoft, with its abbreviations and units. An element that is absent here has none
// there that is the same: months of pressure (there at station level) and gusts, and days of rain, whose threshold it does not state.
var climsoftElements = map[Step]map[Element]climsoftElement{
	Day: {
		TemperatureMax:  {2, 1},                 // TMPMAX, °C
		TemperatureMin:  {3, 1},                 // TMPMIN, °C
		TemperatureMean: {4, 1},                 // TMPMN, °C
		Rain:            {5, 1},                 // PRECIP, mm
		DewPoint:        {14, 1},                // DPTMN, °C
		Humidity:        {17, 1},                // RHMEAN, %
		CloudCover:      {44, tenthsPerPercent}, // SKYMID, midnight to midnight, tenths
		Pressure:        {48, 1},                // PRESSL, reduced to sea level, hPa
		Wind:            {56, 1},                // WNDSPD, m/s
		Gust:            {58, 1},                // PKGUST, m/s
	},
	Month: {
		TemperatureMax:  {201, 1},               // MNMXTM, mean of the daily maxima, °C
		TemperatureMin:  {202, 1},               // MNMNTM, °C
		TemperatureMean: {203, 1},               // MNTMP, °C
		Rain:            {208, 1},               // TOTPRC, mm
		DewPoint:        {251, 1},               // MNDP, °C
		Humidity:        {258, 1},               // MNRH, %
		CloudCover:      {294, octasPerPercent}, // CLMDly, octas
		Wind:            {297, knotsPerMS},      // WiSpMo, knots
	},
}

// climsoftLevel is the level of all our elements.
const climsoftLevel = "surface"

type climsoftWriter struct {
	*lines
	step Step
}

// write writes the values of a row in the order of the columns of import_v4_obs_data.sql, beside the table of elements: station, element,
// level, time, value, flag. The time is 06:00 of the day, as in climsoft_v4_sample_obs_data.csv, and of the month's last day, as in
// ClimsoftVer4/ucrMonthlydata.vb. What has a flag there, such as an estimate, is not among our values.
func (w climsoftWriter) write(row *Row) error {
	if ok, err := w.takes(&row.Origin); !ok {
		return err
	}
	day := row.From
	if w.step == Month {
		day = row.To.AddDate(0, 0, -1)
	}
	for e, v := range row.Values {
		element, ok := climsoftElements[w.step][Element(e)]
		if !ok || !meteo.Known(v.X) {
			continue
		}
		value := strconv.FormatFloat(v.X*element.factor, 'f', 2, 64)
		w.lines.write([]string{row.StationID, fmt.Sprint(element.id), climsoftLevel, day.Format("2006-01-02") + " 06:00:00", value, ""})
	}
	return nil
}
