package system

import (
	"runtime"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// javaNames are what a Java virtual machine calls systems and processors that
// Go calls otherwise.
var javaNames = map[string]string{"linux": "Linux", "darwin": "Mac OS X", "freebsd": "FreeBSD", "arm64": "aarch64", "386": "i386"}

// properties are the rows of system_views.system_properties: of those that
// Cassandra shows, the ones that are the machine's. The others are a Java
// virtual machine's and what is given on its command line, which is not here.
func properties() []map[string][]byte {
	row := func(name, value string) map[string][]byte {
		if java, ok := javaNames[value]; ok {
			value = java
		}
		return map[string][]byte{"name": schema.Text(name), "value": schema.Text(value)}
	}
	return []map[string][]byte{row("os.arch", runtime.GOARCH), row("os.name", runtime.GOOS)}
}
