// Package compose holds docker-compose.yml to what docs/operations.md promises of it, with the real compose program, and
// by `make compose-test` starts the stack, as it is, with images of this machine under the names of the official ones.
package compose
