package openmeteo

import (
	"context"
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

// fetchWindow reads the window from where the cursor stands. The cursor moves behind what has landed, and never
// over hours that the archive does not hold yet.
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
	for next.Before(end) {
		stop := next.Truncate(day).Add(chunkDays * day)
		if stop.After(end) {
			stop = end
		}
		last, err := s.fetchChunk(ctx, next, stop, put)
		if err != nil {
			return err
		}
		growing := last.Before(stop) && stop.After(s.now().Add(-archiveDelay))
		if !growing {
			last = stop // a gap of old times is not filled any more
		}
		if err := s.landed(ctx, last); err != nil || growing {
			return err
		}
		next = stop
		if next.Before(end) {
			if err := s.http.Pause(ctx, pause(len(s.cfg.Stations), len(archived), chunkDays)); err != nil {
				return err
			}
		}
	}
	return nil
}

// fetchChunk puts the readings of [from, to), station by station, and returns up to where the archive holds them:
// `to`, or the hour after the last that has a value at any station when hours at the end have none.
func (s *Source) fetchChunk(ctx context.Context, from, to time.Time, put func(*flow.Item) error) (time.Time, error) {
	places, err := s.ask(ctx, s.archive+"/v1/archive", url.Values{
		"hourly":     {names(archived)},
		"start_date": {from.Format(time.DateOnly)},
		"end_date":   {to.Add(-1).Format(time.DateOnly)},
	})
	if err != nil {
		return from, err
	}
	fetched := s.now()
	var readings []meteo.Reading
	held := from
	for i := range places {
		hours, err := places[i].hours(s.cfg.Stations[i], fetched)
		if err != nil {
			return from, err
		}
		for _, r := range hours {
			if r.ObservedAt.Before(from) || !r.ObservedAt.Before(to) {
				continue
			}
			readings = append(readings, r)
			if after := r.ObservedAt.Add(time.Hour); after.After(held) {
				held = after
			}
		}
	}
	for i := range readings {
		if err := put(&flow.Item{Reading: readings[i]}); err != nil {
			return from, err
		}
	}
	if held.After(to) {
		held = to
	}
	return held, nil
}

// landed moves the cursor to next after what was put is durable.
func (s *Source) landed(ctx context.Context, next time.Time) error {
	if s.cfg.Landed != nil {
		if err := s.cfg.Landed(ctx); err != nil {
			return err
		}
	}
	if s.cfg.Cursor == nil {
		return nil
	}
	return s.cfg.Cursor.Save(ctx, s.task(), next)
}
