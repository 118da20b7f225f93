package synop

import (
	"math"
	"strings"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/wmo"
)

// hours are the periods tR of code table 4019; 0 is another one.
var hours = [...]int64{0, 6, 12, 18, 24, 1, 2, 3, 9, 15}

// rain keeps 6RRRtR if nothing is known of rain yet. An amount whose period is missing is of no use.
func (d *decoder) rain(group string) {
	amount, ok := digits(group[1:4])
	period, known := digits(group[4:])
	if !ok || d.report.Values.Has(meteo.Rain) {
		return
	}
	if !known || period == 0 {
		d.unread(group)
		return
	}
	mm := float64(amount)
	switch {
	case amount == 990: // a trace
		mm = 0
	case amount > 990:
		mm = float64(amount-990) / 10
	}
	d.report.Values[meteo.Rain], d.report.IntervalS = mm, hours[period]*3600
}

// rainOfDay keeps 7R24R24R24R24, tenths of a millimetre of 24 hours, if nothing is known of rain yet.
func (d *decoder) rainOfDay(group string) {
	tenths, ok := digits(group[1:])
	if !ok || d.report.Values.Has(meteo.Rain) {
		return
	}
	if tenths == 9999 { // a trace
		tenths = 0
	}
	d.report.Values[meteo.Rain], d.report.IntervalS = float64(tenths)/10, 24*3600
}

// section3 looks for section 3 and decodes what it adds: rain of other periods and gusts. After a group of sunshine
// or radiation (55...) the figures 0 to 6 belong to that, and only the indicator iR can say that one of the sixes is rain;
// it is the last of them then. After 80000 regional groups follow.
func (d *decoder) section3() {
	for group := d.groups.Next(); group != "333"; group = d.groups.Next() {
		if group == "" || endsSection3(group) {
			return
		}
	}
	radiation, six, last := false, "", byte('0')
	for text := d.groups.Next(); text != "" && text != "80000" && !endsSection3(text); text = d.groups.Next() {
		for _, group := range fives(text) {
			if !fiveFigures.MatchString(group) {
				d.unread(group)
				radiation = radiation || strings.HasPrefix(group, "5") // perhaps
				continue
			}
			switch figure := group[0]; {
			case figure <= '2' && figure > last:
				d.extreme(group)
			case group[:2] == "55":
				radiation = true
			case figure == '6' && radiation:
				six = group
			case figure == '6':
				d.rain(group)
			case figure >= '7':
				d.lastSix(six)
				six = ""
				d.group3(group)
			}
			last = max(last, group[0])
		}
	}
	d.lastSix(six)
}

// The hours at which stations of Region I (Africa) report the highest temperature of the day and the lowest of the night,
// each of the twelve hours before (WMO-No. 306, volume II, as in the tables of GEMPAK). At other hours, and in other
// regions, the period is not certain here.
const (
	dayEnds, nightEnds = 18, 6
	halfDay            = 12 * 3600
)

// extreme keeps 1snTxTxTx and 2snTnTnTn of African stations at the hours at which their period is certain. A value that
// contradicts the temperature of the hour is not understood.
func (d *decoder) extreme(group string) {
	as, hour := meteo.TemperatureMax, dayEnds
	if group[0] == '2' {
		as, hour = meteo.TemperatureMin, nightEnds
	}
	if group[0] == '0' || d.report.ObservedAt.Hour() != hour || d.report.WMO < "60" || d.report.WMO >= "69" {
		return
	}
	d.temperature(group, as)
	vs := &d.report.Values
	if t := vs[meteo.Temperature]; vs[meteo.TemperatureMax] < t || vs[meteo.TemperatureMin] > t {
		vs[as] = math.NaN()
		d.unread(group)
	}
}

// lastSix keeps the last six after a group of radiation as rain when iR says that section 3 has rain.
func (d *decoder) lastSix(group string) {
	if group != "" && (d.rainPlace == '0' || d.rainPlace == '2') {
		d.rain(group)
	}
}

// group3 decodes rain of a day and gusts.
func (d *decoder) group3(group string) {
	switch {
	case group[0] == '7':
		d.rainOfDay(group)
	case group[:3] == "910", group[:3] == "911":
		gust, ok := d.speed(group[3:])
		if !ok {
			d.unread(group)
		} else if !d.report.Values.Has(meteo.WindGust) {
			d.set(meteo.WindGust, gust)
		}
	}
}

// endsSection3 reports whether a group begins section 4 or 5.
func endsSection3(group string) bool { return group == "444" || group == "555" }

// conclude fills in what follows from the groups: the humidity of a dew point, and no rain in the six hours before a
// main hour when the report says that rain was left out because there was none.
func (d *decoder) conclude() {
	vs := &d.report.Values
	if !vs.Has(meteo.Humidity) {
		d.set(meteo.Humidity, wmo.RelativeHumidity(vs[meteo.Temperature], vs[meteo.DewPoint]))
	}
	if d.rainPlace == '3' && !vs.Has(meteo.Rain) && d.report.ObservedAt.Hour()%6 == 0 {
		vs[meteo.Rain], d.report.IntervalS = 0, 6*3600
	}
	d.period()
}

// period gives an extreme its twelve hours, unless the reading has rain of another period, or a gust, whose period would
// be another one, too: a reading has one.
func (d *decoder) period() {
	vs := &d.report.Values
	switch {
	case !vs.Has(meteo.TemperatureMax) && !vs.Has(meteo.TemperatureMin):
	case vs.Has(meteo.WindGust), d.report.IntervalS != 0 && d.report.IntervalS != halfDay:
		vs[meteo.TemperatureMax], vs[meteo.TemperatureMin] = math.NaN(), math.NaN()
	default:
		d.report.IntervalS = halfDay
	}
}
