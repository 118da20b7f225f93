package web

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"senmeteo/jobs/meteo"
)

func TestAVisitorReadsTheMapChoosesARegionAndSeesNewValuesArrive(t *testing.T) {
	m := senegal()
	server := httptest.NewServer(startHandler(t, m, 50*time.Millisecond))
	t.Cleanup(server.Close)
	b := openBrowser(t, server.URL)
	b.size(1280, 800, false)
	b.run(chromedp.Navigate(server.URL + "/?lang=en"))
	b.until(`document.getElementById("live").dataset.state === "live"`)

	for _, station := range meteo.Stations {
		shown := eval[string](b, fmt.Sprintf(`document.querySelector('[data-value="%s"]').textContent`, station.ID))
		if want := fmt.Sprintf("%.1f", m.rows[rowOf(m, station.ID)].Values[meteo.Temperature]); shown != want {
			t.Errorf("%s shows %q on the map, want %q", station.Region, shown, want)
		}
		path := eval[float64](b, fmt.Sprintf(`document.querySelector('[data-region="%s"] use').getBoundingClientRect().width`, station.ID))
		if path < 15 {
			t.Errorf("%s is %.0f pixels wide on the map", station.Region, path)
		}
	}
	b.picture("desktop-light-en")

	eval[bool](b, `window.sameDocument = true`)
	b.run(chromedp.Click(chromedp.CSS(`[data-region="SN-KL"]`)))
	b.until(`document.getElementById("panel-title").textContent.startsWith("Kaolack")`)
	if !eval[bool](b, `window.sameDocument && location.search.includes("station=SN-KL")`) {
		t.Error("choosing a region reloaded the page, or is not in its address")
	}
	if points := eval[int](b, `document.querySelector("#plot path.line").getAttribute("d").split(/[ML]/).length`); points < 350 {
		t.Errorf("the chart of 72 hours joins %d points, want one every ten minutes less a gap", points)
	}
	if pieces := eval[int](b, `document.querySelector("#plot path.line").getAttribute("d").split("M").length - 1`); pieces != 3 {
		t.Errorf("the chart has %d pieces, want 3: broken by the gap and by the failed value", pieces)
	}
	if marks := eval[int](b, `document.querySelectorAll("#plot .mark").length`); marks != 1 {
		t.Errorf("the chart marks %d failed values, want 1", marks)
	}
	b.run(chromedp.Focus(chromedp.CSS("#plot")), chromedp.KeyEvent(kb.ArrowLeft))
	b.until(`document.getElementById("readout").textContent.includes("Fri")`)

	m.change(func(m *memory) { m.rows[rowOf(m, "SN-KL")].Values[meteo.Temperature] = 41.7 })
	b.until(`document.querySelector('[data-value="SN-KL"]').textContent === "41.7"`)
	b.until(`document.querySelector("#values .value").textContent.startsWith("41.7")`)
	if !eval[bool](b, `window.sameDocument`) {
		t.Error("a new value reloaded the page")
	}

	b.run(chromedp.Click(chromedp.CSS(".languages [lang=fr]")), chromedp.WaitReady(chromedp.CSS("html[lang=fr]")))
	b.until(`document.getElementById("live").dataset.state === "live"`)
	if shown := eval[string](b, `document.querySelector('[data-value="SN-KL"]').textContent`); shown != "41,7" {
		t.Errorf("in French the map shows %q, want 41,7", shown)
	}
	b.picture("desktop-light-fr")
	b.run(chromedp.NavigateBack(), chromedp.WaitReady(chromedp.CSS("html[lang=en]")))
	b.expectNoFaults()
}

func TestEveryLookOfThePageFitsItsWindow(t *testing.T) {
	m := senegal()
	m.change(func(m *memory) {
		flagged := &m.rows[rowOf(m, "SN-TC")]
		flagged.QC, flagged.Quality = []meteo.Failure{{Subject: "temperature_c", Rule: "step"}}, meteo.Bad
		m.rows[rowOf(m, "SN-KA")].ObservedAt = noon.Add(-5 * time.Hour)
		gone := rowOf(m, "SN-MT")
		m.rows = append(m.rows[:gone], m.rows[gone+1:]...)
	})
	server := httptest.NewServer(startHandler(t, m, time.Second))
	t.Cleanup(server.Close)
	b := openBrowser(t, server.URL)
	for _, look := range []struct {
		name          string
		width, height int64
		dark          bool
		query         url.Values
	}{
		{"desktop-states-fr", 1280, 800, false, url.Values{"lang": {"fr"}, "station": {"SN-FK"}}},
		{"desktop-dark-wind-fr", 1280, 800, true, url.Values{"lang": {"fr"}, "station": {"SN-TC"}, "variable": {"wind_speed_ms"}}},
		{"desktop-humidity-en", 1280, 800, false, url.Values{"lang": {"en"}, "station": {"SN-MT"}, "variable": {"humidity_pct"}}},
		{"phone-fr", 390, 844, false, url.Values{"lang": {"fr"}, "station": {"SN-ZG"}}},
		{"phone-dark-rain-fr", 390, 844, true, url.Values{"lang": {"fr"}, "station": {"SN-KD"}, "variable": {"rain_mm"}}},
		{"small-phone-pressure-en", 320, 640, false, url.Values{"lang": {"en"}, "variable": {"pressure_hpa"}, "hours": {"168"}}},
	} {
		t.Run(look.name, func(t *testing.T) {
			b.size(look.width, look.height, look.dark)
			b.run(chromedp.Navigate(server.URL + "/?" + look.query.Encode()))
			b.until(`document.getElementById("live").dataset.state === "live"`)
			b.picture(look.name)
			if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > look.width {
				t.Errorf("the page is %d pixels wide in a window of %d", wide, look.width)
			}
			clashes := eval[[]string](b, labelClashes)
			if len(clashes) > 0 {
				t.Errorf("labels of the map touch each other or the edge: %s", strings.Join(clashes, ", "))
			}
		})
	}
	b.expectNoFaults()
}

// labelClashes lists the pairs of labels on the map that overlap, and those that leave the map.
const labelClashes = `(() => {
	const map = document.querySelector(".regions").getBoundingClientRect();
	const shown = [...document.querySelectorAll(".labels text")].filter((text) => text.getClientRects().length)
		.map((text) => ({ text, box: text.getBoundingClientRect() })).filter(({ box }) => box.width > 0);
	const out = [];
	shown.forEach((a, i) => {
		if (a.box.left < map.left || a.box.right > map.right) out.push(a.text.textContent + " leaves the map");
		for (const b of shown.slice(i + 1)) {
			if (a.text.parentNode === b.text.parentNode) continue;
			const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
			const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
			if (wide > 0 && high > 0.25 * Math.min(a.box.height, b.box.height)) out.push(a.text.textContent + " / " + b.text.textContent);
		}
	});
	return out;
})()`

func TestThePageShowsThatTheDatabaseOrTheStreamFails(t *testing.T) {
	m := senegal()
	server := httptest.NewServer(startHandler(t, m, 50*time.Millisecond))
	t.Cleanup(server.Close)
	b := openBrowser(t, server.URL)
	b.size(1280, 800, false)
	b.run(chromedp.Navigate(server.URL + "/?lang=fr"))
	b.until(`document.getElementById("live").dataset.state === "live"`)
	m.change(func(m *memory) { m.err = errDown })
	b.until(`document.querySelector(".notice.warn")?.textContent.includes("ne répond plus")`)
	b.until(`document.getElementById("live").dataset.state === "waiting"`)
	if shown := eval[string](b, `document.querySelector('[data-value="SN-DK"]').textContent`); shown != "29,4" {
		t.Errorf("with the database down the map shows %q for Dakar, want the last value 29,4", shown)
	}
	b.picture("database-down-fr")
	m.change(func(m *memory) { m.err = nil })
	b.until(`!document.querySelector(".notice.warn") && document.getElementById("live").dataset.state === "live"`)
	b.expectNoFaults()

	server.CloseClientConnections()
	server.Close()
	b.until(`document.getElementById("live").dataset.state === "lost"`)
	b.picture("stream-lost-fr")
}

// rowOf is the index of a station in m.rows.
func rowOf(m *memory, stationID string) int {
	for i := range m.rows {
		if m.rows[i].StationID == stationID {
			return i
		}
	}
	return -1
}
