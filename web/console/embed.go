// Package console holds the built pages of the CQL console and the GraphQL
// playground, embedded in the binary. `make web` builds them; without it only .gitkeep is inside.
package console

import "embed"

// Dist is the output of the build, below dist/.
//
//go:embed all:dist
var Dist embed.FS
