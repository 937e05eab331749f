package cassandra

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// olderThan reports whether a release ("4.1.10", "5.0-beta1") is of a version
// before major.minor. One that can't be read is not.
func olderThan(release string, major, minor int) bool {
	var a, b int
	if n, _ := fmt.Sscanf(release, "%d.%d", &a, &b); n < 2 {
		return false
	}
	return a < major || a == major && b < minor
}

// quotedNames lists names for a message.
func quotedNames(set map[string]bool) string {
	names := slices.Sorted(maps.Keys(set))
	for i, name := range names {
		names[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(names, ", ")
}
