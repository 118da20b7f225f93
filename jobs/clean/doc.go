// Package clean is the step that turns the raw topic into the clean one: it decodes every known shape,
// checks the values, corrects what can be corrected without a guess, removes what is known already and
// counts revisions. It flags and never deletes: a value that fails a check stays, with the rule beside it.
//
// What it remembers of a partition it rebuilds from the same partition of the clean topic.
package clean
