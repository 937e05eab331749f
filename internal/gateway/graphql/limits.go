package graphql

import "time"

// The limits of what a client may send and have us keep. Those of documents are
// in package exec, those of statements in package statement, that of bodies in
// package httpapi.
const (
	// maxURL bounds the query part of a URL, in bytes.
	maxURL = 64 << 10
	// maxPooled bounds the buffers that are kept for the next request, in bytes.
	maxPooled = 64 << 10
	// maxSchemas is how many keyspaces' schemas are kept, and schemaIdle for how
	// long one is that nobody uses.
	maxSchemas = 100
	schemaIdle = 10 * time.Minute
	// maxDocuments is how many checked documents are kept of one schema, and
	// maxDocument how long the text of one may be for it to be kept, in bytes.
	maxDocuments = 500
	maxDocument  = 8 << 10
	// deployedFresh is for how long a deployed schema is used without asking whether
	// another server has deployed one.
	deployedFresh = time.Second
	// asyncTimeout bounds mutations that nobody waits for.
	asyncTimeout = 30 * time.Second
)
