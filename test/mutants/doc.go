// Package mutants measures how sharp the tests of the packages are that need no server: `make mutate` changes their code
// in one place at a time (gremlins lists the places) and looks whether the package's own tests notice.
//
// survivors.txt lists the changes that no test can notice, each with the reason why it changes nothing.
package mutants
