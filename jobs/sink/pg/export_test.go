package pg

// For the tests.
var (
	LatestQuery, SeriesQuery = latestQuery, seriesQuery
	VerifiedURL              = verified
)
