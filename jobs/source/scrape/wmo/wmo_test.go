package wmo

import (
	"math"
	"testing"
	"time"
)

func TestRelativeHumidityIsThatOfTheTables(t *testing.T) {
	for _, c := range []struct{ temperature, dewPoint, want float64 }{
		{20, 20, 100}, {20, 9.3, 50}, {30, 10.5, 30}, {0, -10, 47}, {35, -5, 8}, {-5, -5, 100},
	} {
		if got := RelativeHumidity(c.temperature, c.dewPoint); math.Abs(got-c.want) > 1 {
			t.Errorf("%g with %g: got %g, want %g", c.temperature, c.dewPoint, got, c.want)
		}
	}
	for _, c := range [][2]float64{{20, 21}, {math.NaN(), 1}, {1, math.NaN()}} {
		if got := RelativeHumidity(c[0], c[1]); !math.IsNaN(got) {
			t.Errorf("%g with %g: got %g, want none", c[0], c[1], got)
		}
	}
}

func TestADayOfTheMonthIsTheNearestOne(t *testing.T) {
	for _, c := range []struct {
		near              string
		day, hour, minute int
		want              string
	}{
		{"2026-11-23T07:00:00Z", 23, 6, 0, "2026-11-23T06:00:00Z"},
		{"2026-12-01T00:10:00Z", 30, 23, 30, "2026-11-30T23:30:00Z"},
		{"2026-11-30T23:50:00Z", 1, 0, 0, "2026-12-01T00:00:00Z"},
		{"2027-01-01T00:10:00Z", 31, 23, 0, "2026-12-31T23:00:00Z"},
		{"2026-03-01T01:00:00Z", 31, 0, 0, "2026-03-31T00:00:00Z"},
		{"2026-03-01T01:00:00Z", 30, 0, 0, "2026-03-30T00:00:00Z"},
		{"2028-02-20T00:00:00Z", 29, 0, 0, "2028-02-29T00:00:00Z"},
		{"2026-11-23T07:00:00Z", 0, 6, 0, ""},
		{"2026-11-23T07:00:00Z", 32, 6, 0, ""},
		{"2026-11-23T07:00:00Z", 23, 24, 0, ""},
		{"2026-11-23T07:00:00Z", 23, 6, 60, ""},
	} {
		near, err := time.Parse(time.RFC3339, c.near)
		if err != nil {
			t.Fatal(err)
		}
		at, ok := Near(near, c.day, c.hour, c.minute)
		got := ""
		if ok {
			got = at.Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("day %d %02d:%02d near %s is %s, want %s", c.day, c.hour, c.minute, c.near, got, c.want)
		}
	}
}
