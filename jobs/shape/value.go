package shape

import (
	"math"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// absent reports whether a value stands for "not measured": null, an empty cell, or one of the words
// that people and programs put there.
func absent(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case float64:
		return math.IsNaN(value)
	case string:
		return absentText(value)
	}
	return false
}

func absentText(s string) bool {
	if len(s) > 64 || len(s) > 0 && !beginsAbsent[s[0]] {
		return false
	}
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "", "na", "n/a", "#n/a", "#na", "n.a.", "<na>", "null", "nil", "none", "nan", "-nan", "nd", "n.d.", "n/d", "nc", "m", "-", "--", "---", "----",
		"\u2013", "\u2014", "/", "//", "///", "////", "/////", "*", "**", "***", "****", "?", ".", "..", "...", "missing", "manquant", "manquante", "no data", "nodata",
		"unknown", "inconnu", "absent", "mq", "nm", "n/m", "hs", "h.s.", "panne", "en panne", "vide", "empty", "invalid", "invalide", "indisponible",
		"non disponible", "not available", "non mesuré", "non mesure", "#n/d", "xx", "xxx":
		return true
	}
	return strings.Trim(s, "-./*_") == "" // --.-
}

// beginsAbsent are the bytes with which a word for "not measured" may begin, blanks before it included.
var beginsAbsent = func() (table [256]bool) {
	for _, c := range []byte("nNmMuUiIaAhHpPvVeExX#<-/*?_. \t\r\n\v\f\u0085\u00a0\u1680\u2000\u3000\u205f\u2013") {
		table[c] = true
	}
	return table
}()

// sentinel reports whether a number stands for "not measured" in the records of other producers.
func sentinel(x float64) bool { return x == -999 || x == -9999 }

// isErrorCell reports whether a cell has the word of a spreadsheet for a formula that failed.
func isErrorCell(value any) bool {
	s, ok := value.(string)
	if !ok || len(s) < 5 || s[0] != '#' {
		return false
	}
	switch s {
	case "#DIV/0!", "#VALUE!", "#VALEUR!", "#REF!", "#NAME?", "#NOM?", "#NUM!", "#NOMBRE!", "#NULL!", "#NUL!", "#ERROR!", "#SPILL!", "#CALC!":
		return true
	}
	return false
}

// number reads a present value as a number; ok is false for words, NaN and infinities.
func number(value any) (x float64, ok bool) {
	switch value := value.(type) {
	case float64:
		x, ok = value, true
	case string:
		x, ok = ParseNumber(value)
	}
	if !ok || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, false
	}
	return x + 0, true // -0 becomes 0
}

// numberSigns removes what stands between thousands.
var numberSigns = strings.NewReplacer("\u00a0", "", "\u202f", "", " ", "", "'", "", "’", "", "\u2212", "-")

// ParseNumber reads a decimal number as people and spreadsheets of several countries write it: a
// decimal point or comma, spaces or apostrophes between thousands, a real minus sign, a percent
// sign behind. Of a point and a comma the last is the decimal sign; a single comma is always one, so
// that "1,013" is 1.013.
func ParseNumber(s string) (x float64, ok bool) {
	if x, ok = plainNumber(s); ok {
		return x, true
	}
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "%"))
	s = numberSigns.Replace(s)
	point, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	switch {
	case comma < 0:
	case point < comma: // "1.013,2" and "25,3"
		if point >= 0 && !grouped(s[:comma], ".") {
			return 0, false
		}
		s = strings.ReplaceAll(s[:comma], ".", "") + "." + s[comma+1:]
	case grouped(s[:point], ","): // "1,013.2"
		s = strings.ReplaceAll(s, ",", "")
	default:
		return 0, false
	}
	return plainNumber(s)
}

// grouped reports whether the separator in a whole number stands between thousands.
func grouped(whole, separator string) bool {
	groups := strings.Split(strings.TrimLeft(whole, "+-"), separator)
	for i, group := range groups {
		if isFirst := i == 0 && (len(group) == 1 || len(group) == 2); !isFirst && len(group) != 3 {
			return false
		}
	}
	return true
}

// plainNumber reads what strconv reads, without hexadecimal digits, underscores, NaN and infinities.
func plainNumber(s string) (float64, bool) {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '.', c == '-', c == '+', c == 'e', c == 'E':
		default:
			return 0, false
		}
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil
}

// text reads a present value as text; numbers are written out.
func text(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return strings.TrimSpace(value), true
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return "", false
		}
		return string(meteo.AppendNumber(nil, value)), true
	}
	return "", false
}

// whole reads a present value as a whole number from 0 up.
func whole(value any) (int64, bool) {
	x, ok := number(value)
	if !ok || x < 0 || x > maxInteger || x != math.Trunc(x) {
		return 0, false
	}
	return int64(x), true
}

// quote shortens a value for a message.
func quote(value any) string {
	if t, ok := value.(time.Time); ok {
		return string(meteo.AppendTime(nil, t))
	}
	shown := appendValue(nil, value)
	if len(shown) > 60 {
		shown = append(shown[:57:57], "..."...)
	}
	return strings.ToValidUTF8(string(shown), "?")
}
