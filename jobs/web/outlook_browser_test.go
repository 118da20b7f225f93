package web

import (
	"log/slog"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"senmeteo/jobs/query"
)

// openArchive opens a browser for the page of an archive.
func openArchive(t *testing.T, a *archive, counters query.Counter) *browser {
	t.Helper()
	h, err := NewHandler(Config{Store: a, Pipeline: counters, Now: func() time.Time { return noon }, Refresh: time.Second, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return openBrowser(t, server.URL)
}

func TestForecastsGapsAndIncidentsAreReadAtADeskAndOnAPhone(t *testing.T) {
	b := openArchive(t, planted(), senegal())
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
			b.run(chromedp.Navigate(b.home + "/?" + look.query.Encode()))
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

func TestAFreshInstallationLooksFriendly(t *testing.T) {
	b := openArchive(t, &archive{memory: &memory{err: query.ErrEmpty}}, &memory{})
	b.size(1280, 800, false)
	b.run(chromedp.Navigate(b.home + "/?lang=fr"))
	b.until(`document.getElementById("main").textContent.includes("Pas encore de score")`)
	b.picture("outlook-fresh-fr")
	b.expectNoFaults()
}

// What is wider than the paper would be cut off: nothing scrolls there.
func TestThePageFitsOnPaper(t *testing.T) {
	b := openArchive(t, planted(), senegal())
	const paper = 720 // pixels between the margins of an A4 sheet
	b.size(paper, 1000, false)
	b.run(chromedp.Navigate(b.home + "/?lang=fr"))
	b.until(`document.querySelectorAll(".scores li").length > 0 && document.querySelectorAll(".days tbody tr").length > 0`)
	b.run(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
	b.picture("outlook-print-fr")
	if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > paper {
		t.Errorf("the page is %d pixels wide on a paper of %d", wide, paper)
	}
	b.expectNoFaults()
}
