package shape

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"senmeteo/jobs/meteo"
)

// written is a time as text states it, before the order of its figures is settled.
type written struct {
	form     dateForm
	figures  [3]int // in the order of the form
	short    bool   // the year has two digits
	dayFirst bool   // its signs or words are of countries that put the day first
	clock    time.Duration
	hasClock bool           // clock was stated
	zone     *time.Location // as stated; nil: none
}

// dateForm is the order of the figures of a date.
type dateForm int

const (
	noDate  dateForm = iota
	settled          // year, month, day, whatever the country
	ordinal          // year, day of the year
	open             // two figures and a year, or three figures of which one is a year of two digits
)

// maxTimeText is the longest text that is looked at for a time, in bytes.
const maxTimeText = 80

// scanTime reads a date, a time of day or both, in figures or with names of months and weekdays in English and French, with a zone.
func scanTime(s string) (w written, ok bool) {
	if len(s) > maxTimeText {
		return w, false
	}
	sc := scanner{rest: strings.TrimSpace(plainSpaces(s))}
	if sc.startsWithClock() {
		ok = sc.clock(&w) && sc.zoneBefore(&w) && sc.date(&w)
		return w, ok && sc.rest == ""
	}
	sc.weekday()
	if !sc.date(&w) {
		return w, false
	}
	sc.gap()
	return w, sc.rest == "" || sc.clock(&w) && sc.zone(&w)
}

// scanClock reads a time of day.
func scanClock(s string) (w written, ok bool) {
	if len(s) > maxTimeText {
		return w, false
	}
	sc := scanner{rest: strings.TrimSpace(plainSpaces(s))}
	return w, sc.clock(&w) && sc.zone(&w)
}

// plainSpaces replaces the spaces and signs of minus that are not ASCII.
func plainSpaces(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return otherSpaces.Replace(s)
		}
	}
	return s
}

var otherSpaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u2007", " ", "\u2212", "-", "\u200e", "", "\u200f", "")

// scanner reads the parts of a time from the front of a text.
type scanner struct{ rest string }

// digits returns the run of digits at the front and its value; it is not longer than 9 digits.
func (sc *scanner) digits() (n, count int) {
	for count < len(sc.rest) && isDigit(sc.rest[count]) {
		if count == 9 {
			return 0, 0
		}
		n = n*10 + int(sc.rest[count]-'0')
		count++
	}
	sc.rest = sc.rest[count:]
	return n, count
}

// word returns the letters at the front, folded, with the point after an abbreviation left out.
func (sc *scanner) word() string {
	end := strings.IndexFunc(sc.rest, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) })
	if end < 0 {
		end = len(sc.rest)
	}
	if end == 0 {
		return ""
	}
	word := meteo.Fold(sc.rest[:end])
	sc.rest = strings.TrimPrefix(sc.rest[end:], ".")
	return word
}

// sign removes the first character when it is one of those given.
func (sc *scanner) sign(signs string) byte {
	if sc.rest == "" || strings.IndexByte(signs, sc.rest[0]) < 0 {
		return 0
	}
	c := sc.rest[0]
	sc.rest = sc.rest[1:]
	return c
}

func (sc *scanner) spaces() { sc.rest = strings.TrimLeft(sc.rest, " \t") }

// gap removes what people write between a date and a time of day.
func (sc *scanner) gap() {
	sc.rest = strings.TrimLeft(sc.rest, " \t,;_")
	for _, word := range [...]string{"- ", "à ", "a ", "at ", "le ", "T", "t"} {
		if rest, found := strings.CutPrefix(sc.rest, word); found {
			sc.rest = strings.TrimLeft(rest, " ")
			return
		}
	}
}

// weekday removes the name of a day of the week.
func (sc *scanner) weekday() {
	at := *sc
	if word := sc.word(); word == "" || !weekdays[word] {
		*sc = at
		return
	}
	sc.rest = strings.TrimLeft(sc.rest, " ,")
}

// startsWithClock reports whether the text begins with a time of day such as 12:00 or 7h30.
func (sc *scanner) startsWithClock() bool {
	rest := strings.TrimLeft(sc.rest, "0123456789")
	figures := len(sc.rest) - len(rest)
	return (figures == 1 || figures == 2) && rest != "" && strings.ContainsRune(":hH", rune(rest[0]))
}

// date reads a date.
func (sc *scanner) date(w *written) bool {
	if sc.rest != "" && !isDigit(sc.rest[0]) {
		return sc.monthFirst(w)
	}
	first, count := sc.digits()
	switch {
	case count == 8:
		w.form, w.figures = settled, [3]int{first / 10000, first / 100 % 100, first % 100}
		return true
	case count == 4:
		return sc.afterYear(first, w)
	case count != 1 && count != 2:
		return false
	}
	if at := *sc; !ordinalEndings[sc.word()] { // 1er août, 2nd of August
		*sc = at
	}
	sign := sc.sign("-/. ")
	if sign == 0 {
		return false
	}
	if sc.spaces(); sc.rest != "" && !isDigit(sc.rest[0]) {
		return sc.monthName(w) && sc.yearAfter(first, w)
	}
	second, count := sc.digits()
	if count != 1 && count != 2 {
		return false
	}
	if sc.sign(string(sign)) == 0 {
		return false
	}
	third, count := sc.digits()
	if count != 2 && count != 4 || sign == ' ' && count == 2 {
		return false
	}
	w.form, w.figures, w.short = open, [3]int{first, second, third}, count == 2
	w.dayFirst = w.dayFirst || sign == '.'
	return true
}

// afterYear reads the month and the day, or the day of the year, after a year.
func (sc *scanner) afterYear(year int, w *written) bool {
	sign := sc.sign("-/. ")
	if sign == 0 {
		return false
	}
	if sc.rest != "" && !isDigit(sc.rest[0]) {
		if !sc.monthName(w) {
			return false
		}
		sc.sign("-/. ")
		day, count := sc.digits()
		w.form, w.figures[0], w.figures[2] = settled, year, day
		return count == 1 || count == 2
	}
	month, count := sc.digits()
	if count == 3 {
		w.form, w.figures = ordinal, [3]int{year, month}
		return true
	}
	if count != 1 && count != 2 || sc.sign(string(sign)) == 0 {
		return false
	}
	day, count := sc.digits()
	w.form, w.figures = settled, [3]int{year, month, day}
	return count == 1 || count == 2
}

// monthFirst reads "Aug 1, 2026".
func (sc *scanner) monthFirst(w *written) bool {
	if !sc.monthName(w) {
		return false
	}
	sc.sign("-/ ")
	day, count := sc.digits()
	if count != 1 && count != 2 {
		return false
	}
	if at := *sc; !ordinalEndings[sc.word()] {
		*sc = at
	}
	return sc.yearAfter(day, w)
}

// monthName reads the name of a month into the second figure.
func (sc *scanner) monthName(w *written) bool {
	word := sc.word()
	if word == "of" || word == "de" {
		sc.spaces()
		word = sc.word()
	}
	w.figures[1] = months[word]
	w.dayFirst = w.dayFirst || frenchMonths[word]
	return w.figures[1] != 0
}

// yearAfter reads the year after the day and the name of the month.
func (sc *scanner) yearAfter(day int, w *written) bool {
	sc.rest = strings.TrimLeft(sc.rest, " ,-/.")
	year, count := sc.digits()
	if count == 2 {
		year = longYear(year)
	}
	w.form, w.figures[0], w.figures[2] = settled, year, day
	return count == 2 || count == 4
}

// longYear returns the year that two digits stand for, as POSIX has it: 69 is 1969, 68 is 2068.
func longYear(short int) int {
	if short >= 69 {
		return 1900 + short
	}
	return 2000 + short
}

// clock reads a time of day with AM or PM.
func (sc *scanner) clock(w *written) bool {
	hour, count := sc.digits()
	minute, second := 0, 0
	var fraction time.Duration
	switch {
	case count == 4:
		hour, minute = hour/100, hour%100
	case count == 6:
		hour, minute, second = hour/10000, hour/100%100, hour%100
		fraction = sc.fraction()
	case count != 1 && count != 2:
		return false
	case !sc.minutes(&minute, w) || !sc.seconds(&second, &fraction):
		return false
	}
	sc.spaces()
	hour, ok := sc.halfDay(hour)
	if !ok || minute > 59 || second > 59 || hour > 24 || hour == 24 && (minute > 0 || second > 0 || fraction > 0) {
		return false
	}
	w.clock = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second + fraction
	w.hasClock = true
	sc.spaces()
	return true
}

// minutes reads the minutes after an hour, if there are any: 12:30, 12h30, 12h, 12.30.
func (sc *scanner) minutes(minute *int, w *written) bool {
	at := *sc
	sc.spaces()
	sign := sc.sign(":hH.")
	if sign == 0 {
		*sc = at
		return true // the hour alone
	}
	isFrench := sign == 'h' || sign == 'H'
	if isFrench {
		w.dayFirst = true
		sc.spaces()
	}
	var count int
	*minute, count = sc.digits()
	return count == 2 || count == 0 && isFrench
}

// seconds reads the seconds after minutes, if there are any: 12:30:15, 12h30m15s, 12h30min.
func (sc *scanner) seconds(second *int, fraction *time.Duration) bool {
	sign := sc.sign(":m'")
	if sign == 0 {
		return true
	}
	if sign == 'm' && strings.HasPrefix(sc.rest, "n") || strings.HasPrefix(sc.rest, "in") {
		sc.word()
	}
	var count int
	if *second, count = sc.digits(); count != 2 {
		return count == 0 && sign != ':'
	}
	if *fraction = sc.fraction(); sc.rest != "" && sc.rest[0] == 's' {
		sc.word()
	}
	return true
}

// fraction reads the fraction of a second with its sign, to the microsecond, if there is one.
func (sc *scanner) fraction() time.Duration {
	if len(sc.rest) < 2 || sc.rest[0] != '.' && sc.rest[0] != ',' || !isDigit(sc.rest[1]) {
		return 0
	}
	value, scale := time.Duration(0), 100*time.Millisecond
	rest := sc.rest[1:]
	for rest != "" && isDigit(rest[0]) {
		value += time.Duration(rest[0]-'0') * scale
		scale /= 10
		rest = rest[1:]
	}
	sc.rest = rest
	return value
}

// halfDay reads AM or PM and returns the hour of the whole day. An hour above 12 needs no PM.
func (sc *scanner) halfDay(hour int) (int, bool) {
	at := *sc
	first := sc.sign("aApP") | 0x20
	sc.sign(".")
	sc.spaces()
	if last := sc.sign("mM"); first == 0x20 || last == 0 || sc.rest != "" && unicode.IsLetter(rune(sc.rest[0])) {
		*sc = at
		return hour, true
	}
	sc.sign(".")
	return inHalf(hour, first == 'p')
}

// inHalf returns the hour of the whole day of an hour of the morning or of the afternoon.
func inHalf(hour int, afternoon bool) (int, bool) {
	switch {
	case hour > 12:
		return hour, afternoon && hour < 24
	case hour == 12 && !afternoon:
		return 0, true
	case hour < 12 && afternoon:
		return hour + 12, true
	}
	return hour, true
}

// zone reads the zone at the end, if there is one: Z, UTC+1, +01:00, +02:00[Europe/Paris], +0000 UTC.
func (sc *scanner) zone(w *written) (ok bool) {
	s := strings.TrimSpace(sc.rest)
	if s == "" {
		return true
	}
	if s[0] == '+' || s[0] == '-' {
		if cut := strings.IndexAny(s, " [("); cut != -1 {
			if _, ok := ParseZone(s[cut:]); !ok {
				return false
			}
			s = s[:cut]
		}
	}
	w.zone, ok = ParseZone(s)
	return ok
}

// zoneBefore reads what is between a time of day and a date: "12:00 UTC, Sat 01/08/2026".
func (sc *scanner) zoneBefore(w *written) bool {
	word, rest, _ := strings.Cut(sc.rest, " ")
	if zone, ok := ParseZone(strings.TrimRight(word, ",")); ok {
		w.zone, sc.rest = zone, rest
	}
	sc.gap()
	sc.weekday()
	return true
}
