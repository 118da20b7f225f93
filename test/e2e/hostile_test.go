package e2e_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"senmeteo/test/program"
)

// repeated is a text n times over, without holding it.
type repeated struct {
	text string
	left int64 // bytes
	at   int
}

func times(text string, n int64) io.Reader {
	block := text
	for len(block) < 64<<10 && int64(len(block)) < int64(len(text))*n {
		block += block
	}
	return &repeated{text: block, left: int64(len(text)) * n}
}

// Read implements io.Reader.
func (r *repeated) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), r.left)], r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	r.left -= int64(n)
	return n, nil
}

// joined puts texts and readers one after the other.
func joined(parts ...any) io.Reader {
	readers := make([]io.Reader, len(parts))
	for i, part := range parts {
		if text, ok := part.(string); ok {
			readers[i] = strings.NewReader(text)
		} else {
			readers[i] = part.(io.Reader)
		}
	}
	return io.MultiReader(readers...)
}

const (
	million  = 1_000_000
	gigabyte = 1 << 30

	goodLine = `{"region":"Dakar","datetime":"2026-03-01T12:00:00Z","temperature":20}` + "\n"
	goodXML  = `<observation><region>Dakar</region><datetime>2026-03-01T12:00:00Z</datetime><temperature>20</temperature></observation>`
	goodYAML = "- {region: Dakar, datetime: 2026-03-01T12:00:00Z, temperature: 20}\n"
)

// hostile is a file that means harm, and what becomes of it.
type hostile struct {
	name   string
	format string
	in     io.Reader
	code   int
	says   string // of the error, a regular expression
}

// hostileRSS is what a run may take of memory, whatever it reads: twice what it takes of ordinary files.
const hostileRSS = 200 * megabyte

func TestFilesThatMeanHarmEndWithOneLineAndBoundedMemory(t *testing.T) {
	for _, c := range slicesOf(hostileText(), hostileBinaries(t)) {
		t.Run(c.format+" "+c.name, func(t *testing.T) { c.check(t) })
	}
}

func slicesOf(lists ...[]hostile) (all []hostile) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func (c hostile) check(t *testing.T) {
	temp := t.TempDir()
	p := program.Program{Stdin: c.in}.With("TMPDIR", temp)
	r := p.Run(t, "fetch", "file", "-", "--format", c.format, "--out", filepath.Join(t.TempDir(), "out.jsonl"))
	said := r.Report(t).Error
	if r.Code != c.code || !regexp.MustCompile(c.says).MatchString(said) {
		t.Errorf("it exits with %d and says %q, want %d and %s", r.Code, said, c.code, c.says)
	}
	if strings.Contains(r.Stderr, "goroutine ") || len(r.Stderr) > 8<<10 || len(said) > 1<<10 {
		t.Errorf("it says too much: %s", program.Tail(r.Stderr))
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v behind, %v", left, err)
	}
	within(t, r, hostileRSS)
	if r.Took > time.Minute {
		t.Errorf("it takes %s", r.Took)
	}
}

func hostileText() []hostile {
	nested := func(open, inside, shut string, n int) io.Reader {
		return joined(times(open, int64(n)), inside, times(shut, int64(n)))
	}
	laughs := `<!DOCTYPE r [<!ENTITY a "ha">`
	for c := 'b'; c < 'z'; c++ {
		laughs += "<!ENTITY " + string(c) + ` "` + strings.Repeat("&"+string(c-1)+";", 10) + `">`
	}
	aliases := "- &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'z'; c++ {
		aliases += "- &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+", ", 10) + "]\n"
	}
	inOne := "- region: Dakar\n  datetime: 2026-03-01T12:00:00Z\n  x:\n" + strings.ReplaceAll(aliases, "- &", "    - &")
	merges := "- m: &a {x: 1}\n"
	for c := 'b'; c < 'z'; c++ {
		merges += "  " + string(c) + ": &" + string(c) + " {<<: [" + strings.Repeat("*"+string(c-1)+", ", 10) + "]}\n"
	}
	const header = "Date,Temp,City\n"
	return []hostile{
		{"a quote that is never closed", "csv", joined(header, `"`, times("a,\n", gigabyte/3)), 65, "."},
		{"a line of 1 GB", "csv", joined(header, times("a", gigabyte)), 65, "."},
		{"a header of 1 GB", "csv", times("Date,", gigabyte/5), 65, "."},
		{"a million columns", "csv", joined("Date,Temp,City", times(",x", million), "\n", "2026-03-01,20,Dakar", times(",1", million), "\n"), 65, "columns"},
		{"nothing but zeros", "csv", times("\x00", gigabyte), 65, "."},
		{"nothing but line ends", "csv", times("\n", 300*megabyte), 65, "."},

		{"a line of 1 GB between two good ones", "jsonl", joined(goodLine, times("a", gigabyte), "\n", goodLine), 0, ""},
		{"a million brackets", "jsonl", joined(times("[", million), "\n", goodLine, goodLine), 0, ""},
		{"objects a million deep", "jsonl", joined(nested(`{"a":`, "1", "}", million/2), "\n", goodLine, goodLine), 0, ""},
		{"a number of a million digits", "jsonl", joined(`{"region":"Dakar","datetime":"2026-03-01T12:00:00Z","temperature":1`, times("0", million), "}\n", goodLine, goodLine), 0, ""},
		{"a million members", "jsonl", joined(`{"region":"Dakar"`, times(`,"a":1`, million/2), "}\n", goodLine, goodLine), 0, ""},

		{"a million brackets", "json", times("[", million), 65, "."},
		{"objects a million deep", "json", nested(`{"a":`, "1", "}", million), 65, "."},
		{"a text of 1 GB", "json", joined(`[{"city":"`, times("a", gigabyte)), 65, "."},
		{"blanks without end", "json", times(" ", gigabyte), 65, "."},

		{"entities that multiply", "xml", joined("<?xml version='1.0'?>", laughs, "]><r>&y;</r>"), 65, "defines entities"},
		{"an entity from a file", "xml", strings.NewReader(`<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r><city>&a;</city></r>`), 65, "defines entities"},
		{"elements a million deep", "xml", nested("<a>", goodXML, "</a>", million), 65, "nested"},
		{"an attribute of 1 GB", "xml", joined(`<r a="`, times("a", gigabyte)), 65, "."},
		{"a million attributes", "xml", joined(`<r`, times(` a="1"`, million/4), `>`, goodXML, goodXML, `</r>`), 0, ""},
		{"a million fields of a record", "xml", joined(`<r><observation>`, times("<x>1</x>", million/4), "</observation>", goodXML, goodXML, `</r>`), 0, ""},
		{"a comment of 1 GB", "xml", joined("<r><!--", times("a", gigabyte), "--></r>"), 65, "."},

		{"aliases that multiply, item by item", "yaml", strings.NewReader(aliases), 65, "."},
		{"aliases that multiply in one record", "yaml", strings.NewReader(inOne), 65, "too large|excessive|aliases"},
		{"merges that multiply", "yaml", strings.NewReader(merges), 65, "."},
		{"a million brackets", "yaml", times("[", million), 65, "."},
		{"lists a million deep in one line", "yaml", times("- ", million), 65, "."},
		{"mappings a million deep in one line", "yaml", joined("- ", times("{a: ", million)), 65, "."},
		{"a million keys that are complex", "yaml", joined("a: 1\n", times("? ", million)), 65, "."},
		{"indentation a thousand deep", "yaml", indented(1000), 65, "."},
		{"a line of 1 GB", "yaml", times("a", gigabyte), 65, "."},
		{"a million documents", "yaml", joined(times("---\n", million), goodYAML), 0, ""},

		{"1 GB of zeros, compressed", "csv", zipped(times("\x00", gigabyte)), 65, "."},
		{"a line of 1 GB, compressed", "jsonl", zipped(joined(goodLine, times("a", gigabyte), "\n", goodLine)), 0, ""},
		{"compression that breaks off", "jsonl", io.LimitReader(zipped(joined(goodLine, times("a", million))), 500), 65, "."},
	}
}

// indented is a mapping n deep, by blanks.
func indented(n int) io.Reader {
	var b strings.Builder
	b.WriteString("- a:\n")
	for i := range n {
		b.WriteString(strings.Repeat(" ", 3+i) + "a:\n")
	}
	return strings.NewReader(b.String())
}

// zipped compresses by gzip.
func zipped(in io.Reader) io.Reader {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed) // the level is right, and a buffer takes everything
	_, _ = io.Copy(w, in)
	_ = w.Close()
	return &out
}

func hostileBinaries(t *testing.T) []hostile {
	t.Helper()
	good, err := os.ReadFile(goodFile(t, "good.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	parquetFile, err := os.ReadFile(goodFile(t, "good.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	const sheet = "xl/worksheets/sheet1.xml"
	const head = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	const tail = `</sheetData></worksheet>`
	row := func(n, cells string) string { return `<row r="` + n + `">` + cells + `</row>` }
	text := func(at, s string) string { return `<c r="` + at + `" t="inlineStr"><is><t>` + s + `</t></is></c>` }
	names := row("1", text("A1", "Date")+text("B1", "Temp")+text("C1", "City"))
	book := func(part string, body io.Reader) io.Reader { return withPart(t, good, part, body) }
	patched := bytes.Clone(parquetFile)
	binary.LittleEndian.PutUint32(patched[len(patched)-8:], 1<<31-1)
	return []hostile{
		{"a sheet of nothing but blanks", "xlsx", book(sheet, joined(head, times(" ", 300*megabyte))), 65, "a cell has more than 1 MiB"},
		{"a cell of 300 MB", "xlsx", book(sheet, joined(head, names, `<row r="2"><c r="A2" t="inlineStr"><is><t>`, times("a", 300*megabyte), `</t></is></c></row>`, tail)), 65, "a cell has more than 1 MiB"},
		{"a row of 300 MB", "xlsx", book(sheet, joined(head, names, `<row r="2">`, times(`<c><v>1</v></c>`, 20*million), `</row>`, tail)), 65, "more than 16384 columns"},
		{"a string of 300 MB in pieces", "xlsx", book("xl/sharedStrings.xml", joined("<sst><si>", times("<r><t>a</t></r>", 20*million), "</si></sst>")), 0, ""},
		{"styles of 30 MB", "xlsx", book("xl/styles.xml", joined("<styleSheet><cellXfs>", times("<xf/>", 6*million), "</cellXfs></styleSheet>")), 65, "unpacks to more"},
		{"a workbook of a million sheets", "xlsx", book("xl/workbook.xml", joined("<workbook><sheets>", times(`<sheet name="a" sheetId="1"/>`, million), "</sheets></workbook>")), 65, "unpacks to more"},
		{"styles of 300 MB", "xlsx", book("xl/styles.xml", times("<a/>", 300*megabyte/4)), 65, "unpack to more"},
		{"shared strings of 300 MB", "xlsx", book("xl/sharedStrings.xml", joined("<sst>", times("<si><t>a</t></si>", 300*megabyte/17), "</sst>")), 0, ""},
		{"a cell at the far corner", "xlsx", book(sheet, joined(head, names, row("1048576", text("XFD1048576", "1")), tail)), 0, ""},
		{"a million cells in a row", "xlsx", book(sheet, joined(head, names, `<row r="2">`, times(`<c><v>1</v></c>`, million/4), `</row>`, tail)), 65, "."},
		{"elements a million deep", "xlsx", book(sheet, joined(head, names, times("<a>", million))), 65, "nested"},
		{"entities that multiply", "xlsx", book(sheet, joined(`<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>`, head, names, row("2", text("A2", "&b;")), tail)), 65, "damaged in line 1"},

		{"a footer of 2 GB, as it says", "parquet", bytes.NewReader(patched), 65, "."},
		{"a file that breaks off", "parquet", bytes.NewReader(parquetFile[:len(parquetFile)/2]), 65, "."},
	}
}

// goodFile writes a day of readings in the format of the name's extension.
func goodFile(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	program.Program{}.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-01T01:00:00Z", "--out", path)
	return path
}

// withPart is a workbook with one part put in the place of its own.
func withPart(t *testing.T, book []byte, name string, body io.Reader) io.Reader {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, flate.BestSpeed) })
	for _, part := range in.File {
		if part.Name == name {
			continue
		}
		if err := w.Copy(part); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.Create(name)
	if err == nil {
		_, err = io.Copy(part, body)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return &out
}
