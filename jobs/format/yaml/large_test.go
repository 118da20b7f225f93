package yaml_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/yaml"
	"senmeteo/jobs/shape"
)

// A document of more than 1 MiB is read item by item.
func TestItemsOfALargeDocumentHaveTheAnchorsBeforeThem(t *testing.T) {
	var b strings.Builder
	b.WriteString("defaults: &d {station: Kaolack, humidity: 70}\nrecords:\n- &first {<<: *d, time: 2026-08-01 00:00, temp: 25.5}\n")
	items := 1
	for ; b.Len() < 3<<19; items++ {
		fmt.Fprintf(&b, "- <<: *d\n  time: 2026-08-01 %02d:%02d\n  temp: %d # of the mast\n", items/60%24, items%60, 20+items%10)
	}
	b.WriteString("- *first\n")
	items++
	rows, err := readAll(t, b.String())
	if !errors.Is(err, io.EOF) || len(rows) != items {
		t.Fatalf("got %d of %d items, %v", len(rows), items, err)
	}
	want := map[int][]string{
		0:         {`"station":"Kaolack"`, `"humidity":"70"`, `"temp":"25.5"`},
		7:         {`"station":"Kaolack"`, `"humidity":"70"`, `"temp":"27"`, `"time":"2026-08-01 00:07"`},
		items - 2: {`"station":"Kaolack"`, `"humidity":"70"`, fmt.Sprintf(`"temp":"%d"`, 20+(items-2)%10)},
		items - 1: {`"station":"Kaolack"`, `"humidity":"70"`, `"temp":"25.5"`, `"time":"2026-08-01 00:00"`},
	}
	for i, parts := range want {
		for _, part := range parts {
			if !strings.Contains(rows[i], part) {
				t.Errorf("item %d of %d: %s is missing in %s", i, items, part, rows[i])
			}
		}
	}
}

func TestAKeyAfterTheListOfALargeDocumentEndsItWithAMessage(t *testing.T) {
	item := "- {station: Kaolack, time: 2026-08-01 12:00, temp: 27}\n"
	items := 3<<19/len(item) + 1
	rows, err := readAll(t, "records:\n"+strings.Repeat(item, items)+"timezone: Europe/Paris\n")
	if err == nil || errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "after the list") || len(rows) < items-1 {
		t.Errorf("got %d of %d items, %v", len(rows), items, err)
	}
}

// readAll returns the rows of a document as JSON, and the error after them.
func readAll(t *testing.T, data string) ([]string, error) {
	t.Helper()
	r, err := yaml.Format().NewReader(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for {
		var row shape.Row
		row, err = r.Next()
		if bad := (*format.RecordError)(nil); errors.As(err, &bad) {
			t.Fatal(err)
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, string(row.AppendJSON(nil)))
	}
}
