package shape

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// offset returns how far a zone is from UTC in summer.
func offset(zone *time.Location, ok bool) string {
	if !ok || zone == nil {
		return "none"
	}
	if zone == sharedZone {
		return "shared"
	}
	return time.Date(2026, 8, 1, 12, 0, 0, 0, zone).Format("-07:00")
}

func TestZonesAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"Z": "+00:00", "UTC": "+00:00", "(GMT)": "+00:00", "[WAT]": "+01:00", "cest": "+02:00", "JST": "+09:00", "UTC+1": "+01:00", "GMT -02:30": "-02:30",
		"+01:00": "+01:00", "+0100": "+01:00", "-1": "-01:00", "+1h": "+01:00", "+14": "+14:00", "+14:00": "+14:00", "+1400": "+14:00", "-14:00": "-14:00",
		"+14:01": "none", "+15": "none", "+1:5": "none", "+01:60": "none", "+01:59": "+01:59", "+01:00:00": "none", "+123": "none", "+": "none", "+12345": "none",
		"\u22121": "-01:00", "+ 1": "+01:00", "UTC+0": "+00:00", "": "none", "()": "none", "1": "none", "EST": "none", "CET+1": "none", "Mars": "none", "Zx": "none",
		"Africa/Dakar": "+00:00", "Europe/Paris": "+02:00", "Etc/GMT+1": "-01:00", "Europe/Atlantis": "none", "Mars/Base": "none", "../etc/passwd": "none",
		"America/Argentina/ComodRivadavia": "-03:00", "Europe/" + strings.Repeat("x", 34): "none",
	} {
		if got := offset(ParseZone(text)); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestAFieldStatesAZoneByANumberToo(t *testing.T) {
	d := NewDecoder()
	for _, c := range []struct {
		name string
		in   any
		want string
	}{
		{"tz", 1.0, "+01:00"},
		{"tz", 14.0, "+14:00"},
		{"tz", 14.5, "none"},
		{"tz", -14.0, "-14:00"},
		{"tz", 0.0, "+00:00"},
		{"tz", 0.5, "none"},
		{"tz", 5.5, "+05:30"},
		{"tz", 5.6, "none"},
		{"tz", -9.5, "-09:30"},
		{"tz", 15.0, "none"},
		{"tz", 45.0, "none"},
		{"tz", 60.0, "+01:00"},
		{"tz", -60.0, "-01:00"},
		{"tz", 100.0, "+01:00"},
		{"tz", -100.0, "-01:00"},
		{"tz", 120.0, "+02:00"},
		{"tz", 200.0, "+02:00"},
		{"tz", 300.0, "none"},
		{"tz", 330.0, "none"},
		{"tz", 360.0, "+06:00"},
		{"tz", 400.0, "+04:00"},
		{"tz", 530.0, "+05:30"},
		{"tz", -530.0, "-05:30"},
		{"tz", 540.0, "+09:00"},
		{"tz", 559.0, "none"},
		{"tz", 600.0, "none"},
		{"tz", 840.0, "+14:00"},
		{"tz", 841.0, "none"},
		{"tz", 900.0, "+09:00"},
		{"tz", 1000.0, "+10:00"},
		{"tz", 1400.0, "+14:00"},
		{"tz", 1415.0, "none"},
		{"tz", 1800.0, "none"},
		{"tz", 3600.0, "+01:00"},
		{"tz", 4500.0, "+01:15"},
		{"tz", 7200.0, "+02:00"},
		{"tz", 50400.0, "+14:00"},
		{"tz", -50400.0, "-14:00"},
		{"tz", 51300.0, "none"},
		{"tz", 7200.5, "none"},
		{"utc_offset_hours", 2.0, "+02:00"},
		{"utc_offset_hours", 0.5, "+00:30"},
		{"utc_offset_hours", 15.0, "none"},
		{"UTC offset minutes", 330.0, "+05:30"},
		{"UTC offset minutes", 840.0, "+14:00"},
		{"UTC offset minutes", 841.0, "none"},
		{"utc_offset_seconds", 300.0, "+00:05"},
		{"utc_offset_seconds", -50400.0, "-14:00"},
		{"utc_offset_seconds", -50401.0, "none"},
		{"utc_offset_seconds", 0.5, "none"},
		{"utc_offset_s", 900.0, "+00:15"},
		{"tz", "2", "+02:00"},
		{"tz", "+0100", "+01:00"},
		{"tz", "-0100", "-01:00"},
		{"tz", "0100", "+01:00"},
		{"tz", " 0330 ", "+03:30"},
		{"tz", "100", "+01:00"},
		{"tz", "+3600", "none"},
		{"tz", "3600", "+01:00"},
		{"tz", "+3600.0", "+01:00"},
		{"tz", "-5", "-05:00"},
		{"tz", "Europe/Paris", "+02:00"},
		{"tz", "Europe/Paris", "+02:00"},
		{"tz", "EST", "none"},
		{"tz", "EST", "none"},
		{"tz", true, "none"},
		{"tz", nil, "none"},
	} {
		if got := offset(d.zoneOf(c.name, c.in)); got != c.want {
			t.Errorf("%s %v: got %s, want %s", c.name, c.in, got, c.want)
		}
	}
	for i := range maxNames + 5 {
		d.zoneOf("tz", fmt.Sprint("zone ", i))
	}
	if len(d.zones) != maxNames {
		t.Errorf("%d zones are kept in mind", len(d.zones))
	}
	other := NewDecoder()
	if other.zoneOf("tz", strings.Repeat("x", 65)); len(other.zones) != 0 {
		t.Error("a text of 65 bytes is kept in mind")
	}
	if other.zoneOf("tz", strings.Repeat("x", 64)); len(other.zones) != 1 {
		t.Error("a text of 64 bytes is not kept in mind")
	}
}

func TestAHeadingStatesTheZoneOfItsTimes(t *testing.T) {
	for heading, want := range map[string]string{
		"Time (UTC+1)": "Time  +01:00", "Time [Europe/Paris]": "Time  +02:00", "time_utc": "time +00:00", "Heure (TU)": "Heure  +00:00", "UTC_Time": "Time +00:00",
		"Time UTC +1": "Time +01:00", "GMT Date": "Date +00:00", "Time (EST)": "Time  shared", "Time EST": "Time shared", "time_local": "none", "Time (local)": "none",
		"Time": "none", "UTC": "none", "Time (Z)": "none", "Time ()": "none", "Time (": "none", "Time )UTC(": "Time +00:00", "Time (UTC) of day": "Time  of day +00:00",
		"Date Time, GMT+01:00": "Date Time +01:00", "Date Time: UTC": "Date Time +00:00", "Time (1)": "none", "Time (+1)": "Time  +01:00", "UTC time of day": "time of day +00:00",
		"(UTC) Time": " Time +00:00", "UTC +1": "UTC +01:00",
	} {
		bare, zone := statedZone(heading)
		got := "none"
		if zone != nil {
			got = bare + " " + offset(zone, true)
		} else if bare != heading {
			t.Errorf("%q has become %q", heading, bare)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", heading, got, want)
		}
	}
}

func TestDaysInLocalSolarTimeAreReadAndHoursAreRefused(t *testing.T) {
	h := Heading{Name: "Date", Zone: solarZone}
	for name, c := range map[string]struct {
		meaning meaning
		cell    string
		refused bool
	}{
		"a day":  {date, "2026-08-01", false},
		"a time": {instant, "2026-08-01 06:00", true},
		"a hour": {clock, "6", true},
	} {
		_, err := judgeTimes(h, &column{meaning: c.meaning}, []any{c.cell}, evidence{}, &Options{})
		if refused := err != nil; refused != c.refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}
