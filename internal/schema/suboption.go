package schema

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// subOption is an option of a compaction or compression class; a nil check
// takes every value.
type subOption struct {
	name  string
	check func(name, value string) error
}

// checkSubOptions checks the options that are among known, in known's order,
// and returns the names of the others.
func checkSubOptions(known []subOption, options map[string]string) (unknown []string, err error) {
	rest := maps.Clone(options)
	for _, o := range known {
		value, ok := rest[o.name]
		if !ok {
			continue
		}
		delete(rest, o.name)
		if o.check == nil {
			continue
		}
		if err := o.check(o.name, value); err != nil {
			return nil, err
		}
	}
	return sortedKeys(rest), nil
}

// integer returns the check of a number of that many bits that refuses what
// is below least with the given text (of its name and the number).
func integer(bits int, least int64, tooSmall func(name string, n int64) error) func(name, value string) error {
	return func(name, value string) error {
		n, err := strconv.ParseInt(value, 10, bits)
		if err != nil {
			return cqlerr.Configf("%s is not a parsable int (base10) for %s", value, name)
		}
		if n < least {
			return tooSmall(name, n)
		}
		return nil
	}
}

// boolean returns the check of true or false with a text of (name, value).
func boolean(format string) func(name, value string) error {
	return func(name, value string) error {
		if strings.EqualFold(value, "true") || strings.EqualFold(value, "false") {
			return nil
		}
		return cqlerr.Configf(format, name, value)
	}
}

// oneOf returns the check of a few words with the text of Cassandra's time units.
func oneOf(words ...string) func(name, value string) error {
	return func(name, value string) error {
		if slices.Contains(words, value) {
			return nil
		}
		return cqlerr.Configf("%s is not valid for %s", value, name)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
