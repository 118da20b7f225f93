package shape

import (
	"strings"
	"unicode"

	"senmeteo/jobs/meteo"
)

// meaning is what a field holds: a variable of meteo, by its index, or one of the constants below.
type meaning int

const (
	stationID meaning = meaning(meteo.NumVariables) + iota
	placeName
	latitude
	longitude
	elevation
	instant // a date with its time of day
	date    // a date; its time of day may be in a clock field
	clock   // a time of day, or an instant
	fetchedAt
	issuedAt
	source
	kind
	providerID
	interval
	notKept // understood, but senmeteo has no place for it
	nothing // not understood
)

// column is what is known about a field from its name alone.
type column struct {
	meaning meaning
	convert func(float64) float64 // from the unit in the name to that of the variable
}

// aliases lists, by meaning, the names that other producers use: as meteo.Fold leaves them, without
// spaces, units and the words of noise. The first name is the project's own.
//
// Without a sea level in its name a pressure is taken as reduced to it, as bulletins and
// older producers have it. Surface pressure is that of the station and is never taken for the other.
//
// The English and French names of meteo.Variables count too, so that a variable needs no line here.
var aliases = index(map[meaning]string{
	meaning(meteo.Temperature): `temperature temp t ta tair airtemperature temperatureair temperaturedelair temperatureambiante tempair`,
	meaning(meteo.DewPoint): `dewpoint dewpointtemperature td dewtemp dewpt pointderosee pointrosee temperaturedupointderosee
		temperaturederosee rosee`,
	meaning(meteo.Humidity): `humidity relativehumidity humidityrelative humidite humiditerelative humiditedelair rh hr hum`,
	meaning(meteo.Pressure): `pressure pressuresealevel sealevelpressure pressuremsl mslpressure mslp slp qnh airpressure pression
		pressionmer pressionauniveaudelamer pressionatmospherique pressionreduite`,
	meaning(meteo.WindSpeed): `windspeed wind meanwind ws ff vent vitessevent vitesseduvent forceduvent ventmoyen vitessemoyenneduvent
		vitesse`,
	meaning(meteo.WindGust): `windgust windgusts gust gusts gustspeed windgustspeed rafale rafales rafaleduvent rafalesduvent ventrafale
		ventmax ventmaxi rafalemax`,
	meaning(meteo.WindDirection): `winddirection winddir direction dir wd dd directionvent directionduvent ventdirection`,
	meaning(meteo.Rain): `rain rainfall rainamount precipitation precipitations precip pluie pluies cumul cumuldepluie
		cumulpluie hauteurdepluie hauteurdeprecipitations pluviometrie`,
	meaning(meteo.RainRate): `rainrate rainintensity rainfallrate precipitationintensity precipitationrate preciprate
		intensitedepluie intensitepluie intensitedelapluie intensitedesprecipitations`,
	meaning(meteo.CloudCover): `cloudcover clouds cloudiness cloudcoverage cloud nebulosite couverturenuageuse nuages nebulositetotale`,
	meaning(meteo.Visibility): `visibility vis visibilite visibilitehorizontale`,
	meaning(meteo.TemperatureMax): `temperaturemax maxtemperature temperaturemaximum temperaturemaxi tmax tmaxi tempmax maxtemp tempmaxi
		tempmaximale tx hightemp hightemperature temperaturehigh highesttemperature outtempmax tasmax airtemperaturemax`,
	meaning(meteo.TemperatureMin): `temperaturemin mintemperature temperatureminimum temperaturemini tmin tmini tempmin mintemp tempmini
		tempminimale tn lowtemp lowtemperature temperaturelow lowesttemperature outtempmin tasmin airtemperaturemin`,
	meaning(meteo.TemperatureMean): `temperaturemean temperaturemoy tmean tavg tmoy tmoyen tmoyenne tempmoy tempmoyenne tempmean tempavg avgtemp
		temperatureavg averagetemperature temperatureaverage meantemp tm tg tasmean airtemperaturemean`,
	meaning(meteo.DewPointMean): `dewpointmean dewpointavg averagedewpoint tdmean tdmoy tdavg dewpointtemperaturemean pointderoseemoy`,
	meaning(meteo.HumidityMean): `humiditymean humidityavg averagehumidity relativehumiditymean meanrelativehumidity humiditerelativemoyenne
		humiditemoy rhmean rhavg hrmoy hrmoyenne`,
	meaning(meteo.WindSpeedMean): `windspeedmean windspeedavg averagewindspeed avgwindspeed windmean windavg wspdavg ventmoyenjournalier`,

	stationID: `stationid recordedfrom idstation codestation stationcode wmo wmoid wmonumber wmostation numerowmo numeroomm omm indicatif indicatifomm icao icaoid icaocode
		codeicao oaci codeoaci usaf`,
	placeName: `region station stationname regionname nomstation nomdelastation city town place location locationname ville localite
		lieu name nom nomregion`,
	latitude:  `latitude lat`,
	longitude: `longitude lon lng long`,
	elevation: `elevation altitude alt`,
	instant: `observedat timestamp timestamps datetime dateheure dateetheure datetemps datehour datehms observationtime timeobserved obsdatetime
		observationdate dateobservation dateobs obstime horodatage horodate recordedat measuredat validtime lastupdate lastupdated
		starttime dt`,
	date:       `date jour day datejour`,
	clock:      `time heure hour heureobservation heures temps`,
	fetchedAt:  `fetchedat`,
	issuedAt:   `issuedat`,
	source:     `source provider fournisseur`,
	kind:       `kind`,
	providerID: `providerid`,
	interval:   `interval intervals`,
	notKept: `pressuresurfacelevel surfacepressure stationpressure pressurestation pressionstation pressiondelastation
		pressionsurface qfe temperatureapparent apparenttemperature feelslike weathercode`,
})

// index turns the readable table about.
func index(table map[meaning]string) map[string]meaning {
	byName := map[string]meaning{}
	for m, names := range table {
		for name := range strings.FieldsSeq(names) {
			byName[name] = m
		}
	}
	for v := range meteo.Variables {
		for _, name := range [...]string{meteo.Variables[v].English, meteo.Variables[v].French} {
			name = strings.Join(nameWords(name), "")
			if _, ok := byName[name]; !ok {
				byName[name] = meaning(v)
			}
		}
	}
	return byName
}

// noise holds words in names that change nothing: heights and places of sensors outdoors, and zones that are UTC, which
// is Senegal's own time all year.
var noise = map[string]bool{"2m": true, "10m": true, "utc": true, "gmt": true, "tu": true, "local": true, "locale": true, "en": true,
	"out": true, "outdoor": true, "outside": true, "exterieur": true, "exterieure": true}

// Known reports whether the name of a field or column says what it holds. Readers use it to find the
// row of names in a table and the elements of an XML file that are records.
func Known(name string) bool { return understand(name).meaning != nothing }

// Measures reports whether a column holds values of a variable.
func Measures(name string) bool { return understand(name).meaning < stationID }

// IsTime reports whether a column holds dates or times, which spreadsheets keep as numbers.
func IsTime(name string) bool {
	switch understand(name).meaning {
	case instant, date, clock, fetchedAt, issuedAt:
		return true
	}
	return false
}

// column understands a name, from memory when it came before.
func (d *Decoder) column(name string) column {
	if c, ok := d.columns[name]; ok {
		return c
	}
	c := understand(name)
	if len(d.columns) < maxNames && len(name) <= 128 {
		d.columns[name] = c
	}
	return c
}

// understand finds the meaning of a name such as "windSpeed", "Vitesse du vent (km/h)" or "T (°F)":
// an alias, with up to three words of a unit after it.
func understand(name string) column {
	unknown := column{meaning: nothing, convert: same}
	if len(name) > 128 {
		return unknown
	}
	if v, ok := meteo.VariableByName(name); ok {
		return column{meaning(v), same}
	}
	words := nameWords(name)
	for unitWords := 0; unitWords < len(words) && unitWords <= 3; unitWords++ {
		split := len(words) - unitWords
		m, ok := aliases[strings.Join(words[:split], "")]
		if !ok {
			continue
		}
		if unitWords == 0 {
			return column{m, usualUnit(m)}
		}
		unit := strings.Join(words[split:], "")
		if convert, ok := units[dimensionOf(m)][unit]; ok {
			return column{m, convert}
		}
		if convert, ok := units[rate][unit]; ok && m == meaning(meteo.Rain) {
			return column{meaning(meteo.RainRate), convert}
		}
	}
	return unitFirst(words, unknown)
}

// unitFirst understands a name with its unit before it, as in "m/s Wind Speed".
func unitFirst(words []string, unknown column) column {
	for unitWords := 1; unitWords < len(words) && unitWords <= 3; unitWords++ {
		if m, ok := aliases[strings.Join(words[unitWords:], "")]; ok {
			if convert, ok := units[dimensionOf(m)][strings.Join(words[:unitWords], "")]; ok {
				return column{m, convert}
			}
		}
	}
	return unknown
}

// nameWords splits a name at spaces, signs and changes from lower to upper case, and folds it.
func nameWords(name string) []string {
	var b strings.Builder
	var last rune
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	all := strings.Fields(meteo.Fold(b.String()))
	words := all[:0]
	for _, word := range all {
		if !noise[word] {
			words = append(words, word)
		}
	}
	return words
}
