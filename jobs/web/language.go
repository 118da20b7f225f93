package web

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"senmeteo/jobs/meteo"
)

// locale writes numbers and times as a language does.
type locale struct {
	Code string // fr or en
	*texts
	printer *message.Printer
}

// languageCookie remembers the language that a visitor chose.
const languageCookie = "senmeteo_lang"

// localeByCode finds a language of the page.
func localeByCode(code string) (*locale, bool) {
	switch code {
	case "fr":
		return &locale{"fr", french, message.NewPrinter(language.French)}, true
	case "en":
		return &locale{"en", english, message.NewPrinter(language.BritishEnglish)}, true
	}
	return nil, false
}

// chooseLocale follows, in this order, ?lang=, the cookie, and Accept-Language: French for a visitor who
// reads French at all before English, otherwise English. chosen reports whether ?lang= decided.
func chooseLocale(r *http.Request) (l *locale, chosen bool) {
	if l, ok := localeByCode(r.URL.Query().Get("lang")); ok {
		return l, true
	}
	if cookie, err := r.Cookie(languageCookie); err == nil {
		if l, ok := localeByCode(cookie.Value); ok {
			return l, false
		}
	}
	code := "en"
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err == nil {
		for _, tag := range wanted {
			if base, _ := tag.Base(); base.String() == "fr" || base.String() == "en" {
				code = base.String()
				break
			}
		}
	}
	l, _ = localeByCode(code)
	return l, false
}

// Number writes x with a fixed number of decimals and without grouping thousands, as pressures are written.
func (l *locale) Number(x float64, decimals int) string {
	scale := math.Pow10(decimals)
	if math.Round(x*scale) == 0 {
		x = 0
	}
	text := l.printer.Sprint(number.Decimal(x, number.Scale(decimals), number.NoSeparator()))
	return strings.Replace(text, "-", "−", 1)
}

// Integer writes n with its thousands grouped.
func (l *locale) Integer(n int64) string { return l.printer.Sprint(number.Decimal(n)) }

// Value writes a value in the layer's shown unit, with the unit.
func (l *locale) Value(of layer, shown float64) string {
	return l.Number(shown, of.Decimals) + "\u00a0" + of.Unit
}

// Clock writes the time of day.
func (l *locale) Clock(t time.Time) string { return t.UTC().Format("15:04") }

// Day writes the weekday and the day of the month: "Mon 23", "lun. 23".
func (l *locale) Day(t time.Time) string {
	t = t.UTC()
	return l.Weekdays[t.Weekday()] + "\u00a0" + strconv.Itoa(t.Day())
}

// Moment writes a day and a time of day: "Mon 23, 14:20".
func (l *locale) Moment(t time.Time) string { return l.Day(t) + ", " + l.Clock(t) }

// Date writes a day with its month, and the year when it is not that of now.
func (l *locale) Date(t, now time.Time) string {
	t = t.UTC()
	text := strconv.Itoa(t.Day()) + "\u00a0" + l.Months[t.Month()-1]
	if t.Year() != now.UTC().Year() {
		text += "\u00a0" + strconv.Itoa(t.Year())
	}
	return text
}

// Stamp writes the clock of a time of today, and the date before it for any other day.
func (l *locale) Stamp(t, now time.Time) string {
	if now.UTC().Truncate(24 * time.Hour).Equal(t.UTC().Truncate(24 * time.Hour)) {
		return l.Clock(t)
	}
	return l.Date(t, now) + ", " + l.Clock(t)
}

// Age writes how long ago something was. page.js does the same while the page is open.
func (l *locale) Age(d time.Duration) string {
	switch minutes := int64(d / time.Minute); {
	case minutes < 1:
		return l.Now
	case minutes < 120:
		return fill(l.MinutesAgo, strconv.FormatInt(minutes, 10))
	case minutes < 48*60:
		return fill(l.HoursAgo, strconv.FormatInt(minutes/60, 10))
	default:
		return fill(l.DaysAgo, strconv.FormatInt(minutes/(24*60), 10))
	}
}

// Seconds writes a time span: "10 min", "6 h".
func (l *locale) Seconds(s int64) string {
	switch {
	case s%3600 == 0 && s > 0:
		return fmt.Sprintf("%d\u00a0h", s/3600)
	case s%60 == 0:
		return fmt.Sprintf("%d\u00a0min", s/60)
	default:
		return fmt.Sprintf("%d\u00a0s", s)
	}
}

// Span writes the time that the chart covers: "72 h", "7 d".
func (l *locale) Span(hours int) string {
	if hours > 72 && hours%24 == 0 {
		return fill(l.Days, strconv.Itoa(hours/24))
	}
	return fill(l.Hours, strconv.Itoa(hours))
}

// Direction writes where wind comes from, in 16 points of the compass.
func (l *locale) Direction(degrees float64) string {
	point := int(math.Round(degrees/22.5)) % len(l.Directions)
	if point < 0 {
		return ""
	}
	return l.Directions[point]
}

// Lasting writes how long something lasted: "25 min", "7 h", "3 d".
func (l *locale) Lasting(d time.Duration) string {
	switch minutes := int64(d.Round(time.Minute) / time.Minute); {
	case minutes < 120:
		return l.Seconds(60 * minutes)
	case minutes < 48*60:
		return l.Seconds(3600 * (minutes / 60))
	default:
		return fill(l.Days, strconv.FormatInt(minutes/(24*60), 10))
	}
}

// Variable is the name of a variable.
func (l *locale) Variable(v meteo.Variable) string {
	if name, ok := l.Layers[v.String()]; ok {
		return name
	}
	if l.Code == "fr" {
		return meteo.Variables[v].French
	}
	return meteo.Variables[v].English
}

// Layer is the short name of a layer.
func (l *locale) Layer(of layer) string { return l.Layers[of.Variable.String()] }

// Rule describes what a check found; a check that the page does not know has its own name.
func (l *locale) Rule(rule meteo.Rule) string {
	if l.Code == "fr" {
		return rule.Words().French
	}
	return rule.Words().English
}

// Stage describes what a job does.
func (l *locale) Stage(name string) string { return known(l.Stages, name) }

// SourceName names a source.
func (l *locale) SourceName(source string) string { return known(l.Sources, source) }

// Kind reports whether values were observed or computed by a model.
func (l *locale) Kind(kind meteo.Kind) string {
	if kind == meteo.Model {
		return l.ModelKind
	}
	return l.ObservedKind
}

// Verdict names a quality.
func (l *locale) Verdict(q meteo.Quality) string {
	switch q {
	case meteo.Bad:
		return l.Bad
	case meteo.Suspect:
		return l.Suspect
	default:
		return l.Good
	}
}

func known(names map[string]string, name string) string {
	if text, ok := names[name]; ok {
		return text
	}
	return name
}

// fill puts the arguments in the places {} or {0}, {1}, ... of a text.
func fill(text string, args ...string) string {
	for i, arg := range args {
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i)+"}", arg)
	}
	if len(args) == 1 {
		text = strings.ReplaceAll(text, "{}", args[0])
	}
	return text
}
