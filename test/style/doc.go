// Package style holds tests of the repository's own text: the words of the glossary, the width of Markdown, the size of
// files. `make lint` runs them; they need no server.
package style
