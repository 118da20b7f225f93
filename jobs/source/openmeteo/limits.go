package openmeteo

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"senmeteo/jobs/source/client"
)

// reason is what an answer says in the error body of Open-Meteo, {"error":true,"reason":"..."}, on one line.
func reason(e *client.StatusError) string {
	var said struct {
		Reason string `json:"reason"`
	}
	if json.Unmarshal(e.Body, &said) != nil || said.Reason == "" {
		return "it gives no reason"
	}
	text := strings.Join(strings.Fields(said.Reason), " ")
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:200]) + "..."
	}
	return text
}

// limitWait derives from the words of a 429 how long it lasts: Open-Meteo counts by calendar minutes, hours and
// days (UTC) and sends no Retry-After. The minute after midnight leaves the server time to clear its counters.
func (s *Source) limitWait(e *client.StatusError) (time.Duration, bool) {
	if e.Status != http.StatusTooManyRequests {
		return 0, false
	}
	now, words := s.cfg.HTTP.Now().UTC(), strings.ToLower(reason(e))
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
