package shape

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonScanner reads the JSON that AppendJSON writes, and its like. Each method reads one thing and reports false when
// it is not there: then the position means nothing.
type jsonScanner struct {
	data []byte
	pos  int
}

// peek returns the next byte; 0, which no JSON has, at the end.
func (s *jsonScanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

// accept passes over one byte.
func (s *jsonScanner) accept(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// space passes over white space.
func (s *jsonScanner) space() {
	for c := s.peek(); c == ' ' || c == '\n' || c == '\r' || c == '\t'; c = s.peek() {
		s.pos++
	}
}

// ended reports whether nothing but white space is left.
func (s *jsonScanner) ended() bool {
	s.space()
	return s.pos == len(s.data)
}

// object reads an object; member reads each name and value.
func (s *jsonScanner) object(member func(*jsonScanner) bool) bool {
	s.space()
	return s.list('{', '}', member)
}

// list reads the elements between two brackets.
func (s *jsonScanner) list(from, to byte, element func(*jsonScanner) bool) bool {
	if !s.accept(from) {
		return false
	}
	s.space()
	if s.accept(to) {
		return true
	}
	for element(s) {
		s.space()
		if s.accept(to) {
			return true
		}
		if !s.accept(',') {
			return false
		}
		s.space()
	}
	return false
}

// name reads the name of a member and the colon.
func (s *jsonScanner) name() ([]byte, bool) {
	name, ok := s.text()
	s.space()
	return name, ok && s.accept(':')
}

// text reads a string. Its bytes are the record's own where it has no escapes.
func (s *jsonScanner) text() ([]byte, bool) {
	if !s.accept('"') {
		return nil, false
	}
	length := bytes.IndexByte(s.data[s.pos:], '"')
	if length < 0 {
		return nil, false
	}
	text, ascii := s.data[s.pos:s.pos+length], true
	for _, c := range text {
		if c == '\\' {
			return s.escaped()
		}
		if c < ' ' {
			return nil, false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	s.pos += length + 1
	return text, ascii || utf8.Valid(text)
}

// escaped reads the rest of a string with escapes.
func (s *jsonScanner) escaped() ([]byte, bool) {
	from := s.pos - 1
	for c := s.peek(); c != '"'; c = s.peek() {
		if s.pos++; c == '\\' {
			s.pos++
		}
		if s.pos >= len(s.data) {
			return nil, false
		}
	}
	s.pos++
	text, err := jsontext.AppendUnquote(nil, s.data[from:s.pos])
	return text, err == nil
}

// digits reads digits into a number, which overflows after 19 of them.
func (s *jsonScanner) digits(n *uint64) (count int) {
	from := s.pos
	for c := s.peek(); c >= '0' && c <= '9'; c = s.peek() {
		*n = *n*10 + uint64(c-'0')
		s.pos++
	}
	return s.pos - from
}

// tens are the powers of ten that a float64 holds exactly.
var tens = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// number reads a number. Of one with up to 15 digits and without an exponent, digits and power of ten are exact as float64, and their
// quotient is rounded once: it is what strconv gives.
func (s *jsonScanner) number(into *float64) bool {
	from := s.pos
	negative := s.accept('-')
	var digits uint64
	whole, fraction := s.digits(&digits), 0
	if whole == 0 || whole > 1 && s.data[s.pos-whole] == '0' {
		return false
	}
	if s.accept('.') {
		if fraction = s.digits(&digits); fraction == 0 {
			return false
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' || whole+fraction > 15 {
		return s.parse(from, into)
	}
	x := float64(digits) / tens[fraction]
	if negative && x != 0 { // -0 becomes 0
		x = -x
	}
	*into = x
	return true
}

// parse reads the number that begins at a position, after whose fraction the scanner is.
func (s *jsonScanner) parse(from int, into *float64) bool {
	if s.accept('e') || s.accept('E') {
		if !s.accept('-') {
			s.accept('+')
		}
		var exponent uint64
		if s.digits(&exponent) == 0 {
			return false
		}
	}
	x, err := strconv.ParseFloat(string(s.data[from:s.pos]), 64)
	*into = x + 0 // -0 becomes 0
	return err == nil
}

// whole reads a whole number from 0 up.
func (s *jsonScanner) whole(into *int64) bool {
	var n uint64
	count := s.digits(&n)
	if count == 0 || count > 16 || count > 1 && s.data[s.pos-count] == '0' || n > maxInteger {
		return false
	}
	if c := s.peek(); c == '.' || c == 'e' || c == 'E' {
		return false
	}
	*into = int64(n)
	return true
}

// time reads a time in UTC as AppendTime writes it: "2026-03-01T12:10:00.25Z".
func (s *jsonScanner) time(into *time.Time) bool {
	text, ok := s.text()
	const form = "2006-01-02T15:04:05"
	if !ok || len(text) <= len(form) || text[len(text)-1] != 'Z' {
		return false
	}
	for _, i := range [...]int{4, 7, 10, 13, 16} {
		if text[i] != form[i] {
			return false
		}
	}
	year, month, day := two(text, 0)*100+two(text, 2), two(text, 5), two(text, 8)
	hour, minute, second := two(text, 11), two(text, 14), two(text, 17)
	micros, ok := microseconds(text[len(form) : len(text)-1])
	if !ok || year < 1 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, micros*1000, time.UTC)
	*into = t
	return t.Day() == day && !t.IsZero() // else the month has no such day, or the time means none
}

// two returns the number of two digits; a large negative one when they are not digits.
func two(text []byte, at int) int {
	tens, ones := int(text[at])-'0', int(text[at+1])-'0'
	if tens < 0 || tens > 9 || ones < 0 || ones > 9 {
		return -1 << 20
	}
	return 10*tens + ones
}

// microseconds reads the fraction of a second; what is below is dropped, as meteoTime does.
func microseconds(fraction []byte) (micros int, ok bool) {
	if len(fraction) == 0 {
		return 0, true
	}
	if fraction[0] != '.' || len(fraction) == 1 || len(fraction) > 10 {
		return 0, false
	}
	for i := range 6 {
		digit := 0
		if i+1 < len(fraction) {
			digit = int(fraction[i+1]) - '0'
		}
		if digit < 0 || digit > 9 {
			return 0, false
		}
		micros = 10*micros + digit
	}
	for _, c := range fraction[min(7, len(fraction)):] {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	return micros, true
}
