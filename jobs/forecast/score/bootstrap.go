package score

import (
	"math/rand/v2"
	"slices"
)

const (
	blockDays  = 7    // the length of a block
	resamples  = 1000 // of the blocks
	seedOfRand = 16   // equal forecasts get equal intervals
)

// Gain is by which share a score is less than that of a reference.
type Gain struct {
	Gain float64 `json:"gain"`
	Low  float64 `json:"low"`  // the limits of the 95 % interval
	High float64 `json:"high"` //
}

// gainOf compares sums by block.
func gainOf(ours, theirs []float64) Gain {
	r := rand.New(rand.NewPCG(seedOfRand, uint64(len(ours))))
	gains := make([]float64, resamples)
	for i := range gains {
		a, b := 0.0, 0.0
		for range ours {
			k := r.IntN(len(ours))
			a += ours[k]
			b += theirs[k]
		}
		gains[i] = share(a, b)
	}
	slices.Sort(gains)
	a, b := 0.0, 0.0
	for k := range ours {
		a += ours[k]
		b += theirs[k]
	}
	return Gain{round(share(a, b)), round(gains[resamples*25/1000]), round(gains[resamples*975/1000-1])}
}

// share is the gain of a over b, 0 where b is nothing.
func share(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return 1 - a/b
}
