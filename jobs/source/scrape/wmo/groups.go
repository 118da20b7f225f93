package wmo

import "strconv"

// Groups are the groups of a report that are still to be read, in their order.
type Groups []string

// Next returns the next group and moves past it; "" at the end.
func (g *Groups) Next() string {
	group := g.Peek()
	if group != "" {
		*g = (*g)[1:]
	}
	return group
}

// Peek returns the next group and stays before it; "" at the end.
func (g *Groups) Peek() string {
	if len(*g) == 0 {
		return ""
	}
	return (*g)[0]
}

// Number is the value of figures that a pattern has admitted.
func Number(figures string) int {
	n, _ := strconv.Atoi(figures)
	return n
}
