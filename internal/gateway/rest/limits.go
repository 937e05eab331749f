package rest

// The limits of what a client may send and ask for. Those on the size of JSON
// are in package cell.
const (
	// partSize is when a part of a long answer goes out, in bytes.
	partSize = 128 << 10
	// largePart is how much of one large value goes out at a time, in bytes: a
	// multiple of the three that base64 takes together.
	largePart = 48 << 10
	// maxBatchRows bounds the rows of one POST with batch=true.
	maxBatchRows = 1000
	// maxQuery bounds the query part of a URL, in bytes.
	maxQuery = 64 << 10
	// defaultPageSize is how many rows a page has when nobody says.
	defaultPageSize = 100
	// maxPageSize bounds the rows of a page, which is built in memory.
	maxPageSize = 10_000
	// maxConditions bounds the conditions of one where.
	maxConditions = 100
	// maxShapes bounds how many prepared statements are kept for one version of
	// the schema, and maxShapeKey how long the description of one may be for it
	// to be kept, in bytes.
	maxShapes   = 1000
	maxShapeKey = 1 << 10
	// maxPooled bounds the buffers that are kept for the next request, in bytes.
	maxPooled = 64 << 10
)
