// Package crash lets the program kill itself at a named point, so that tests see what it leaves behind there. In the program
// that is shipped it does nothing and leaves nothing: the points exist only in a build with the tag crashpoints.
//
//	SENMETEO_CRASH_AT=stream.after-produce:3    is killed at the third passage
//	SENMETEO_STOP_AT=pg.before-commit           sleeps there until SIGCONT
package crash
