// Package playground holds the page to try the GraphQL API, embedded in the
// binary. `make web` builds it; without that only .gitkeep is inside.
package playground

import "embed"

// Dist is the output of the build, below dist/.
//
//go:embed all:dist
var Dist embed.FS
