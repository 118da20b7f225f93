package meteo

import "fmt"

// Reason is the code under which a record is refused. It is in the dead letter's header
// __connect.errors.exception.class.name, in meteo.rejected and in reports.
type Reason string

// The reasons: this list is closed and is repeated in docs/dead-letters.md.
const (
	InvalidJSON       Reason = "invalid_json"       // not JSON, not UTF-8, a name twice, or nested too deep
	TooLarge          Reason = "too_large"          // longer than a record may be
	UnknownShape      Reason = "unknown_shape"      // JSON, but no known kind of weather record
	UnsupportedSchema Reason = "unsupported_schema" // made by a newer senmeteo
	UnknownStation    Reason = "unknown_station"    // names no station or region of Senegal
	InvalidTime       Reason = "invalid_time"       // no time, or one that can't be read
	Future            Reason = "future"             // observed later than it arrived
	InvalidValue      Reason = "invalid_value"      // a value that is not a number
	InvalidField      Reason = "invalid_field"      // another field with a value it can't have
	NothingMeasured   Reason = "no_values"          // nothing was measured
	NotClean          Reason = "not_clean"          // a record of the clean topic that is not an observation
	StoreRefused      Reason = "store_refused"      // the store itself refused the record
)

// Reasons lists every Reason, in the order of the documentation.
var Reasons = [...]Reason{
	InvalidJSON, TooLarge, UnknownShape, UnsupportedSchema, UnknownStation, InvalidTime, Future,
	InvalidValue, InvalidField, NothingMeasured, NotClean, StoreRefused,
}

// Refusal is the error of a record that can't become a reading or observation: the record's
// fault, not the program's or a server's.
type Refusal struct {
	Reason Reason
	Detail string // one line for people; it may quote a short part of the record
}

// Refuse makes a Refusal.
func Refuse(reason Reason, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

func (r *Refusal) Error() string { return string(r.Reason) + ": " + r.Detail }
