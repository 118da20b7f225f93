package shape

import (
	"errors"
	"strings"

	"senmeteo/jobs/meteo"
)

// The errors of values that are words: one that does not say an amount, and a trace of rain.
var (
	errLeftOut = errors.New("the value is a word without an amount")
	errTrace   = errors.New("the value is a trace")
)

// leastRain is the amount, in millimetres, below which rain counts as none: a hundredth of an inch, which is what most gauges can tell.
const leastRain = 0.254

// worded reads a value that is not a number for what people and instruments write in its place: traces of rain, bounds, calms, eighths of the sky.
// refused is the error when it is none of these.
func (c *cell) worded(refused error) (x float64, convert func(float64) float64, err error) {
	s, ok := c.value.(string)
	if !ok {
		return 0, nil, refused
	}
	switch c.meaning {
	case meaning(meteo.Rain), meaning(meteo.RainRate):
		return c.wordOfRain(s, refused)
	case meaning(meteo.Visibility):
		return c.of(strings.Trim(s, ">+≥= "), refused)
	case meaning(meteo.WindDirection): // of a record by itself; columns are edited as a whole
		switch degrees := compass(s, nil).(type) {
		case nil:
			return 0, nil, errLeftOut
		case float64:
			return degrees, same, nil
		}
	case meaning(meteo.WindSpeed), meaning(meteo.WindGust):
		switch meteo.Fold(s) {
		case "calm", "calme", "calmes":
			return 0, same, nil
		}
	case meaning(meteo.CloudCover):
		if eighths, ok := strings.CutSuffix(strings.TrimSpace(s), "/8"); ok && len(eighths) == 1 && eighths[0] >= '0' && eighths[0] <= '8' {
			return float64(eighths[0]-'0') * 12.5, same, nil
		}
	case latitude, longitude:
		if degrees, ok := degreesOf(s); ok {
			return degrees, same, nil
		}
	}
	return 0, nil, refused
}

// wordOfRain reads a trace: rain that could not be measured, which sums count as 0 mm (as RRR 990 of SYNOP). A word for none leaves open
// that nothing was read.
func (c *cell) wordOfRain(s string, refused error) (x float64, convert func(float64) float64, err error) {
	switch meteo.Fold(s) {
	case "t", "tr", "trc", "trace", "traces", "trace s", "n mes", "nmes", "non mesurable", "traces de pluie", "trace de pluie", "pluie non mesurable", "gouttes":
		return 0, nil, errTrace
	case "neant", "ras", "rien", "aucune":
		return 0, nil, errLeftOut
	}
	bare := strings.TrimSpace(s)
	if amount := strings.TrimRight(bare, "tT "); len(amount) < len(bare) { // 0.0T
		if x, _, err := c.of(amount, refused); err != nil || x != 0 {
			return 0, nil, refused
		}
		return 0, nil, errTrace
	}
	x, convert, err = c.of(strings.TrimLeft(bare, "<≤ "), refused) // <0.1
	switch {
	case err != nil:
		return 0, nil, refused
	case convert(x) > leastRain:
		return 0, nil, errLeftOut
	}
	return 0, nil, errTrace
}

// of reads a part of the value in the place of the whole.
func (c *cell) of(part string, refused error) (x float64, convert func(float64) float64, err error) {
	one := *c
	one.value = strings.TrimSpace(part)
	if x, convert, err = one.measure(); err != nil {
		return 0, nil, refused
	}
	return x, convert, nil
}

// degreesOf reads a coordinate with the letter of its half of the globe: 14.69N, 17,44 W, 14°41'30"N; O is the French west.
func degreesOf(s string) (degrees float64, ok bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if s == "" {
		return 0, false
	}
	sign := 1.0
	half := s[len(s)-1]
	switch half {
	case 'S', 'W', 'O':
		sign = -1
	case 'N', 'E':
	default:
		return 0, false
	}
	parts := strings.FieldsFunc(s[:len(s)-1], func(r rune) bool { return strings.ContainsRune("°º'’′\"”″ ", r) })
	if len(parts) == 0 || len(parts) > 3 {
		return 0, false
	}
	scale := 1.0
	for i, part := range parts {
		x, ok := ParseNumber(part)
		if !ok || x < 0 || i > 0 && x >= 60 {
			return 0, false
		}
		degrees += x / scale
		scale *= 60
	}
	return sign * tidy(degrees), true
}
