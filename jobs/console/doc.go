// Package console is how the program speaks: log lines on standard error, coloured text for people and ECS JSON
// for collectors, and a progress bar where a terminal is watched.
package console
