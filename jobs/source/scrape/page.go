package scrape

import (
	"time"

	"senmeteo/jobs/flow"
)

// page is a page that was asked for and came whole.
type page struct {
	site    *Site
	places  []*Place // stations that it may be about and whose readings are wanted
	body    []byte
	kind    string // its Content-Type
	fetched time.Time
	left    leftOut // what its reports hold that was not understood
}

// found is one item of a page.
type found struct {
	item      flow.Item
	corrected bool
}

// reader reads a page. What it found before an error is good.
type reader func(*page) ([]found, error)

// called is the station that the provider calls so, nil when there is none on the page.
func (p *page) called(id string) *Place {
	for _, place := range p.places {
		if place.ID == id {
			return place
		}
	}
	return nil
}

// only is the station of a page that is about one, nil of others.
func (p *page) only() *Place {
	if p.site.eachHasAPage() {
		return p.places[0]
	}
	return nil
}
