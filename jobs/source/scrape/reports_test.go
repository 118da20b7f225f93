package scrape

import (
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// pageOf is a page of a built-in site, about all of its stations or the first alone.
func pageOf(t *testing.T, site, body string) *page {
	t.Helper()
	s := builtIn(t, site)
	p := &page{site: s, body: []byte(body), kind: "text/plain", fetched: time.Date(2026, 11, 23, 12, 47, 0, 0, time.UTC)}
	p.places = []*Place{&s.Stations[0]}
	if !s.eachHasAPage() {
		p.places = nil
		for i := range s.Stations {
			p.places = append(p.places, &s.Stations[i])
		}
	}
	return p
}

// outline is what a page gave: "SN-DK 23T12:00 27" for each reading with its temperature, "SN-DK refused" for each report
// that is a dead letter.
func outline(items []found) string {
	var all []string
	for _, f := range items {
		if f.item.Raw != nil {
			all = append(all, f.item.Key+" refused")
			continue
		}
		r := &f.item.Reading
		all = append(all, r.StationID+" "+r.ObservedAt.Format("02T15:04")+" "+shown(&r.Values, meteo.Temperature))
	}
	return strings.Join(all, ", ")
}

func TestPagesOfMETARGiveEveryReportThatIsOne(t *testing.T) {
	const good = "GOOY 231200Z 32012KT 9999 FEW023 27/22 Q1013"
	for name, c := range map[string]struct{ body, want, left string }{
		"a date above":                            {"2026/11/23 12:00\n" + good + "\n", "SN-DK 23T12:00 27", ""},
		"no date above":                           {good + "\n", "SN-DK 23T12:00 27", ""},
		"a date that no calendar has":             {"2026/13/45 12:00\n" + good + "\n", "SN-DK 23T12:00 27", `"2026/13/45 12:00"`},
		"a date of the day before":                {"2026/11/22 12:00\n" + good + "\n", "SN-DK refused", ""},
		"a report of tomorrow":                    {"GOOY 241200Z 27/22 Q1013\n", "SN-DK refused", ""},
		"a day of the month that is yet to come":  {"GOOY 302330Z 27/22 Q1013\n", "SN-DK refused", ""},
		"a time that lacks its Z":                 {"GOOY 231200 32012KT 27/22 Q1013\n", "SN-DK 23T12:00 27", ""},
		"a time that is damaged":                  {"GOOY 23I200Z 32012KT 27/22 Q1013\n", "SN-DK refused", ""},
		"a time without its day":                  {"GOOY 1200Z 32012KT 27/22 Q1013\n", "SN-DK refused", ""},
		"a bad report before a good one":          {"GOOY 23I200Z 27/22\n" + good + "\n", "SN-DK refused, SN-DK 23T12:00 27", ""},
		"several lines":                           {"METAR GOOY 231200Z 32012KT 9999\n  FEW023 27/22\n  Q1013=\n", "SN-DK 23T12:00 27", ""},
		"two reports on one line":                 {"GOOY 231100Z 26/22 Q1013= " + good + "=\n", "SN-DK 23T11:00 26, SN-DK 23T12:00 27", ""},
		"the heading of a bulletin":               {"\x01\r\r\n123\r\r\nSASN31 GOOY 231200\r\r\nMETAR " + good + "=\r\r\n\x03\n", "SN-DK 23T12:00 27", ""},
		"words before and after":                  {"Latest reports\n" + good + "=\nend of page\n", "SN-DK 23T12:00 27", `"Latest reports", "end of page"`},
		"a forecast after it":                     {good + "\nTAF GOOY 231100Z 2312/2418 35010KT 3000 OVC001\n", "SN-DK 23T12:00 27", ""},
		"a forecast in its place":                 {"TAF GOOY 231100Z 2312/2418 35010KT 9999\nGOOY 231200Z NIL=\n", "", `"TAF GOOY 231100Z 2312/2418 35010KT 9999"`},
		"a forecast that does not call itself so": {"GOOY 231100Z 2312/2418 35010KT 9999\n", "SN-DK refused", ""},
		"the same twice":                          {good + "=\n" + good + "=\n", "SN-DK 23T12:00 27", ""},
		"a correction before the first":           {"METAR COR GOOY 231200Z 28/22 Q1013=\n" + good + "=\n", "SN-DK 23T12:00 28", ""},
		"none to report":                          {"METAR GOOY 231200Z NIL=\n", "", ""},
		"groups that are not understood":          {"GOOY 231100Z 25005KY 26/22=\nGOOY 231200Z 25005KY 27/22 X=\n", "SN-DK 23T11:00 26, SN-DK 23T12:00 27", `"25005KY" (2 times), "X"`},
	} {
		t.Run(name, func(t *testing.T) {
			p := pageOf(t, "metar", c.body)
			items, err := p.site.read(p)
			if err != nil {
				t.Fatal(err)
			}
			if got := outline(items); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if got := p.left.String(); got != c.left {
				t.Errorf("left out %s, want %s", got, c.left)
			}
		})
	}
}

func TestPagesOfSYNOPGiveEveryReportThatIsOne(t *testing.T) {
	const good = "61641,2026,11,23,12,00,AAXX 23121 61641 32960 12703 10270 20220 40131="
	for name, c := range map[string]struct{ body, want, left string }{
		"one":                           {good + "\n", "SN-DK 23T12:00 27", ""},
		"two equals signs":              {good + "=\n", "SN-DK 23T12:00 27", ""},
		"a station that is not ours":    {"61700,2026,11,23,12,00,AAXX 23121 61700 32960 12703 10270=\n" + good + "\n", "SN-DK 23T12:00 27", ""},
		"without AAXX":                  {"61630,2026,11,23,12,00,23121 61630 32960=\n" + good + "\n", "SN-MT refused, SN-DK 23T12:00 27", ""},
		"of a ship":                     {"61630,2026,11,23,12,00,BBXX 23121 99147=\n" + good + "\n", "SN-MT refused, SN-DK 23T12:00 27", ""},
		"of another station than it is": {"61630,2026,11,23,12,00,AAXX 23121 61641 32960 12703 10270=\n" + good + "\n", "SN-MT refused, SN-DK 23T12:00 27", ""},
		"of tomorrow":                   {"61641,2026,11,24,12,00,AAXX 24121 61641 32960 12703 10270=\n", "SN-DK refused", ""},
		"cut off":                       {"61641,2026,11,23,12,00,AAXX 23121 61641 32960 12703 10270\n", "SN-DK refused", ""},
		"nothing but solidi":            {"61641,2026,11,23,12,00,AAXX 23121 61641 ///// /////=\n", "", ""},
		"a bulletin":                    {"ZCZC 001\nSMSG01 GOOY 231200\nAAXX 23121\n61641 32960 12703 10270\n20220 40131=\n61630 32960 12703 10310=\n61700 32960 12703 10270=\n61679 NIL=\nNNNN\n", "SN-DK 23T12:00 27, SN-MT 23T12:00 31", ""},
		"a bulletin on one line":        {"AAXX 23121 61641 32960 12703 10270= 61630 32960 12703 10310=\n", "SN-DK 23T12:00 27, SN-MT 23T12:00 31", ""},
		"bulletins of two hours":        {"AAXX 23061\n61641 32960 12703 10210=\nSMSG02 GOOY 231200\nAAXX 23121\n61641 32960 12703 10270=\n", "SN-DK 23T06:00 21, SN-DK 23T12:00 27", ""},
		"a bulletin with a bad report":  {"AAXX 23121\n61641 3296 12703 10270=\n6163/ 32960 12703 10310=\n61679 32960 12703 10310=\n", "SN-DK refused, SN-KL 23T12:00 31", `"AAXX 23121 6163/ 32960 12703 10310="`},
		"a bulletin that is cut off":    {"AAXX 23121\n61641 32960 12703 10270=\n61630 32960 12703 10310\n", "SN-DK 23T12:00 27, SN-MT refused", ""},
		"a bulletin cut off by another": {"AAXX 23121\n61630 32960 12703 10310\nAAXX 23121\n61641 32960 12703 10270=\n", "SN-MT refused, SN-DK 23T12:00 27", ""},
		"a bulletin cut off by a line":  {"AAXX 23121\n61630 32960 12703 10310\n" + good + "\n", "SN-MT refused, SN-DK 23T12:00 27", ""},
		"a bulletin without an end":     {"AAXX 23121\n61630 32960 12703\n" + strings.Repeat("10310 20220 40131\n", 111) + "AAXX 23121\n61641 32960 12703 10280=\n", "SN-MT refused, SN-DK 23T12:00 28", ""},
		"a corrected bulletin":          {"SMSG01 GOOY 231200 CCA\nAAXX 23121\n61641 32960 12703 10280=\nSMSG01 GOOY 231200 RRA\nAAXX 23121\n61641 32960 12703 10270=\n", "SN-DK 23T12:00 28", ""},
		"damage in section 3":           {"61641,2026,11,23,12,00,AAXX 23121 61641 32960 12703 10270 333 0E017=\n", "SN-DK 23T12:00 27", `"0E017"`},
	} {
		t.Run(name, func(t *testing.T) {
			p := pageOf(t, "ogimet", c.body)
			items, err := p.site.read(p)
			if err != nil {
				t.Fatal(err)
			}
			if got := outline(items); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if got := p.left.String(); got != c.left {
				t.Errorf("left out %s, want %s", got, c.left)
			}
		})
	}
}
