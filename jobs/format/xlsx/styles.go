package xlsx

import (
	"strings"

	"github.com/xuri/nfp"
)

// kind is what a number format shows of a number.
type kind int

const (
	isNumber   kind = iota
	isDate          // a day
	isDateTime      // a day with a time of day
	isClock         // a time of day
	isElapsed       // hours, minutes or seconds beyond those of a day
	isMonth         // a month or a year
)

// numberFormat is what matters of the number format of a cell.
type numberFormat struct {
	kind  kind
	scale float64 // a number is shown multiplied by it: 100 with %, 0.001 for each comma after the digits
	unit  string  // text after the digits, such as °F
}

// builtIn holds the formats that workbooks name by number alone (ECMA-376 part 1, 18.8.30), as far as they are not of plain numbers.
// Those of East Asian languages are given by the days and times that they show.
var builtIn = func() map[int]string {
	formats := map[int]string{
		9: "0%", 10: "0.00%", 14: "m/d/yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
		20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
	}
	for _, id := range [...]int{27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58} {
		formats[id] = "yyyy/m/d"
	}
	for _, id := range [...]int{32, 33, 34, 35, 55, 56} {
		formats[id] = "h:mm:ss"
	}
	return formats
}()

// styleSheet is what is read of the part of styles.
type styleSheet struct {
	Formats []struct {
		ID   int    `xml:"numFmtId,attr"`
		Code string `xml:"formatCode,attr"`
	} `xml:"numFmts>numFmt"`
	Cells []struct {
		Format int `xml:"numFmtId,attr"`
	} `xml:"cellXfs>xf"`
}

// readStyles returns the number formats by the index that cells give.
func (b *workbook) readStyles(part string) ([]numberFormat, error) {
	var sheet styleSheet
	if err := b.decode(part, &sheet); err != nil {
		return nil, err
	}
	codes := map[int]string{}
	for _, f := range sheet.Formats {
		codes[f.ID] = f.Code
	}
	understood := map[int]numberFormat{}
	formats := make([]numberFormat, len(sheet.Cells))
	for i, cell := range sheet.Cells {
		f, ok := understood[cell.Format]
		if !ok {
			code, own := codes[cell.Format]
			if !own {
				code = builtIn[cell.Format]
			}
			f = understandFormat(code)
			understood[cell.Format] = f
		}
		formats[i] = f
	}
	return formats, nil
}

// understandFormat reads the first section of a format's code, which is that of positive numbers.
func understandFormat(code string) numberFormat {
	f := numberFormat{scale: 1}
	const longest = 255 // that spreadsheets accept
	if code == "" || len(code) > longest*4 {
		return f
	}
	parser := nfp.NumberFormatParser()
	sections := parser.Parse(code)
	if len(sections) == 0 {
		return f
	}
	parts := ""
	elapsed, commas := false, 0
	unit := strings.Builder{}
	for _, token := range sections[0].Items {
		switch token.TType {
		case nfp.TokenTypeDateTimes:
			parts += strings.ToLower(token.TValue)
		case nfp.TokenTypeElapsedDateTimes:
			elapsed = true
		case nfp.TokenTypePercent:
			f.scale *= 100
		case nfp.TokenTypeZeroPlaceHolder, nfp.TokenTypeHashPlaceHolder, nfp.TokenTypeDigitalPlaceHolder:
			commas = 0
			unit.Reset()
		case nfp.TokenTypeThousandsSeparator:
			commas++
		case nfp.TokenTypeLiteral:
			unit.WriteString(token.TValue)
		}
	}
	for range commas {
		f.scale /= 1000
	}
	switch f.unit = strings.TrimSpace(unit.String()); {
	case elapsed:
		f.kind = isElapsed
	case parts == "":
		return f
	case strings.ContainsAny(parts, "hs"):
		if f.kind = isClock; strings.ContainsAny(parts, "yd") {
			f.kind = isDateTime
		}
	case strings.Contains(parts, "d"):
		f.kind = isDate
	default:
		f.kind = isMonth
	}
	f.unit, f.scale = "", 1
	return f
}
