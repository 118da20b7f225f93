// Package sql carries the numbered migrations of PostgreSQL, which psql alone can apply as well.
package sql

import "embed"

// Migrations are the files 0001_*.sql, 0002_*.sql, ...; each is one transaction that notes its own
// number in meteo.migration and that changes nothing when run again.
//
//go:embed *.sql
var Migrations embed.FS
