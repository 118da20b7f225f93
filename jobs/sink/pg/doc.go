// Package pg stores observations in PostgreSQL exactly once: a batch, what PostgreSQL refuses of it and the
// next offset are one database transaction. The schema is that of the migrations in sql/.
package pg
