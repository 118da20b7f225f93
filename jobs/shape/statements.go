package shape

import (
	"regexp"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// statements reads what the rows above the names say of the whole table: a name and its value, or a row of names and a row of values below it.
func (h *Header) statements(rows [][]string) {
	for i, row := range rows {
		cells := present(row)
		switch {
		case len(cells) == 1:
			key, value, found := strings.Cut(cells[0], ":")
			if found {
				h.state(strings.TrimLeft(key, "# "), value)
			}
		case len(cells) == 2 && !h.names(row):
			h.state(strings.TrimRight(strings.TrimLeft(cells[0], "# "), ": "), cells[1])
		case i+1 < len(rows) && h.names(row):
			h.stateAll(row, rows[i+1:])
		}
	}
}

// powerPlace is how NASA POWER states the place of a file: "Location: latitude  14.69   longitude -17.44".
var powerPlace = regexp.MustCompile(`(?i)^latitude\s+(-?[0-9.]+)\s+longitude\s+(-?[0-9.]+)\b`)

// solarZone is the zone of times that are in the local solar time of their place, as those of NASA POWER are unless UTC was asked for.
var solarZone = time.FixedZone("LST", 0)

// At notes the place that the name of the file's part with the table, such as a sheet, states, unless the table says another one.
func (h *Header) At(part string) { h.state("station", part) }

func present(row []string) []string {
	var cells []string
	for _, cell := range row {
		if cell = strings.TrimSpace(cell); cell != "" {
			cells = append(cells, cell)
		}
	}
	return cells
}

// names reports whether a row above the names of the table holds names of its own.
func (h *Header) names(row []string) bool {
	r := judgeNames(row, nil)
	return r.known >= 2 && !r.measured
}

// stateAll reads a row of names and the row of values below it.
func (h *Header) stateAll(names []string, below [][]string) {
	values := below[0]
	for i, name := range names {
		if i < len(values) {
			h.state(name, values[i])
		}
	}
}

// state notes one statement about the whole table: its place, or the offset of its local time. Others are left aside, and so is what a column says itself.
func (h *Header) state(name, value string) {
	value = strings.TrimSpace(value)
	if m := powerPlace.FindStringSubmatch(value); m != nil {
		h.state("latitude", m[1])
		h.state("longitude", m[2])
		return
	}
	if strings.HasPrefix(name, "Dates (") && strings.HasSuffix(value, " in LST") {
		for i := range h.Headings {
			h.Headings[i].Zone = solarZone
		}
		return
	}
	if name = strings.TrimSpace(name); name == "utc_offset_seconds" {
		if seconds, ok := ParseNumber(value); ok && seconds > -86400 && seconds < 86400 {
			for i := range h.Headings {
				h.Headings[i].Zone = time.FixedZone("", int(seconds))
			}
		}
		return
	}
	field := ""
	switch understand(name).meaning {
	case stationID, placeName:
		if _, ok := meteo.FindStation(value); ok {
			field = "region"
		}
	case latitude:
		field = "latitude"
	case longitude:
		field = "longitude"
	case elevation:
		field = "elevation_m"
	}
	if field == "" || h.says(field) {
		return
	}
	if _, ok := ParseNumber(value); ok == (field != "region") {
		h.Fixed = append(h.Fixed, Field{Name: field, Value: value})
	}
}

// says reports whether the table has a column, or a statement, of what a field holds.
func (h *Header) says(field string) bool {
	m := understand(field).meaning
	for _, f := range h.Fixed {
		if f.Name == field {
			return true
		}
	}
	for i := range h.Headings {
		if has := understandHeading(h.Headings[i].Name).meaning; has == m || m == placeName && has == stationID {
			return true
		}
	}
	return false
}
