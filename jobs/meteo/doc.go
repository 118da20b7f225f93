// Package meteo holds the words of senmeteo: the 14 regions of Senegal and their
// stations, the variables with their units, readings and observations with their
// identity, and their one JSON form. It depends on the standard library alone and
// everything else depends on it.
//
// Times are UTC and exact to the microsecond, the finest step that PostgreSQL and
// Parquet readers share. Numbers are float64 in the unit that the field's name ends
// with; NaN stands for "unknown" and never leaves the program: an unknown field is absent.
package meteo
