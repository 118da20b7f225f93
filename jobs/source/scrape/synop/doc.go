// Package synop decodes FM-12 SYNOP reports of land stations (WMO-No. 306, Manual on Codes, volume I.1): wind,
// temperature, dew point or humidity, pressure at mean sea level, rain with its period, cloud, visibility and gusts.
//
// The groups of a report are told apart by their order, so one that does not fit puts all that follow in doubt: such
// a report is refused as a whole. Sections 2, 4 and 5 are passed over. A solidus means missing.
package synop
