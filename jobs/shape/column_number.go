package shape

import (
	"strings"

	"senmeteo/jobs/meteo"
)

// judgeDecimal settles the decimal sign of a column of numbers: what the user says; a number of the column that can be read in one way
// only; the signs of the other columns. What "1,013" is stays open when nothing else decides it, and is refused.
func judgeDecimal(h Heading, cells []any, e evidence, options *Options) (byte, error) {
	if options.Decimal != 0 {
		return options.Decimal, nil
	}
	comma, point, open := false, false, ""
	for _, cell := range cells {
		s, ok := cell.(string)
		if !ok {
			continue
		}
		c, p := signsOf(s)
		comma, point = comma || c, point || p
		if !c && !p && strings.Contains(s, ",") {
			open = s
		}
	}
	switch {
	case comma && point:
		return 0, meteo.Refuse(meteo.InvalidValue, "the column %.40q has numbers with decimal points and with decimal commas: correct it, or say which with --decimal", h.Name)
	case comma:
		return ',', nil
	case point:
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

// signsOf reports what the signs of a number prove: that the decimal sign is a comma, or that it is a point. "1,013" and "1013" prove neither.
func signsOf(s string) (comma, point bool) {
	if _, ok := ParseNumber(s); !ok {
		return false, false
	}
	lastComma, lastPoint := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	switch {
	case lastComma >= 0 && lastPoint >= 0:
		return lastComma > lastPoint, lastPoint > lastComma
	case lastPoint >= 0:
		return false, strings.Count(s, ".") == 1
	case lastComma < 0:
		return false, false
	}
	whole, fraction := strings.TrimLeft(strings.TrimSpace(s[:lastComma]), "+-\u2212"), strings.TrimSpace(strings.TrimSuffix(s[lastComma+1:], "%"))
	return len(fraction) != 3 || whole == "0" || whole == "" || len(whole) > 3, false
}

// decimalNumber reads a number whose decimal sign is known.
func decimalNumber(s string, decimal byte) (float64, bool) {
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
