// Package web is the live page of senmeteo: a map of the 14 regions, the latest values, a chart and the
// forecasts of each region, what is missing, incidents, and the counters of the pipeline, in French and English.
//
// The page is a function of its URL and of the stored data: the server draws all of it, map and chart
// included, so it is complete without JavaScript. A small script keeps it up to date: when the event stream
// announces a change, it fetches the same URL again and applies the differences to the page.
//
// One reader (watcher) asks the store and the pipeline for all visitors together; only the series of
// the chart is read per visitor. What takes longer (survey.go) is asked in the background while somebody looks, each
// question once a minute at most, and appears when it is known. Nothing on the page comes from another host.
package web
