// Package client is how sources speak HTTP: it asks politely, with the project's name, gives up in
// bounded time and memory whatever the other side does, and goes to no host that it was not sent to.
//
// It repeats what may pass (no connection, 429, 5xx, an answer of another type than was asked for)
// with growing, random waits, waits as long as a server asks for if that is not too long, and never
// repeats what will not pass (400, 401, 403, 404 ...). Queries and headers of a request, which may hold
// secrets, are in no error.
package client
