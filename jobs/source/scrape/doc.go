// Package scrape reads weather from web pages and station reports. A site is described by a YAML file of its own
// (see Site): its address, stations, limits, licence, and how its pages are read. Those of sites/ are built in.
//
// It is polite: it says who it is, obeys robots.txt with its Crawl-delay, keeps a pause between two calls of a host and
// a time between two rounds of a site over restarts, asks only for what has changed, and stops when it is sent away. It
// never goes to a host that the site does not name. A page that does not look as its site says is an error that names
// what no longer matches, with a copy of the page; it never gives readings that are empty or guessed.
package scrape
