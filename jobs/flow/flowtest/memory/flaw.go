package memory

import (
	"maps"

	"senmeteo/jobs/meteo"
)

// Flaw is a promise that a Store breaks.
type Flaw string

// The flaws.
const (
	None            Flaw = ""
	ForgetsOffsets  Flaw = "it stores data without moving the offset"
	MovesOffsetOnly Flaw = "it moves the offset and loses the data of a batch's last record"
	NeverFences     Flaw = "it takes batches from everybody"
	WrongError      Flaw = "it refuses a late writer without saying ErrFenced"
	OlderWins       Flaw = "it stores what came last instead of the latest revision"
	Doubles         Flaw = "it stores an observation that comes again twice"
	IgnoresEmpty    Flaw = "it does nothing for an empty batch"
	MixesPartitions Flaw = "it keeps one offset for all partitions"
	StartsAtZero    Flaw = "it says 0 for a partition that was never stored"
	FailsTwice      Flaw = "it can't be closed twice"
	CutsLarge       Flaw = "it cuts large batches off"
	Miscounts       Flaw = "it counts fewer than it was given"
	BelievesLost    Flaw = "it says that a batch is stored although the request was lost"
	TakesGaps       Flaw = "it takes a batch that starts after the next offset of the partition"
	RepeatsUnknown  Flaw = "it stores a batch again when the answer was lost"
	LosesPlace      Flaw = "it says that a partition was never stored when the answer to taking it over was lost"
	StaysFenced     Flaw = "it takes itself for another writer when the answer to taking a partition over was lost"
	LosesValue      Flaw = "it loses a value"
	SwapsValues     Flaw = "it swaps two values"
	MixesRows       Flaw = "it stores another observation's values"
	KeepsValues     Flaw = "it keeps the values of the revision before"

	MiscountsRead    Flaw = "it counts records again that came again"
	ForgetsTopic     Flaw = "it does not report which topic it was filled from"
	LosesRevision    Flaw = "it does not report one of its revisions"
	MistakesFetched  Flaw = "it reports another fetched_at than it holds"
	IgnoresSelection Flaw = "it reports what was not selected"
	SumsAll          Flaw = "it sums up what was not selected"
	SumsRows         Flaw = "its sums count no rows"
	SumsNoHash       Flaw = "its sums have no hash of the rows"
	SwallowsErrors   Flaw = "it goes on when the caller says that it is enough"
	Misdeclares      Flaw = "it declares another reduction"
)

// Flaws are all of them.
var Flaws = []Flaw{
	ForgetsOffsets, MovesOffsetOnly, NeverFences, WrongError, OlderWins, Doubles, IgnoresEmpty, MixesPartitions, StartsAtZero, FailsTwice, CutsLarge, Miscounts, BelievesLost, TakesGaps, RepeatsUnknown, LosesPlace, StaysFenced, LosesValue, SwapsValues, MixesRows, KeepsValues, MiscountsRead, ForgetsTopic, LosesRevision, MistakesFetched, IgnoresSelection, SumsAll, SumsRows, SumsNoHash, SwallowsErrors, Misdeclares,
}

// Spoil is a defect that changes what is stored: row comes in the place of known (nil: there is none), after before of the same batch.
type Spoil func(row, known, before map[string]any)

// spoils are the flaws that change values.
var spoils = map[Flaw]Spoil{
	LosesValue:  func(row, _, _ map[string]any) { delete(row, "visibility_m") },
	SwapsValues: func(row, _, _ map[string]any) { Swap(row, "wind_speed_ms", "wind_gust_ms") },
	MixesRows: func(row, _, before map[string]any) {
		for _, v := range meteo.Variables {
			Replace(row, before, v.Name)
		}
	},
	KeepsValues: func(row, known, _ map[string]any) {
		for _, v := range meteo.Variables {
			Replace(row, known, v.Name)
		}
	},
}

// Swap swaps two members of a row.
func Swap(row map[string]any, a, b string) {
	before := maps.Clone(row)
	set(row, a, before[b])
	set(row, b, before[a])
}

// Replace puts another row's member into a row, when there is another row.
func Replace(row, other map[string]any, name string) {
	if other != nil {
		set(row, name, other[name])
	}
}

func set(row map[string]any, name string, value any) {
	if value == nil {
		delete(row, name)
	} else {
		row[name] = value
	}
}
