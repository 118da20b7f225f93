package meteo

import (
	"cmp"
	"slices"
)

// QuantileLevels are the probabilities, in percent, of the numbers of a Quantile.
var QuantileLevels = [...]int{5, 10, 25, 50, 75, 90, 95}

// Quantile holds what is known of the distribution of one variable of a forecast: the values, in the variable's unit and none of
// them NaN, that it is not above with the probabilities QuantileLevels.
type Quantile struct {
	Variable Variable
	Values   [len(QuantileLevels)]float64
}

// Quantiles hold at most one Quantile for each variable, in the order of Variables.
type Quantiles []Quantile

// Of returns the quantiles of a variable, nil when they are not known.
func (qs Quantiles) Of(v Variable) *Quantile {
	if i, ok := qs.index(v); ok {
		return &qs[i]
	}
	return nil
}

// With returns qs with another Quantile at its place. ok is false when there is one of its variable already.
func (qs Quantiles) With(q Quantile) (_ Quantiles, ok bool) {
	i, found := qs.index(q.Variable)
	if found {
		return qs, false
	}
	return slices.Insert(qs, i, q), true
}

func (qs Quantiles) index(v Variable) (int, bool) {
	return slices.BinarySearchFunc(qs, v, func(q Quantile, v Variable) int { return cmp.Compare(q.Variable, v) })
}

// AppendJSON appends the quantiles as a JSON object: {"rain_mm":[0,0,0,0.2,1,4,9]}.
func (qs Quantiles) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	for i := range qs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), Variables[qs[i].Variable].Name...), '"', ':')
		for k, x := range qs[i].Values {
			if k == 0 {
				dst = append(dst, '[')
			} else {
				dst = append(dst, ',')
			}
			dst = AppendNumber(dst, x)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}
