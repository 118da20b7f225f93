// Package metar decodes METAR and SPECI reports of aerodromes (WMO-No. 306, FM 15 and FM 16, and the forms of the
// United States for visibility and pressure): wind, gusts, visibility, cloud cover, temperature, dew point and pressure.
//
// A group is recognised by its form, so one that is not recognised spoils no other: it is left out and listed in
// Report.Unread. Trends are forecasts, and remarks repeat or explain: both end the report. Solidi mean missing.
//
// A layer of cloud whose amount can't be read makes the cover unknown, never smaller.
package metar
