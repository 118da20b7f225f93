// Package status reports how far each job is, and how old the last observation of each region is.
package status
