// Package program lets tests use senmeteo as its users do: it builds the program once, runs its verbs as processes of
// their own, and looks at what comes out of them: exit codes, both output streams, topics, tables and files.
package program
