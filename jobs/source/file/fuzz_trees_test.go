package file_test

import (
	stdjson "encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senmeteo/jobs/source/file"
)

// The words of which the documents of the fuzz target are made.
var (
	treeNames = []string{
		"time", "station", "temperature", "wind", "speed", "direction", "unit", "units", "value", "hourly", "current", "data", "metric", "imperial",
		"location", "timezone", "date", "hour", "rain", "1h", "interval", "tmax", "lat", "lon", "meta", "wind_speed", "pressure_in", "error",
		"Dakar", "Thiès", "2026-08-01", "12:00", "columns", "name", "temperature_unit", "wind_units", "ts", "$date", "geometry", "coordinates",
	}
	treeValues = []string{
		`"2026-08-01T12:00:00Z"`, `"2026-08-01"`, `"Dakar"`, `"Thiès"`, `27`, `"27.5"`, `"°F"`, `"km/h"`, `"imperial"`, `"Europe/Paris"`, `12`,
		`null`, `14.69`, `-17.44`, `1785585600`, `"NW"`, `"no"`, `0`, `"12:00"`, `true`, `"temperature"`, `3600`, `""`, `"-"`,
	}
)

// grower makes a document of the bytes of a fuzz target.
type grower struct{ bytes []byte }

func (g *grower) next(n int) int {
	if len(g.bytes) == 0 {
		return 0
	}
	b := int(g.bytes[0])
	g.bytes = g.bytes[1:]
	return b % n
}

// object returns an object in JSON and, indented, in YAML.
func (g *grower) object(depth int, indent string) (json, yaml string) {
	var members []string
	seen := map[string]bool{}
	for range 1 + g.next(6) {
		name := treeNames[g.next(len(treeNames))]
		if seen[name] {
			continue
		}
		seen[name] = true
		key, err := stdjson.Marshal(name)
		if err != nil {
			panic(err)
		}
		shown, value, block := g.value(depth, indent+"  ")
		members = append(members, string(key)+":"+value)
		if yaml += indent + string(key) + ":"; block {
			yaml += "\n" + shown
		} else {
			yaml += " " + shown + "\n"
		}
	}
	return "{" + strings.Join(members, ",") + "}", yaml
}

// value returns a value; block: its YAML is of lines of its own.
func (g *grower) value(depth int, indent string) (yaml, json string, block bool) {
	switch kind := g.next(8); {
	case depth < 3 && kind == 5:
		json, yaml = g.object(depth+1, indent)
		return yaml, json, true
	case depth < 3 && kind == 6:
		var elements []string
		for range 1 + g.next(3) {
			j, y := g.object(depth+1, indent+"  ")
			elements = append(elements, j)
			yaml += indent + "-" + y[len(indent)+1:]
		}
		return yaml, "[" + strings.Join(elements, ",") + "]", true
	case kind == 7:
		var elements []string
		for range 1 + g.next(3) {
			elements = append(elements, treeValues[g.next(len(treeValues))])
		}
		return "[" + strings.Join(elements, ", ") + "]", "[" + strings.Join(elements, ",") + "]", false
	}
	json = treeValues[g.next(len(treeValues))]
	return json, json, false
}

// readingsOf returns the readings of a file and how many of its records were refused.
func readingsOf(t *testing.T, name, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := fetch(t, file.Source{Paths: []string{path}, Options: options()})
	if err != nil {
		return "refused"
	}
	var readings []string
	refused := 0
	for line := range strings.Lines(got) {
		if strings.HasPrefix(line, "{") {
			readings = append(readings, line)
		} else {
			refused++
		}
	}
	return fmt.Sprintln(strings.Join(readings, ""), refused, "refused")
}

// A document of objects in objects gives the same readings in JSON, in JSON Lines and in YAML, in blocks and as it is in JSON.
func FuzzTreesGiveTheSameReadings(f *testing.F) {
	for _, seed := range []string{"\x05\x00\x00\x00\x01\x00\x02\x02\x00\x04", "\x05\x00\x00\x00\x01\x00\x02\x03\x05\x02\x04\x00\x0a\x06\x00\x07", "\x03\x1c\x06\x01\x02\x00\x00\x00\x02\x00\x04"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 200 {
			return
		}
		json, yaml := (&grower{bytes: data}).object(0, "")
		want := readingsOf(t, "a.json", json)
		for name, same := range map[string]string{"a.jsonl": json, "b.json": "[" + json + "]", "a.yaml": yaml, "b.yaml": json} {
			if got := readingsOf(t, name, same); got != want {
				t.Errorf("%s\n%s\n%s: %s\nJSON: %s", json, yaml, name, got, want)
			}
		}
	})
}

// Flat records give the same readings in JSON and in XML, as elements, as attributes and with value attributes, whatever the units around them.
func FuzzRecordsGiveTheSameReadingsInXML(f *testing.F) {
	f.Add([]byte{2, 1, 2, 0, 0, 1, 2, 2, 4, 3, 5})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 100 {
			return
		}
		g := &grower{bytes: data}
		names := []string{"time", "station", "temperature", "humidity", "wind_speed", "rain", "interval_s", "pressure", "lat", "lon", "wind_dir"}
		system := []string{"", "imperial"}[g.next(2)]
		var objects []string
		elements, attributes, values := "", "", ""
		for range 1 + g.next(3) {
			seen := map[string]bool{}
			var members []string
			inside, within, valued := "", "", ""
			for i, name := range append([]string{"time", "station", "temperature"}, names[g.next(len(names))], names[g.next(len(names))], names[g.next(len(names))]) {
				if seen[name] {
					continue
				}
				seen[name] = true
				value := strings.Trim(treeValues[g.next(len(treeValues))], `"`)
				switch {
				case i < 2: // an element is a record by its time and what it measures
					value = []string{"2026-08-01T12:00:00Z", "Dakar"}[i]
				case value == "":
					value = "27"
				}
				members = append(members, fmt.Sprintf("%q:%q", name, value))
				inside += "<" + name + ">" + value + "</" + name + ">"
				within += fmt.Sprintf(" %s=%q", name, value)
				valued += fmt.Sprintf("<%s value=%q/>", name, value)
			}
			objects = append(objects, "{"+strings.Join(members, ",")+"}")
			elements += "<o>" + inside + "</o>"
			attributes += "<o" + within + "/>"
			values += "<o>" + valued + "</o>"
		}
		root, json := "<r>", "["+strings.Join(objects, ",")+"]"
		if system != "" {
			root, json = `<r units="imperial">`, `{"units":"imperial","records":`+json+"}"
		}
		want := readingsOf(t, "a.json", json)
		for name, content := range map[string]string{"elements": elements, "attributes": attributes, "values": values} {
			if got := readingsOf(t, "a.xml", root+content+"</r>"); got != want && got != "refused" {
				t.Errorf("%s%s\n%s: %s\n%s\nJSON: %s", root, content, name, got, json, want)
			}
		}
	})
}
