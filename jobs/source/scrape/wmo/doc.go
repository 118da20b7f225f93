// Package wmo holds what the decoders of the codes of the World Meteorological Organization have in common:
// their errors, days of the month without a month, knots, and the humidity of a temperature and dew point.
package wmo
