package tomorrow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"senmeteo/jobs/meteo"
)

// fields are what a timeline is asked for: what senmeteo keeps.
const fields = "temperature,dewPoint,humidity,pressureSeaLevel,windSpeed,windGust,windDirection,rainIntensity,cloudCover,visibility"

// timeline asks for the hours of the window at one station. What lies before the answer is what the model says of the
// past; what lies after it is a forecast, issued in the hour of the answer: see shape.Decoder.
func (s *Source) timeline(ctx context.Context, station meteo.Station, query url.Values, calls *Reservation) ([]meteo.Reading, error) {
	query.Set("fields", fields)
	query.Set("timesteps", "1h")
	query.Set("startTime", stamp(s.cfg.From))
	query.Set("endTime", stamp(s.cfg.To))
	answer, err := s.get(ctx, "/v4/timelines", query, calls)
	if err != nil {
		return nil, err
	}
	warnings, ok := readTimelines(answer.Body)
	if !ok {
		return nil, notOf("timelines", answer)
	}
	for i := range warnings {
		warnings[i] = strings.ReplaceAll(warnings[i], s.cfg.APIKey, "(the key)")
	}
	s.warn(warnings)
	readings, err := s.decode(answer.Body, station)
	if err != nil {
		return nil, warned(err, warnings)
	}
	readings = slices.DeleteFunc(readings, func(r meteo.Reading) bool { // the end of a window is in the answer, not in the window
		return r.ObservedAt.Before(s.cfg.From) || !r.ObservedAt.Before(s.cfg.To)
	})
	if len(readings) == 0 {
		return nil, warned(errors.New("reading the answer: it has no hour of the window"), warnings)
	}
	slices.SortStableFunc(readings, func(a, b meteo.Reading) int { return a.ObservedAt.Compare(b.ObservedAt) })
	return readings, nil
}

// readTimelines lists the warnings of a body of timelines; ok is false for another that the decoder knows.
func readTimelines(body []byte) (warnings []string, ok bool) {
	var said struct {
		Data struct {
			Timelines []struct {
				Timestep  string            `json:"timestep"`
				Intervals []json.RawMessage `json:"intervals"`
			} `json:"timelines"`
		} `json:"data"`
		Warnings []struct {
			Code    int64  `json:"code"`
			Type    string `json:"type"`
			Message string `json:"message"`
		} `json:"warnings"`
	}
	if json.Unmarshal(body, &said) != nil || said.Data.Timelines == nil {
		return nil, false
	}
	for _, line := range said.Data.Timelines {
		if line.Timestep != "1h" {
			return nil, false
		}
	}
	for _, w := range said.Warnings {
		warnings = append(warnings, fmt.Sprintf("%s: %s (code %d)", oneLine(w.Type), oneLine(w.Message), w.Code))
	}
	return warnings, true
}

// warn passes on the warnings that did not come before: each station's answer has the same ones.
func (s *Source) warn(warnings []string) {
	for _, w := range warnings {
		if s.cfg.Warn != nil && !slices.Contains(s.warned, w) && len(s.warned) < maxWarnings {
			s.warned = append(s.warned, w)
			s.cfg.Warn(w)
		}
	}
}

// maxWarnings bounds what one fetch passes on.
const maxWarnings = 20

// warned adds the first warning of an answer to why it gave nothing.
func warned(err error, warnings []string) error {
	if len(warnings) == 0 {
		return err
	}
	return fmt.Errorf("%w; the server warns: %s", err, warnings[0])
}

// oneLine shortens what a server says to one line that is not too long.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:200]) + "..."
	}
	return text
}
