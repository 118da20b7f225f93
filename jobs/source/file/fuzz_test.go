package file_test

import (
	stdjson "encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senmeteo/jobs/source/file"
)

// One table, as an array of objects in JSON and as a list of mappings in YAML, gives the same readings, or is refused in both.
func FuzzJSONAndYAMLGiveTheSameReadings(f *testing.F) {
	f.Add("time", "2026-08-01T12:00:00Z", "temperature", "27.1", "station", "Dakar")
	f.Add("date", "13/08/2026", "tmax (°F)", "1.013,5", "ville", "Thiès")
	f.Add("datetime", "2026-08-01 12:00", "wind", "18 km/h", "nom", "~")
	f.Add("jour", "01/08/2026", "rain", "null", "city", "no")
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2, name3, value3 string) {
		if name1 == name2 || name1 == name3 || name2 == name3 {
			return // JSON takes the first, YAML refuses the record
		}
		record := ""
		for i, s := range []string{name1, value1, name2, value2, name3, value3} {
			quoted, err := stdjson.Marshal(strings.ToValidUTF8(s, "?"))
			if err != nil || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r > 0xd7ff || r == 0x2028 || r == 0x2029 }) {
				return // what is not printable has other escapes in YAML
			}
			record += []string{"", ": ", ", "}[min(i, 1+(i+1)%2)] + string(quoted)
		}
		dir := t.TempDir()
		read := func(name, data string) string {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := fetch(t, file.Source{Paths: []string{path}, Options: options()})
			var readings []string
			for line := range strings.SplitSeq(got, "\n") {
				if strings.HasPrefix(line, "{") {
					readings = append(readings, line)
				}
			}
			if err != nil {
				return "refused"
			}
			return strings.Join(readings, "\n")
		}
		json := read("a.json", "[{"+record+"}]")
		yaml := read("a.yaml", "- {"+record+"}\n")
		if json != yaml {
			t.Errorf("%s\nJSON: %s\nYAML: %s", record, json, yaml)
		}
	})
}
