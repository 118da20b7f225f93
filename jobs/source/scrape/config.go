package scrape

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/retry"
	"senmeteo/jobs/source/client"
)

// Config says what to read and how patiently.
type Config struct {
	Site     *Site
	BaseURL  string          // scheme and host that stand in for those of the site's URL; "" asks that. It may be internal
	Stations []meteo.Station // whose readings are wanted; nil: all of the site
	StateDir string          // a folder that exists and that all runs share
	// Remember keeps what the server says of its pages, so that the next run asks only for what has changed. It is for
	// destinations that keep what came before; Keep must be called once the readings are there.
	Remember bool
	Contact  string        // an address for the User-Agent
	Patience time.Duration // how long a run waits for a round to be due instead of giving up
	// Warn hears, once for each page, what its reports hold that was not understood and left out; nil: nobody does.
	Warn func(page, left string)
	HTTP client.Config // User-Agent, patience and clock; its hosts are set here
}

// maxPage is the longest page in bytes. What HTML is made of needs sixty times its length in memory at the most.
const maxPage = 4 << 20

// complete fills in defaults and reports what is wrong, in words for the user.
func (c *Config) complete() error {
	if c.StateDir == "" {
		return errors.New("no folder for the state is given: without one the limits of the site would not be kept")
	}
	if c.HTTP.Now == nil {
		c.HTTP.Now = time.Now
	}
	if c.HTTP.Sleep == nil {
		c.HTTP.Sleep = retry.Sleep
	}
	if c.HTTP.Attempts == 0 {
		c.HTTP.Attempts = 3
	}
	if c.HTTP.MaxBody == 0 {
		c.HTTP.MaxBody = maxPage
	}
	if err := c.identify(); err != nil {
		return err
	}
	c.HTTP.Hosts = c.Site.Hosts
	if c.BaseURL == "" {
		return nil
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" {
		return errors.New("the base URL is not of the form https://HOST or https://HOST:PORT")
	}
	c.HTTP.Hosts, c.HTTP.Internal = []string{u.Host}, true
	return nil
}

// identify puts the contact into the User-Agent.
func (c *Config) identify() error {
	if c.Contact == "" {
		if c.Site.Contact && c.BaseURL == "" {
			return fmt.Errorf("%s wants to know who asks: name a mail address or a web page by --contact or SENMETEO_CONTACT", c.Site.Name)
		}
		return nil
	}
	if len(c.Contact) > 200 || strings.ContainsFunc(c.Contact, func(r rune) bool { return r <= ' ' || r > '~' || r == '(' || r == ')' }) {
		return errors.New("the contact is neither a mail address nor the address of a web page")
	}
	c.HTTP.UserAgent += " (+" + c.Contact + ")"
	return nil
}

// chosen are the places of the site whose readings are wanted, in the site's order.
func (c *Config) chosen() ([]*Place, error) {
	var out []*Place
	for i := range c.Site.Stations {
		p := &c.Site.Stations[i]
		if c.Stations == nil || slices.ContainsFunc(c.Stations, func(s meteo.Station) bool { return s.ID == p.Station }) {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has none of the stations that are chosen", c.Site.Name)
	}
	return out, nil
}
