package scrape

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/client"
)

// Source gives the readings of a site. It is a flow.Source.
type Source struct {
	cfg    Config
	base   *url.URL // of the site's URL, without its path
	places []*Place
	http   *client.Client
	state  *state
	rules  map[string]*rules // of hosts, as far as they are known
	marks  map[string]mark   // of the pages that were read whole in this run
	answer bool              // the server answered in this run
}

// New returns the source of a configuration, or what is wrong with that in words for its user.
func New(cfg Config) (*Source, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	places, err := cfg.chosen()
	if err != nil {
		return nil, err
	}
	s := &Source{cfg: cfg, places: places, rules: map[string]*rules{}, marks: map[string]mark{}}
	address := cfg.BaseURL
	if address == "" {
		address = placeholder.ReplaceAllString(cfg.Site.URL, "x")
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	s.base = &url.URL{Scheme: u.Scheme, Host: u.Host}
	cfg.HTTP.Redirect = s.mayAsk
	s.state = newState(cfg.StateDir, cfg.Site, u.Host)
	s.http, err = client.New(cfg.HTTP)
	return s, err
}

// Fetch reads every page of the site that has changed and hands its readings over; reports that can't be decoded come
// as they are. When the site is not due nothing is asked and the error is a *NotDueError in a flow.Failure of class
// TryLater. A page that fails does not keep the others from being read: at the end a *flow.PartialError
// reports which failed, in a flow.Failure of the class that fits.
func (s *Source) Fetch(ctx context.Context, put func(*flow.Item) error) (err error) {
	defer s.http.Close()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.state.enter(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.state.leave()) }()
	kept, err := s.state.load()
	if err != nil {
		return err
	}
	if err := s.awaitRound(ctx, kept.Began); err != nil {
		return err
	}
	before, now := kept.Began, s.now()
	if kept.Began = now; s.cfg.Site.Every > 0 { // noted first: a run that is killed has asked, too
		if err := s.state.save(&kept); err != nil {
			return err
		}
	}
	if err = s.round(ctx, now, kept.Pages, put); !s.answer && s.cfg.Site.Every > 0 { // nobody was there to be bothered
		kept.Began = before
		err = errors.Join(err, s.state.save(&kept))
	}
	return err
}

// awaitRound waits for a round that is nearly due; the error of another is a NotDueError.
func (s *Source) awaitRound(ctx context.Context, began time.Time) error {
	now := s.now()
	until := began.Add(time.Duration(s.cfg.Site.Every))
	if began.After(now) { // the clock was set back
		until = now
	}
	if err := s.state.host(ctx, s.base.Host, func(h *hostState) {
		if h.Until.After(until) && h.Until.Before(now.Add(longestBan)) {
			until = h.Until
		}
	}); err != nil {
		return err
	}
	wait := until.Sub(now)
	switch {
	case wait <= 0:
		return nil
	case wait > s.cfg.Patience:
		return flow.Fail(flow.TryLater, "%w", &NotDueError{Site: s.cfg.Site.Name, Until: until})
	}
	return s.http.Pause(ctx, wait)
}

// longestBan is the longest time that a server is left alone for at its word; a longer one is a clock gone wrong.
const longestBan = 48 * time.Hour

// now is the present, as exact as readings are.
func (s *Source) now() time.Time { return s.cfg.HTTP.Now().UTC().Truncate(time.Microsecond) }

// target is one page of a round.
type target struct {
	name   string // of the page, in errors
	url    *url.URL
	key    string // of its mark
	places []*Place
}

// round reads the pages one after the other.
func (s *Source) round(ctx context.Context, now time.Time, marks map[string]mark, put func(*flow.Item) error) error {
	targets, err := s.targets(now)
	if err != nil {
		return err
	}
	partial, silent := &flow.PartialError{Parts: "pages", All: len(targets)}, 0
	for i, t := range targets {
		items, err := s.visit(ctx, t, marks[t.key])
		var known *flow.Failure
		if err != nil && (ctx.Err() != nil || errors.As(err, &known)) { // the end, or this machine's fault
			return err
		}
		for k := range items {
			if err := put(&items[k].item); err != nil {
				return err
			}
		}
		if err == nil {
			silent = 0
			continue
		}
		partial.Add(t.name, err)
		if silent++; !client.Transient(err) {
			silent = 0
		}
		if sendsAway(err) || silent == patience {
			for _, rest := range targets[i+1:] {
				partial.Add(rest.name, errNotAsked)
			}
			break
		}
	}
	return failure(s.cfg.Site.Name, partial)
}

// patience is after how many pages in a row, each tried several times, a server counts as not there.
const patience = 3

// targets are the pages of a round that begins at a time.
func (s *Source) targets(now time.Time) ([]target, error) {
	const form = "200601021504"
	from := now.Add(-time.Duration(s.cfg.Site.Window))
	words := strings.NewReplacer("{from}", from.Format(form), "{to}", now.Format(form))
	if !s.cfg.Site.eachHasAPage() {
		t, err := s.target(s.cfg.Site.Name, words.Replace(s.cfg.Site.URL), s.places)
		return []target{t}, err
	}
	out := make([]target, len(s.places))
	for i, place := range s.places {
		address := strings.ReplaceAll(words.Replace(s.cfg.Site.URL), "{id}", url.PathEscape(place.ID))
		var err error
		if out[i], err = s.target(place.Station, address, s.places[i:i+1]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Source) target(name, address string, places []*Place) (target, error) {
	u, err := url.Parse(address)
	if err != nil {
		return target{}, fmt.Errorf("making the address of %s: %w", name, err)
	}
	u.Scheme, u.Host = s.base.Scheme, s.base.Host
	key := u.String()
	for _, place := range places {
		key += " " + place.Station
	}
	return target{name: name, url: u, key: short(key), places: places}, nil
}

// Keep remembers, for the next run, the pages whose readings have landed.
func (s *Source) Keep() (err error) {
	if !s.cfg.Remember || len(s.marks) == 0 {
		return nil
	}
	if err := s.state.enter(); err != nil {
		if flow.ClassOf(err) == flow.TryLater { // the other run reads and remembers the same
			return nil
		}
		return err
	}
	defer func() { err = errors.Join(err, s.state.leave()) }()
	kept, err := s.state.load()
	if err != nil {
		return err
	}
	const most = 1000 // pages whose address has a time in it come once
	if len(kept.Pages)+len(s.marks) > most {
		clear(kept.Pages)
	}
	for key, m := range s.marks {
		kept.Pages[key] = m
	}
	return s.state.save(&kept)
}
