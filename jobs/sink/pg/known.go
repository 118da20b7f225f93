package pg

import (
	"sync"
	"time"

	"senmeteo/jobs/meteo"
)

// known remembers what the server holds already, so that not every batch has to ask. A server that took the place of another
// may lack it: each new connection makes the store begin with another known. Batches of several partitions are committed at
// the same time.
type known struct {
	series *dictionary[series]
	places *dictionary[place]

	mu       sync.Mutex
	months   map[time.Time]bool // whose partitions exist
	stations map[string]bool    // of meteo.station, or refused there
}

// newKnown knows the main stations, which the first migration inserts.
func newKnown() *known {
	k := &known{series: newSeries(), places: newPlaces(), months: map[time.Time]bool{}, stations: map[string]bool{}}
	for _, st := range meteo.Stations {
		k.stations[st.ID] = true
	}
	return k
}

func (k *known) hasMonth(month time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.months[month]
}

func (k *known) addMonth(month time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.months[month] = true
}

func (k *known) hasStation(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.stations[id]
}

func (k *known) addStation(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stations[id] = true
}

func (k *known) forgetMonths() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.months)
}
