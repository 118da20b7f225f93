// Package shape recognises weather records in every form in which they reach senmeteo and makes
// readings or observations of them: the project's own JSON, flat records of other producers
// (rows of a table among them) and the bodies of Tomorrow.io's API. Names of fields are matched by their
// meaning, units are converted here and nowhere else.
package shape
