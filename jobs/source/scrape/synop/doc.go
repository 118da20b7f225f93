// Package synop decodes FM-12 SYNOP reports of land stations (WMO-No. 306, Manual on Codes, volume I.1): wind,
// temperature, dew point or humidity, pressure at mean sea level, rain with its period, cloud, visibility and gusts.
//
// The first two groups of section 1 have no figure of their own and are recognised by their place, so a report is refused
// when one of them may be missing. The others begin with a figure that names them: one that is damaged is left out and
// listed in Report.Unread, and the others count. Sections 2, 4 and 5 are passed over. A solidus means missing.
package synop
