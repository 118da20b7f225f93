package metar

import (
	"errors"
	"regexp"
	"testing"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/codetest"
	"senmeteo/jobs/source/scrape/wmo"
)

func decodeLine(line string) codetest.Decoded {
	r, err := Decode(line, near)
	return codetest.Decoded{
		Head: r.ICAO + " " + r.ObservedAt.Format("2006-01-02T15:04Z"), Station: r.ICAO, Values: r.Values,
		Words: map[string]bool{"corrected": r.Corrected, "automatic": r.Automatic}, Unread: r.Unread, Err: err,
	}
}

// The lines were composed after WMO-No. 306.
func TestCorpusIsDecodedAsBefore(t *testing.T) { codetest.Corpus(t, decodeLine) }

// The independent decoder is the package metar.
func TestAnIndependentDecoderSaysTheSame(t *testing.T) {
	has := func(pattern string) func(string) bool { return regexp.MustCompile(pattern).MatchString }
	cloudless, calm, invisible, dense := has(` (?:NSC|NCD|CLR)\b`), has(` 00000(?:KT|MPS|KMH) `), has(` //// `), has(` 0000 `)
	codetest.Independent(t, decodeLine, []codetest.Explanation{
		{
			Name: "no cloud that matters",
			Why:  "NSC, NCD and CLR say that there is no cloud of significance, none detected, or none below 12,000 ft: not that the sky is clear,\nwhich is SKC. The cover is unknown here; independent.py takes the other decoder's empty layer for 0 %.",
			Fits: func(d *codetest.Difference) bool {
				return d.Variable == meteo.CloudCover && !meteo.Known(d.Ours) && d.Theirs == 0 && cloudless(d.Line)
			},
		},
		{
			Name: "a visibility that is missing",
			Why:  "//// is unknown here; the other decoder takes it for 10 km.",
			Fits: func(d *codetest.Difference) bool {
				return d.Variable == meteo.Visibility && !meteo.Known(d.Ours) && d.Theirs == 10000 && invisible(d.Line)
			},
		},
		{
			Name: "less than 50 m",
			Why:  "0000 is a visibility below 50 m, of which the bound is kept here, as of 9999 (10 km or more).",
			Fits: func(d *codetest.Difference) bool {
				return d.Variable == meteo.Visibility && d.Ours == 50 && d.Theirs == 0 && dense(d.Line)
			},
		},
		{
			Name: "calm",
			Why:  "00000 is calm, and calm comes from nowhere: the direction is unknown here, and 0 there.",
			Fits: func(d *codetest.Difference) bool {
				return d.Variable == meteo.WindDirection && !meteo.Known(d.Ours) && d.Theirs == 0 && calm(d.Line)
			},
		},
		{
			Name: "NIL",
			Why:  "A station that says that it has no report gives none here; the other decoder gives one without values.",
			Fits: func(d *codetest.Difference) bool { return d.Refused && errors.Is(d.Err, wmo.ErrNil) },
		},
	})
}
