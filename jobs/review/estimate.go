package review

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"senmeteo/jobs/meteo"
)

// row fills in what a station's value in a slot is estimated from; NaN is unknown.
func (n *network) row(slot int64, k, i int, row *[features]float64) {
	for f := range row {
		row[f] = math.NaN()
	}
	me := n.stations[i]
	yesterday := ring(slot - slotsPerDay)
	for f, j := range me.near {
		other := &n.stations[j].compared[k]
		row[f] = other.anomalies[ring(slot)]
		if f < neighboursYesterday {
			row[neighboursNow+1+f] = other.anomalies[yesterday]
		}
	}
	row[neighboursNow] = me.compared[k].anomalies[yesterday]
}

// estimate returns the anomaly of a station's value in a slot by ridge regression, and its standard deviation.
func (n *network) estimate(slot int64, k, i int, aside []bool) (x, sigma float64, ok bool) {
	me := n.stations[i]
	c := &me.compared[k]
	if !meteo.Known(c.anomalies[ring(slot)]) {
		return 0, 0, false
	}
	if c.fitted < 0 || slot-c.fitted >= refit {
		n.fit(slot, k, i)
	}
	if c.gram == nil {
		return 0, 0, false
	}
	var row [features]float64
	n.row(slot, k, i, &row)
	used := make([]int, 0, features)
	count := 0
	for f := range row {
		now := f < neighboursNow
		if !meteo.Known(row[f]) || now && aside[me.near[f]] {
			continue
		}
		if now {
			count++
		}
		used = append(used, f)
	}
	if count < leastNeighbours {
		return 0, 0, false
	}
	x, ok = c.solve(used, &row, compared[k].ridge)
	return x, c.sigma[timeOfDay(slot)], ok
}

// solve estimates from the features that are used.
func (c *comparison) solve(used []int, row *[features]float64, ridge float64) (x float64, ok bool) {
	gram := mat.NewSymDense(len(used), nil)
	product := mat.NewVecDense(len(used), nil)
	for a, f := range used {
		product.SetVec(a, c.product[f])
		for b := a; b < len(used); b++ {
			gram.SetSym(a, b, c.gram.At(f, used[b]))
		}
		gram.SetSym(a, a, gram.At(a, a)+ridge*c.scale)
	}
	var factors mat.Cholesky
	if !factors.Factorize(gram) {
		return 0, false
	}
	weights := mat.NewVecDense(len(used), nil)
	if err := factors.SolveVecTo(weights, product); err != nil {
		return 0, false
	}
	for a, f := range used {
		x += weights.AtVec(a) * row[f]
	}
	return x, true
}

// fit computes what the weights follow from, by the values of the last ten days that are trusted. With too few of them the
// last ones stay.
func (n *network) fit(slot int64, k, i int) {
	c := &n.stations[i].compared[k]
	c.fitted = slot
	gram, product := mat.NewSymDense(features, nil), make([]float64, features)
	rows, square := 0, 0.0
	var row [features]float64
	for s := slot - historySlots + slotsPerDay + 1; s < slot; s++ {
		y := c.anomalies[ring(s)]
		if !meteo.Known(y) {
			continue
		}
		n.row(s, k, i, &row)
		for f := range row {
			if !meteo.Known(row[f]) {
				row[f] = 0 // as always at this time of day
			}
		}
		for f := range row {
			product[f] += row[f] * y
			for g := f; g < features; g++ {
				gram.SetSym(f, g, gram.At(f, g)+row[f]*row[g])
			}
		}
		square += y * y
		rows++
	}
	if rows < compared[k].rows {
		return
	}
	c.gram, c.product, c.scale = gram, product, square/float64(rows)
	c.spread(slot, k)
}

// spread computes the standard deviation of the differences by time of day.
func (c *comparison) spread(slot int64, k int) {
	all, count := 0.0, 0
	for i, x := range c.residuals {
		if meteo.Known(x) && meteo.Known(c.values[i]) {
			all, count = all+x*x, count+1
		}
	}
	overall := compared[k].first * compared[k].noise
	if count > 0 {
		overall = math.Sqrt(all / float64(count))
	}
	for day := range c.sigma {
		sum, n := 0.0, 0
		for d := range int64(historyDays) {
			for near := int64(-1); near <= 1; near++ {
				at := ring(slot - timeOfDay(slot) + int64(day) - d*slotsPerDay + near)
				if x := c.residuals[at]; meteo.Known(x) && meteo.Known(c.values[at]) {
					sum, n = sum+x*x, n+1
				}
			}
		}
		c.sigma[day] = max(compared[k].noise, math.Sqrt((sum+9*overall*overall)/float64(n+9)))
	}
}
