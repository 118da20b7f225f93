// Package forecast forecasts the weather of the next days and hours from what stations measured, with quantiles, by regressions that are
// trained on the same measurements. It is pure: it reads and writes nothing, and it looks at no clock.
//
// Days come from NewHistory; Train fits a Model to those before a date; Model.Forecast gives, for days on which it is issued, the values
// that the next days will have. What a forecast is made of never depends on a later day.
package forecast
