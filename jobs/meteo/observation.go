package meteo

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/maphash"
	"math"
	"time"
)

// SchemaVersion is the version of the record shape that this program writes.
const SchemaVersion = 1

// Kind reports how the values came to be.
type Kind string

// The kinds. A forecast also has IssuedAt.
const (
	Observed Kind = "observed"
	Model    Kind = "model"
	Forecast Kind = "forecast"
)

// Valid reports whether k is one of the three kinds.
func (k Kind) Valid() bool { return k == Observed || k == Model || k == Forecast }

// Quality is the verdict of the checks on a whole observation: that of its worst value.
type Quality string

// The verdicts, from best to worst.
const (
	Good    Quality = "good"
	Suspect Quality = "suspect"
	Bad     Quality = "bad"
)

// Worse returns the worse of two verdicts; "" counts as Good.
func (q Quality) Worse(other Quality) Quality {
	if q == Bad || other == Bad {
		return Bad
	}
	if q == Suspect || other == Suspect {
		return Suspect
	}
	return Good
}

// Identity is what makes two records the same observation: their ID is equal if and only if
// these five are.
type Identity struct {
	StationID  string
	ObservedAt time.Time
	Source     string
	Kind       Kind
	IssuedAt   time.Time // zero unless Kind is Forecast
}

// ID is the first 16 bytes of the SHA-256 of an Identity.
type ID [16]byte

// String is the ID as 32 lower-case hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether the ID was never set: the record is a reading.
func (id ID) IsZero() bool { return id == ID{} }

// ParseID reads 32 hexadecimal digits.
func ParseID(s string) (id ID, ok bool) {
	if len(s) != 2*len(id) {
		return ID{}, false
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return ID{}, false
	}
	return id, true
}

// ID computes the identity's ID from "station_id|observed_at|source|kind|issued_at".
func (i *Identity) ID() ID {
	buf := make([]byte, 0, 128)
	buf = append(buf, i.StationID...)
	buf = append(buf, '|')
	buf = AppendTime(buf, i.ObservedAt)
	buf = append(buf, '|')
	buf = append(buf, i.Source...)
	buf = append(buf, '|')
	buf = append(buf, i.Kind...)
	buf = append(buf, '|')
	if !i.IssuedAt.IsZero() {
		buf = AppendTime(buf, i.IssuedAt)
	}
	sum := sha256.Sum256(buf)
	return ID(sum[:16])
}

// Reading is one record as a source gives it: what a station measured, or a model says, at one time.
type Reading struct {
	Identity
	Region     string
	Latitude   float64 // degrees north, WGS84; NaN unknown
	Longitude  float64 // degrees east, WGS84; NaN unknown
	ElevationM float64 // metres; NaN unknown
	FetchedAt  time.Time
	ProviderID string // what the provider itself calls the place: a WMO number, a grid cell; "" unknown
	Values     Values
	IntervalS  int64 // seconds, up to ObservedAt, that the values over an interval cover; 0 unknown
	Quantiles  Quantiles
}

// NewReading returns a reading of a station with nothing measured yet.
func NewReading(s Station, observedAt time.Time, source string, kind Kind) Reading {
	return Reading{
		Identity: Identity{StationID: s.ID, ObservedAt: observedAt.UTC().Truncate(time.Microsecond), Source: source, Kind: kind},
		Region:   s.Region, Latitude: s.Latitude, Longitude: s.Longitude, ElevationM: s.ElevationM,
		Values: NoValues(),
	}
}

// Rule names a check that a value can fail; the list stands with the checks.
type Rule string

// Failure is one check that one subject failed.
type Failure struct {
	Subject string // a variable's name, or "location"
	Rule    Rule
}

// Observation is a checked reading, or, with a zero ID, a reading that is not checked yet: one
// type carries both through files and topics, since the first is the second with more known.
type Observation struct {
	Reading
	ID       ID
	Revision int64 // 1, 2, ...; 0 for a reading
	Quality  Quality
	QC       []Failure // sorted by Subject, then in the order of the checks; empty when all pass
	Original *Values   // the values before a correction, NaN where nothing was changed; nil when none was
}

// Replaces reports whether o, which came after stored of the same id, takes its place in a store of latest revisions: unless it was
// fetched earlier. Revisions can't tell, since they start from 1 where an id was forgotten or a topic was recreated.
func (o *Observation) Replaces(stored *Observation) bool {
	return !o.FetchedAt.Before(stored.FetchedAt)
}

// secondsOfDay is the shortest interval that IsOfDay counts.
const secondsOfDay = 24 * 60 * 60

// IsOfDay reports whether it is of a day or longer and holds no value of the moment ObservedAt, as PostgreSQL's meteo.is_of_day.
func (o *Observation) IsOfDay() bool {
	if o.IntervalS < secondsOfDay {
		return false
	}
	for v := range Variables {
		if !Variables[v].Over && o.Values.Has(Variable(v)) {
			return false
		}
	}
	return true
}

// Fingerprint is a 64-bit hash of what a revision is about: the values as they were received, the
// interval they cover and the quantiles. Two fetches with equal fingerprints say the same. Another process has other fingerprints.
func (o *Observation) Fingerprint() uint64 {
	var room [8 * (NumVariables + 1)]byte
	text := room[:]
	for v, x := range o.Values {
		if o.Original != nil && o.Original.Has(Variable(v)) {
			x = o.Original[v]
		}
		bits := uint64(math.MaxUint64) // one pattern for every NaN
		if Known(x) {
			bits = math.Float64bits(x)
		}
		binary.LittleEndian.PutUint64(text[8*v:], bits)
	}
	binary.LittleEndian.PutUint64(text[8*NumVariables:], uint64(o.IntervalS))
	for i := range o.Quantiles {
		q := &o.Quantiles[i]
		text = binary.LittleEndian.AppendUint64(text, uint64(q.Variable))
		for _, x := range q.Values {
			text = binary.LittleEndian.AppendUint64(text, math.Float64bits(x))
		}
	}
	return maphash.Bytes(fingerprintSeed, text)
}

var fingerprintSeed = maphash.MakeSeed()
