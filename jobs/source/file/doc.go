// Package file reads readings and observations from files of every format: single files, the standard input, the files of
// folders, and what arrives in a folder over time. What was read can be moved away once it is durable.
package file
