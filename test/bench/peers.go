package bench

// Peers says how the peers that are written in PySpark are run; the zero value: not at all.
type Peers struct {
	Python string // the interpreter of a virtual environment with PySpark
}
