// Package export makes tables of what was measured: of three hours, days, dekads and months, by station or by region. A value
// comes with the share of readings, or of days, that it rests on, and is left out where that is too small:
//
//   - of three hours or a day: means and extremes need readings at five sixths of the times at which they are expected, as 20 of 24
//     hours; rain needs intervals that cover all of the time.
//   - of a dekad or month: the guidelines of the WMO on climate normals (WMO-No. 1203, 2017, section 4.4.1): a monthly mean is left
//     out when 11 or more of its daily values are missing, or 5 in a row; sums need every day. A dekad, of which they say
//     nothing, is allowed the same share: 3 of its days may be missing.
//
// Forms are CSV of measurements as other tools read it: Climsoft, and csv2bufr for WIS2.
//
// Times are UTC. A value of the moment counts for the time that begins at or before it; a value over an interval for the time
// in which all of its interval is.
package export
