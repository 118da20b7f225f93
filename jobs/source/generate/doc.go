// Package generate makes synthetic weather for the 14 regions of Senegal: the source of
// `senmeteo fetch generate`.
//
// It is a daily weather generator of the Richardson type (Richardson 1981, Water Resources
// Research 17) with the extension to several sites of Wilks (1998, Journal of Hydrology 210):
//
//   - rain falls on a day by a two-state Markov chain whose uniform numbers are correlated in
//     space (Gaussian copula); the amount of a wet day is Gamma distributed;
//   - the daily highest and lowest temperature, humidity and wind depart from the climate by
//     first-order autoregressions, in effect, whose innovations are correlated in space and with each other;
//   - the hours of a day follow from these daily numbers: temperature between sunrise and
//     15 UTC and back, a slow dew point, humidity derived from both, rain in bursts.
//
// Means and spread come from data/, computed from NOAA's GSOD of 2015 to 2024.
//
// Nothing has state: every random number is a hash of (seed, purpose, place, time), as in the
// counter-based generators of Salmon et al. (2011, SC '11). Equal seed, station and time give an
// equal reading in whatever order and window they are asked for, and Every decides only over
// what rain_mm and rain_rate_mm_h cover. Equal bytes are promised for one processor
// architecture: Go may fuse a multiplication and an addition on others, which moves a value by
// one unit of its last decimal in rare cases.
//
// Faults add labelled defects, and Truth reports which, so that the checks can be scored.
package generate
