package forecast

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"sync"

	"senmeteo/jobs/meteo"
)

// shippedJSON is what forecasts start from: rounded coefficients of regressions over 12 stations, and the climatological normals of the 14
// regions. TestTheShippedCoefficients describes how it is made.
//
//go:embed shipped.json
var shippedJSON []byte

// coefficients is the content of shippedJSON.
type coefficients struct {
	Credit    string                                   `json:"credit"`
	Normals   map[string][numElements]course           `json:"normals"` // by region; those of further stations by station
	Sites     []Site                                   `json:"sites"`   // of Scale
	Pooled    [numTargets][MaxLead][]float64           `json:"pooled"`
	Rain      [len(rainPenalties)][]float64            `json:"rain"`
	Scale     [numTargets][MaxLead][][seasonal]float64 `json:"scale"` // by site
	Quantiles [numTargets][MaxLead]Quantiles           `json:"quantiles"`
}

var shipped = sync.OnceValue(func() *coefficients {
	c := &coefficients{}
	if err := json.Unmarshal(shippedJSON, c); err != nil {
		panic(fmt.Sprintf("the shipped coefficients are malformed: %v", err)) // the tests read them
	}
	return c
})

// spread is that of stations of which nothing is known: of each, that of the nearest station of the coefficients.
func (c *coefficients) spread(sites []Site, e element, lead int) *spreadPrior {
	prior := &spreadPrior{scaled: c.Quantiles[e][lead-1]}
	for _, site := range sites {
		best, least := 0, math.Inf(1)
		for i, s := range c.Sites {
			if km := meteo.DistanceKM(site.Latitude, site.Longitude, s.Latitude, s.Longitude); km < least {
				best, least = i, km
			}
		}
		var log course
		copy(log[:], c.Scale[e][lead-1][best][:])
		prior.log = append(prior.log, log)
	}
	return prior
}

// normals is the climatology of a station of which nothing is known.
type normals struct {
	courses [numElements]course
	chances chances
}

// normalsOf are those of a station where the coefficients have it, else those of the region that it is in, or is nearest to.
func normalsOf(site Site) (n normals) {
	courses, ok := shipped().Normals[site.ID]
	if !ok {
		courses = shipped().Normals[regionOf(site)]
	}
	n.courses = courses
	for day := 1; day <= 366; day++ {
		season := anglesOfDay(day)
		n.chances[day] = min(max(n.courses[rain].at(&season), 0), 1)
	}
	return n
}

func regionOf(site Site) string {
	if station, ok := meteo.StationByID(site.ID); ok {
		return station.ID
	}
	best, least := "", math.Inf(1)
	for _, s := range meteo.Stations {
		if km := meteo.DistanceKM(site.Latitude, site.Longitude, s.Latitude, s.Longitude); km < least {
			best, least = s.ID, km
		}
	}
	return best
}
