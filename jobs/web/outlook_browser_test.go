package web

import (
	"log/slog"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func TestForecastsGapsAndIncidentsAreReadAtADeskAndOnAPhone(t *testing.T) {
	a := planted()
	h, err := NewHandler(Config{Store: a, Pipeline: a, Now: func() time.Time { return noon }, Refresh: time.Second, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	b := openBrowser(t, server.URL)
	for _, look := range []struct {
		name          string
		width, height int64
		dark          bool
		query         url.Values
	}{
		{"outlook-desktop-fr", 1280, 800, false, url.Values{"lang": {"fr"}, "station": {"SN-KL"}}},
		{"outlook-desktop-dark-en", 1280, 800, true, url.Values{"lang": {"en"}}},
		{"outlook-phone-fr", 390, 844, false, url.Values{"lang": {"fr"}, "station": {"SN-MT"}}},
		{"outlook-phone-dark-fr", 390, 844, true, url.Values{"lang": {"fr"}, "station": {"SN-TC"}}},
	} {
		t.Run(look.name, func(t *testing.T) {
			b.size(look.width, look.height, look.dark)
			b.run(chromedp.Navigate(server.URL + "/?" + look.query.Encode()))
			b.until(`document.getElementById("live").dataset.state === "live"`)
			b.until(`document.querySelectorAll(".scores li").length > 0 && document.querySelectorAll(".days tbody tr").length > 0`)
			b.picture(look.name)
			if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > look.width {
				t.Errorf("the page is %d pixels wide in a window of %d", wide, look.width)
			}
		})
	}
	b.expectNoFaults()
}
