// Package apicase reads the files of cases that the tests of HTTP doors play:
// calls, separated by blank lines, with what must come of them.
//
//	METHOD path?query
//	+ Header: value, if any
//	body, if any
//	= the whole answer (status and body), or
//	~ a part of it
//
// Lines that start with # are comments. A query is written as it is meant and
// escaped here.
package apicase

import (
	"net/url"
	"strconv"
	"strings"
)

// Case is one call.
type Case struct {
	// At is the number of its line.
	At, Method, Target, Body string
	// Header holds names and values.
	Header []string
	// Want is what must come of it: with "~ " before it a part, else all.
	Want []string
}

// Read returns the cases of a file in its order.
func Read(text string) []Case {
	var all []Case
	var open *Case
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			open = nil
		case open == nil:
			method, target, _ := strings.Cut(line, " ")
			all = append(all, Case{At: strconv.Itoa(i + 1), Method: method, Target: EscapeQuery(target)})
			open = &all[len(all)-1]
		case strings.HasPrefix(line, "+ "):
			name, value, _ := strings.Cut(line[2:], ": ")
			open.Header = append(open.Header, name, value)
		case strings.HasPrefix(line, "= "):
			open.Want = append(open.Want, line[2:])
		case strings.HasPrefix(line, "~ "):
			open.Want = append(open.Want, line)
		default:
			open.Body += line
		}
	}
	return all
}

// EscapeQuery escapes the query of a target that is written as it is meant.
func EscapeQuery(target string) string {
	path, query, found := strings.Cut(target, "?")
	if !found {
		return target
	}
	for i, pair := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		path += string("?&"[min(i, 1)]) + name + "=" + url.QueryEscape(value)
	}
	return path
}

// Unmet returns the first expectation that an answer, "status body", does not
// meet, or "" when it meets all.
func (c *Case) Unmet(got string) string {
	for _, want := range c.Want {
		if part, ok := strings.CutPrefix(want, "~ "); ok && strings.Contains(got, part) {
			continue
		}
		if got != want {
			return want
		}
	}
	return ""
}
