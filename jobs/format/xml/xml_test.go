package xml_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/format/xml"
	"senmeteo/jobs/meteo"
)

func TestConformance(t *testing.T) { formattest.Run(t, xml.Format()) }

func TestDocumentsOfOtherProducersAreRead(t *testing.T) {
	const utf8 = `<?xml version="1.0" encoding="UTF-8"?>`
	latin, err := charmap.Windows1252.NewEncoder().String(`<?xml version="1.0" encoding="windows-1252"?><r><o><ville>Thiès</ville><date>01/03/2026 12:10</date><temp>25,5</temp></o><o><ville>Thiès</ville><date>01/03/2026 12:20</date><temp>25,5</temp></o></r>`)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"pandas": utf8 + `<data><row><index>0</index><region>Thiès</region><datetime>2026-03-01 12:10:00</datetime><temperature>25.5</temperature></row>
			<row><index>1</index><region>Thiès</region><datetime>2026-03-01 12:20:00</datetime><temperature>25.5</temperature></row></data>`,
		"attributes":                        utf8 + `<obs><o station="Thiès" date="2026-03-01 12:10" temp="25.5"/><o station="Thiès" date="2026-03-01 12:20" temp="25.5"/></obs>`,
		"measurements inside their station": utf8 + `<stations><station name="Thiès"><obs time="2026-03-01 12:10"><temp>25.5</temp></obs><obs time="2026-03-01 12:20"><temp>25.5</temp></obs></station></stations>`,
		"values in a container and units in attributes": utf8 + `<a xmlns="urn:x"><b><location><name>Thiès</name></location><time>2026-03-01T12:10:00Z</time><values><temperature unit="F">77.9</temperature><humidity>50</humidity></values></b>
			<b><location><name>Thiès</name></location><time>2026-03-01T12:20:00Z</time><values><temperature unit="°F">77.9</temperature></values></b></a>`,
		"Windows-1252":          latin,
		"a byte-order mark":     "\ufeff" + utf8 + `<r><o city="Thiès" time="2026-03-01 12:10" t="25.5"/><o city="Thiès" time="2026-03-01 12:20" t="25.5"/></r>`,
		"a plain document type": `<!DOCTYPE r SYSTEM "r.dtd"><r><o city="Thiès" time="2026-03-01 12:10" t="25.5"/><o city="Thiès" time="2026-03-01 12:20" t="25.5"/></r>`,
	} {
		t.Run(name, func(t *testing.T) {
			got := formattest.ReadForeign(t, xml.Format(), strings.NewReader(data))
			if len(got) != 2 {
				t.Fatalf("got %d records", len(got))
			}
			for i, want := range []string{"12:10", "12:20"} {
				if o := got[i]; o.Region != "Thiès" || o.Values[meteo.Temperature] != 25.5 || o.ObservedAt.Format("15:04") != want {
					t.Errorf("got %s", o.AppendJSON(nil))
				}
			}
		})
	}
}

func TestASingleRecordIsRead(t *testing.T) {
	got := formattest.ReadForeign(t, xml.Format(), strings.NewReader(`<current><city>Dakar</city><time>2026-03-01 12:10</time><temperature>25</temperature></current>`))
	if len(got) != 1 {
		t.Errorf("got %d records", len(got))
	}
}

func TestARecordWithoutKnownFieldsIsNotPassedOver(t *testing.T) {
	n, err := formattest.Drain(xml.Format(), strings.NewReader(`<r><o city="Dakar" time="2026-03-01" t="25"/><o x="1"/><o/></r>`))
	if n != 3 || err != nil {
		t.Errorf("%d records, %v", n, err)
	}
}

func TestHostileAndBrokenDocumentsAreRefusedWithAMessage(t *testing.T) {
	laughs := `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><l><o city="&b;"/></l>`
	record := `<r><o city="Dakar" time="2026-03-01" t="25"/>`
	for name, data := range map[string]string{
		"a bomb of entities":      laughs,
		"an unknown entity":       `<r><o city="&b;"/></r>`,
		"no XML":                  "a,b\n1,2\n",
		"nothing":                 "",
		"no records":              "<html><body><p>hello</p></body></html>",
		"cut off":                 record,
		"crossed tags":            record + "<a></b></r>",
		"a second root":           record + "</r><r/>",
		"an endless text":         record + "<a>" + strings.Repeat("x", 9<<20),
		"an endless attribute":    record + `<a b="` + strings.Repeat("x", 9<<20),
		"an endless comment":      record + "<!--" + strings.Repeat("x", 9<<20),
		"a million elements":      strings.Repeat("<a>", 1_000_000),
		"an unknown encoding":     `<?xml version="1.0" encoding="klingon"?><r/>`,
		"a program":               "\x7fELF\x02\x01\x00\x00",
		"a record without an end": `<r><o city="Dakar" time="2026-03-01"`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := formattest.Drain(xml.Format(), strings.NewReader(data)); err == nil {
				t.Error("it passed")
			} else {
				t.Log(err)
			}
		})
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(`<r><o city="Dakar" time="2026-03-01" t="25"/></r>`))
	f.Add(formattest.Write(f, xml.Format(), formattest.Observations(2, 1)))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = formattest.Drain(xml.Format(), bytes.NewReader(data)) })
}
