// Package licences holds the check of what the programs are linked from: `make licences` lists every module with its
// licence. The test fails on a licence that does not go with the project's own, and when NOTICE lacks a module.
package licences
