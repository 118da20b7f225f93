// Package deadletter lists the records that a job refused, and sends them back as they are or repaired.
package deadletter
