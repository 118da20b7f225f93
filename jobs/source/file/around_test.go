package file_test

import (
	"testing"
	"time"
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
