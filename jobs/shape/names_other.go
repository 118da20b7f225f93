package shape

import (
	"slices"
	"strings"
	"unicode"

	"senmeteo/jobs/meteo"
)

// periods are the words of names for how long an amount of rain was gathered, in seconds.
var periods = map[string]int64{
	"1h": 3600, "3h": 3 * 3600, "6h": 6 * 3600, "12h": 12 * 3600, "24h": daySeconds, "1heure": 3600, "24heures": daySeconds, "horaire": 3600, "1hr": 3600, "24hr": daySeconds,
	"5min": 300, "5mn": 300, "10min": 600, "10mn": 600, "15min": 900, "15mn": 900, "30min": 1800, "30mn": 1800,
}

// amountOver understands the name of an amount of rain that states its interval: rain_1h, "Pluie horaire (mm)", RR24.
func amountOver(words []string) column {
	for i, word := range words {
		seconds := periods[word]
		if rest, ok := strings.CutPrefix(word, "rr"); ok && seconds == 0 {
			if seconds = periods[rest+"h"]; seconds != 0 {
				word = "rr"
			}
		}
		if seconds == 0 || i == 0 && word != "rr" {
			continue
		}
		rest := slices.Concat(words[:i], words[i+1:])
		if word == "rr" {
			rest = slices.Concat(words[:i], []string{word}, words[i+1:])
		}
		if c := understandWords(rest); c.meaning == meaning(meteo.Rain) {
			c.over = seconds
			return c
		}
	}
	return column{meaning: nothing, convert: same}
}

// unitsAtEnd are those that names of services have at their end without a sign: tempf, windspeedmph, baromin. "in" is also the word for indoors, where
// the temperature and the humidity are measured.
var unitsAtEnd = [...]string{"mph", "kmh", "kph", "kts", "kt", "ms", "hpa", "inhg", "mb", "mm", "km", "deg", "pct", "in", "f", "c"}

// withUnitAtEnd understands a name of one word with its unit at the end.
func withUnitAtEnd(words []string) column {
	unknown := column{meaning: nothing, convert: same}
	if len(words) != 1 {
		return unknown
	}
	for _, unit := range unitsAtEnd {
		bare, ok := strings.CutSuffix(words[0], unit)
		if !ok || len(bare) < len("temp") {
			continue
		}
		if m, ok := aliases[bare]; ok && m < stationID {
			if convert, ok := units[dimensionOf(m)][unit]; ok {
				return column{meaning: m, convert: convert, unit: true}
			}
		}
	}
	return unknown
}

// lostLetters are what a letter with an accent, or the sign of degrees, was before a program put ? or U+FFFD in its place; "" is the sign.
var lostLetters = [...]string{"e", "", "o", "u", "a", "i", "c"}

// withLostLetters understands a name in which up to two letters were lost, such as "Humidit? (%)".
func withLostLetters(name string) column {
	unknown := column{meaning: nothing, convert: same}
	parts := strings.FieldsFunc(" "+name+" ", isLost)
	if len(parts) < 2 || len(parts) > 3 {
		return unknown
	}
	for _, first := range lostLetters {
		for _, second := range lostLetters {
			whole := parts[0] + first + parts[1]
			if len(parts) == 3 {
				whole += second + parts[2]
			}
			if c := understandWords(nameWords(whole)); c.meaning != nothing {
				return c
			}
			if len(parts) == 2 {
				break
			}
		}
	}
	return unknown
}

func isLost(r rune) bool { return r == '?' || r == unicode.ReplacementChar }
