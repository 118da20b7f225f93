package scrape

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/temoto/robotstxt"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/client"
)

// visit reads one page. Items that come with an error are good; a page that has not changed gives none.
func (s *Source) visit(ctx context.Context, t target, known mark) ([]found, error) {
	if err := s.prepare(ctx, t.url); err != nil {
		return nil, err
	}
	request := &client.Request{URL: t.url.String(), Header: http.Header{"Accept": {strings.Join(s.cfg.Site.Accept, ", ")}}, Fits: s.fits}
	if s.cfg.Remember {
		if known.ETag != "" {
			request.Header.Set("If-None-Match", known.ETag)
		}
		if known.Modified != "" {
			request.Header.Set("If-Modified-Since", known.Modified)
		}
	}
	answer, err := s.get(ctx, t.url.Host, s.pause(t.url.Host), request)
	var status *client.StatusError
	if errors.As(err, &status) && status.Status == http.StatusNotModified && s.cfg.Remember {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(answer.Body)
	m := mark{ETag: answer.Header.Get("ETag"), Modified: answer.Header.Get("Last-Modified"), Hash: hex.EncodeToString(sum[:])}
	if s.cfg.Remember && m.Hash == known.Hash {
		s.marks[t.key] = m
		return nil, nil
	}
	p := &page{site: s.cfg.Site, places: t.places, body: answer.Body, kind: answer.Header.Get("Content-Type"), fetched: s.now()}
	items, err := s.cfg.Site.read(p)
	if left := p.left.String(); left != "" && s.cfg.Warn != nil {
		s.cfg.Warn(t.name, left)
	}
	var layout *LayoutError
	if errors.As(err, &layout) {
		var failed error
		if layout.Copy, failed = s.state.keepCopy(s.cfg.Site.Name+"-"+t.name, answer.Body); failed != nil {
			return nil, failed
		}
	}
	if err == nil {
		s.marks[t.key] = m
	}
	return items, err
}

// fits refuses pages of other types than the site has, such as that of a portal that answers for the server.
func (s *Source) fits(r *client.Response) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(s.cfg.Site.Accept, kind) {
		err = fmt.Errorf("it is %.60q, not %s", r.Header.Get("Content-Type"), strings.Join(s.cfg.Site.Accept, " or "))
		if said := r.Said(); said != "" {
			err = fmt.Errorf("%w: %s", err, said)
		}
		return err
	}
	return nil
}

// pause is how long a host is left alone after a page.
func (s *Source) pause(host string) time.Duration {
	pause := time.Duration(s.cfg.Site.Pause)
	if known := s.rules[host]; known != nil {
		pause = max(pause, known.delay)
	}
	return pause
}

// get asks a host when it may be asked, leaves it alone for a pause then, and notes for later runs when it wants to be left
// alone for longer.
func (s *Source) get(ctx context.Context, host string, pause time.Duration, r *client.Request) (*client.Response, error) {
	r.Before = func(ctx context.Context) error { return s.pace(ctx, host, pause) }
	answer, err := s.http.Get(ctx, r)
	var status *client.StatusError
	if err == nil || errors.As(err, &status) {
		s.answer = true
	}
	var later *client.LaterError
	if errors.As(err, &later) {
		failed := s.state.host(ctx, host, func(h *hostState) { h.Until = later.Until })
		if failed != nil {
			return nil, failed
		}
	}
	return answer, err
}

// pace waits until the host may be asked again, and takes that moment.
func (s *Source) pace(ctx context.Context, host string, pause time.Duration) error {
	now := s.now()
	var slot time.Time
	err := s.state.host(ctx, host, func(h *hostState) {
		slot = now
		if h.Next.After(now) && h.Next.Before(now.Add(longestPause)) {
			slot = h.Next
		}
		h.Next = slot.Add(pause)
	})
	if err == nil && slot.After(now) {
		err = s.http.Pause(ctx, slot.Sub(now))
	}
	return err
}

// longestPause is the longest Crawl-delay that is kept; a host that asks for more is not read.
const longestPause = 10 * time.Minute

// rules are those of a robots.txt for this program.
type rules struct {
	group *robotstxt.Group
	delay time.Duration
}

// robotsAge is how long a robots.txt counts (RFC 9309, section 2.4), and robotsName the name that it knows us by.
const (
	robotsAge  = 24 * time.Hour
	robotsName = "senmeteo"
	robotsPath = "/robots.txt"
)

// prepare makes sure that a page may be asked for.
func (s *Source) prepare(ctx context.Context, u *url.URL) error {
	known := s.rules[u.Host]
	if known == nil {
		var err error
		if known, err = s.learn(ctx, u); err != nil {
			return err
		}
		s.rules[u.Host] = known
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	switch {
	case !known.group.Test(path):
		return &forbiddenError{host: u.Host, path: u.EscapedPath()}
	case known.delay > longestPause:
		return flow.Fail(flow.Usage, "robots.txt of %s asks for pauses of %s: it does not want to be read by programs", u.Host, known.delay)
	}
	return nil
}

// mayAsk is prepare for where a page redirects to.
func (s *Source) mayAsk(req *http.Request) error {
	if req.URL.Path == robotsPath { // which is read to know what may be
		return nil
	}
	if err := s.prepare(req.Context(), req.URL); err != nil {
		return &client.RefusedError{Reason: "it redirects to where it may not be read: " + err.Error()}
	}
	return nil
}

// learn reads the robots.txt of a page's host, or the copy of the last 24 hours. Where it does not exist all is allowed;
// where that can't be known nothing is.
func (s *Source) learn(ctx context.Context, u *url.URL) (*rules, error) {
	now := s.now()
	var kept *robots
	if err := s.state.host(ctx, u.Host, func(h *hostState) { kept = h.Robots }); err != nil {
		return nil, err
	}
	if kept == nil || now.Sub(kept.At) >= robotsAge || kept.At.After(now) {
		answer, err := s.get(ctx, u.Host, time.Second, &client.Request{URL: (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: robotsPath}).String()})
		var status *client.StatusError
		switch {
		case err == nil:
			kept = &robots{At: now, Status: answer.Status, Body: answer.Body[:min(len(answer.Body), 500<<10)]} // RFC 9309, section 2.5
		case errors.As(err, &status) && status.Status >= 400 && status.Status < 500 && !status.Transient():
			kept = &robots{At: now, Status: status.Status}
		default:
			return nil, err
		}
		if err := s.state.host(ctx, u.Host, func(h *hostState) { h.Robots = kept }); err != nil {
			return nil, err
		}
	}
	data, err := robotstxt.FromStatusAndBytes(kept.Status, directives(kept.Body))
	if err != nil {
		return nil, flow.Fail(flow.Unavailable, "reading robots.txt of %s: %w: nothing was asked", u.Host, err)
	}
	group := data.FindGroup(robotsName)
	return &rules{group: group, delay: group.CrawlDelay}, nil
}

// directive is a line of a robots.txt that matters; the parser refuses the whole file for a line that it can't read.
var directive = regexp.MustCompile(`^(?i)\s*(user-agent|disallow|allow|crawl-delay)\s*:\s*([^\s#]*)`)

// directives are the lines of a robots.txt that matter and can be read.
func directives(body []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(bytes.TrimPrefix(body, []byte("\ufeff"))) {
		m := directive.FindSubmatch(line)
		if m == nil {
			continue
		}
		name, value := strings.ToLower(string(m[1])), string(m[2])
		if name == "crawl-delay" {
			if seconds, err := strconv.ParseFloat(value, 64); err != nil || !(seconds >= 0 && seconds < 1e6) {
				continue
			}
		}
		out.WriteString(name + ": " + value + "\n")
	}
	return out.Bytes()
}
