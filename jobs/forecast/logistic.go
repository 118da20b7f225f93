package forecast

import "math"

// rainPenalties are those of the regressions of rain by lead, on features with a mean square of 1. Chosen on 2019-2021 so that no year is
// worse than the climatology; from the lead after the last on, the climatology is the forecast, as no regression was reliably better.
var rainPenalties = [...]float64{10, 100, 300}

const (
	rareRain    = 0.01 // where the climatological chance is less, it is the forecast
	newtonSteps = 8    // far more than the likelihood needs to settle
)

// logistic is a regression of the chance of rain, as what features add to the logit of its climatology.
type logistic struct {
	problem
	offset []float64
}

func logit(p float64) float64    { return math.Log(p / (1 - p)) }
func chanceOf(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// fit maximises the penalised likelihood by Newton's method and returns the coefficients of features before they are scaled.
func (l *logistic) fit(penalty float64) []float64 {
	l.standardize()
	beta, penalties := make([]float64, l.p), equal(l.p, penalty)
	x, z := make([]float64, len(l.x)), make([]float64, len(l.y))
	for range newtonSteps {
		for i, y := range l.y {
			eta := dot(l.row(i), beta)
			p := chanceOf(l.offset[i] + eta)
			w := max(p*(1-p), 1e-4)
			root := math.Sqrt(w)
			z[i] = root * (eta + (y-p)/w)
			for j, v := range l.row(i) {
				x[i*l.p+j] = root * v
			}
		}
		n := newNormal(l.p)
		n.addRows(1, x, z)
		beta = n.solve(penalties)
	}
	for j, k := range l.scale {
		beta[j] *= k
	}
	return beta
}
