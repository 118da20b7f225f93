package web

import (
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/alerts"
	"senmeteo/jobs/forecast"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// spaces makes one plain space of each run of spaces, without those beside tags.
func spaces(html string) string {
	html = regexp.MustCompile(`[\s\x{a0}]+`).ReplaceAllString(html, " ")
	return regexp.MustCompile(`(>) | (<)`).ReplaceAllString(html, "$1$2")
}

func TestWhatWasFoundInTheBackgroundIsReadInBothLanguages(t *testing.T) {
	for name, c := range map[string]struct {
		target      string
		change      func(*archive)
		has, hasNot []string
	}{
		"gaps, in French": {"/?lang=fr", nil, []string{
			"relevés manquants : 438 sur 9 912 (4 %)",
			`<td class="share c9" title="Kolda, 10 août – relevés manquants : 24 sur 24 (100 %)">100</td>`,
			`<td class="share c7" title="Matam, 12 août – relevés manquants : 15 sur 24 (62 %)">62</td>`,
			`<td class="share c9" title="Matam, 14 août – relevés manquants : 12 sur 12 (100 %)">100</td>`,
			`<td class="share c1" title="Louga, 25 juil. – relevés manquants : 1 sur 24 (4 %)">4</td>`,
			`<td class="share c5" title="Kaffrine, Pression – relevés manquants : 180 sur 708 (25 %)">25</td>`,
			`<td class="share none" title="Kaffrine, Humidité – relevés manquants : 0 sur 708 (0 %)">0</td>`,
			`<td class="share c1" title="Louga, METAR – relevés manquants : 1 sur 708 (&lt;1 %)">&lt;1</td>`,
			`<td class="number">29</td>`, "12 août, 09:00 · 2 j", "Muettes en ce moment",
		}, []string{"Toutes les sources envoient"}},
		"gaps, in English": {"/?lang=en", nil, []string{
			"readings missing: 438 of 9,912 (4 %)", `title="Kolda, 10 Aug – readings missing: 24 of 24 (100 %)">100</td>`, "Silent now",
		}, nil},
		"all report": {"/?lang=fr", func(a *archive) { a.series = a.series[:3] }, []string{"Toutes les sources envoient leurs relevés", "relevés manquants : 0 sur"}, []string{"Muettes en ce moment"}},
		"a file that was read once": {"/?lang=fr", func(a *archive) {
			a.series = a.series[:1]
			a.series[0].Source, a.series[0].Readings = "file", a.series[0].Readings[:100]
			a.series[0].Last = a.series[0].Readings[99].At
		}, []string{"Toutes les sources envoient leurs relevés"}, []string{"Muettes en ce moment"}},
		"a station further on, of values of days": {"/?lang=fr", func(a *archive) {
			a.series = a.series[:1]
			p := &a.series[0]
			p.StationID, p.Source, p.Kind, p.EverOfDays, p.Ever = "SN-DK-02", "open-meteo", meteo.Model, setOf(meteo.Rain), 0
			for i := range p.Readings {
				p.Readings[i].OfDay = true
			}
			p.FirstOfDays, p.LastOfDays = p.First, p.Last
		}, []string{"Dakar-02", "Open-Meteo, modèle, valeurs journalières <small>24\u00a0h</small>"}, nil},
		"incidents, in French": {"/?lang=fr", nil, []string{
			"Incidents en cours <small>2</small>",
			`<b>Matam : plus aucun relevé de la source METAR</b><small>Dernier relevé <time datetime="2026-08-12T08:00:00Z"`,
			`signalé <time datetime="2026-08-12T10:03:00Z"`,
			`<b>DAG en échec : weather_ingest</b><q lang="en">the task to_es of weather_ingest has failed</q>`,
			"<b>Kolda : plus aucune station de la région n’envoie de relevé</b>", "durée : 7 h",
			"<b>Ziguinchor : plus aucun relevé de la source Open-Meteo, modèle</b>", "durée : 25 min",
		}, []string{"is silent", "Aucun incident"}},
		"incidents, in English": {"/?lang=en", nil, []string{
			"Open incidents <small>2</small>", "<b>Matam: no more readings from the source METAR</b>", "<b>Failed DAG: weather_ingest</b>",
			"<b>Kolda: no station of the region sends readings any more</b>", "lasted 7 h",
		}, nil},
		"incidents of the jobs": {"/?lang=fr", func(a *archive) {
			a.incidents = []query.Incident{
				{Kind: alerts.Lag, Subject: "to-pg", Message: "to-pg lags: 9 records wait", OpenedAt: noon},
				{Kind: alerts.DeadLetters, Subject: "stream", Message: "stream rejects", OpenedAt: noon},
				{Kind: alerts.Reconcile, Subject: "ledger", Message: "the ledger does not balance", OpenedAt: noon},
				{Kind: alerts.Reconcile, Subject: "Elasticsearch", Message: "it differs", OpenedAt: noon},
			}
		}, []string{
			"<b>to-pg : le retard grandit</b>", "<b>stream : trop d’enregistrements rejetés</b>", "<b>registre : écart constaté", "<b>Elasticsearch : écart constaté",
		}, []string{"lags", "rejects", "does not balance", "differs"}},
		"one is open and none was closed": {"/?lang=fr", func(a *archive) { a.incidents = a.incidents[:1] }, []string{"Incidents en cours", ">Aucun.<"}, []string{"Aucun incident"}},
		"one was closed and none is open": {"/?lang=fr", func(a *archive) { a.incidents = a.incidents[3:] }, []string{"durée : 25 min"}, []string{"Incidents en cours", "Aucun"}},
		"incidents that others write": {"/?lang=fr", func(a *archive) {
			a.incidents = []query.Incident{
				{Kind: "<b>", Subject: "<i>", Message: "<script>alert(1)</script>", OpenedAt: noon},
				{Kind: "station", Subject: "odd", Message: "an odd one", OpenedAt: noon},
			}
		}, []string{"&lt;b&gt; : &lt;i&gt;", "&lt;script&gt;", `<b>station : odd</b><q lang="en">an odd one</q>`}, []string{"<script>alert"}},
		"forecasts, in French": {"/?lang=fr&station=SN-KL", nil, []string{
			"Prévisions <small>Kaolack</small>", `émises <time datetime="2026-08-14T00:00:00Z"`,
			`<th scope="row">ven. 14</th>`, `<th scope="row">jeu. 20</th>`,
			"<td>35,7\u00a0°C <small>33,7 à 37,7</small></td><td>26,7\u00a0°C <small>25,1 à 28,3</small></td><td>4,2\u00a0m/s <small>3,2 à 5,2</small></td><td>66\u00a0% <small>56 à 76</small></td>",
			`width="48%"`, "48\u00a0%", "<th scope=\"col\">Vent moyen</th>", "Minimum 25,6 °C (sam. 15, 04:00), maximum 32,9 °C (ven. 14, 15:00)",
			"n’a pas pu être vérifiée au Sénégal",
		}, []string{`<th scope="row">jeu. 13</th>`, `<th scope="row">ven. 21</th>`, "fresh late\">⚠ émises"}},
		"what failed the checks, in French": {"/?lang=fr&station=SN-DK", nil, []string{
			`<th scope="row">Température</th><td class="words">hors des limites physiques <code>range</code></td><td class="number">2</td>`,
			`<td class="words">isolée des mesures d’avant et d’après <code>spike</code></td><td class="number">10</td><td class="words"><a href="/?lang=fr&amp;station=SN-ZG">Ziguinchor</a>&nbsp;7, <a href="/?lang=fr" aria-current="true">Dakar</a>&nbsp;3</td>`,
			`<th scope="row">Humidité</th><td class="words">figée depuis trop longtemps <code>stuck</code></td><td class="number">1 204</td>`,
			`<th scope="row">Position</th><td class="words">position éloignée de la station`,
		}, []string{"n’échoue à un contrôle"}},
		"what failed the checks, in English": {"/?lang=en", nil, []string{
			`<th scope="row">Pressure</th><td class="words">does not fit the stations around <code>neighbours</code></td><td class="number">41</td>`,
		}, []string{"No value of the last 7 days"}},
		"nothing failed a check": {"/?lang=en", func(a *archive) { a.flags = nil }, []string{"No value of the last 7 days failed a check."}, []string{"What is wrong"}},
		"scores, in French": {"/?lang=fr", nil, []string{
			"Sur les 30 derniers jours, la prévision de la température maximale du lendemain s’est trompée de 1,0\u00a0°C en moyenne\u00a0; la persistance, qui répète la dernière valeur connue, de 0,4\u00a0°C. À 7\u00a0jours\u00a0: 1,6\u00a0°C, contre 2,3\u00a0°C pour la persistance.",
			"Pour la température minimale du lendemain\u00a0: 1,0\u00a0°C, contre 0,4\u00a0°C pour la persistance.",
			"dans la bande à 90\u00a0% dans 100\u00a0% des cas (420 prévisions comparées)",
			"probabilité moyenne de 44\u00a0%\u00a0; il a plu (au moins 1\u00a0mm) 46\u00a0% des fois, sur 420 prévisions",
		}, []string{"synthétiques"}},
		"scores, in English": {"/?lang=en", nil, []string{
			"Over the last 30 days, forecasts of the next day’s highest temperature were wrong by 1.0\u00a0°C on average; persistence, which repeats the last known value, by 0.4\u00a0°C. At 7 days: 1.6\u00a0°C, persistence 2.3\u00a0°C.",
		}, nil},
		"scores on weather that is not real": {"/?lang=fr", func(a *archive) { a.rows[0].Source = "generate" }, []string{"s’est trompée de 1,0", "ces écarts ne disent rien de la qualité des prévisions"}, nil},
		"forecasts that are old": {"/?lang=fr", func(a *archive) {
			a.forecasts = nil
			a.issue(noon.Truncate(24*time.Hour).AddDate(0, 0, -2))
		}, []string{`fresh late">⚠ émises`, `<th scope="row">ven. 14</th>`, `<th scope="row">mar. 18</th>`}, []string{`<th scope="row">jeu. 13</th>`, "48 prochaines heures"}},
		"forecasts that are too old": {"/?lang=fr", func(a *archive) {
			a.forecasts = nil
			a.issue(noon.Truncate(24*time.Hour).AddDate(0, 0, -3))
		}, []string{"Aucune prévision récente pour cette station"}, []string{"Les 7 prochains jours"}},
		"forecasts of which some elements are not known": {"/?lang=fr", func(a *archive) {
			for i := range a.forecasts {
				a.forecasts[i].Quantiles, a.forecasts[i].Values[meteo.RainProbability] = a.forecasts[i].Quantiles[:0], math.NaN()
			}
		}, []string{"<td>–</td>", `width="0%"`}, []string{"<figure class=\"fan\">", "NaN"}},
		"a fresh installation": {"/?lang=fr", func(a *archive) { a.incidents, a.series, a.measured, a.forecasts, a.rows = nil, nil, nil, nil, nil }, []string{
			"Aucun incident en cours", "Aucune station n’a encore envoyé de relevé", "Aucune prévision récente pour cette station", "Pas encore de score", "Aucune observation",
		}, []string{`class="notice warn"`, "Lecture impossible", "Incidents en cours", "Par station et par jour", "<figure class=\"fan\">"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := planted()
			if c.change != nil {
				c.change(a)
			}
			page := spaces(settled(t, surveying(t, a, &clock{at: noon}, slog.New(slog.DiscardHandler)), c.target))
			for _, text := range c.has {
				if !strings.Contains(page, spaces(text)) {
					t.Errorf("the page lacks %q", text)
				}
			}
			for _, text := range c.hasNot {
				if strings.Contains(page, spaces(text)) {
					t.Errorf("the page has %q", text)
				}
			}
		})
	}
}

func TestOnlyTheNewestForecastOfAStationCounts(t *testing.T) {
	all, err := outlooks(t.Context(), planted(), noon)
	if err != nil || len(all) != len(meteo.Stations) {
		t.Fatalf("%d stations, %v", len(all), err)
	}
	issued := noon.Truncate(24 * time.Hour)
	for id, f := range all {
		if len(f.Days) != 7 || !f.Days[0].IssuedAt.Equal(issued) || !f.Days[0].Date.Equal(issued) {
			t.Errorf("%s has %d days, the first one is %+v", id, len(f.Days), f.Days[0])
		}
		if len(f.Hours) != 48 || !f.Hours[0].IssuedAt.Equal(issued) || !f.Hours[0].At.Equal(issued.Add(time.Hour)) {
			t.Errorf("%s has %d hours, the first one is %+v", id, len(f.Hours), f.Hours[0])
		}
	}
}

func TestSharesHaveTheColourOfTheirSizeAndAreNeverRoundedToNothingOrAll(t *testing.T) {
	fr, _ := localeByCode("fr")
	for _, c := range []struct {
		missing, expected int
		class, text       string
	}{
		{0, 0, "", ""},
		{0, 1000, "none", "0"},
		{1, 1000, "c1", "<1"},
		{10, 1000, "c1", "1"},
		{50, 1000, "c1", "5"},
		{51, 1000, "c3", "5"},
		{250, 1000, "c3", "25"},
		{251, 1000, "c5", "25"},
		{500, 1000, "c5", "50"},
		{501, 1000, "c7", "50"},
		{999, 1000, "c7", "99"},
		{1000, 1000, "c9", "100"},
	} {
		got := fr.heat(gaps.Counts{Expected: c.expected, Missing: c.missing, Present: c.expected - c.missing}, "x")
		if got.Class != c.class || got.Text != c.text {
			t.Errorf("%d of %d: %q in the colour %q, want %q in %q", c.missing, c.expected, got.Text, got.Class, c.text, c.class)
		}
	}
}

func TestAFanIsDrawnAroundItsMedians(t *testing.T) {
	fr, _ := localeByCode("fr")
	from := noon.Truncate(24 * time.Hour)
	r := ray{class: "warm", name: "x"}
	r.add(from, forecast.Quantiles{20, 21, 25, 30, 35, 39, 40})
	r.add(from.Add(time.Hour), forecast.Quantiles{math.NaN(), math.NaN(), math.NaN(), math.NaN()})
	r.add(from.Add(2*time.Hour), forecast.Quantiles{25, 26, 28, 30, 32, 34, 35})
	f, _ := drawFan(fr, layers[0], from, from.Add(2*time.Hour), &r, &ray{class: "cold"})
	want := []shade{
		{"warm outer", "M0 0L1000 100L1000 300L0 400Z"},
		{"warm inner", "M0 100L1000 160L1000 240L0 300Z"},
		{"warm median", "M0 200L1000 200"},
	}
	if f == nil || !reflect.DeepEqual(f.Bands, want) {
		t.Errorf("got %+v\nwant %+v", f, want)
	}
	if f, _ := drawFan(fr, layers[0], from, from.Add(time.Hour), &ray{}); f != nil {
		t.Errorf("of nothing: %+v", f)
	}
}

func TestHowLongSomethingLastedIsWrittenShort(t *testing.T) {
	fr, _ := localeByCode("fr")
	for d, want := range map[time.Duration]string{
		0: "0\u00a0min", 25 * time.Minute: "25\u00a0min", 60 * time.Minute: "1\u00a0h", 119 * time.Minute: "119\u00a0min", 150 * time.Minute: "2\u00a0h", 47 * time.Hour: "47\u00a0h", 75 * time.Hour: "3 j",
	} {
		if got := fr.Lasting(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestEveryVariableHasANameInBothLanguages(t *testing.T) {
	fr, _ := localeByCode("fr")
	en, _ := localeByCode("en")
	seen := map[string]bool{}
	for v := range meteo.NumVariables {
		a, b := fr.Variable(meteo.Variable(v)), en.Variable(meteo.Variable(v))
		if a == "" || b == "" || seen[a] {
			t.Errorf("%s is %q and %q", meteo.Variable(v), a, b)
		}
		seen[a] = true
	}
	if got := fmt.Sprint(stationName("SN-KE"), " ", stationName("SN-KE-03"), " ", stationName("elsewhere")); got != "Kédougou Kédougou-03 elsewhere" {
		t.Error(got)
	}
}
