package export

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// StationList is what WIS2 knows of stations, by our id.
type StationList map[string]Listed

// Listed is a station of the list. Texts are as they are written.
type Listed struct {
	WIGOS                   [4]string // the parts of the identifier: 0, 20000, 0, 61641
	Block, Number           string    // of the five digits of the WMO; "" where it has none
	Latitude, Longitude     string    // degrees
	Height, BarometerHeight string    // metres above mean sea level; the barometer's may be ""
}

// OpenStationList reads the station list that a file holds; nil without a path.
func OpenStationList(path string) (StationList, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, flow.Fail(flow.Usage, "reading --station-list: %w", err)
	}
	list, err := ReadStationList(file)
	return list, errors.Join(err, file.Close())
}

// ReadStationList reads a station_list.csv of wis2box, with its columns in any order: wigos_station_identifier, latitude, longitude, elevation,
// and where they are there barometer_height and traditional_station_identifier. The latter, five digits of the WMO, names one of the
// main stations; a column station_id names any of ours. Lines of other stations are ignored.
func ReadStationList(in io.Reader) (StationList, error) {
	reader := csv.NewReader(in)
	reader.TrimLeadingSpace = true
	lines, err := reader.ReadAll()
	if err != nil {
		return nil, flow.Fail(flow.Usage, "--station-list is not CSV: %w", err)
	}
	list := StationList{}
	for n, line := range lines {
		if n == 0 {
			continue
		}
		cell := func(name string) string {
			for i, column := range lines[0] {
				if strings.TrimPrefix(strings.TrimSpace(column), "\ufeff") == name {
					return strings.TrimSpace(line[i])
				}
			}
			return ""
		}
		id, listed, err := readListed(cell)
		if err != nil {
			return nil, flow.Fail(flow.Usage, "--station-list, line %d: %w", n+1, err)
		}
		if id != "" {
			list[id] = listed
		}
	}
	if len(list) == 0 {
		return nil, flow.Fail(flow.Usage, "--station-list names none of our stations: it needs a column traditional_station_identifier with five digits, or station_id with ids like SN-DK")
	}
	return list, nil
}

// readListed reads one line; "" is the id of a station that is not ours.
func readListed(cell func(string) string) (string, Listed, error) {
	wmo := cell("traditional_station_identifier")
	id := cell("station_id")
	if id == "" {
		id = idOf(wmo)
	}
	l := Listed{Latitude: cell("latitude"), Longitude: cell("longitude"), Height: cell("elevation"), BarometerHeight: cell("barometer_height")}
	if id == "" {
		return "", l, nil
	}
	parts := strings.Split(cell("wigos_station_identifier"), "-")
	if len(parts) != 4 || parts[0] != "0" || !digits(parts[1]) || !digits(parts[2]) || parts[3] == "" || len(parts[3]) > 16 {
		return "", l, flow.Fail(flow.Usage, "wigos_station_identifier is %q: it is like 0-20000-0-61641", strings.Join(parts, "-"))
	}
	l.WIGOS = [4]string(parts)
	for name, text := range map[string]string{"latitude": l.Latitude, "longitude": l.Longitude, "elevation": l.Height} {
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			return "", l, flow.Fail(flow.Usage, "%s is %q: it is a number", name, text)
		}
	}
	if _, err := strconv.ParseFloat(l.BarometerHeight, 64); l.BarometerHeight != "" && err != nil {
		return "", l, flow.Fail(flow.Usage, "barometer_height is %q: it is a number, or empty", l.BarometerHeight)
	}
	if len(wmo) == 5 && digits(wmo) {
		l.Block, l.Number = wmo[:2], wmo[2:]
	}
	return id, l, nil
}

// idOf finds the main station with a number of the WMO.
func idOf(wmo string) string {
	for i := range meteo.Stations {
		if s := &meteo.Stations[i]; wmo != "" && s.WMO == wmo {
			return s.ID
		}
	}
	return ""
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// identity are the columns that both templates begin with.
var identity = []string{"wsi_series", "wsi_issuer", "wsi_issue_number", "wsi_local", "wmo_block_number", "wmo_station_number", "latitude", "longitude", "station_height_above_msl"}

func (l *Listed) identity() []string {
	return append(append([]string{}, l.WIGOS[:]...), l.Block, l.Number, l.Latitude, l.Longitude, l.Height)
}
