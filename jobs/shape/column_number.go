package shape

import (
	"errors"
	"strings"

	"senmeteo/jobs/meteo"
)

// judgeDecimal settles the decimal sign of a column of numbers: what the user says; a number of the column that can be read in one way
// only; the signs of the other columns. What "1,013" is stays open when nothing else decides it, and is refused.
func judgeDecimal(h Heading, m meaning, cells []any, e evidence, options *Options) (byte, error) {
	if options.Decimal != 0 {
		return options.Decimal, nil
	}
	var all signs
	open := ""
	for _, cell := range cells {
		s, ok := cell.(string)
		if !ok {
			continue
		}
		s, _, _ = splitUnit(m, s)
		one := signsOf(s)
		all.add(one)
		if one == (signs{}) && strings.Contains(s, ",") {
			open = s
		}
	}
	switch {
	case all.comma && all.point:
		return 0, meteo.Refuse(meteo.InvalidValue, "the column %.40q has numbers with decimal points and with decimal commas: correct it, or say which with --decimal", h.Name)
	case all.comma:
		return ',', nil
	case all.point:
		return '.', nil
	case all.openPoint && e.decimalComma && !e.decimalPoint: // 1.013 beside 27,5
		return ',', nil
	case all.openPoint:
		return '.', nil
	case open == "":
		return 0, nil
	case e.decimalComma && !e.decimalPoint:
		return ',', nil
	case e.decimalPoint && !e.decimalComma:
		return '.', nil
	case e.french:
		return ',', nil
	}
	return 0, meteo.Refuse(meteo.InvalidValue, "the column %.40q has numbers such as %s, in which the comma may be decimal or stand between thousands: say --decimal , or --decimal .", h.Name, quote(open))
}

// signs is what numbers prove by their signs.
type signs struct {
	comma, point bool // that the decimal sign is a comma, or a point
	openPoint    bool // there is a point that is decimal, unless the commas of the table are: 1.013
}

func (s *signs) add(one signs) {
	s.comma, s.point, s.openPoint = s.comma || one.comma, s.point || one.point, s.openPoint || one.openPoint
}

// signsOf returns what the signs of a number prove. "1,013" and "1013" prove nothing.
func signsOf(s string) signs {
	if _, ok := ParseNumber(s); !ok {
		return signs{}
	}
	lastComma, lastPoint := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	switch {
	case lastComma >= 0 && lastPoint >= 0:
		return signs{comma: lastComma > lastPoint, point: lastPoint > lastComma}
	case lastPoint >= 0:
		open := isOpen(s[:lastPoint], s[lastPoint+1:])
		return signs{point: !open, openPoint: open}
	case lastComma >= 0:
		return signs{comma: !isOpen(s[:lastComma], s[lastComma+1:])}
	}
	return signs{}
}

// isOpen reports whether a sign between one to three figures and three figures may be decimal or stand between thousands.
func isOpen(whole, fraction string) bool {
	whole, fraction = strings.TrimLeft(strings.TrimSpace(whole), "+-\u2212"), strings.TrimSpace(strings.TrimSuffix(fraction, "%"))
	return len(fraction) == 3 && whole != "0" && whole != "" && len(whole) <= 3
}

// decimalNumber reads a number whose decimal sign is known.
func decimalNumber(s string, decimal byte) (float64, bool) {
	if x, ok := shortNumber(s, decimal); ok {
		return x, true
	}
	return longNumber(s, decimal)
}

// longNumber reads a number with blanks and signs between thousands.
func longNumber(s string, decimal byte) (float64, bool) {
	s = numberSigns.Replace(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "%")))
	thousands := ","
	if decimal == ',' {
		thousands = "."
	}
	whole, fraction, found := strings.Cut(s, string(decimal))
	if strings.Contains(whole, thousands) {
		if !grouped(whole, thousands) {
			return 0, false
		}
		whole = strings.ReplaceAll(whole, thousands, "")
	}
	if found {
		whole += "." + fraction
	}
	return plainNumber(whole)
}

// shortNumber reads what most cells hold, figures of which nothing but the decimal sign may have to be exchanged.
func shortNumber(s string, decimal byte) (float64, bool) {
	if decimal == '.' {
		return plainNumber(s)
	}
	var figures [24]byte
	if len(s) > len(figures) || strings.IndexByte(s, '.') >= 0 {
		return 0, false
	}
	n := copy(figures[:], s)
	if at := strings.IndexByte(s, decimal); at >= 0 {
		figures[at] = '.'
	}
	return plainNumber(string(figures[:n]))
}

// number reads a number into a field that has none yet. One that stands for a missing value, and a trace of rain, are named.
func (d *Decoder) number(c *cell, into *float64) error {
	x, convert, err := c.measure()
	if err != nil {
		x, convert, err = c.worded(err)
	}
	switch {
	case errors.Is(err, errLeftOut):
		d.ignored.add(c.name, whyWord, c.value)
		return nil
	case errors.Is(err, errTrace):
		d.ignored.add(c.name, whyTrace, c.value)
		convert = same
	case err != nil:
		return err
	case sentinel(x) || meteo.Known(*into):
		return nil
	}
	if converted := convert(x); c.meaning.standsForMissing(x, converted) {
		d.ignored.add(c.name, whyMissing, c.value)
	} else {
		*into = converted
	}
	return nil
}

// measure reads a number and returns the conversion of its unit: the one in the value, such as "81 °F", which must not contradict that of
// the name, else that of the column.
func (c *cell) measure() (x float64, convert func(float64) float64, err error) {
	s, isText := c.value.(string)
	x, ok := c.parseNumber()
	if ok && (!isText || !strings.HasSuffix(s, "%")) {
		if c.style.mixed {
			return 0, nil, meteo.Refuse(meteo.InvalidValue, "%.40q has no unit in %s, and other cells have another than the field's: add it, or say which with --unit", c.name, quote(c.value))
		}
		return x, c.convert, nil
	}
	figures, convert, ok := splitUnit(c.meaning, s)
	if ok {
		bare := cell{value: figures, style: c.style}
		x, ok = bare.parseNumber()
	}
	switch {
	case !ok:
		return 0, nil, meteo.Refuse(meteo.InvalidValue, "%.40q is not a number: %s", c.name, quote(c.value))
	case convert == nil:
		convert = c.convert
	case c.unit && differ(convert, c.convert):
		return 0, nil, meteo.Refuse(meteo.InvalidValue, "%.40q has a value in another unit than its name or --unit states: %s: correct one of them", c.name, quote(c.value))
	}
	return x, convert, nil
}

// splitUnit divides a value such as "81 °F" before its unit when that is one of the field; else figures is the whole. The conversion is nil
// where the unit is that of the column: the degrees of "27°".
func splitUnit(m meaning, s string) (figures string, convert func(float64) float64, ok bool) {
	for end := strings.LastIndexAny(s, "0123456789"); end >= 0; {
		figures, unit := s[:end+1], s[end+1:]
		if convert, ok = converter(m, unit); ok {
			return figures, convert, true
		}
		if dimensionOf(m) == temperature && strings.TrimSpace(unit) == "°" {
			return figures, nil, true
		}
		// "5 m s-1" has figures in its unit
		end = strings.LastIndexAny(strings.TrimRight(figures, "0123456789"), "0123456789")
	}
	return s, nil, false
}

// judgeUnits looks at the units of the cells of a column whose heading states none. Beside cells in another unit than that of the field a cell
// without a unit is ambiguous. found reports whether a cell has a unit.
func (c *tableColumn) judgeUnits(cells []any) (found bool) {
	for _, value := range cells {
		s, ok := value.(string)
		if !ok {
			continue
		}
		if _, convert, ok := splitUnit(c.meaning, s); ok && convert != nil {
			found = true
			c.style.mixed = c.style.mixed || differ(convert, c.convert)
		}
	}
	return found
}

// differ reports whether two units are not the same, by their conversions.
func differ(a, b func(float64) float64) bool {
	return a(1) != b(1) || a(100) != b(100)
}
