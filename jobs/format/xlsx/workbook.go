package xlsx

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"golang.org/x/net/html/charset"
)

// Bounds of what a workbook may unpack to. Sheets are read piece by piece and shared strings go through a temporary file; a full
// sheet of a million records has about 1.5 GB. All other parts are held in memory, and those of a table are small.
const (
	maxFile   = 512 << 20
	maxSheets = 4 << 30
	maxParts  = 32 << 20
	maxPart   = 8 << 20 // one that is decoded whole, which takes about ten times as much memory
)

// workbook is the archive of a workbook with what its parts say about the sheets.
type workbook struct {
	parts      map[string]*zip.File // by partName
	sheets     []sheet
	formats    []numberFormat // by the index of a cell's style
	texts      *texts         // shared by the cells
	from1904   bool
	calculates bool // the stored results of formulas are to be calculated when it is opened
}

// sheet is an entry of the list of sheets.
type sheet struct {
	name   string
	part   string // partName of its rows; "" for what is not a sheet of cells
	hidden bool
}

// openWorkbook reads the parts of a workbook other than its sheets.
func openWorkbook(at io.ReaderAt, size int64) (*workbook, error) {
	archive, err := openArchive(at, size)
	if err != nil {
		return nil, err
	}
	b := &workbook{parts: map[string]*zip.File{}}
	for _, part := range archive.File {
		b.parts[partName(part.Name)] = part
	}
	if err := b.readWorkbook(); err != nil {
		return nil, err
	}
	return b, nil
}

// partName is a part's name in the form in which parts are found: producers differ in case and slashes.
func partName(name string) string {
	return strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(name, `\`, "/")), "/")
}

// relation is one of a part's links to another part.
type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// is reports whether the link is of a type, in the transitional and in the strict form of its name.
func (r relation) is(kind string) bool { return strings.HasSuffix(r.Type, "/"+kind) }

// relations returns the links of a part, with their targets as partName has them.
func (b *workbook) relations(of string) ([]relation, error) {
	folder, name := path.Split(of)
	var list struct {
		Relations []relation `xml:"Relationship"`
	}
	if err := b.decode(folder+"_rels/"+name+".rels", &list); err != nil {
		return nil, err
	}
	for i, r := range list.Relations {
		target := strings.ReplaceAll(r.Target, `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", folder, target)
		}
		list.Relations[i].Target = partName(target)
	}
	return list.Relations, nil
}

// decode reads a part that is small. One that is missing is left as it is.
func (b *workbook) decode(name string, into any) (err error) {
	part, ok := b.parts[name]
	if !ok {
		return nil
	}
	in, err := part.Open()
	if err != nil {
		return damaged(part.Name, err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	bounded := &io.LimitedReader{R: in, N: maxPart}
	tokens := xml.NewDecoder(bounded)
	tokens.CharsetReader = charset.NewReaderLabel
	err = tokens.Decode(into)
	if bounded.N == 0 {
		return fmt.Errorf("%.60q of the workbook unpacks to more than %d MiB: save the table alone in a new workbook, or as .csv", part.Name, maxPart>>20)
	}
	return damaged(part.Name, err)
}

// damaged says of which part an error is, in one line.
func damaged(part string, err error) error {
	var syntax *xml.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return fmt.Errorf("reading %.60q of the workbook: it is damaged in line %d (%s): open and save the workbook with a spreadsheet program, or save the table as .csv", part, syntax.Line, syntax.Msg)
	}
	return fmt.Errorf("reading %.60q of the workbook: %w", part, err)
}

// workbookPart is what is read of the part that lists the sheets.
type workbookPart struct {
	Properties struct {
		Date1904 string `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Calculation struct {
		OnLoad string `xml:"fullCalcOnLoad,attr"`
	} `xml:"calcPr"`
	Sheets []struct {
		Name       string     `xml:"name,attr"`
		State      string     `xml:"state,attr"`
		Attributes []xml.Attr `xml:",any,attr"` // r:id, whose namespace has two names
	} `xml:"sheets>sheet"`
}

func (b *workbook) readWorkbook() error {
	main := "xl/workbook.xml"
	roots, err := b.relations("")
	if err != nil {
		return err
	}
	for _, r := range roots {
		if r.is("officeDocument") {
			main = r.Target
		}
	}
	var w workbookPart
	if err := b.decode(main, &w); err != nil {
		return err
	}
	b.from1904, b.calculates = isTrue(w.Properties.Date1904), isTrue(w.Calculation.OnLoad)
	links, err := b.relations(main)
	if err != nil {
		return err
	}
	targets := map[string]string{}
	styles, shared := "", ""
	for _, link := range links {
		switch {
		case link.is("worksheet"):
			targets[link.ID] = link.Target
		case link.is("styles"):
			styles = link.Target
		case link.is("sharedStrings"):
			shared = link.Target
		}
	}
	for _, s := range w.Sheets {
		entry := sheet{name: s.Name, hidden: s.State == "hidden" || s.State == "veryHidden"}
		for _, a := range s.Attributes {
			if a.Name.Local == "id" {
				entry.part = targets[a.Value]
			}
		}
		b.sheets = append(b.sheets, entry)
	}
	if b.formats, err = b.readStyles(styles); err != nil {
		return err
	}
	b.texts, err = b.readTexts(shared)
	return err
}

func isTrue(s string) bool { return s == "1" || s == "true" || s == "on" }

// Close removes what was put aside.
func (b *workbook) Close() error { return b.texts.Close() }
