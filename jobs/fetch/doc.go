// Package fetch carries what a source gives, or what a file holds, to where it should go.
package fetch
