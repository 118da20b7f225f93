package forecast

import (
	"math"
	"time"

	"senmeteo/jobs/meteo"
)

// harmonics of the year that the mean course of an element is made of.
const harmonics = 3

// angles are 1 and the cosines and sines of the harmonics of a date.
type angles [1 + 2*harmonics]float64

func anglesOf(date time.Time) angles { return anglesOfDay(date.YearDay()) }

// anglesOfDay are those of a day of the year, from 1 up.
func anglesOfDay(yearDay int) (a angles) {
	phase := 2 * math.Pi * float64(yearDay-1) / 365.25
	a[0] = 1
	for k := range harmonics {
		a[1+2*k], a[2+2*k] = math.Cos(float64(k+1)*phase), math.Sin(float64(k+1)*phase)
	}
	return a
}

// course is the mean course of an element over the year, as coefficients of angles.
type course [1 + 2*harmonics]float64

func (c *course) at(a *angles) float64 {
	value := 0.0
	for i, x := range a {
		value += c[i] * x
	}
	return value
}

// tiny is a penalty that changes nothing but makes every system of equations solvable.
const tiny = 1e-6

// fitCourse fits the course of x by least squares to the known days before end. It is pulled towards prior with the weight of so many days.
func fitCourse(x []float64, season []angles, end int, prior course, weight float64) course {
	n := newNormal(len(prior))
	for t := range end {
		if meteo.Known(x[t]) {
			n.add(season[t][:], x[t]-prior.at(&season[t]))
		}
	}
	for i, b := range n.solve(equal(len(prior), weight+tiny)) {
		prior[i] += b
	}
	return prior
}

// yearErrors are how much higher the course of x is, on each day before end, than one that is fitted without the year of that day; 0 on later
// days.
func yearErrors(x []float64, h *History, end int) []float64 {
	errors := make([]float64, h.n)
	if end == 0 {
		return errors
	}
	folds := make([]*normal, h.years[end-1]-h.years[0]+1)
	for k := range folds {
		folds[k] = newNormal(len(course{}))
	}
	for t := range end {
		if meteo.Known(x[t]) {
			folds[h.years[t]-h.years[0]].add(h.season[t][:], x[t])
		}
	}
	penalty := equal(len(course{}), tiny)
	all := course(sumOf(folds).solve(penalty))
	left := leaveOut(folds, penalty)
	for t := range end {
		without := course(left[h.years[t]-h.years[0]])
		errors[t] = all.at(&h.season[t]) - without.at(&h.season[t])
	}
	return errors
}

// rainWindow is within how many days of a day of the year rain counts for the climatological chance of that day.
const rainWindow = 15

// chances are the climatological chances of a wet day, by day of the year from 1 to 366.
type chances [367]float64

// countChances counts the wet ones of the known days before end; prior counts as so many days.
func countChances(wet []float64, h *History, end int, prior *chances, weight float64) (out chances) {
	var wets, days chances
	for t := range end {
		if meteo.Known(wet[t]) {
			wets[h.yearDays[t]] += wet[t]
			days[h.yearDays[t]]++
		}
	}
	for day := 1; day <= 366; day++ {
		sum, n := prior[day]*weight, weight
		for d := -rainWindow; d <= rainWindow; d++ {
			other := (day-1+d+366)%366 + 1
			sum += wets[other]
			n += days[other]
		}
		out[day] = sum / max(n, 1)
	}
	return out
}
