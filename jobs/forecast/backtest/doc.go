// Package backtest scores the forecasts that would have been issued in the past: it goes through a file of daily readings day by day, and at
// each forecasts from the days before alone. Models and references are trained on the days before each 1 January. Stations count from the
// year on before which they have two years of days, so that nothing but the file is the origin of a forecast.
package backtest
