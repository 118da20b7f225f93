package generate

import "math"

// stream keeps the random numbers of one purpose apart from those of every other.
type stream uint64

const (
	streamField  stream = iota + 1 // daily innovations, by field and region
	streamBurst                    // when the rain of a day falls
	streamMinute                   // small-scale noise of a station
	streamSite                     // how a further station departs from its region
	streamFault                    // where defects begin and what they are
	streamRough                    // departures of a station every ten minutes
	streamSlow                     // drifts of weeks
)

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom
// number generators"), in the variant Mix13 of Stafford: a bijection of 64 bits in which every
// bit of the input moves every bit of the output.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// golden is SplitMix64's increment, 2^64 divided by the golden ratio.
const golden = 0x9e3779b97f4a7c15

// hash gives 64 random bits for a seed, a purpose and two counters.
func hash(seed uint64, s stream, a, b uint64) uint64 {
	return absorb(absorb(absorb(mix(seed+golden), uint64(s)), a), b)
}

// absorb continues a hash by one more counter.
func absorb(h, counter uint64) uint64 { return mix(h ^ mix(counter+golden)) }

// uniform maps random bits to a number in (0, 1), never an end.
func uniform(bits uint64) float64 { return (float64(bits>>11) + 0.5) / (1 << 53) }

// normal maps random bits to the standard normal distribution, by its quantile function.
func normal(bits uint64) float64 { return math.Sqrt2 * math.Erfinv(2*uniform(bits)-1) }

// normalCDF is the standard normal distribution function.
func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// textKey turns a name into a counter (FNV-1a).
func textKey(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
