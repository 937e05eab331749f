package exec

// LimitEntries sets how many bytes of entries are collected of a range of an
// index, until restore is called.
func LimitEntries(n int) (restore func()) {
	most, side := maxEntries, maxSideEntries
	maxEntries, maxSideEntries = n, n
	return func() { maxEntries, maxSideEntries = most, side }
}
