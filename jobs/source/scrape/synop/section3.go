package synop

import (
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/wmo"
)

// hours are the periods tR of code table 4019; 0 is another one.
var hours = [...]int64{0, 6, 12, 18, 24, 1, 2, 3, 9, 15}

// rain keeps 6RRRtR if nothing is known of rain yet. An amount whose period is not told is of no use.
func (d *decoder) rain(group string) {
	amount, ok := digits(group[1:4])
	period, told := digits(group[4:])
	if !ok || !told || period == 0 || d.report.Values.Has(meteo.Rain) {
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
// or radiation (55...) the figures 0 to 6 belong to that, and after 80000 regional groups follow.
func (d *decoder) section3() error {
	for group := d.next(); group != "333"; group = d.next() {
		if group == "" || endsSection3(group) {
			return nil
		}
	}
	radiation := false
	for group := d.next(); group != "" && group != "80000" && !endsSection3(group); group = d.next() {
		if !fiveFigures.MatchString(group) {
			return &wmo.SyntaxError{Group: group, Why: "it is not five figures"}
		}
		switch {
		case group[:2] == "55":
			radiation = true
		case radiation && group[0] <= '6':
		case group[0] == '6':
			d.rain(group)
		case group[0] == '7':
			d.rainOfDay(group)
		case group[:3] == "910", group[:3] == "911":
			gust, err := d.speed(group[3:])
			if err != nil {
				return err
			}
			if !d.report.Values.Has(meteo.WindGust) {
				d.set(meteo.WindGust, gust)
			}
		}
	}
	return nil
}

// endsSection3 tells whether a group begins section 4 or 5.
func endsSection3(group string) bool { return group == "444" || group == "555" }

// conclude fills in what follows from the groups: the humidity of a dew point, and no rain in the six hours before a
// main hour when the report says that rain was left out for there was none.
func (d *decoder) conclude() {
	vs := &d.report.Values
	if !vs.Has(meteo.Humidity) {
		d.set(meteo.Humidity, wmo.RelativeHumidity(vs[meteo.Temperature], vs[meteo.DewPoint]))
	}
	if d.dry && !vs.Has(meteo.Rain) && d.report.ObservedAt.Hour()%6 == 0 {
		vs[meteo.Rain], d.report.IntervalS = 0, 6*3600
	}
}
