package web

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"senmeteo/jobs/meteo"
)

// The map's frame in degrees and its size: an equirectangular projection that is true to scale at the
// middle latitude. West of the coast there is room for the labels of the small regions.
const (
	mapWest, mapEast   = -17.98, -11.22
	mapSouth, mapNorth = 12.18, 16.80
	mapWidth           = 800.0
	mapStep            = 0.5 // coordinates are multiples of this, so borders that regions share stay shared
)

var (
	mapScale  = mapWidth / ((mapEast - mapWest) * math.Cos((mapSouth+mapNorth)/2*math.Pi/180)) // per degree of latitude
	mapHeight = math.Round((mapNorth - mapSouth) * mapScale)
)

// place is a point on the map.
type place struct{ X, Y float64 }

// project returns the point on the map of a place in degrees.
func project(longitude, latitude float64) place {
	return place{
		X: (longitude - mapWest) / (mapEast - mapWest) * mapWidth,
		Y: (mapNorth - latitude) * mapScale,
	}
}

// snap rounds to the grid on which borders are drawn.
func snap(p place) place {
	return place{math.Round(p.X/mapStep) * mapStep, math.Round(p.Y/mapStep) * mapStep}
}

// shape is a region as it is drawn.
type shape struct {
	Station meteo.Station
	Path    string    // d of an SVG path
	Rings   [][]place // the same, for geometry
	Label   label
}

// label is the place of a region's name and value: the middle of the text.
type label struct {
	At     place
	Leader *place // where a line from the label ends, for a label outside of its region
}

// labels are the places of the names, in degrees: set by hand, clear of each other and of the borders where there is
// room. Dakar has none; its label is in the ocean.
var labels = map[string]struct {
	longitude, latitude float64
	outside             bool
}{
	"SN-DK": {-17.58, 15.03, true},
	"SN-TH": {-16.91, 14.87, false},
	"SN-DB": {-16.03, 14.78, false},
	"SN-FK": {-16.54, 14.31, false},
	"SN-KL": {-15.93, 13.84, false},
	"SN-KA": {-15.26, 14.24, false},
	"SN-LG": {-15.72, 15.42, false},
	"SN-SL": {-14.95, 16.28, false},
	"SN-MT": {-13.70, 15.25, false},
	"SN-TC": {-13.50, 14.05, false},
	"SN-KE": {-12.33, 12.90, false},
	"SN-KD": {-14.55, 13.02, false},
	"SN-SE": {-15.57, 12.97, false},
	"SN-ZG": {-16.42, 12.87, false},
}

// neighbours are the places of the names in texts.Neighbours, in degrees.
var neighbours = [...]struct {
	longitude, latitude float64
	class               string
}{
	{-17.42, 13.35, "ocean"},
	{-16.05, 13.45, ""},
	{-12.55, 16.45, ""},
	{-11.65, 14.40, ""},
	{-13.30, 12.28, ""},
	{-15.05, 12.32, ""},
}

// drawRegions reads the regions of a GeoJSON and draws them, from north-west to south-east as people read.
func drawRegions(geojson []byte) ([]shape, error) {
	var collection struct {
		Features []struct {
			ID       string `json:"id"`
			Geometry struct {
				Type        string           `json:"type"`
				Coordinates [][][][2]float64 `json:"coordinates"`
			} `json:"geometry"`
		} `json:"features"`
	}
	if err := json.Unmarshal(geojson, &collection); err != nil {
		return nil, fmt.Errorf("reading the regions: %w", err)
	}
	byID := map[string]shape{}
	for _, f := range collection.Features {
		station, ok := meteo.StationByID(f.ID)
		at, labelled := labels[f.ID]
		if !ok || !labelled || f.Geometry.Type != "MultiPolygon" {
			return nil, fmt.Errorf("reading the regions: %q is not a region of Senegal drawn as a MultiPolygon", f.ID)
		}
		s := shape{Station: station, Label: label{At: snap(project(at.longitude, at.latitude))}}
		if at.outside {
			end := snap(project(station.Longitude, station.Latitude))
			s.Label.Leader = &end
		}
		for _, polygon := range f.Geometry.Coordinates {
			for _, ring := range polygon {
				s.Rings = append(s.Rings, drawRing(ring))
			}
		}
		s.Path = pathOf(s.Rings)
		byID[f.ID] = s
	}
	var shapes []shape
	for _, station := range meteo.Stations {
		s, ok := byID[station.ID]
		if !ok {
			return nil, fmt.Errorf("reading the regions: %s is missing", station.ID)
		}
		shapes = append(shapes, s)
	}
	return shapes, nil
}

// drawRing projects a ring onto the grid and drops the points that fall together or lie on a straight
// line. Which point is dropped depends on its neighbours only, so a shared border stays one line.
func drawRing(ring [][2]float64) []place {
	var out []place
	for _, c := range ring {
		p := snap(project(c[0], c[1]))
		if n := len(out); n > 0 && out[n-1] == p {
			continue
		}
		if n := len(out); n > 1 && (out[n-1].X-out[n-2].X)*(p.Y-out[n-1].Y) == (out[n-1].Y-out[n-2].Y)*(p.X-out[n-1].X) {
			out[n-1] = p
			continue
		}
		out = append(out, p)
	}
	if n := len(out); n > 1 && out[n-1] == out[0] { // GeoJSON repeats the first point, SVG does not
		out = out[:n-1]
	}
	return out
}

// pathOf writes rings as an SVG path with relative steps, which are short.
func pathOf(rings [][]place) string {
	var b strings.Builder
	write := func(x float64) { b.WriteString(strconv.FormatFloat(x, 'f', -1, 64)) }
	for _, ring := range rings {
		for i, p := range ring {
			command, from := " ", place{}
			switch i {
			case 0:
				command = "M"
			case 1:
				command, from = "l", ring[0]
			default:
				from = ring[i-1]
			}
			b.WriteString(command)
			write(p.X - from.X)
			b.WriteByte(' ')
			write(p.Y - from.Y)
		}
		b.WriteByte('z')
	}
	return b.String()
}
