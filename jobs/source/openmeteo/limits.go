package openmeteo

import (
	"net/http"
	"strings"
	"time"

	"senmeteo/jobs/source/client"
)

// limitWait derives from the words of a 429 how long it lasts.
func (s *Source) limitWait(e *client.StatusError) (time.Duration, bool) {
	if e.Status != http.StatusTooManyRequests {
		return 0, false
	}
	return s.limitOf(e.Said)
}

// limitOf derives from what a server says how long one of its limits lasts: Open-Meteo counts by calendar minutes, hours
// and days (UTC) and sends no Retry-After. The minute after midnight leaves the server time to clear its counters.
func (s *Source) limitOf(said string) (time.Duration, bool) {
	now, words := s.cfg.HTTP.Now().UTC(), strings.ToLower(said)
	switch {
	case strings.Contains(words, "minute"):
		return now.Truncate(time.Minute).Add(time.Minute).Sub(now), true
	case strings.Contains(words, "hour"):
		return now.Truncate(time.Hour).Add(time.Hour).Sub(now), true
	case strings.Contains(words, "dai"), strings.Contains(words, "tomorrow"):
		return now.Truncate(24 * time.Hour).Add(24*time.Hour + time.Minute).Sub(now), true
	}
	return 0, false // too many at once: soon
}

// perMinute is the limit of calls a minute that a window keeps to.
const perMinute = 600

// pause is how long a request of that many places, variables and days keeps the limit of a minute busy: Open-Meteo
// counts a request as one call for each place and each started ten variables of two weeks.
func pause(places, variables int, days float64) time.Duration {
	wide := max(1, float64(variables)/10)
	calls := float64(places) * max(wide, wide*days/14)
	return time.Duration(calls / perMinute * float64(time.Minute))
}
