// Package tomorrow reads the present weather of Tomorrow.io's v4 API, one call per station. A key is
// needed; it travels in a header and is in no URL and no error. The free plan allows 3 calls a second, 25 an
// hour and 500 a day: one round of the 14 stations an hour. A Budget in a file or in
// Redis, which runs share, keeps to that.
package tomorrow
