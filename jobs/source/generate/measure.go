package generate

import (
	"math"
	"time"

	"senmeteo/jobs/meteo"
)

// rainAir is how the rain around a moment changes the air.
type rainAir struct {
	wetness float64 // how far the air has moistened, 0 to 1
	cool    float64 // how far it has cooled, 0 to 1
	cooling float64 // degrees that it has cooled at most
	squall  float64 // rise of gusts, m/s
	front   float64 // strength of the gust front, 0 to 1
	jump    float64 // rise of pressure, hPa
	rate    float64 // intensity, mm/h
}

// rainAir adds up the bursts of the days around.
func (now *moment) rainAir() (a rainAir) {
	for _, near := range [...]struct {
		day  *regionDay
		hour float64
	}{{now.yesterday, now.hour + 24}, {now.today, now.hour}, {now.tomorrow, now.hour - 24}} {
		for i := range near.day.numBursts {
			b := &near.day.bursts[i]
			wet := b.nearness(near.hour, moistenHours)
			if wet == 0 {
				continue
			}
			cool := b.nearness(near.hour, coolHours)
			front := b.squall(near.hour)
			a.wetness = max(a.wetness, wet)
			a.cool = max(a.cool, cool)
			a.cooling = max(a.cooling, cool*b.cooling())
			a.squall = max(a.squall, front*b.front)
			a.front = max(a.front, front)
			a.jump = max(a.jump, b.jump(near.hour))
			a.rate += b.rate(near.hour)
		}
	}
	return a
}

// rainUntil is the rain of the days around that has fallen until an hour of today, in mm, in
// steps of 0.1 mm as a tipping bucket counts: so the amounts of the steps of a day add up to
// the rain of the day.
func (now *moment) rainUntil(hour float64, factor float64) float64 {
	sum := 0.0
	for i := range now.yesterday.numBursts {
		sum += now.yesterday.bursts[i].scaled(factor, hour+24)
	}
	for i := range now.today.numBursts {
		sum += now.today.bursts[i].scaled(factor, hour)
	}
	return sum
}

// scaled is the rain of a burst until an hour of its day at a station that gets factor times
// the rain of its region, to 0.1 mm.
func (b *burst) scaled(factor, hour float64) float64 { return tenth(factor * b.until(hour)) }

// wetDepression is the most that temperature exceeds the dew point in rain, degrees: at 30
// degrees the humidity is then 75 percent.
const wetDepression = 5.0

// mostDewPoint is the highest dew point that is measured, degrees.
const mostDewPoint = 29.7

// measured is how many variables the model gives, the first ones: the others are over an interval of many readings.
const measured = meteo.Visibility + 1

// measure fills in what a station measures at a time, rounded as instruments give it. What
// belongs together is derived from what was rounded, so that it agrees after rounding too.
func (m *Model) measure(vs *meteo.Values, s *site, t time.Time) {
	now := m.moment(s.region, t)
	air := now.rainAir()
	rough := s.rough3(now.seconds)       // 10 min: temperature, dew point, wind
	quick := s.noise4(600, now.seconds)  // 10 min: gust, direction, visibility
	mean := s.noise4(3600, now.seconds)  // 1 h: temperature, dew point, pressure, wind
	slow := s.noise4(14400, now.seconds) // 4 h: direction, cloud

	fair, low := curve(now.yesterday, now.today, now.tomorrow, now.hour)
	drop := air.cool * 0.5 * max(fair-low, 0)
	departure := roughness(now.hour, &air)
	temperature := fair - min(drop, air.cooling) + 0.12*mean[0] + departure*rough[0] + s.warmer
	moist := now.follow(func(d *regionDay) float64 { return d.dewPoint })
	dry := 0.25*mean[1] + roughDewPoint*departure*rough[1]
	spread := depression(temperature - moist + dry + s.drier)
	spread += air.wetness * (min(spread, wetDepression+dry) - spread)
	spread = max(spread, temperature-mostDewPoint, 0)
	vs[meteo.Temperature] = tenth(temperature)
	vs[meteo.DewPoint] = tenth(temperature - spread)
	vs[meteo.Humidity] = math.Round(relativeHumidity(vs[meteo.Temperature], vs[meteo.DewPoint]))

	vs[meteo.Pressure] = tenth(now.follow(func(d *regionDay) float64 { return d.pressure }) +
		tide(now.hour) + air.jump + 0.08*mean[2])

	wind := now.follow(func(d *regionDay) float64 { return d.wind }) * windCycle(now.hour, s.coast) * s.windier
	wind *= max(0, 1+roughWind*rough[2]+0.15*mean[3])
	vs[meteo.WindSpeed] = tenth(wind + 0.35*air.squall)
	vs[meteo.WindGust] = max(tenth(wind*(1.45+0.2*quick[0])+air.squall), vs[meteo.WindSpeed])
	vs[meteo.WindDirection] = now.direction(air.front, 8*quick[1]+14*slow[0])
	if vs[meteo.WindSpeed] == 0 {
		vs[meteo.WindDirection] = 0
	}

	interval := m.every.Hours()
	vs[meteo.Rain] = max(0, tenth(now.rainUntil(now.hour, s.rainier)-now.rainUntil(now.hour-interval, s.rainier)))
	vs[meteo.RainRate] = tenth(vs[meteo.Rain] / interval)
	cloud := now.follow(func(d *regionDay) float64 { return d.cloud }) + 18*slow[1]
	cloud += air.cool * max(92+8*slow[1]-cloud, 0)
	if vs[meteo.Rain] > 0 { // a long step may hold rain that has passed hours ago
		cloud = max(cloud, 10)
	}
	vs[meteo.CloudCover] = math.Round(min(max(cloud, 0), 100))
	vs[meteo.Visibility] = now.visibility(air.rate, vs[meteo.Humidity], quick[2])
}

// direction is where the wind comes from in whole degrees, 1 to 360: that of the day, turned by
// some degrees, and near a gust front from where squalls come.
func (now *moment) direction(front, turn float64) float64 {
	north := now.follow(func(d *regionDay) float64 { return d.north })
	east := now.follow(func(d *regionDay) float64 { return d.east })
	squallNorth, squallEast := vector(squallFrom)
	turnNorth, turnEast := vector(turn)
	north += front * (squallNorth - north)
	east += front * (squallEast - east)
	return bearing(north*turnNorth-east*turnEast, east*turnNorth+north*turnEast)
}

// visibility is in m, to 100: that of the day, less in rain and in mist, which begins at 97
// percent of humidity.
func (now *moment) visibility(rate, humidity, noise float64) float64 {
	v := now.follow(func(d *regionDay) float64 { return d.visibility })
	if v < clearAir {
		v = min(v*(1+0.1*noise), clearAir)
	}
	if rate > 0 {
		v = min(v, clearAir/(1+rate/12))
	}
	if humidity > 97 {
		v = min(v, clearAir-2000*(humidity-97))
	}
	return 100 * math.Round(v/100)
}
