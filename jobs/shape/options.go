package shape

import (
	"fmt"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// Options are what the user says about the tables of a file. What is said wins over what the data say, and that over what
// is concluded from them.
type Options struct {
	Defaults
	DateOrder DateOrder
	Decimal   byte           // '.' or ',': the decimal sign of every number; 0: as the column shows
	Zone      *time.Location // of times that name none; nil: UTC
	Units     []Assignment   // field=unit: the unit of a field's values
	Columns   []Assignment   // column=field: what a column holds; no field: nothing
}

// Assignment is one NAME=VALUE of the user.
type Assignment struct{ Name, Value string }

// DateOrder is the order of day, month and year in dates of figures.
type DateOrder int

// The orders. Dates that begin with four digits are year, month, day in each.
const (
	OrderUnknown   DateOrder = iota
	DayFirst                 // dmy
	MonthFirst               // mdy
	ShortYearFirst           // ymd, with two digits for the year
)

// ParseDateOrder reads "dmy", "mdy", "ymd" or "".
func ParseDateOrder(s string) (DateOrder, error) {
	switch strings.ToLower(s) {
	case "":
		return OrderUnknown, nil
	case "dmy":
		return DayFirst, nil
	case "mdy":
		return MonthFirst, nil
	case "ymd":
		return ShortYearFirst, nil
	}
	return OrderUnknown, fmt.Errorf("%q is not an order of dates: use dmy, mdy or ymd", s)
}

// Check returns an error for a unit, or a field, that there is not.
func (o *Options) Check() error {
	for _, c := range o.Columns {
		if c.Value != "" && understand(c.Value).meaning == nothing {
			return fmt.Errorf("%q is not a field: use one such as temperature_c, observed_at or station_id", c.Value)
		}
	}
	for _, u := range o.Units {
		v, ok := meteo.VariableByName(u.Name)
		if !ok {
			return fmt.Errorf("%q is not a measured field: use one such as temperature_c", u.Name)
		}
		if _, ok := converter(meaning(v), u.Value); !ok {
			return fmt.Errorf("%q is not a unit of %s", u.Value, u.Name)
		}
	}
	return nil
}

// field returns the field that the user has assigned to a column.
func (o *Options) field(column string) (string, bool) {
	for _, c := range o.Columns {
		if strings.EqualFold(strings.TrimSpace(c.Name), strings.TrimSpace(column)) {
			return c.Value, true
		}
	}
	return "", false
}

// unit returns the unit that the user has assigned to a variable.
func (o *Options) unit(m meaning) (string, bool) {
	for _, u := range o.Units {
		if v, ok := meteo.VariableByName(u.Name); ok && meaning(v) == m {
			return u.Value, true
		}
	}
	return "", false
}
