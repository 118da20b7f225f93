package openmeteo

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// archived are the hourly variables of the archive; it has no visibility.
var archived = []variable{
	{"temperature_2m", meteo.Temperature, "°C"},
	{"dew_point_2m", meteo.DewPoint, "°C"},
	{"relative_humidity_2m", meteo.Humidity, "%"},
	{"precipitation", meteo.Rain, "mm"},
	{"cloud_cover", meteo.CloudCover, "%"},
	{"pressure_msl", meteo.Pressure, "hPa"},
	{"wind_speed_10m", meteo.WindSpeed, "m/s"},
	{"wind_direction_10m", meteo.WindDirection, "°"},
	{"wind_gusts_10m", meteo.WindGust, "m/s"},
}

const day = 24 * time.Hour

// chunkDays is how many days one request asks for: two of the fortnights that Open-Meteo counts, about half a
// megabyte for 14 stations.
const chunkDays = 28

// archiveDelay is after how long the archive holds what it will ever hold; the reanalysis follows after five days.
const archiveDelay = 30 * day

// task names what a window reads, for the cursor: the end may move without making it another task.
func (s *Source) task() string {
	ids := make([]string, len(s.cfg.Stations))
	for i := range s.cfg.Stations {
		ids[i] = s.cfg.Stations[i].ID
	}
	return Name + " " + stamp(s.cfg.From) + " " + strings.Join(ids, ",")
}

// fetchWindow reads the window from the cursor on. The cursor moves past what has landed, and never
// over hours that the archive does not hold yet, or that a station has not had: they are asked for again.
func (s *Source) fetchWindow(ctx context.Context, put func(*flow.Item) error) error {
	next, end := s.cfg.From.UTC(), s.cfg.To.UTC()
	if now := s.now(); end.After(now) {
		end = now // a reanalysis has no future
	}
	if s.cfg.Cursor != nil {
		kept, err := s.cfg.Cursor.Load(ctx, s.task())
		if err != nil {
			return err
		}
		if kept.After(next) {
			next = kept.UTC()
		}
	}
	var some error // stations that failed in a chunk
	for next.Before(end) {
		stop := next.Truncate(day).Add(chunkDays * day)
		if stop.After(end) {
			stop = end
		}
		last, err := s.fetchChunk(ctx, next, stop, put)
		var failed *flow.PartialError
		if errors.As(err, &failed) && len(failed.Failed) < failed.All {
			if some == nil {
				some = err
			}
		} else if err != nil {
			return err
		}
		growing := last.Before(stop) && stop.After(s.now().Add(-archiveDelay))
		if !growing {
			last = stop // a gap of old times will not be filled
		}
		if err := s.landed(ctx, last, some == nil); err != nil || growing {
			return errors.Join(err, some)
		}
		next = stop
		if next.Before(end) {
			if err := s.http.Pause(ctx, pause(len(s.cfg.Stations), len(archived), chunkDays)); err != nil {
				return err
			}
		}
	}
	return some
}

// fetchChunk puts the readings of [from, to), station by station, and returns up to where the archive holds them:
// `to`, or the hour after the last that has a value at any station when hours at the end have none. What other stations
// have is put although the parts of some fail.
func (s *Source) fetchChunk(ctx context.Context, from, to time.Time, put func(*flow.Item) error) (time.Time, error) {
	parts, err := s.ask(ctx, s.archive+"/v1/archive", url.Values{
		"hourly":     {names(archived)},
		"start_date": {from.Format(time.DateOnly)},
		"end_date":   {to.Add(-1).Format(time.DateOnly)},
	})
	if err != nil {
		return from, err
	}
	fetched := s.now()
	held := from
	failed := &flow.PartialError{Parts: "stations", All: len(parts)}
	for i := range parts {
		hours, err := parts[i].hours(s.cfg.Stations[i], fetched)
		if err != nil {
			failed.Add(s.cfg.Stations[i].ID, err)
			continue
		}
		for k := range hours {
			at := hours[k].ObservedAt
			if at.Before(from) || !at.Before(to) {
				continue
			}
			if err := put(&flow.Item{Reading: hours[k]}); err != nil {
				return from, err
			}
			if after := at.Add(time.Hour); after.After(held) {
				held = after
			}
		}
	}
	if held.After(to) {
		held = to
	}
	return held, failure(failed)
}

// landed makes what was put durable, and then moves the cursor to next where every station has what lies before.
func (s *Source) landed(ctx context.Context, next time.Time, whole bool) error {
	if s.cfg.Landed != nil {
		if err := s.cfg.Landed(ctx); err != nil {
			return err
		}
	}
	if s.cfg.Cursor == nil || !whole {
		return nil
	}
	return s.cfg.Cursor.Save(ctx, s.task(), next)
}
