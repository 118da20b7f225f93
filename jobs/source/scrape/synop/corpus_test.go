package synop

import (
	"errors"
	"math"
	"regexp"
	"testing"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/codetest"
	"senmeteo/jobs/source/scrape/wmo"
)

func decodeLine(line string) codetest.Decoded { return decoded(DecodeLine(line)) }

func decoded(r Report, err error) codetest.Decoded {
	return codetest.Decoded{
		Head: r.WMO + " " + r.ObservedAt.Format("2006-01-02T15Z"), Station: r.WMO, Values: r.Values, IntervalS: r.IntervalS,
		Words: map[string]bool{"corrected": r.Corrected}, Unread: r.Unread, Err: err,
	}
}

// The lines were composed after WMO-No. 306.
func TestCorpusIsDecodedAsBefore(t *testing.T) { codetest.Corpus(t, decodeLine) }

// The independent decoder is pymetdecoder.
func TestAnIndependentDecoderSaysTheSame(t *testing.T) {
	dry := regexp.MustCompile(`AAXX \d\d(00|06|12|18). \d{5} 3`)
	tenth := regexp.MustCompile(` 4[09]\d\d/`)
	beyond := regexp.MustCompile(` 91[01]99 00\d{3}`)
	codetest.Independent(t, decodeLine, []codetest.Explanation{
		{
			Name: "no rain, and none to report",
			Why:  "An indicator iR of 3 says that the group of rain is left out because there was none (code table 1819). At a main hour it\nwould have covered six hours, so that is 0 mm of 6 h here; the other decoder gives the indicator alone.",
			Fits: func(d *codetest.Difference) bool {
				return d.Variable == meteo.Rain && d.Ours == 0 && d.OursIn == 6*3600 && !meteo.Known(d.Theirs) && dry.MatchString(d.Line)
			},
		},
		{
			Name: "a pressure without its tenth",
			Why:  "4PPP/ gives whole hPa: they are kept here and dropped there.",
			Fits: func(d *codetest.Difference) bool {
				return d.Variable == meteo.Pressure && d.Ours == math.Trunc(d.Ours) && !meteo.Known(d.Theirs) && tenth.MatchString(d.Line)
			},
		},
		{
			Name: "a gust of 99 units and more",
			Why:  "In 910ff and 911ff, 99 says that the speed is in the group 00fff that follows, as in Nddff. It is read here and not there.",
			Fits: func(d *codetest.Difference) bool {
				return d.Variable == meteo.WindGust && d.Ours > d.Theirs && beyond.MatchString(d.Line)
			},
		},
		{
			Name: "an extreme whose period is not certain",
			Why:  "The highest temperature at 18 UTC and the lowest at 06 UTC are of twelve hours in Africa, and kept where the reading has no\nrain of another period and no gust. At other hours no period is defined. The other decoder gives no periods at all.",
			Fits: func(d *codetest.Difference) bool {
				return (d.Variable == meteo.TemperatureMax || d.Variable == meteo.TemperatureMin) && !meteo.Known(d.Ours)
			},
		},
		{
			Name: "NIL",
			Why:  "A station that says that it has no report gives none here; the other decoder gives one without values.",
			Fits: func(d *codetest.Difference) bool { return d.Refused && errors.Is(d.Err, wmo.ErrNil) },
		},
	})
}
