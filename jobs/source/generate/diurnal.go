package generate

import "math"

// How temperature moves through a day. Rising from sunrise to the warmest hour, the rate builds
// up within softenDawn hours, stays, and falls to zero within softenTop: a sine, the usual
// choice, would exceed 4 degrees an hour on days with a range above 20. Falling, the rate builds
// up within softenDusk hours and then decays exponentially (Parton and Logan 1981, Agricultural
// Meteorology 23) with the time constant nightDecay.
const (
	softenDawn = 0.4
	softenTop  = 1.0
	softenDusk = 3.0
	nightDecay = 8.0
)

// risen is the share of the day's warming at an hour between sunrise and the warmest hour.
func risen(hour, sunrise float64) float64 {
	since, left := hour-sunrise, warmest-hour
	rate := 1 / (warmest - sunrise - (softenDawn+softenTop)/2)
	switch {
	case since <= 0:
		return 0
	case left <= 0:
		return 1
	case since < softenDawn:
		return rate * since * since / (2 * softenDawn)
	case left < softenTop:
		return 1 - rate*left*left/(2*softenTop)
	default:
		return rate * (since - softenDawn/2)
	}
}

// fallen is the share of the night's cooling, since hours after the warmest hour of a night that
// lasts until total hours after it.
func fallen(since, total float64) float64 {
	whole := softenDusk/2 + nightDecay*(1-math.Exp(-(total-softenDusk)/nightDecay))
	if since < softenDusk {
		return since * since / (2 * softenDusk) / whole
	}
	return (softenDusk/2 + nightDecay*(1-math.Exp(-(since-softenDusk)/nightDecay))) / whole
}

// curve is the temperature of fair weather at an hour of today, and the low that it falls to or
// rose from. It is continuous at every hour, midnight included.
func curve(yesterday, today, tomorrow *regionDay, hour float64) (temperature, low float64) {
	switch {
	case hour < today.sunrise:
		share := fallen(hour+24-warmest, today.sunrise+24-warmest)
		return yesterday.tmax + share*(today.tmin-yesterday.tmax), today.tmin
	case hour < warmest:
		return today.tmin + risen(hour, today.sunrise)*(today.tmax-today.tmin), today.tmin
	default:
		share := fallen(hour-warmest, tomorrow.sunrise+24-warmest)
		return today.tmax + share*(tomorrow.tmin-today.tmax), tomorrow.tmin
	}
}

// between is curve without the low.
func between(yesterday, today, tomorrow *regionDay, hour float64) float64 {
	t, _ := curve(yesterday, today, tomorrow, hour)
	return t
}

// passing reports how daily numbers pass from day to day: the day holds from 6 to 18 h, and turns
// into its neighbour smoothly in the twelve hours around midnight. share is the neighbour's
// part at an hour: up to one half, of yesterday before noon and of tomorrow after.
func passing(hour float64) (share float64) {
	x := (hour - 18) / 12 // 0 to 1/2 in the evening
	if hour < 12 {
		x = (6 - hour) / 12
	}
	if x <= 0 {
		return 0
	}
	return x * x * (3 - 2*x)
}

// windCycle is the wind's part of its daily mean at an hour UTC: strongest at the warmest hour,
// and more so inland, where the night is calm.
func windCycle(hour float64, coast bool) float64 {
	swing := 0.38
	if coast {
		swing = 0.22
	}
	return 1 + swing*math.Cos(2*math.Pi*(hour-warmest)/24)
}
