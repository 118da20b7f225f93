package generate

import (
	"math"
	"time"

	"senmeteo/jobs/meteo"
)

const degree = math.Pi / 180

// warmest is the hour UTC of the highest temperature of a day, about two hours after noon.
const warmest = 15.0

// yearAngle is the angle of a date in the year, 0 at its begin, in radians.
func yearAngle(date time.Time) float64 { return 2 * math.Pi * (float64(date.YearDay()) - 0.5) / 365.25 }

// sunrise is the hour UTC of sunrise at a region's station, from the sun's declination and the
// equation of time in the first terms of Spencer's series (1971): good to a few minutes.
func sunrise(r int, date time.Time) float64 {
	s, a := &meteo.Stations[r], yearAngle(date)
	declination := 0.006918 - 0.399912*math.Cos(a) + 0.070257*math.Sin(a) - 0.006758*math.Cos(2*a) + 0.000907*math.Sin(2*a)
	equation := 229.18 / 60 * (0.000075 + 0.001868*math.Cos(a) - 0.032077*math.Sin(a) - 0.014615*math.Cos(2*a) - 0.040849*math.Sin(2*a))
	noon := 12 - s.Longitude/15 - equation
	return noon - math.Acos(-math.Tan(s.Latitude*degree)*math.Tan(declination))/(15*degree)
}

// seaLevel is the mean pressure at sea level of a date in hPa: high in the trade wind season,
// low in the heat of April and May and in the monsoon.
func seaLevel(date time.Time) float64 {
	a := yearAngle(date)
	return 1012.0 + 1.3*math.Cos(a-0.3) + 0.5*math.Cos(2*a)
}

// tide is the departure of the pressure from its daily mean at an hour UTC in hPa: the
// semidiurnal tide of the tropics with highs near 10 and 22 h, and a weaker daily wave.
func tide(hour float64) float64 {
	return 1.1*math.Cos(2*math.Pi*(hour-10)/12) + 0.3*math.Cos(2*math.Pi*(hour-8)/24)
}

// clearAir is the horizontal visibility in clear air as stations report it at most, m.
const clearAir = 10000.0

// dusty is the chance of a day with harmattan dust, by month.
var dusty = monthly{0.12, 0.15, 0.15, 0.06, 0, 0, 0, 0, 0, 0, 0.03, 0.08}

// visibility is that of a day without rain in m: 1 to 5 km on dust days.
func visibility(month int, z float64) float64 {
	rarity := normalCDF(-z) / max(dusty[month], 1e-9) // uniform in (0, 1) on dust days
	if rarity >= 1 {
		return clearAir
	}
	return 1000 + 4000*rarity
}

// monsoon is how much of the wind is that of the monsoon, by month.
var monsoon = monthly{0, 0, 0, 0.05, 0.3, 0.75, 1, 1, 0.9, 0.4, 0.05, 0}

// The directions that the wind comes from, degrees: over the coast the trades of November to May
// come from NNW, inland the harmattan from ENE; the monsoon comes from W and from SW. Squalls
// come from E.
const (
	tradeFrom, harmattanFrom              = 345.0, 62.0
	coastalMonsoonFrom, inlandMonsoonFrom = 270.0, 232.0
	squallFrom                            = 95.0
	directionSpread                       = 22.0 // standard deviation from day to day
)

// coastal reports whether a region's wind is that of the coast: its station lies west of 16°W or
// nearly so.
func coastal(r int) bool { return meteo.Stations[r].Longitude < -16.2 }

// setDirection sets the wind's direction of origin; z is its anomaly. Dust comes with the
// harmattan at the coast too.
func (d *regionDay) setDirection(r, month int, x, z float64) {
	dry, humid := harmattanFrom, inlandMonsoonFrom
	if coastal(r) {
		humid = coastalMonsoonFrom
		if d.visibility == clearAir {
			dry = tradeFrom
		}
	}
	share := monsoon.at(month, x)
	turn := directionSpread * z
	northDry, eastDry := vector(dry + turn)
	northHumid, eastHumid := vector(humid + turn)
	d.north = northDry + share*(northHumid-northDry)
	d.east = eastDry + share*(eastHumid-eastDry)
}

// vector is the unit vector towards a direction in degrees.
func vector(direction float64) (north, east float64) {
	east, north = math.Sincos(direction * degree)
	return north, east
}

// bearing is the direction of a vector in degrees, in (0, 360]: calm alone has direction 0.
func bearing(north, east float64) float64 {
	b := math.Round(math.Atan2(east, north) / degree)
	if b <= 0 {
		b += 360
	}
	return b
}
