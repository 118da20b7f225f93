package shape

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"senmeteo/jobs/meteo"
)

// maxInteger is the largest whole number that every format carries exactly (RFC 8259, section 6).
const maxInteger = 1<<53 - 1

// checkSchema refuses records of a newer senmeteo: fields may have another meaning there.
func checkSchema(schema int64) error {
	if schema > meteo.SchemaVersion {
		return meteo.Refuse(meteo.UnsupportedSchema, "schema %d is newer than %d: update senmeteo", schema, meteo.SchemaVersion)
	}
	return nil
}

// validate refuses what no reading or observation can have, whatever shape it came in, and fills in
// what follows from the rest: the region of the station and the order of the failures.
func (d *Decoder) validate(o *meteo.Observation) error {
	station, ok := meteo.StationByID(o.StationID)
	if !ok && (!d.anyStation || !plainText(o.StationID) || o.StationID == "") {
		return meteo.Refuse(meteo.UnknownStation, "station_id %.40q is none of Senegal: use ids such as SN-DK", o.StationID)
	}
	if o.Region = strings.TrimSpace(o.Region); o.Region == "" {
		o.Region = station.Region
	}
	if o.ObservedAt.IsZero() {
		return meteo.Refuse(meteo.InvalidTime, "it has no time")
	}
	if err := d.validateOrigin(o); err != nil {
		return err
	}
	switch {
	case !plainText(o.Region):
		return meteo.Refuse(meteo.InvalidField, "region %.40q is not a name", o.Region)
	case !plainText(o.ProviderID):
		return meteo.Refuse(meteo.InvalidField, "provider_id %.40q is not a name", o.ProviderID)
	case o.Latitude < -90 || o.Latitude > 90 || o.Longitude < -180 || o.Longitude > 180:
		return meteo.Refuse(meteo.InvalidField, "latitude %g, longitude %g is not a point on Earth", o.Latitude, o.Longitude)
	case o.Revision < 0 || o.Revision > maxInteger:
		return meteo.Refuse(meteo.InvalidField, "revision %d is out of range", o.Revision)
	case o.IntervalS < 0 || o.IntervalS > maxInteger:
		return meteo.Refuse(meteo.InvalidField, "interval_s %d is out of range", o.IntervalS)
	case o.Values.Count() == 0:
		return meteo.Refuse(meteo.NothingMeasured, "it has none of the values that senmeteo keeps")
	}
	return validateVerdict(o)
}

// validateOrigin checks source, kind and time of issue.
func (d *Decoder) validateOrigin(o *meteo.Observation) error {
	if !d.sources[o.Source] {
		if err := meteo.CheckSource(o.Source); err != nil {
			return meteo.Refuse(meteo.InvalidField, "%v", err)
		}
		if len(d.sources) < maxNames {
			d.sources[o.Source] = true
		}
	}
	switch {
	case !o.Kind.Valid():
		return meteo.Refuse(meteo.InvalidField, "kind %.40q is not observed, model or forecast", string(o.Kind))
	case o.Kind == meteo.Forecast && o.IssuedAt.IsZero():
		return meteo.Refuse(meteo.InvalidField, "a forecast needs issued_at")
	case o.Kind != meteo.Forecast && !o.IssuedAt.IsZero():
		return meteo.Refuse(meteo.InvalidField, "only a forecast has issued_at")
	}
	return nil
}

// validateVerdict checks what the quality checks have said about an observation.
func validateVerdict(o *meteo.Observation) error {
	switch o.Quality {
	case "", meteo.Good, meteo.Suspect, meteo.Bad:
	default:
		return meteo.Refuse(meteo.InvalidField, "quality %.40q is not good, suspect or bad", string(o.Quality))
	}
	for _, f := range o.QC {
		if !codeWord(f.Subject) || !codeWord(string(f.Rule)) {
			return meteo.Refuse(meteo.InvalidField, "qc %.40q: %.40q is not a rule of a variable", f.Subject, string(f.Rule))
		}
	}
	slices.SortStableFunc(o.QC, func(a, b meteo.Failure) int { return cmp.Compare(a.Subject, b.Subject) })
	if o.Original != nil && o.Original.Count() == 0 {
		o.Original = nil
	}
	return nil
}

// codeWord reports whether s can name a subject or rule: a lower-case letter, then letters, digits,
// "_" and "-". Such words are in every format as they are.
func codeWord(s string) bool {
	for i := range len(s) {
		c := s[i]
		if lower := c >= 'a' && c <= 'z'; !lower && (i == 0 || (c < '0' || c > '9') && c != '_' && c != '-') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// plainText reports whether every format can carry s: valid UTF-8 without control characters.
func plainText(s string) bool {
	if len(s) > 256 || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == utf8.RuneError || r == 0xFFFE || r == 0xFFFF || r == '\u2028' || r == '\u2029' {
			return false
		}
	}
	return true
}

// meteoTime brings a time to UTC and the microsecond.
func meteoTime(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Microsecond)
}

// inCalendar reports whether RFC 3339 can write t in UTC.
func inCalendar(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1 && year <= 9999
}

// within puts the place of a record before the detail of its refusal.
func within(err error, place string, args ...any) error {
	var refusal *meteo.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	where := meteo.Refuse(refusal.Reason, place, args...)
	where.Detail += ": " + refusal.Detail
	return where
}

// nothingIn reports whether a record was refused only because it holds nothing that senmeteo measures.
func nothingIn(err error) bool {
	var refusal *meteo.Refusal
	return errors.As(err, &refusal) && (refusal.Reason == meteo.NothingMeasured || refusal.Reason == meteo.UnknownShape)
}
