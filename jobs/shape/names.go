package shape

import (
	"strings"
	"sync"
	"sync/atomic"
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
	yearPart
	monthPart
	dayOfYear
	minutePart
	secondPart
	halfOfDay // AM or PM
	zonePart  // the zone or the offset of the times
	begin     // of the time that the values are of, up to the record's own
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
	times   timeStyle             // what the name states of times
	unit    bool                  // the name has a unit
	open    bool                  // the name says that the unit is not stated
	over    int64                 // seconds that the amounts cover, as the name states: "Pluie 24h"; 0: it does not
}

// aliases lists, by meaning, the names that other producers use: as meteo.Fold leaves them, without
// spaces, units and the words of noise. The first name is the project's own.
//
// Without a sea level in its name a pressure is taken as reduced to it, as bulletins and
// older producers have it. Surface pressure is that of the station and is never taken for the other.
//
// The English and French names of meteo.Variables count too, so that a variable needs no line here.
var aliases = index(map[meaning]string{
	meaning(meteo.Temperature): `temperature temp t ta tair airtemperature temperatureair temperaturedelair temperatureambiante tempair
		t2m temperature2m drybulb drybulbtemperature temperatureseche outsidetemperature temperatura temperaturadoar temperaturadelaire temperaturaar tempout temperatur lufttemperatur
		temperaturesousabri tempsousabri tsousabri temperaturedelairsousabri temperatureairsousabri`,
	meaning(meteo.DewPoint): `dewpoint dewpointtemperature td dewtemp dewpt pointderosee pointrosee temperaturedupointderosee
		temperaturederosee rosee
		d2m t2mdew dewpt dp dew pontodeorvalho puntoderocio taupunkt dewpointtemp temppointderosee`,
	meaning(meteo.Humidity): `humidity relativehumidity humidityrelative humidite humiditerelative humiditedelair rh hr hum
		rh2m relhumidity relativehum relhum umidade umidaderelativa umidaderelativadoar humedad humedadrelativa humiditerel ur luftfeuchte luftfeuchtigkeit feuchte relativeluftfeuchte relativefeuchte`,
	meaning(meteo.Pressure): `pressure pressuresealevel sealevelpressure pressuremsl mslpressure mslp slp qnh airpressure pression
		pressionmer pressionauniveaudelamer pressionatmospherique pressionreduite
		pmer psl msl qff barometer barometre relpressure relativepressure atmosphericpressure pressao pressaoatmosferica presion presionatmosferica luftdruck pressurerelative barom baromrel
		pressionreduiteauniveaudelamer pressionniveaumer pressionniveaudelamer`,
	meaning(meteo.WindSpeed): `windspeed wind meanwind ws ff vent vitessevent vitesseduvent forceduvent ventmoyen vitessemoyenneduvent
		vitesse
		ws10m windspd wspd vento velocidadedovento ventovelocidade viento velocidaddelviento windgeschwindigkeit
		vitesseduventmoyen vitesseventmoyen windspeed10min windspeed10mn wind10min ws10min ff10min ventmoyen10min ventmoyen10mn vent10min vent10mn
		vitesseduvent10min vitesseduvent10mn vitesseduventmoyen10min vitesseduventmoyen10mn vitessemoyenneduvent10min vitessemoyenneduvent10mn`,
	meaning(meteo.WindGust): `windgust windgusts gust gusts gustspeed windgustspeed rafale rafales rafaleduvent rafalesduvent ventrafale
		ventmax ventmaxi rafalemax
		fxi fx gustspd highwindspeed windgustspeed rajada rajadadevento rafaga rafagas rafagamaxima ventmaximum windboe boe windspitze rafalemaxi rafalemaximale rafalemaximum
		ventmaximal ventmaximalinstantane maxgust gustmax maxwindgust windgustmax`,
	meaning(meteo.WindDirection): `winddirection winddir winddegree winddegrees winddeg windbearing windfromdirection direction dir wd dd directionvent directionduvent ventdirection
		ddd wd10m windangle direcaodovento ventodirecao direcciondelviento windrichtung`,
	meaning(meteo.Rain): `rain rainfall rainamount precipitation precipitations precip pluie pluies cumul cumuldepluie
		cumulpluie hauteurdepluie hauteurdeprecipitations pluviometrie
		rr chuva precipitacao lluvia precipitacion pluviometrietotale prectotcorr prectot precipmm niederschlag regen niederschlagsmenge`,
	meaning(meteo.RainRate): `rainrate rainintensity rainfallrate precipitationintensity precipitationrate preciprate
		intensitedepluie intensitepluie intensitedelapluie intensitedesprecipitations`,
	meaning(meteo.CloudCover): `cloudcover clouds cloudiness cloudcoverage cloud nebulosite couverturenuageuse nuages nebulositetotale
		totalcloud totalcloudcover nebulosidade nubosidad bedeckung bedeckungsgrad`,
	meaning(meteo.Visibility): `visibility vis visibilite visibilitehorizontale sichtweite`,
	meaning(meteo.TemperatureMax): `temperaturemax maxtemperature temperaturemaximum temperaturemaxi tmax tmaxi tempmax maxtemp tempmaxi
		tempmaximale tx hightemp hightemperature temperaturehigh highesttemperature outtempmax tasmax airtemperaturemax
		t2mmax temperaturemaximal temperaturamaxima maximumairtemperature airtempmax hightempout`,
	meaning(meteo.TemperatureMin): `temperaturemin mintemperature temperatureminimum temperaturemini tmin tmini tempmin mintemp tempmini
		tempminimale tn lowtemp lowtemperature temperaturelow lowesttemperature outtempmin tasmin airtemperaturemin
		t2mmin temperaturaminima minimumairtemperature airtempmin`,
	meaning(meteo.TemperatureMean): `temperaturemean temperaturemoy tmean tavg tmoy tmoyen tmoyenne tempmoy tempmoyenne tempmean tempavg avgtemp
		temperatureavg averagetemperature temperatureaverage meantemp tm tg tasmean airtemperaturemean
		temperaturamedia tmed tmoyjour`,
	meaning(meteo.DewPointMean): `dewpointmean dewpointavg averagedewpoint tdmean tdmoy tdavg dewpointtemperaturemean pointderoseemoy`,
	meaning(meteo.HumidityMean): `humiditymean humidityavg averagehumidity relativehumiditymean meanrelativehumidity humiditerelativemoyenne
		humiditemoy rhmean rhavg hrmoy hrmoyenne`,
	meaning(meteo.WindSpeedMean): `windspeedmean windspeedavg averagewindspeed avgwindspeed windmean windavg wspdavg ventmoyenjournalier
		ffm ventmoyenjour`,

	stationID: `stationid recordedfrom idstation codestation stationcode wmo wmoid wmonumber wmostation numerowmo numeroomm omm indicatif indicatifomm icao icaoid icaocode
		codeicao oaci codeoaci usaf
		numersta numposte idomm codeomm estacionid wigosstationidentifier wigosstationid wigosid wigos wsi`,
	placeName: `region station stationname regionname nomstation nomdelastation city town place location locationname ville localite
		lieu name nom nomregion cityname nomusuel poste estacao estacion cidade ciudad`,
	latitude:  `latitude lat latitudey`,
	longitude: `longitude lon lng long longitudex`,
	elevation: `elevation altitude alt`,
	instant: `observedat timestamp timestamps datetime dateheure dateetheure datetemps datehour datehms observationtime timeobserved obsdatetime
		observationdate dateobservation dateobs horodatage horodate recordedat measuredat validtime lastupdate lastupdated starttime dt
		epoch unixtime unixtimestamp timestampunix timeunix epochtime timeepoch dtunix
		dtiso obstimeutc obsdateandtime dateandtime datetimeutc formatteddatetime validdatetime readingtime logtime obsdate datahora fechahora fechayhora
		datefin datetimeend enddate zeitstempel datumzeit`,
	date:       `date jour day datejour yyyymmdd aaaammjj ymd fecha datum`,
	clock:      `time heure hour heureobservation heures temps hours hourofday timeofday obstime hh hhmm hre hora he hourending zeit uhrzeit stunde`,
	yearPart:   `year yr yyyy annee an aaaa ano`,
	monthPart:  `month mois mo monthnumber`,
	dayOfYear:  `dayofyear doy yday jday julianday jourdelannee jourjulien`,
	minutePart: `minute minutes minuteofhour`,
	secondPart: `second seconde`,
	halfOfDay:  `ampm meridiem`,
	begin:      `datedebut datededebut debutperiode startdate datestart begindate datebegin periodstart datefrom`,
	fetchedAt:  `fetchedat`,
	issuedAt:   `issuedat`,
	source:     `source provider fournisseur`,
	kind:       `kind`,
	providerID: `providerid`,
	interval:   `interval intervals`,
	notKept: `pressuresurfacelevel surfacepressure stationpressure pressurestation pressionstation pressiondelastation
		pressionsurface qfe temperatureapparent apparenttemperature feelslike weathercode abspressure absolutepressure pa stp stnpress stnpressure`,
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
var noise = map[string]bool{
	"2m": true, "10m": true, "utc": true, "gmt": true, "tu": true, "local": true, "locale": true, "en": true,
	"out": true, "outdoor": true, "outside": true, "exterieur": true, "exterieure": true,
}

// Known reports whether the name of a field or column says what it holds. Readers use it to find the
// row of names in a table and the elements of an XML file that are records.
func Known(name string) bool { return understand(name).meaning != nothing }

// Measures reports whether a column holds values of a variable.
func Measures(name string) bool { return understand(name).meaning < stationID }

// IsTime reports whether a column holds dates or times, which spreadsheets keep as numbers.
func IsTime(name string) bool {
	return isTimeOf(understand(name).meaning)
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

// understood remembers what names mean, which readers ask for every element of a file; understoodNames counts them.
var (
	understood      sync.Map // string -> column
	understoodNames atomic.Int64
)

// understand finds the meaning of a name such as "windSpeed", "Vitesse du vent (km/h)" or "T (°F)":
// an alias, with up to three words of a unit after it. It remembers the first maxNames names of the process.
func understand(name string) column {
	if len(name) > 128 {
		return column{meaning: nothing, convert: same}
	}
	if c, ok := understood.Load(name); ok {
		return c.(column)
	}
	c := interpret(name)
	if understoodNames.Load() < maxNames {
		if _, known := understood.LoadOrStore(strings.Clone(name), c); !known {
			understoodNames.Add(1)
		}
	}
	return c
}

// interpret is understand without its memory.
func interpret(name string) column {
	if v, ok := meteo.VariableByName(name); ok {
		return column{meaning: meaning(v), convert: same, unit: true}
	}
	if isZone(name) {
		return column{meaning: zonePart, convert: same}
	}
	bare, zone := statedZone(name)
	if zone != nil {
		if c := understandWords(nameWords(bare)); isTimeOf(c.meaning) || isPartOfTime(c.meaning) {
			c.times.zone = zone
			return c
		}
	}
	words := nameWords(name)
	if c := understandWords(words); c.meaning != nothing {
		return c
	}
	if c := amountOver(words); c.meaning != nothing {
		return c
	}
	if c := withUnitAtEnd(words); c.meaning != nothing {
		return c
	}
	return withLostLetters(name)
}

// understandWords finds the meaning of the words of a name without a zone.
func understandWords(words []string) column {
	for unitWords := range min(len(words), 7) {
		split := len(words) - unitWords
		m, ok := aliases[strings.Join(words[:split], "")]
		if !ok {
			continue
		}
		c := column{meaning: m, convert: same, unit: unitWords > 0}
		unit := strings.Join(words[split:], "")
		if isTimeOf(m) || isPartOfTime(m) {
			if c.times.epoch = epochNames[strings.Join(words, "")]; unitWords == 0 || c.times.epoch || c.times.stated(unit) {
				return c
			}
			continue
		}
		if unitWords == 0 {
			return c
		}
		if c.open = unit == unstatedWords && dimensionOf(m) != noDimension; c.open {
			return c
		}
		if c.convert, ok = units[dimensionOf(m)][unit]; ok {
			return c
		}
		if c.convert, ok = units[rate][unit]; ok && m == meaning(meteo.Rain) {
			c.meaning = meaning(meteo.RainRate)
			return c
		}
	}
	return unitFirst(words)
}

// unstatedWords are those of unstated, as names have them.
const unstatedWords = "unitnotstated"

// unitFirst understands a name with its unit before it, as in "m/s Wind Speed".
func unitFirst(words []string) column {
	for unitWords := range min(len(words), 4) {
		if m, ok := aliases[strings.Join(words[unitWords:], "")]; ok {
			if convert, ok := units[dimensionOf(m)][strings.Join(words[:unitWords], "")]; ok {
				return column{meaning: m, convert: convert, unit: true}
			}
		}
	}
	if len(words) > 1 && words[0] == "p" { // the pressure or the precipitation
		unit := strings.Join(words[1:], "")
		for _, v := range [...]meteo.Variable{meteo.Pressure, meteo.Rain} {
			if convert, ok := units[dimensionOf(meaning(v))][unit]; ok {
				return column{meaning: meaning(v), convert: convert, unit: true}
			}
		}
	}
	return column{meaning: nothing, convert: same}
}

// isPartOfTime reports whether a field completes others to a time.
func isPartOfTime(m meaning) bool { return m >= yearPart && m <= zonePart }

// stated reads the form of times that a heading states, such as dd/mm/yyyy, YYYYMMDD, jj/mm/aaaa hh:mm or ms, without its signs.
func (style *timeStyle) stated(form string) bool {
	switch form {
	case "ms", "unix", "epoch", "milliseconds", "millisecondes", "unixms", "epochms":
		style.epoch = true
		return true
	case "h", "hour", "hours", "s", "24h", "12h":
		return true
	}
	if len(form) < 2 || strings.Trim(form, "ymdhsaj") != "" {
		return false
	}
	day, month, year := strings.IndexAny(form, "dj"), strings.IndexByte(form, 'm'), strings.IndexAny(form, "ya")
	switch {
	case day < 0 || month < 0:
	case year >= 0 && year < day && year < month:
		style.order = ShortYearFirst
	case day < month:
		style.order = DayFirst
	default:
		style.order = MonthFirst
	}
	return true
}

// epochNames are the names of numbers of seconds, or of their fractions, since 1970.
var epochNames = wordSet(`epoch unixtime unixtimestamp timestampunix timeunix epochtime timeepoch dtunix timestampms timestampepoch`)

// zoneNames are the names of fields that state the zone of the times beside them.
var zoneNames = wordSet(`timezone tz tzname tzid timezonename timezoneabbreviation utcoffset utcoffsetseconds utcoffsets utcoffsethours utcoffsetminutes gmtoffset
	tzoffset timezoneoffset datasourcetimezone fuseau fuseauhoraire decalagehoraire decalageutc`)

func wordSet(list string) map[string]bool {
	table := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		table[word] = true
	}
	return table
}

// nameWords splits a name at spaces, signs and changes from lower to upper case, and folds it.
func nameWords(name string) []string {
	var b strings.Builder
	var last rune
	for _, r := range name {
		switch r {
		case '℃':
			b.WriteString(" c")
			continue
		case '℉':
			b.WriteString(" f")
			continue
		}
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
