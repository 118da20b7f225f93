package xlsx

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
)

// openArchive refuses what is not a workbook, and archives that would unpack to more than the bounds.
// Package zip holds the parts to the sizes that are declared.
func openArchive(at io.ReaderAt, size int64) (*zip.Reader, error) {
	if size > maxFile {
		return nil, fmt.Errorf("the workbook has more than %d MiB: save the table as .csv", maxFile>>20)
	}
	archive, err := zip.NewReader(at, size)
	if err != nil {
		return nil, cmp.Or(otherKind(at), fmt.Errorf("opening the workbook: %w", err))
	}
	var sheets, parts uint64
	isWorkbook := false
	for _, part := range archive.File {
		name := partName(part.Name)
		switch {
		case name == "xl/workbook.bin":
			return nil, errors.New("it is a binary workbook (.xlsb): save it as .xlsx")
		case name == "content.xml" || strings.HasSuffix(name, ".iwa"):
			return nil, errors.New("it is a table of LibreOffice (.ods), Numbers or another program, and not a workbook of Excel: save it as .xlsx or .csv")
		}
		isWorkbook = isWorkbook || strings.HasPrefix(name, "xl/")
		if strings.HasPrefix(name, "xl/worksheets/sheet") || name == "xl/sharedstrings.xml" {
			sheets += min(part.UncompressedSize64, maxSheets)
		} else {
			parts += min(part.UncompressedSize64, maxParts)
		}
		if sheets >= maxSheets || parts >= maxParts {
			return nil, fmt.Errorf("the workbook would unpack to more than senmeteo accepts (%d MiB of tables, %d MiB of other parts)", maxSheets>>20, maxParts>>20)
		}
	}
	if !isWorkbook {
		return nil, errors.New("it is an archive, but not a workbook: unpack it first")
	}
	return archive, nil
}

// otherKind recognises, by its beginning, what people rename to .xlsx. It returns nil for anything else.
func otherKind(at io.ReaderAt) error {
	start := make([]byte, 512)
	n, err := at.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	start = start[:n]
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\xef\xbb\xbf")), " \t\r\n"))
	switch {
	case bytes.HasPrefix(start, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return errors.New("it is a workbook of Excel 97-2003 (.xls) or one with a password: save it as .xlsx without a password")
	case bytes.HasPrefix(start, []byte{0x09, 0x08}), bytes.HasPrefix(start, []byte{0x09, 0x04}), bytes.HasPrefix(start, []byte{0x09, 0x00}):
		return errors.New("it is a workbook of an old Excel (.xls): save it as .xlsx")
	case bytes.HasPrefix(start, []byte("PAR1")):
		return errors.New("it is a Parquet file: name it .parquet, or give --format parquet")
	case bytes.HasPrefix(start, []byte("PK")):
		return errors.New("the archive is cut off or damaged: copy the file again, or save it again with a spreadsheet program")
	case bytes.Contains(text, []byte("<html")), bytes.Contains(text, []byte("<table")), bytes.HasPrefix(text, []byte("<!doctype")):
		return errors.New("it is a web page (HTML) and not a workbook: open it with a spreadsheet program and save it as .xlsx")
	case bytes.HasPrefix(text, []byte("<?xml")):
		return errors.New("it is XML and not a workbook: open it with a spreadsheet program and save it as .xlsx")
	case len(text) > 0 && bytes.IndexByte(start, 0) < 0:
		return errors.New("it is text and not a workbook: name it .csv, or what it is")
	}
	return nil
}
