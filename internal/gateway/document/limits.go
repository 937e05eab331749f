package document

// The limits of what a client may send and ask for. Those on documents and
// conditions are in the packages path, shred and where, those on bodies in
// package httpapi.
const (
	// maxQuery bounds the query part of a URL, in bytes.
	maxQuery = 64 << 10
	// maxNesting bounds how deep the JSON of a body may nest: more than a
	// document, so that one that is too deep is called so.
	maxNesting = 200
	// defaultDocuments and maxDocuments are the documents of one page of a
	// search.
	defaultDocuments = 3
	maxDocuments     = 20
	// defaultResults are the results of one page of a search in a document.
	defaultResults = 100
	// maxRows bounds the rows of a document, or the part of one that is read: all
	// of them are read at once.
	maxRows = 250_000
	// readAttempts is how often a document that has more than one page is read.
	readAttempts = 5
	// maxAnswer is how much of an answer a search collects before it ends its
	// page early, in bytes.
	maxAnswer = 32 << 20
	// candidatePage is how many rows an index, or keys a collection, is asked for
	// at once.
	candidatePage = 1000
	// maxSources bounds the SELECTs that one search runs side by side.
	maxSources = 16
	// maxFields bounds the paths of fields.
	maxFields = 200
	// maxBatch bounds the documents of one batch, maxSetPaths the paths of $set.
	maxBatch = 1000
	// batchWriters is how many documents of a batch are written at once.
	batchWriters = 8
	maxSetPaths  = 1000
	// maxSchema bounds a JSON schema, in bytes.
	maxSchema = 64 << 10
	// maxPooled bounds the buffers that are kept for the next request, in bytes,
	// maxPooledRows the rows.
	maxPooled     = 64 << 10
	maxPooledRows = 1000
)
