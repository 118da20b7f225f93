// Package embedded is the whole pipeline in one process: an in-process broker, a PostgreSQL beside it, a lake in a local
// folder, the jobs, a feeder of synthetic weather, and the live page.
package embedded
