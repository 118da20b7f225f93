package file

import (
	"errors"

	"senmeteo/jobs/format"
	"senmeteo/jobs/shape"
)

// split makes rows of one value a cell of a table of the Integrated Surface Database.
type split struct {
	format.Tabular
	isd    *shape.ISD
	number int // of the table that isd is of
}

// Headings implements format.Tabular.
func (s *split) Headings() []shape.Heading { return s.isd.Headings() }

// Next implements format.Reader.
func (s *split) Next() (shape.Row, error) {
	row, err := s.Tabular.Next()
	if err != nil {
		return row, err
	}
	if number := s.Table(); number != s.number {
		isd, ok := shape.NewISD(s.Tabular.Headings())
		if !ok {
			return nil, errors.New("another table follows one of the Integrated Surface Database: give it a file of its own")
		}
		s.isd, s.number = isd, number
	}
	return s.isd.Row(row), nil
}

// Ignored implements format.Noting.
func (s *split) Ignored() []shape.Ignored { return format.Ignored(s.Tabular) }
