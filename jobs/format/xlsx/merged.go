package xlsx

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"senmeteo/jobs/shape"
)

// area is one of merged cells, of which the first alone has a value.
type area struct{ left, top, right, bottom int } // columns from 0, rows from 1 up

// areas are those of a sheet, by their first row.
type areas struct {
	all   []area
	begun []filling // those of the rows that came
	next  int       // index in all
}

// filling is the value of an area that goes on below.
type filling struct {
	area
	value any
}

// maxAreas bounds the merged areas of a sheet.
const maxAreas = 1 << 17

// mergedAreas reads the areas of a sheet, which a sheet lists after its cells. It reads over those without understanding them.
func (b *workbook) mergedAreas(s *sheet) (a areas, err error) {
	part, ok := b.parts[s.part]
	if !ok {
		return a, nil // openRows says so
	}
	in, err := part.Open()
	if err != nil {
		return a, damaged(part.Name, err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	rest, err := after(in, "mergeCells")
	if err != nil {
		return a, damaged(part.Name, err)
	}
	if rest == nil {
		return a, nil
	}
	tokens := xml.NewDecoder(&bounded{in: rest})
	for {
		token, err := tokens.Token()
		if err != nil {
			break // what is after the cells is of no interest when it is damaged
		}
		if end, ok := token.(xml.EndElement); ok && end.Name.Local == "mergeCells" {
			break
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "mergeCell" {
			continue
		}
		if one, ok := areaOf(value(start.Attr, "ref")); ok {
			if len(a.all) == maxAreas {
				return a, fmt.Errorf("sheet %q has more than %d merged areas: save the table as .csv", s.name, maxAreas)
			}
			a.all = append(a.all, one)
		}
	}
	slices.SortStableFunc(a.all, func(x, y area) int { return cmp.Compare(x.top, y.top) })
	return a, nil
}

// after returns what is left of a sheet from a tag on, or nil. The name of a tag with < before it is in no text.
func after(in io.Reader, tag string) (io.Reader, error) {
	const overlap = 64 // more than a tag with its prefix has
	buffer := make([]byte, 256<<10)
	kept := 0
	for {
		n, err := io.ReadFull(in, buffer[kept:])
		data := buffer[:kept+n]
		for at := 0; ; {
			i := bytes.Index(data[at:], []byte(tag))
			if i < 0 {
				break
			}
			at += i
			start := at
			for start > 0 && start > at-overlap && data[start] != '<' && data[start] != '>' {
				start--
			}
			if prefix := string(data[start:at]); prefix == "<" || strings.HasPrefix(prefix, "<") && strings.HasSuffix(prefix, ":") && !strings.ContainsAny(prefix, " /") {
				return io.MultiReader(bytes.NewReader(bytes.Clone(data[start:])), in), nil
			}
			at += len(tag)
		}
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return nil, nil
		case err != nil:
			return nil, err
		}
		kept = copy(buffer, data[len(data)-overlap:])
	}
}

// areaOf reads a reference such as A2:A5.
func areaOf(reference string) (a area, ok bool) {
	from, to, ok := strings.Cut(reference, ":")
	if !ok {
		return a, false
	}
	a.left, a.top, ok = cellOf(from)
	if ok {
		a.right, a.bottom, ok = cellOf(to)
	}
	return a, ok && a.left <= a.right && a.top <= a.bottom
}

func cellOf(reference string) (column, row int, ok bool) {
	digits := strings.TrimLeft(reference, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	column, ok = columnOf(reference)
	row, err := strconv.Atoi(digits)
	return column, row, ok && err == nil
}

// spread puts the text of each area of one row into all of its columns.
func (a *areas) spread(line int, texts []string) []string {
	from, _ := slices.BinarySearchFunc(a.all, line, func(one area, line int) int { return cmp.Compare(one.top, line) })
	for _, one := range a.all[from:] {
		if one.top != line {
			break
		}
		if one.left >= len(texts) || texts[one.left] == "" {
			continue
		}
		for i := one.left + 1; i <= min(one.right, maxColumns-1); i++ {
			for len(texts) <= i {
				texts = append(texts, "")
			}
			texts[i] = texts[one.left]
		}
	}
	return texts
}

// fill puts the values of areas that began in rows above into the row with a number.
func (a *areas) fill(line int, row shape.Row, t *table) {
	a.begun = slices.DeleteFunc(a.begun, func(f filling) bool { return f.bottom < line })
	for _, f := range a.begun {
		if at, ok := t.place(f.left); ok && row[at].Value == nil {
			row[at].Value = f.value
		}
	}
	for ; a.next < len(a.all) && a.all[a.next].top <= line; a.next++ {
		one := a.all[a.next]
		if at, ok := t.place(one.left); ok && one.top == line && one.bottom > line {
			a.begun = append(a.begun, filling{one, row[at].Value})
		}
	}
}
