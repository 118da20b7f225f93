package xlsx

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"
)

// Bounds of the texts that cells share.
const (
	maxTexts     = 1 << 24  // how many
	textsInSight = 16 << 20 // bytes of them in memory; all others are in a temporary file
)

// texts are those that cells share, by their number. The first are in memory, all others in a file.
type texts struct {
	near []byte
	ends []int64 // of each text, from the start of the first
	far  *os.File
}

// text returns a text by its number.
func (t *texts) text(number string) (string, error) {
	i, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil || i < 0 || i >= len(t.ends) {
		return "", fmt.Errorf("the workbook is damaged: it has no text %.20q", number)
	}
	start, end := int64(0), t.ends[i]
	if i > 0 {
		start = t.ends[i-1]
	}
	near := int64(len(t.near))
	if end <= near {
		return string(t.near[start:end]), nil
	}
	text := make([]byte, end-start) // texts that are not in memory begin after those that are
	if _, err := t.far.ReadAt(text, start-near); err != nil {
		return "", fmt.Errorf("reading a text of the workbook: %w", err)
	}
	return string(text), nil
}

// Close removes the file.
func (t *texts) Close() error {
	if t == nil || t.far == nil {
		return nil
	}
	err := errors.Join(t.far.Close(), os.Remove(t.far.Name()))
	t.far = nil
	return err
}

// readTexts reads the part of shared texts.
func (b *workbook) readTexts(name string) (t *texts, err error) {
	t = &texts{}
	part, ok := b.parts[name]
	if !ok {
		return t, nil
	}
	in, err := part.Open()
	if err != nil {
		return t, damaged(part.Name, err)
	}
	var aside *bufio.Writer
	defer func() {
		if aside != nil {
			err = errors.Join(err, aside.Flush())
		}
		if err = errors.Join(err, in.Close()); err != nil {
			err = errors.Join(err, t.Close())
		}
	}()
	parser := newParser(in)
	for total := int64(0); ; {
		text, err := parser.nextText()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return t, damaged(part.Name, err)
		}
		if len(t.ends) == maxTexts {
			return t, fmt.Errorf("the workbook has more than %d different texts: save the table as .csv", maxTexts)
		}
		total += int64(len(text))
		t.ends = append(t.ends, total)
		if t.far == nil && len(t.near)+len(text) <= textsInSight {
			t.near = append(t.near, text...)
			continue
		}
		if t.far == nil {
			if t.far, err = os.CreateTemp("", "senmeteo-*"); err != nil {
				return t, fmt.Errorf("putting texts aside: %w", err)
			}
			aside = bufio.NewWriterSize(t.far, 256<<10)
		}
		if _, err := aside.WriteString(text); err != nil {
			return t, fmt.Errorf("putting texts aside: %w", err)
		}
	}
}

// parser reads the XML of sheets and texts piece by piece.
type parser struct {
	tokens *xml.Decoder
	in     io.Reader // below tokens
	depth  int
	text   []byte
}

func newParser(in io.Reader) *parser {
	p := &parser{tokens: xml.NewDecoder(&bounded{in: in}), in: in}
	p.tokens.CharsetReader = charset.NewReaderLabel
	return p
}

// token returns the next token and holds the depth of elements to its bound. It is good until the next call.
func (p *parser) token() (xml.Token, error) {
	token, err := p.tokens.Token()
	switch token.(type) {
	case xml.StartElement:
		if p.depth++; p.depth > maxDepth {
			return nil, fmt.Errorf("its elements are nested more than %d deep", maxDepth)
		}
	case xml.EndElement:
		p.depth--
	}
	return token, err
}

// nextText returns the next shared text.
func (p *parser) nextText() (string, error) {
	for {
		token, err := p.token()
		if err != nil {
			return "", err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "si" {
			return p.runs()
		}
	}
}

// runs returns the text of the element that was begun: of all its runs, but not how they are pronounced.
func (p *parser) runs() (string, error) {
	p.text = p.text[:0]
	inText, spoken := false, 0
	for level := 1; level > 0; {
		token, err := p.token()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			level++
			inText = token.Name.Local == "t"
			if token.Name.Local == "rPh" {
				spoken++
			}
		case xml.EndElement:
			level--
			inText = false
			if token.Name.Local == "rPh" {
				spoken--
			}
		case xml.CharData:
			if inText && spoken == 0 {
				p.text = append(p.text, token...)
			}
		}
	}
	return unescape(string(p.text)), nil
}

// unescape reads the characters that XML can't hold: _x000D_ (ECMA-376 part 1, 22.9.2.19).
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if i+7 <= len(s) && s[i] == '_' && s[i+1] == 'x' && s[i+6] == '_' {
			if code, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil {
				b.WriteRune(rune(code))
				i += 6
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
