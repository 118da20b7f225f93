// Package console writes what people and collectors see while the program runs: log lines on standard error, coloured
// text for people and ECS JSON for collectors, and a progress bar on a terminal.
package console
