// Package apidocs holds the page of the APIs' OpenAPI documents, embedded in the
// binary. `make web` builds it; without that only .gitkeep is inside.
package apidocs

import "embed"

// Dist is the output of the build, below dist/.
//
//go:embed all:dist
var Dist embed.FS
