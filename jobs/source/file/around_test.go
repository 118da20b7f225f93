package file_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/source/file"
)

// Each case is a file whose records have times without a zone, inside something that states one.
func TestTheZoneStatedAroundRecordsIsThatOfTheirTimes(t *testing.T) {
	const (
		noon    = `"station_id":"SN-DK"|"observed_at":"2026-08-01T12:00:00Z"`
		records = `"records":[{"time":"2026-08-01T14:00","temp":27}]}`
		refused = `invalid_time|--timezone`
	)
	for name, c := range map[string]struct {
		file, data string
		want       []string
	}{
		"seconds":                       {"a.json", `{"city":"Dakar","utc_offset_seconds":7200,` + records, []string{noon}},
		"hours":                         {"a.json", `{"city":"Dakar","timezone_offset":2,` + records, []string{noon}},
		"an offset in text":             {"a.json", `{"city":"Dakar","utcOffset":"+02:00",` + records, []string{noon}},
		"a name":                        {"a.json", `{"city":"Dakar","time_zone":"Europe/Paris",` + records, []string{noon}},
		"a name after the records":      {"a.json", `{"city":"Dakar","records":[{"time":"2026-08-01T14:00","temp":27}],"tz":"Europe/Paris"}`, []string{noon}},
		"an object":                     {"a.json", `{"city":"Dakar","timezone":{"name":"Europe/Paris","offset":7200},` + records, []string{noon}},
		"an object in one record":       {"a.json", `{"city":"Dakar","timezone":{"id":2,"name":"Europe/Paris"},"time":"2026-08-01T14:00","temp":27}`, []string{noon}},
		"an object about the data":      {"a.json", `{"meta":{"name":"export","city":"Dakar","tz":"Europe/Paris"},` + records, []string{noon}},
		"a header of one record":        {"a.json", `{"header":{"city":"Dakar","utcOffset":2},"time":"2026-08-01T14:00","temp":27}`, []string{noon}},
		"the place":                     {"a.json", `{"location":{"city":"Dakar","timezone":"Europe/Paris"},` + records, []string{noon}},
		"side by side with the columns": {"a.json", `{"city":"Dakar","utc_offset":2,"hourly":{"time":["2026-08-01T14:00"],"temp":[27]}}`, []string{noon}},
		"letters that several zones share beside an offset": {"a.json", `{"city":"Dakar","timezone_abbreviation":"EST","utc_offset_seconds":7200,` + records, []string{noon}},
		"a zone that is not known":                          {"a.json", `{"city":"Dakar","time_zone":"Mars/Olympus",` + records, []string{refused}},
		"letters that several zones share":                  {"a.json", `{"city":"Dakar","timezone":"EST",` + records, []string{refused}},
		"an object that names no zone":                      {"a.json", `{"city":"Dakar","timezone":{"dst":true},` + records, []string{refused}},
		"records that state their own": {
			"a.json",
			`{"city":"Dakar","tz":"Europe/Paris","records":[{"time":1785585600,"temp":27},{"time":"2026-08-01T12:00Z","temp":27},{"time":"2026-08-01T15:00","utc_offset":3,"temp":27},{"time":"2026-08-01T12:00","tz":"UTC","temp":27},{"time":"2026-08-01T14:00","temp":27}]}`,
			[]string{noon, noon, noon, noon, noon},
		},
		"of each place":     {"a.json", `{"Dakar":{"tz":"Europe/Paris","obs":[{"time":"2026-08-01T14:00","temp":27}]},"Thiès":{"tz":"UTC","obs":[{"time":"2026-08-01T14:00","temp":27}]}}`, []string{noon, `SN-TH|T14:00:00Z`}},
		"YAML":              {"a.yaml", "city: Dakar\nrecords:\n- {time: 2026-08-01 14:00, temp: 27}\ntimezone: \"+02:00\"\n", []string{noon}},
		"YAML about itself": {"a.yaml", "metadata: {city: Dakar, tz: Europe/Paris}\nrecords:\n- {time: 2026-08-01 14:00, temp: 27}\n", []string{noon}},
	} {
		t.Run(name, func(t *testing.T) { checkLines(t, c.file, c.data, options(), c.want) })
	}
	t.Run("a zone that is not known, and that of the user", func(t *testing.T) {
		o := options()
		o.Zone = time.FixedZone("", 7200)
		checkLines(t, "a.json", `{"city":"Dakar","timezone":"EST",`+records, o, []string{noon})
	})
}

func TestThePlaceAndTheZoneBesideTheRecordsOfXML(t *testing.T) {
	const (
		one     = `<o time="2026-08-01T14:00" temp="27"/>`
		thies   = `"station_id":"SN-TH"|T14:00:00Z`
		refused = `unknown_station|before the records`
	)
	for name, c := range map[string]struct {
		data string
		want []string
	}{
		"a station before them":                {`<r><station><name>Thies</name></station>` + one + one + `</r>`, []string{thies, thies}},
		"a station in a header":                {`<r><header><station><name>Thies</name></station></header><data>` + one + `</data></r>`, []string{thies}},
		"coordinates before them":              {`<r><location lat="14.79" lon="-16.93"/><data>` + one + `</data></r>`, []string{thies}},
		"a station that is not known":          {`<r><station><name>Elsewhere</name></station>` + one + `</r>`, []string{`unknown_station|Elsewhere`}},
		"none":                                 {`<r>` + one + `</r>`, []string{`"station_id":"SN-DK"|T14:00:00Z`}},
		"a town after them":                    {`<r>` + one + one + `<city>Thies</city></r>`, []string{refused, refused}},
		"a station after them":                 {`<r>` + one + `<station><name>Thies</name></station></r>`, []string{refused}},
		"a station after the list of them":     {`<r><list>` + one + `</list><meta><lat>14.79</lat><lon>-16.93</lon></meta></r>`, []string{refused}},
		"another station after those of one":   {`<r><s><city>Thies</city>` + one + `</s><s>` + one + `<city>Matam</city></s></r>`, []string{thies, refused}},
		"a footer after them":                  {`<r>` + one + `<count>1</count><name>export</name></r>`, []string{`SN-DK`}},
		"a record with a place of its own":     {`<r><o city="Thies" time="2026-08-01T14:00" temp="27"/><station><name>Matam</name></station></r>`, []string{thies}},
		"a zone about them":                    {`<r><meta><timezone>Europe/Paris</timezone></meta>` + one + `</r>`, []string{`SN-DK|T12:00:00Z`}},
		"a zone in attributes":                 {`<r utc_offset="2">` + one + `</r>`, []string{`SN-DK|T12:00:00Z`}},
		"a zone after them":                    {`<r>` + one + `<timezone>Europe/Paris</timezone></r>`, []string{`invalid_time|time zone|before the records`}},
		"a zone after times that need none":    {`<r><o time="1785585600" temp="27"/><timezone>Europe/Paris</timezone></r>`, []string{`SN-DK|T12:00:00Z`}},
		"an object with a name of a time zone": {`<r><timezone id="Europe/Paris" offset="2"/>` + one + `</r>`, []string{`SN-DK|T12:00:00Z`}},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			o.Station = "SN-DK"
			checkLines(t, "a.xml", c.data, o, c.want)
		})
	}
	thousands := strings.Repeat(one, 40_000) // more than is looked at ahead
	named := strings.ReplaceAll(thousands, "<o ", `<o city="Thies" `)
	for name, c := range map[string]struct {
		data, want string
		refused    int
	}{
		"after thousands of them":                            {`<r>` + thousands + `<city>Thies</city></r>`, "states the place after", 0},
		"after those of one place":                           {`<r><s><city>Thies</city>` + thousands + `</s><s>` + one + one + `<city>Matam</city></s></r>`, "", 2},
		"after one that names its own among thousands":       {`<r><s>` + thousands + `<o city="Thies" time="2026-08-01T14:00" temp="27"/><city>Matam</city></s></r>`, "states the place after", 0},
		"after one that does not name it among thousands":    {`<r><s>` + one + named + `<city>Matam</city></s></r>`, "states the place after", 0},
		"a zone after those of one zone":                     {`<r><s><tz>UTC</tz>` + thousands + `</s><s>` + one + one + `<tz>Europe/Paris</tz></s></r>`, "", 2},
		"a place after those of which each names its own":    {`<r>` + named + `<city>Matam</city></r>`, "", 0},
		"a place after those of another place that is above": {`<r><s><city>Thies</city>` + thousands + `</s><s><city>Matam</city>` + one + `</s></r>`, "", 0},
	} {
		path := filepath.Join(t.TempDir(), "a.xml")
		if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
			t.Fatal(err)
		}
		o := options()
		o.Station = "SN-DK"
		got, err := fetch(t, file.Source{Paths: []string{path}, Options: o})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v", name, err)
		}
		if n := strings.Count(got, "put that before the records"); n != c.refused {
			t.Errorf("%s: %d records are refused", name, n)
		}
	}
}
