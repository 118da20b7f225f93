// Package postgres runs a real PostgreSQL server in a child process: found among the installed ones or downloaded, with
// its data in a folder of its own, open on a loopback port to one user with a random password. A commit survives a
// SIGKILL of this process, and on Linux the server ends with it.
package postgres
