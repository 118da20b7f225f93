package shape

import (
	"fmt"
	"testing"
)

func TestWhatTheUserSaysIsChecked(t *testing.T) {
	for in, want := range map[string]DateOrder{"": OrderUnknown, "DMY": DayFirst, "mdy": MonthFirst, "ymd": ShortYearFirst} {
		if got, err := ParseDateOrder(in); err != nil || got != want {
			t.Errorf("%q: %d, %v", in, got, err)
		}
	}
	if _, err := ParseDateOrder("dym"); err == nil {
		t.Error("dym passes")
	}
	for name, c := range map[string]struct {
		options Options
		want    string
	}{
		"nothing":              {Options{}, ""},
		"a column":             {Options{Columns: []Assignment{{"x", "temperature_c"}, {"y", ""}, {"z", "Heure"}}}, ""},
		"a field there is not": {Options{Columns: []Assignment{{"x", "mood"}}}, `"mood" is not a field: use one such as temperature_c, observed_at or station_id`},
		"a unit":               {Options{Units: []Assignment{{"wind_speed_ms", "km/h"}}}, ""},
		"a unit of nothing":    {Options{Units: []Assignment{{"wind", "km/h"}}}, `"wind" is not a measured field: use one such as temperature_c`},
		"a unit there is not":  {Options{Units: []Assignment{{"wind_speed_ms", "°C"}}}, `"°C" is not a unit of wind_speed_ms`},
	} {
		err := c.options.Check()
		if got := fmt.Sprint(err); got != c.want && (err != nil || c.want != "") {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
