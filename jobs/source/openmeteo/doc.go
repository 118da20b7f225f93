// Package openmeteo reads the weather of Open-Meteo, which needs no key: the present state of all
// stations in one request, or the hourly past of its archive (a reanalysis) in chunks. Both are the
// values of a model at the grid cell of a station, kind model. The data are licensed CC BY 4.0 and ask for
// credit: "Weather data by Open-Meteo.com". Free use is limited to non-commercial purposes and per address to
// 600 calls a minute, 5000 an hour and 10000 a day, where a call with many places or days counts as several.
package openmeteo
