// Package compose holds docker-compose.yml to what docs/operations.md promises of it, with the real compose program, and
// by `make compose-test` starts the stack.
package compose
