// Package metar decodes METAR and SPECI reports of aerodromes (WMO-No. 306, FM 15 and FM 16, and the forms of the
// United States for visibility and pressure): wind, gusts, visibility, cloud cover, temperature, dew point and pressure.
//
// The groups of a report tell what they are by their form, so one that has no known form is passed over and spoils no
// other. Trends and remarks are forecasts or repetitions and are passed over. Solidi mean missing.
package metar
