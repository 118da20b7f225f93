// Package csv reads and writes comma-separated values: RFC 4180 when writing; when reading, also what
// spreadsheets of several countries save: semicolons, tabs, a byte-order mark, Windows-1252, UTF-16, titles
// above the table. Decimal commas and dates are package shape's business.
package csv
