package shape

import (
	"math"
	"strconv"
	"testing"
	"time"
)

func TestTheFastPathReadsTimesAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]bool{
		"2026-08-01T12:00:00Z": true, "0001-12-31T23:59:59Z": true, "9999-01-01T00:00:00.999999Z": true, "2026-08-01T12:00:00.5Z": true, "2026-08-01T12:00:00.123456789Z": true,
		"2024-02-29T00:00:00Z": true, "2026-02-29T00:00:00Z": false, "2026-00-01T00:00:00Z": false, "2026-13-01T00:00:00Z": false, "2026-01-00T00:00:00Z": false,
		"2026-08-01T24:00:00Z": false, "2026-08-01T12:60:00Z": false, "2026-08-01T12:00:60Z": false, "2026-08-01T12:00:00": false, "2026-08-01T12:00:00.Z": false,
		"2026-08-01T12:00:00.1234567890Z": false, "2026-08-01T12:00:00.12x456Z": false, "2026-08-01T12:00:00.12345678xZ": false, "2026-08-01T12:00:00,5Z": false,
		"2026-08-01 12:00:00Z": false, "2026/08-01T12:00:00Z": false, "0000-08-01T12:00:00Z": false, "0001-01-01T00:00:00Z": false, "20x6-08-01T12:00:00Z": false,
		"2026-08-01T1x:00:00Z": false, "2026-08-01T/0:00:00Z": false, "2026-08-01T:0:00:00Z": false, "2026-08-01T12:00:00.:Z": false, "2026-08-01T12:00:00.1234567:Z": false,
		"2026-08-01T12:00:00.1234567/Z": false, "2026-08-01T12:00:00./Z": false, "2026-08-01T12:00:00.909090909Z": true, "2026-08-01T0/:00:00Z": false, "2026-08-01T0::00:00Z": false,
	} {
		s := jsonScanner{data: []byte(strconv.Quote(text))}
		var got time.Time
		if ok := s.time(&got); ok != want {
			t.Errorf("%s: %v", text, ok)
		} else if ok {
			at, err := time.Parse(time.RFC3339Nano, text)
			if err != nil || !got.Equal(at.Truncate(time.Microsecond)) {
				t.Errorf("%s: got %s, want %s (%v)", text, got, at, err)
			}
		}
	}
}

func TestTheFastPathReadsNumbersAsStrconvDoes(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "-0": true, "27.1": true, "-27.123456789": true, "123456789012345": true, "1234567890123456": true, "0.123456789012345": true, "1e3": true, "1E-3": true, "1.5e+3": true,
		"12345678901234.5": true, "1e": false, "1e+": false, "01": false, "1.": false, ".5": false, "-": false, "1e999": false, "-0.0": true, "-0e1": true, "9007199254740993": true,
	} {
		s := jsonScanner{data: []byte(text)}
		var got float64
		if ok := s.number(&got) && s.pos == len(text); ok != want {
			t.Errorf("%s: %v", text, ok)
		} else if x, err := strconv.ParseFloat(text, 64); ok && (err != nil || got != x || got == 0 && math.Signbit(got)) {
			t.Errorf("%s: got %v, want %v", text, got, x)
		}
	}
	for text, want := range map[string]int64{"0": 0, "7": 7, "9007199254740991": maxInteger, "9007199254740992": -1, "01": -1, "-1": -1, "1.0": -1, "1e3": -1, "1E3": -1, "": -1, "00000000000000001": -1} {
		s := jsonScanner{data: []byte(text)}
		got := int64(-1)
		if !s.whole(&got) {
			got = -1
		}
		if got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
	}
}

func TestTheFastPathReadsTextsAsTheyAreWritten(t *testing.T) {
	for in, want := range map[string]string{
		`"a"`: "a", `""`: "", `"Thiès"`: "Thiès", `"a\"b"`: `a"b`, `"a\\"`: `a\`, `"\u00e8"`: "è", `"a b"`: "a b", "\"\x7f\"": "\x7f",
		`"a`: "none", `a"`: "none", `"a\"`: "none", `"a\`: "none", `"\x"`: "none", "\"\x1f\"": "none", "\"\xff\"": "none", "": "none", "\"\x80\"": "none",
	} {
		s := jsonScanner{data: []byte(in)}
		text, ok := s.text()
		got := string(text)
		if !ok {
			got = "none"
		}
		if got != want || ok && s.pos != len(in) {
			t.Errorf("%q: got %q, at %d", in, got, s.pos)
		}
	}
}
