// Package score measures forecasts by what was observed then, beside the forecasts that they have to beat.
//
// A Scorer is given forecasts, the observations and the references, and its Report holds the scores by variable, lead and station: mean
// absolute error, root mean square error, bias, continuous ranked probability score, and the shares of observations within the bands of
// 50 and 90 %; for rain the Brier score and how reliable the probabilities are. Definitions are those of WMO-No. 485 and of Wilks,
// "Statistical Methods in the Atmospheric Sciences". Gains have 95 % intervals of a bootstrap of blocks of 7 days, as neighbouring days and
// stations are not independent.
package score
